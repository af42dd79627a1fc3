"""Draws the tree of a form: one node for each part, in rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.forms.answers import Place
from app.forms.block_viewer import BLOCK_VIEWS, files_of
from app.forms.blocks import Button
from app.forms.choice_fields import CheckboxField, ChoiceField, wire_of
from app.forms.components import Component, DynamicList, Fault, Field, Group
from app.forms.file_fields import MEGABYTE, FileField
from app.forms.moment_fields import MomentField
from app.forms.number_fields import NumberField
from app.forms.scope import shown
from app.forms.text_fields import EmailField, IdentityField, PhoneField, TextField
from app.forms.texts import lowered
from app.forms.typed import lookup
from app.forms.views import (
    FieldView,
    GroupView,
    ItemView,
    ListView,
    OptionView,
    RowView,
    View,
)


@dataclass(frozen=True, slots=True)
class Ink:
    """What every node of one drawing needs."""

    errors: Mapping[str, Sequence[str]]
    read_only: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """One part being drawn: its answer, the raw answers of its level, and where it stands."""

    answer: Any
    raw: Any
    at: Place
    ink: Ink
    base: dict[str, Any]
    """What every node has."""


Level = tuple[Sequence[Component], Sequence[Any], Any]
"""Parts, their answers, and the raw answers they were read from."""


def draw(level: Level, at: Place, ink: Ink) -> tuple[RowView, ...]:
    """Draw the parts of one level; those with the same layout row share one."""
    components, answers, raw = level
    rows: list[list[View]] = []
    last: str | None = None
    for component, answer in zip(components, answers, strict=True):
        view = _node(component, answer, raw, at, ink)
        if rows and component.row is not None and component.row == last:
            rows[-1].append(view)
        else:
            rows.append([view])
        last = component.row
    return tuple(RowView(tuple(_spread(cells))) for cells in rows)


def _spread(cells: Sequence[View]) -> Sequence[View]:
    """Give those without a width their share of what the others leave of 16 columns."""
    free = sum(cell.columns is None for cell in cells)
    if len(cells) < 2 or not free:
        return cells
    share = max(2, (16 - sum(cell.columns or 0 for cell in cells)) // free)
    return [replace(cell, columns=cell.columns or share) for cell in cells]


def html_id(path: str) -> str:
    """The id of a field's element: "owners.0.name" is f-owners-0-name."""
    return "f-" + path.replace(".", "-")


def _node(component: Component, answer: Any, raw: Any, at: Place, ink: Ink) -> View:
    base: dict[str, Any] = {
        "columns": component.columns,
        "hidden": component.hide.flag(at.scope),
        "depends_on": tuple(sorted(component.names)),
    }
    spot = Spot(answer, raw, at, ink, base)
    if isinstance(component, Field):
        return _field(component, spot)
    if isinstance(component, Group):
        return _group(component, spot)
    if isinstance(component, DynamicList):
        return _list(component, spot)
    if isinstance(component, Button) and ink.read_only:
        base["hidden"] = True
    return BLOCK_VIEWS[type(component)](component, at, base)


def _group(group: Group, spot: Spot) -> View:
    raw = lookup(spot.raw, group.path)[1] if group.path else spot.raw
    rows = draw((group.components, spot.answer, raw), spot.at.inside(group.path), spot.ink)
    label = group.label.text(spot.at.scope).strip()
    return GroupView(kind="group", label=label, outline=group.outline, rows=rows, **spot.base)


def _list(list_: DynamicList, spot: Spot) -> View:
    path, count = spot.at.path(list_.path), len(spot.answer)
    may_change = list_.may_change and not spot.ink.read_only
    title = list_.title(spot.at.scope)
    return ListView(
        kind="list",
        id=html_id(path),
        path=path,
        label=title,
        errors=tuple(spot.ink.errors.get(path, ())),
        items=tuple(_items(list_, spot, may_remove=may_change and count > list_.min_rows)),
        add=f"_add:{path}" if may_change and count < list_.max_rows else "",
        add_label=f"Thêm {lowered(title)}",
        outline=list_.outline,
        **spot.base,
    )


