"""How long a rule gives: an amount and what it is counted in."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.domain.errors import InvalidInput

LARGEST_AMOUNT = 100_000
"""No legal duration comes near; a typing mistake must not keep a loop busy."""

LONGEST_NUMBER = 60


class Unit(StrEnum):
    """The words of procedure data. `WORKING_*` skip closed days, the others do not."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    SAME_DAY = "same_day"
    HOUR = "hour"


class DayCounting(StrEnum):
    """Where the last of n days ends; chosen for each procedure and shown on the receipt."""

    END_OF_DAY = "end_of_day"
    FROM_THE_HOUR = "from_the_hour"


UNIT_NAMES: Mapping[Unit, str] = {
    Unit.WORKING_HOUR: "giờ làm việc",
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.CALENDAR_DAY: "ngày",
    Unit.SAME_DAY: "trong ngày",
    Unit.HOUR: "giờ",
}


def exact(value: object) -> Fraction:
    """Read a number without rounding: 7, "7", 0.5, "0.5" and "1/2" are all welcome."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction):
        raise InvalidInput(f"Không phải là số: {value!r}")
    if isinstance(value, str) and len(value) > LONGEST_NUMBER:
        raise InvalidInput("Số quá dài")
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise InvalidInput(f"Không phải là số: {value!r}") from error


def plain(value: Fraction) -> int | str:
    """Write a number for JSON: an integer where it is one, otherwise "1/2"."""
    return value.numerator if value.denominator == 1 else str(value)


@dataclass(frozen=True)
class Duration:
    """So many of a unit, never negative. `SAME_DAY` has no amount but one."""

    value: Fraction
    unit: Unit

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", exact(self.value))
        if not 0 <= self.value <= LARGEST_AMOUNT:
            raise InvalidInput(f"Thời hạn phải từ 0 đến {LARGEST_AMOUNT}: {self.value}")
        if self.unit is Unit.SAME_DAY and self.value != 1:
            raise InvalidInput("Thời hạn trong ngày luôn có giá trị 1")
        if self.unit is Unit.CALENDAR_DAY and not self.whole:
            raise InvalidInput("Thời hạn theo ngày phải là số nguyên")

    @property
    def whole(self) -> bool:
        return self.value.denominator == 1

    @property
    def text(self) -> str:
        """In Vietnamese: "7 ngày làm việc", "1,5 giờ", "trong ngày"."""
        name = UNIT_NAMES[self.unit]
        return name if self.unit is Unit.SAME_DAY else f"{number_text(self.value)} {name}"

    def to_json(self) -> dict[str, int | str]:
        return {"value": plain(self.value), "unit": self.unit.value}

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Duration":
        """Read `{"value": 7, "unit": "working_day"}` as procedure data writes it.

        Raises InvalidInput for an unknown unit or an amount that is no number.
        """
        return cls.of(data.get("value", 1), str(data.get("unit", "")))

    @classmethod
    def of(cls, value: object, unit: str) -> "Duration":
        try:
            known = Unit(unit)
        except ValueError as error:
            raise InvalidInput(f"Đơn vị thời hạn không có: {unit!r}") from error
        return cls(exact(value), known)


def number_text(value: Fraction) -> str:
    """Write a number the Vietnamese way, at most two decimals: 1,5."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.2f}".rstrip("0").rstrip(".").replace(".", ",")
