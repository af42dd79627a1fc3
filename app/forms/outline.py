"""A form as others read it: a flat list of fields, a JSON Schema, a summary of answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.forms.answers import Place
from app.forms.blocks import Computed
from app.forms.components import Component, DynamicList, Fault, Field, Group, Key
from app.forms.scope import NOTHING, Scope, shown
from app.forms.typed import lookup


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """One field. `path` has "[]" for the rows of a list: "owners[].name"."""

    path: str
    type: str
    label: str
    required: bool
    """Always required; a field required only under a condition is not."""
    computed: bool = False


def fields(components: Sequence[Component], scope: Scope, prefix: str = "") -> Iterator[FieldInfo]:
    """Every field in order, those of lists once."""
    for component in components:
        if isinstance(component, Field):
            path = prefix + ".".join(component.key)
            required = component.is_always_required
            yield FieldInfo(path, component.type, component.title(scope), required)
        elif isinstance(component, Computed):
            path = prefix + ".".join(component.key)
            yield FieldInfo(path, component.type, path, required=False, computed=True)
        elif isinstance(component, Group):
            path = ".".join(component.path)
            yield from fields(component.components, scope, f"{prefix}{path}." if path else prefix)
        elif isinstance(component, DynamicList):
            path = ".".join(component.path)
            yield from fields(component.components, scope, f"{prefix}{path}[].")


def json_schema(
    components: Sequence[Component], scope: Scope, into: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The JSON Schema of a submission. Null is the value of a field left empty."""
    schema = _object() if into is None else into
    for component in components:
        _describe(component, scope, schema)
    return schema


def review(
    components: Sequence[Component], answers: Sequence[Any], raw: Any, at: Place, heading: str = ""
) -> Iterator[tuple[str, str]]:
    """Label and shown value of every field that is not hidden; "" where nothing was answered."""
    for component, answer in zip(components, answers, strict=True):
        if component.hide.flag(at.scope):
            continue
        if isinstance(component, Field):
            label = component.title(at.scope)
            yield (f"{heading}{label}", _shown(component, answer, raw, at))
        elif isinstance(component, Group):
            inner = lookup(raw, component.path)[1] if component.path else raw
            yield from review(
                component.components, answer, inner, at.inside(component.path), heading
            )
        elif isinstance(component, DynamicList):
            title, rows = component.title(at.scope), lookup(raw, component.path)[1]
            for number, row in enumerate(answer):
                name = f"{heading}{title} {number + 1} – "
                inner_at = at.row(component.path, number)
                yield from review(component.components, row, rows[number], inner_at, name)


def _shown(field: Field, answer: Any, raw: Any, at: Place) -> str:
    value = field.settle(answer, at.scope)
    if isinstance(value, Fault):
        return shown(lookup(raw, field.key)[1])
    if field.is_held:
        value = lookup(raw, field.key)[1]
    return "" if value in (None, [], "") else field.shown(value, at.scope)


def _object() -> dict[str, Any]:
    return {"type": "object", "properties": {}, "additionalProperties": False}


def _describe(component: Component, scope: Scope, schema: dict[str, Any]) -> None:
    if isinstance(component, Field):
        if not component.is_held:
            _describe_field(component, scope, schema)
    elif isinstance(component, Group):
        inner = _inside(schema, component.path)
        before = inner.pop("required", [])
        json_schema(component.components, scope, inner)
        kept = [] if component.hide is not NOTHING else inner.pop("required", [])
        inner.pop("required", None)
        if before or kept:
            inner["required"] = [*before, *kept]
    elif isinstance(component, DynamicList):
        rows = {
            "type": "array",
            "title": component.title(scope),
            "items": json_schema(component.components, scope),
            "minItems": component.min_rows,
            "maxItems": component.max_rows,
        }
        _inside(schema, component.path[:-1])["properties"][component.path[-1]] = rows


def _describe_field(field: Field, scope: Scope, schema: dict[str, Any]) -> None:
    target, name = _inside(schema, field.key[:-1]), field.key[-1]
    described = {"title": field.title(scope), **_nullable(field)}
    if hint := field.hint.text(scope).strip():
        described["description"] = hint
    target["properties"][name] = described
    if field.is_always_required:
        target.setdefault("required", []).append(name)


def _nullable(field: Field) -> dict[str, Any]:
    described = field.json_schema()
    if field.is_always_required or field.empty() is not None:
        return described
    if "enum" in described:
        return {**described, "enum": [*described["enum"], None]}
    kind = described["type"]
    return {**described, "type": [*kind, "null"] if isinstance(kind, list) else [kind, "null"]}


def _inside(schema: dict[str, Any], path: Key) -> dict[str, Any]:
    for part in path:
        schema = schema["properties"].setdefault(part, _object())
    return schema
