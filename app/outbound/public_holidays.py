"""Public holidays of Vietnam from the PyPI package `holidays`, as exceptions of a calendar.

A seed, not the truth: the Government publishes each year's table in the autumn before, so
administrators edit what is written here. `UNVERIFIED_NOTES` says what to look at.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date

import holidays

from app.domain.calendars import CalendarException, ExceptionKind, swap

UNVERIFIED_NOTES: Mapping[int, str] = {
    2026: "Chưa kiểm chứng việc hoán đổi ngày làm việc 02/01/2026 với ngày 10/01/2026; chưa đưa vào lịch.",
    2027: "Lịch nghỉ năm 2027 được tính theo quy tắc; các ngày hoán đổi chưa được công bố.",
}
"""What the package does not know, by year: shown to the administrator, never applied silently."""

_SWAPPED = re.compile(r"\(thay cho ngày (\d{2})/(\d{2})/(\d{4})\)")


def vietnam_exceptions(years: Iterable[int]) -> tuple[CalendarException, ...]:
    """Closed days and swapped workdays of these years, by day.

    The neighbouring years are read as well: 31/12/2018 was made up for on 05/01/2019.
    """
    wanted = set(years)
    around = {year + step for year in wanted for step in (-1, 0, 1)}
    table = holidays.country_holidays("VN", years=around, language="vi")
    found = [exception for day in table for exception in _exceptions(day, table[day])]
    in_years = [exception for exception in found if exception.day.year in wanted]
    return tuple(sorted(in_years, key=lambda exception: exception.day))


def _exceptions(day: date, name: str) -> tuple[CalendarException, ...]:
    swapped = _SWAPPED.search(name)
    if swapped is None:
        return (CalendarException(day, ExceptionKind.CLOSED, name.replace("; ", ", ")),)
    of_month, month, year = map(int, swapped.groups())
    return swap(day, date(year, month, of_month))
