"""Choices: a tick, one of several, several of several."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.forms.components import Fault, Field
from app.forms.limits import MAX_OPTIONS
from app.forms.scope import NOTHING, Dynamic, Scope, shown
from app.forms.texts import lowered

Scalar = str | int | float | bool
_TRUE = frozenset({"on", "true", "1"})
_FALSE = frozenset({"", "false", "0", "off"})
_NOT_LISTED = Fault("có giá trị không nằm trong danh sách")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose; `wire` is how a page sends it."""

    wire: str
    value: Scalar
    label: str


@dataclass(frozen=True, kw_only=True)
class CheckboxField(Field):
    """A tick: true or false."""

    def read(self, raw: Any) -> Any:
        if raw is None or raw == []:
            return False
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw in _TRUE | _FALSE:
            return raw in _TRUE
        return Fault("chỉ có thể được đánh dấu hoặc để trống")

    def empty(self) -> Any:
        return False

    def missing(self, title: str) -> str:
        return f"Cần đánh dấu “{title}”"

    def typed(self, value: Any) -> str:
        return "true" if value is True else ""

    def shown(self, value: Any, scope: Scope) -> str:
        del scope
        return "Có" if value is True else "Không"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class ChoiceField(Field):
    """One of the options (`several` false: radio, select) or some (checklist, taglist)."""

    several: bool = False
    options: tuple[Option, ...] = ()
    values_key: str = ""
    computed: Dynamic = NOTHING
    inline: bool = False
    _written_out: dict[str, Scalar] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        options = self.options if self.is_written_out else ()
        object.__setattr__(self, "_written_out", {o.wire: o.value for o in options})

    @property
    def names(self) -> frozenset[str]:
        key = {self.values_key.split(".", 1)[0]} if self.values_key else set()
        return super().names | self.computed.names | key

    @property
    def is_written_out(self) -> bool:
        """Whether the options are in the form itself."""
        return not self.values_key and self.computed.expression is None

    def choices(self, scope: Scope) -> Sequence[Option]:
        """The options in this scope."""
        if self.is_written_out:
            return self.options
        if self.computed.expression is not None:
            return options_of(self.computed.value(scope))
        found: Any = scope.names
        for part in self.values_key.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        return options_of(found)

    def read(self, raw: Any) -> Any:
        if raw is None or raw in ("", []):
            return self.empty()
        if self.several:
            parts = raw if isinstance(raw, list) else [raw]
            if len(parts) > MAX_OPTIONS:
                return _NOT_LISTED
            wires = list(dict.fromkeys(wire for wire in map(wire_of, parts) if wire != ""))
            return _NOT_LISTED if None in wires else wires
        wire = wire_of(raw)
        return _NOT_LISTED if wire is None else wire

    def settle(self, answer: Any, scope: Scope) -> Any:
        if not answer or isinstance(answer, Fault):
            return answer
        values = self._written_out or {o.wire: o.value for o in self.choices(scope)}
        if self.several:
            known = [values[wire] for wire in answer if wire in values]
            return known if len(known) == len(answer) else _NOT_LISTED
        return values.get(answer, _NOT_LISTED)

    def empty(self) -> Any:
        return [] if self.several else None

    def typed(self, value: Any) -> str:
        return "" if isinstance(value, list) else wire_of(value) or ""

    def missing(self, title: str) -> str:
        return f"Chọn ít nhất một mục ở “{title}”" if self.several else f"Chọn {lowered(title)}"

    def shown(self, value: Any, scope: Scope) -> str:
        labels = {option.wire: option.label for option in self.choices(scope)}
        parts = value if isinstance(value, list) else [value]
        return ", ".join(labels.get(wire_of(part) or "", shown(part)) for part in parts)

    def json_schema(self) -> dict[str, Any]:
        item: dict[str, Any] = {"type": ["string", "number", "boolean"]}
        if self.is_written_out:
            item = {"enum": [option.value for option in self.options]}
        if self.several:
            return {"type": "array", "items": item, "uniqueItems": True, "maxItems": MAX_OPTIONS}
        return item


def wire_of(value: Any) -> str | None:
    """How a page sends an option's value; None for what no page could send."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if len(value) <= 500 else None
    if isinstance(value, (int, float)) and abs(value) < 10**300:
        return str(value)
    return None


def options_of(values: Any) -> tuple[Option, ...]:
    """Read options from plain values or {"label", "value"}; what is neither is left out."""
    if not isinstance(values, list):
        return ()
    found: dict[str, Option] = {}
    for item in values[:MAX_OPTIONS]:
        value = item.get("value") if isinstance(item, dict) else item
        wire = wire_of(value)
        if wire and isinstance(value, (str, int, float)):
            label = item.get("label") if isinstance(item, dict) else None
            found.setdefault(wire, Option(wire, value, str(label or shown(value))[:500]))
    return tuple(found.values())
