"""Draws the parts of a form that hold no answer."""

from collections.abc import Callable, Mapping
from typing import Any

from app.forms.answers import Place
from app.forms.blocks import (
    Button,
    Computed,
    Documents,
    Image,
    Separator,
    Spacer,
    Table,
    TextBlock,
    is_safe_image,
)
from app.forms.components import Component
from app.forms.file_fields import size_text
from app.forms.markdown import escape, read_markdown
from app.forms.views import (
    ButtonView,
    DocumentsView,
    FileView,
    ImageView,
    SpacerView,
    TableView,
    TextView,
    View,
)


def files_of(value: Any) -> tuple[FileView, ...]:
    """Stored files, from our own references or form-js documents; what is neither is left out."""
    found = []
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            details = item["metadata"] if isinstance(item.get("metadata"), Mapping) else item
            size = details.get("size")
            file_id = item.get("id") or item.get("documentId")
            name = details.get("name") or details.get("fileName")
            if isinstance(file_id, str) and isinstance(name, str):
                text = size_text(size) if isinstance(size, int) and size >= 0 else ""
                found.append(FileView(file_id, name, text))
    return tuple(found)


def _computed(block: Computed, at: Place, base: dict[str, Any]) -> View:
    del block, at
    return View(kind="computed", **base)


def _text(block: TextBlock, at: Place, base: dict[str, Any]) -> View:
    return TextView(
        kind="text-block", nodes=read_markdown(block.text.text(at.scope, escape)), **base
    )


def _image(block: Image, at: Place, base: dict[str, Any]) -> View:
    source = block.source.text(at.scope).strip()
    alt = block.alt.text(at.scope).strip()
    return ImageView(kind="image", source=source if is_safe_image(source) else "", alt=alt, **base)


def _table(block: Table, at: Place, base: dict[str, Any]) -> View:
    heads = tuple(label for _, label in block.heads(at.scope))
    label = block.label.text(at.scope).strip()
    return TableView(kind="table", label=label, heads=heads, cells=block.cells(at.scope), **base)


def _button(block: Button, at: Place, base: dict[str, Any]) -> View:
    default = "Gửi" if block.action == "submit" else "Nhập lại từ đầu"
    label = block.label.text(at.scope).strip() or default
    return ButtonView(kind="button", label=label, action=block.action, **base)


def _separator(block: Separator, at: Place, base: dict[str, Any]) -> View:
    del block, at
    return View(kind="separator", **base)


def _spacer(block: Spacer, at: Place, base: dict[str, Any]) -> View:
    del at
    size = "s" if block.height <= 20 else "m" if block.height <= 60 else "l"
    return SpacerView(kind="spacer", size=size, **base)


def _documents(block: Documents, at: Place, base: dict[str, Any]) -> View:
    label = block.label.text(at.scope).strip()
    return DocumentsView(
        kind="documents", label=label, files=files_of(block.source.value(at.scope)), **base
    )


BLOCK_VIEWS: dict[type[Component], Callable[[Any, Place, dict[str, Any]], View]] = {
    Computed: _computed,
    TextBlock: _text,
    Image: _image,
    Table: _table,
    Button: _button,
    Separator: _separator,
    Spacer: _spacer,
    Documents: _documents,
}