def _items(list_: DynamicList, spot: Spot, *, may_remove: bool) -> Iterator[ItemView]:
    path, title = spot.at.path(list_.path), list_.title(spot.at.scope)
    raw = lookup(spot.raw, list_.path)[1]
    for number, row in enumerate(spot.answer[: list_.max_rows]):
        item = f"{path}.{number}"
        level = (list_.components, row, raw[number])
        rows = draw(level, spot.at.row(list_.path, number), spot.ink)
        remove = f"_remove:{path}:{number}" if may_remove else ""
        yield ItemView(html_id(item), item, f"{title} {number + 1}", number + 1, rows, remove)


def _field(field: Field, spot: Spot) -> View:
    at, ink = spot.at, spot.ink
    path = at.path(field.key)
    required = field.required.flag(at.scope)
    is_fixed = ink.read_only or _is_held(field, at)
    value = _current(field, spot.answer, at)
    text, read = _texts(field, value, spot)
    parts: dict[str, Any] = {
        "kind": _kind(field),
        "id": html_id(path),
        "path": path,
        "label": field.title(at.scope),
        "hint": field.hint.text(at.scope).strip(),
        "value": text,
        "shown": read,
        "errors": tuple(ink.errors.get(path, ())),
        "required": required,
        "optional": not required and not is_fixed and not isinstance(field, CheckboxField),
        "fixed": is_fixed,
        "autocomplete": field.autocomplete,
    }
    return FieldView(**parts, **spot.base, **_extra(field, value, spot.raw, at))


def _texts(field: Field, value: Any, spot: Spot) -> tuple[str, str]:
    """What the input holds and what a reader sees."""
    if isinstance(value, Fault):
        text = shown(lookup(spot.raw, field.key)[1])
        return text, text
    read = field.shown(value, spot.at.scope) if value not in (None, [], "") else ""
    return field.typed(value), read


def _is_held(field: Field, at: Place) -> bool:
    return field.disabled.flag(at.scope) or field.readonly.flag(at.scope)


def _current(field: Field, answer: Any, at: Place) -> Any:
    """The value to show: what was answered, or what stands there for good."""
    if _is_held(field, at):
        found, value = lookup(at.stored, field.key)
        return value if found else field.default.value(at.scope)
    return field.settle(answer, at.scope)


def _kind(field: Field) -> str:
    if isinstance(field, MomentField):
        return field.subtype
    if isinstance(field, FileField):
        return "files"
    return "text" if field.type == "textfield" else field.type


def _extra(field: Field, value: Any, raw: Any, at: Place) -> dict[str, Any]:
    if isinstance(field, TextField):
        return _text_extra(field)
    if isinstance(field, NumberField):
        mode = "numeric" if field.decimals == 0 else "decimal"
        return {"input_mode": mode, "prefix": field.prefix, "suffix": field.suffix}
    if isinstance(field, MomentField):
        return {"input_mode": "" if field.subtype == "datetime" else "numeric"}
    if isinstance(field, CheckboxField):
        return {"checked": value is True}
    if isinstance(field, ChoiceField):
        return _choice_extra(field, value, lookup(raw, field.key)[1], at)
    if isinstance(field, FileField):
        return _file_extra(field, lookup(raw, field.key)[1] if isinstance(value, Fault) else value)
    return {}


def _text_extra(field: TextField) -> dict[str, Any]:
    extra: dict[str, Any] = {
        "prefix": field.prefix,
        "suffix": field.suffix,
        "max_length": field.longest if field.max_length.literal is not None else None,
    }
    if isinstance(field, EmailField):
        return {**extra, "input_type": "email", "input_mode": "email"}
    if isinstance(field, PhoneField):
        return {**extra, "input_type": "tel", "input_mode": "tel", "max_length": None}
    if isinstance(field, IdentityField):
        return {**extra, "input_mode": "numeric", "max_length": None}
    return extra


def _choice_extra(field: ChoiceField, value: Any, raw: Any, at: Place) -> dict[str, Any]:
    answer = raw if isinstance(value, Fault) else value
    chosen = {wire_of(part) for part in (answer if isinstance(answer, list) else [answer])}
    base = html_id(at.path(field.key))
    options = tuple(
        OptionView(f"{base}--{number}", option.wire, option.label, option.wire in chosen)
        for number, option in enumerate(field.choices(at.scope), start=1)
    )
    return {"options": options, "inline": field.inline, "several": field.several}


def _file_extra(field: FileField, value: Any) -> dict[str, Any]:
    return {
        "files": files_of(value),
        "accept": ",".join(field.accept),
        "limit": field.limit_text(),
        "max_bytes": field.max_mb * MEGABYTE,
        "several": field.max_count > 1,
    }
