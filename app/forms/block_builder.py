"""Builds the parts of a form that nobody types into."""

from collections.abc import Callable
from typing import Any

from app.forms.blocks import (
    Button,
    Computed,
    Documents,
    Image,
    Separator,
    Spacer,
    Table,
    TextBlock,
    columns_of,
    is_safe_image,
)
from app.forms.components import Component
from app.forms.names import Names
from app.forms.properties import Properties
from app.forms.scope import NOTHING
from app.forms.template import Words


def common(properties: Properties) -> dict[str, Any]:
    """The properties that every part has."""
    conditional = properties.part("conditional")
    layout = properties.part("layout")
    row = layout.get("row")
    is_text = isinstance(conditional.raw.get("hide"), str)
    return {
        "type": properties.raw["type"],
        "id": properties.element_id,
        "hide": conditional.dynamic("hide", bare=True)
        if is_text
        else conditional.condition("hide"),
        "row": row if isinstance(row, str) else None,
        "columns": layout.whole("columns", 1, 16),
    }


def _computed(properties: Properties, names: Names) -> Component:
    key = properties.key("key")
    if not key and not properties.text("key"):
        properties.error("form.key", "Trường tính toán chưa có khóa (key)")
    names.claim(key, properties)
    properties.get("computeOn")
    expression = properties.dynamic("expression", bare=True)
    if expression is NOTHING:
        properties.error("form.feel", "Trường tính toán chưa có biểu thức")
    return Computed(**common(properties), key=key or ("computed",), expression=expression)


def _text(properties: Properties, names: Names) -> Component:
    del names
    return TextBlock(**common(properties), text=properties.template("text"))


def _image(properties: Properties, names: Names) -> Component:
    del names
    image = Image(
        **common(properties), source=properties.template("source"), alt=properties.template("alt")
    )
    source = properties.text("source")
    is_written = all(isinstance(part, Words) for part in image.source.parts)
    if source and is_written and not is_safe_image(source):
        properties.error(
            "form.image", "Ảnh phải nằm trong biểu mẫu (data:) hoặc trên trang này (/…)"
        )
    if not image.alt.parts:
        properties.warning("form.label", "Ảnh chưa có lời thay thế (alt)")
    return image


def _table(properties: Properties, names: Names) -> Component:
    del names
    properties.whole("rowCount", 1, 1000)
    table = Table(
        **common(properties),
        label=properties.template("label"),
        source=properties.dynamic("dataSource", bare=True),
        columns_given=columns_of(properties.get("columns")),
        columns_computed=properties.dynamic("columnsExpression", bare=True),
    )
    if not table.columns_given and table.columns_computed is NOTHING:
        properties.error("form.value", "Bảng chưa có cột")
    if not table.label.parts:
        properties.warning("form.label", "Bảng chưa có nhãn")
    return table


def _button(properties: Properties, names: Names) -> Component:
    del names
    properties.get("key")  # the editor writes one; a button has no value
    return Button(
        **common(properties),
        label=properties.template("label"),
        action=properties.choice("action", {"submit", "reset"}, "submit"),
    )


def _separator(properties: Properties, names: Names) -> Component:
    del names
    return Separator(**common(properties))


def _spacer(properties: Properties, names: Names) -> Component:
    del names
    return Spacer(**common(properties), height=properties.whole("height", 1, 1000) or 16)


def _documents(properties: Properties, names: Names) -> Component:
    del names
    for name in ("endpointKey", "maxHeight", "title"):
        properties.get(name)
    return Documents(
        **common(properties),
        label=properties.template("label"),
        source=properties.dynamic("dataSource", bare=True),
    )


BLOCK_BUILDERS: dict[str, Callable[[Properties, Names], Component | None]] = {
    "text": _text,
    "image": _image,
    "table": _table,
    "button": _button,
    "separator": _separator,
    "spacer": _spacer,
    "documentPreview": _documents,
    "expression": _computed,
}
