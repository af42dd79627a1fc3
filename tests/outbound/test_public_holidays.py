"""The seed of a calendar: what the package knows of Vietnam."""

from datetime import date

from app.domain.calendars import ExceptionKind
from app.outbound.public_holidays import UNVERIFIED_NOTES, vietnam_exceptions


def by_day(*years):
    return {item.day: item for item in vietnam_exceptions(years)}


def test_feasts_have_vietnamese_names():
    days = by_day(2023)
    assert days[date(2023, 1, 22)].reason == "Tết Nguyên Đán"
    assert days[date(2023, 5, 2)].reason == "Ngày Giỗ Tổ Hùng Vương (nghỉ bù)"
    assert days[date(2023, 9, 2)].reason == "Quốc khánh"
    assert all(item.kind is ExceptionKind.CLOSED for item in days.values())


def test_both_halves_of_a_swap_are_written_and_know_each_other():
    days = by_day(2024)
    free, worked = days[date(2024, 4, 29)], days[date(2024, 5, 4)]
    assert (free.kind, free.swapped_with) == (ExceptionKind.CLOSED, worked.day)
    assert (worked.kind, worked.swapped_with) == (ExceptionKind.WORKDAY, free.day)
    assert worked.reason == "làm bù cho ngày 29/4/2024"


def test_a_swap_over_the_new_year_is_found_from_either_side():
    assert by_day(2019)[date(2019, 1, 5)].kind is ExceptionKind.WORKDAY
    assert date(2019, 1, 5) not in by_day(2018)
    assert by_day(2018)[date(2018, 12, 31)].kind is ExceptionKind.CLOSED


def test_only_the_years_asked_for_once_and_in_order():
    found = [item.day for item in vietnam_exceptions([2026, 2025])]
    assert found == sorted(set(found))
    assert {day.year for day in found} == {2025, 2026}
    assert vietnam_exceptions([]) == ()


def test_what_is_not_verified_is_told_and_not_applied():
    days = by_day(2026, 2027)
    assert "02/01/2026" in UNVERIFIED_NOTES[2026]
    assert date(2026, 1, 2) not in days
    assert date(2026, 1, 10) not in days
    assert 2027 in UNVERIFIED_NOTES
    assert not any(item.swapped_with for item in days.values() if item.day.year == 2027)
