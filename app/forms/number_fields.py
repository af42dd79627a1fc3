"""Numbers: read as people write them, checked exactly, stored as JSON numbers."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.forms import numerals
from app.forms.components import Fault, Field
from app.forms.scope import NOTHING, Dynamic, Scope, names_of
from app.forms.texts import clean

_NOT_A_NUMBER = Fault("phải là số, ví dụ 1.250.000 hoặc 5,25")


@dataclass(frozen=True, kw_only=True)
class NumberField(Field):
    """A number; with `as_text` it is stored as a decimal string, to keep every digit."""

    minimum: Dynamic = NOTHING
    maximum: Dynamic = NOTHING
    decimals: int | None = None
    increment: Decimal | None = None
    as_text: bool = False
    prefix: str = ""
    suffix: str = ""
    is_unbounded: bool = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        bounds = self.minimum is not NOTHING or self.maximum is not NOTHING
        fine = self.decimals is not None or self.increment is not None
        object.__setattr__(self, "is_unbounded", not bounds and not fine)

    @property
    def names(self) -> frozenset[str]:
        return super().names | names_of((self.minimum, self.maximum))

    def read(self, raw: Any) -> Any:
        if raw is None:
            return None
        if isinstance(raw, str):
            text = clean(raw)
            exact = numerals.read_decimal(text) if text else None
            if not text:
                return None
        else:
            exact = numerals.decimal_of(raw)
        if exact is None:
            return _NOT_A_NUMBER
        if abs(exact) > numerals.LARGEST and not self.as_text:
            return Fault(f"không được vượt quá {numerals.shown(numerals.LARGEST)}")
        return numerals.canonical(exact) if self.as_text else numerals.json_number(exact)

    def problems(self, value: Any, scope: Scope) -> list[str]:
        if self.is_unbounded:
            return []
        exact = self._exact(value)
        low = None if self.minimum is NOTHING else self.minimum.number(scope)
        high = None if self.maximum is NOTHING else self.maximum.number(scope)
        if low is not None and exact < low:
            return [f"phải từ {numerals.shown(low)} trở lên"]
        if high is not None and exact > high:
            return [f"không được quá {numerals.shown(high)}"]
        if (
            self.decimals is not None
            and not isinstance(value, int)
            and -_exponent(exact.normalize()) > self.decimals
        ):
            return [_too_fine(self.decimals)]
        if self.increment and exact % self.increment:
            return [f"phải là bội số của {numerals.shown(self.increment)}"]
        return []

    def typed(self, value: Any) -> str:
        if isinstance(value, str):
            exact = numerals.read_decimal(value)
            return value if exact is None else numerals.shown(exact)
        return numerals.shown(value)

    def shown(self, value: Any, scope: Scope) -> str:
        del scope
        text = self.typed(value)
        return " ".join(part for part in (self.prefix, text, self.suffix) if part) if text else ""

    def json_schema(self) -> dict[str, Any]:
        if self.as_text:
            return {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
        schema: dict[str, Any] = {"type": "integer" if self.decimals == 0 else "number"}
        for name, bound in (("minimum", self.minimum), ("maximum", self.maximum)):
            if (
                bound.expression is None
                and (exact := numerals.decimal_of(bound.literal)) is not None
            ):
                schema[name] = numerals.json_number(exact)
        if self.increment:
            schema["multipleOf"] = numerals.json_number(self.increment)
        return schema

    def _exact(self, value: Any) -> Decimal:
        return (
            Decimal(value) if isinstance(value, str) else numerals.decimal_of(value) or Decimal(0)
        )


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _too_fine(decimals: int) -> str:
    if decimals == 0:
        return "phải là số nguyên"
    return f"có tối đa {decimals} chữ số thập phân"
