"""What goes in and out as JSON. Loads are strict: an unknown field is an error."""

from marshmallow import Schema, fields, validate


class Out(Schema):
    """A thing as the API shows it: attributes of the entity, by name."""


def paged(item: type[Schema], name: str) -> type[Schema]:
    """Schema of one page of `item`: total counted by the same query as the items."""
    return Out.from_dict(
        {
            "items": fields.List(fields.Nested(item)),
            "total": fields.Integer(),
            "number": fields.Integer(metadata={"description": "Trang, từ 1."}),
            "size": fields.Integer(),
            "pages": fields.Integer(),
        },
        name=f"{name}Page",
    )


def variables() -> fields.Dict:
    """Process variables by name."""
    return fields.Dict(keys=fields.String(), load_default=dict)


class PageQuery(Schema):
    page = fields.Integer(load_default=1, validate=validate.Range(1, 100_000))
    size = fields.Integer(load_default=25, validate=validate.Range(1, 100))


class SearchQuery(PageQuery):
    search = fields.String(load_default="", validate=validate.Length(max=100))


class ReasonIn(Schema):
    reason = fields.String(required=True, validate=validate.Length(min=1, max=500))


class ProblemOut(Out):
    """One finding of the lint."""

    severity = fields.String()
    code = fields.String()
    message = fields.String()
    file = fields.String()
    element_id = fields.String()
