"""Named days: feasts, swaps, lunch, halves of days, seasons, agencies."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import holidays
import pytest

from app.domain.calendars import (
    STANDARD_WEEK,
    ZONE,
    Calendar,
    CalendarException,
    DayCounting,
    Duration,
    ExceptionKind,
    WeeklyHours,
    monday_to_friday,
    swap,
)
from app.domain.errors import InvalidInput, NotFound
from app.outbound.public_holidays import vietnam_exceptions
from tests.domain.calendar_samples import SHORT_WEEK, a_calendar, at, closed, read, so_many

VIETNAM = Calendar("vn", "Lịch chung", exceptions=vietnam_exceptions(range(2018, 2029)))
FROM_THE_HOUR = DayCounting.FROM_THE_HOUR


# --- working hours


@pytest.mark.parametrize(
    ("submitted", "opening"),
    [
        ("2023-04-12 17:10", "2023-04-13 07:30"),  # after hours (R-12.2a)
        ("2023-04-12 12:15", "2023-04-12 13:30"),  # lunch (R-12.2a)
        ("2023-04-12 06:00", "2023-04-12 07:30"),
        ("2023-04-12 09:41", "2023-04-12 09:41"),
        ("2023-04-12 12:00", "2023-04-12 12:00"),  # the closing instant is still open
        ("2023-04-12 17:00", "2023-04-12 17:00"),
        ("2023-04-14 17:10", "2023-04-17 07:30"),  # week-end
        ("2023-04-28 17:10", "2023-05-04 07:30"),  # five free days
        ("2024-05-04 06:00", "2024-05-04 07:30"),  # a Saturday that is made up for
        ("2024-04-29 10:00", "2024-05-02 07:30"),  # … the Monday it stands for is free
    ],
)
def test_time_out_of_hours_begins_at_the_next_opening(submitted, opening):
    assert read(VIETNAM.next_opening(at(submitted))) == opening


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2023-04-12 17:10", "2023-04-13 17:00"),
        ("2023-04-12 12:15", "2023-04-13 12:00"),
        ("2023-04-12 09:41", "2023-04-13 09:41"),
        ("2023-04-14 15:00", "2023-04-17 15:00"),
        ("2023-04-28 08:00", "2023-05-04 08:00"),
        ("2024-05-03 16:00", "2024-05-04 16:00"),
    ],
)
def test_eight_hours_for_reception_are_one_working_day(submitted, due):
    found = VIETNAM.due(at(submitted), so_many(8, "working_hour"))
    assert read(found.at) == due
    assert VIETNAM.working_hours_between(at(submitted), found.at) == 8


@pytest.mark.parametrize(
    ("hours", "end"), [(2, "10:00"), (4, "12:00"), ("9/2", "14:00"), (0, "08:00")]
)
def test_an_hour_of_the_standard_week_is_an_hour(hours, end):
    start = at("2023-04-12 08:00")
    assert read(VIETNAM.add_working_hours(start, Fraction(hours))) == f"2023-04-12 {end}"


def test_a_short_day_is_credited_in_proportion():
    calendar = a_calendar(weekly=[SHORT_WEEK])
    start = at("2023-04-12 07:30")
    assert calendar.add_working_hours(start, 8) == at("2023-04-12 17:00")
    assert calendar.add_working_hours(start, 1) == at("2023-04-12 08:26") + timedelta(seconds=15)
    assert calendar.add_working_hours(at("2023-04-12 10:10"), 16) == at("2023-04-14 10:10")


def test_hours_are_credited_on_a_half_day_by_its_length():
    half = CalendarException(
        date(2023, 4, 12),
        ExceptionKind.WORKDAY,
        "nghỉ buổi chiều",
        hours=((time(7, 30), time(11, 30)),),
    )
    calendar = a_calendar(half)
    assert read(calendar.add_working_hours(at("2023-04-12 07:30"), 8)) == "2023-04-13 11:30"
    assert read(calendar.add_working_days(at("2023-04-11 09:00"), 1)) == "2023-04-12 11:30"


def test_subtracting_hours_crosses_nights_and_feasts():
    assert read(VIETNAM.subtract_working_hours(at("2023-05-04 08:30"), 2)) == "2023-04-28 16:00"
    assert read(VIETNAM.subtract_working_hours(at("2023-05-04 08:30"), 1)) == "2023-05-04 07:30"


def test_ten_thousand_hours_walk_by_day():
    calendar = Calendar("vn", "Lịch chung", exceptions=VIETNAM.exceptions)
    end = calendar.add_working_hours(at("2023-01-03 07:30"), 10_000)
    assert calendar.working_hours_between(at("2023-01-03 07:30"), end) == 10_000
    assert calendar.working_days_between(at("2023-01-03 07:30"), end) == 1249
    assert len(calendar._days) < 2_000


# --- an independent reckoning


def open_minutes(year: int) -> list[datetime]:
    """Every minute that ends inside working hours, by the library's own idea of a working day."""
    table = holidays.country_holidays("VN", years=range(year - 1, year + 2))
    found = []
    day = date(year, 1, 1)
    while day < date(year + 1, 3, 1):
        if table.is_working_day(day):
            midnight = datetime.combine(day, time.min)
            inside = [*range(7 * 60 + 31, 12 * 60 + 1), *range(13 * 60 + 31, 17 * 60 + 1)]
            found += [midnight + timedelta(minutes=minute) for minute in inside]
        day += timedelta(days=1)
    return found


@pytest.mark.parametrize("year", [2019, 2024])
def test_a_year_of_receptions_agrees_with_counting_minute_by_minute(year):
    minutes = open_minutes(year)
    position = 0
    for step in range(365 * 3):
        start = datetime(year, 1, 1, 6, 40) + timedelta(hours=8 * step, minutes=step % 61)
        while minutes[position] <= start:
            position += 1
        eighth = minutes[position + 8 * 60 - 1]
        instant = start.replace(tzinfo=ZONE).astimezone(UTC)
        assert read(VIETNAM.add_working_hours(instant, 8)) == f"{eighth:%Y-%m-%d %H:%M}", start


@pytest.mark.parametrize("year", [2019, 2023, 2025, 2026])
@pytest.mark.parametrize("days", [1, 7, 10])
def test_a_year_of_due_dates_agrees_with_the_librarys_working_days(year, days):
    table = holidays.country_holidays("VN", years=range(year - 1, year + 2))
    for step in range(365):
        received = date(year, 1, 1) + timedelta(days=step)
        first = table.get_nth_working_day(received, 0)
        expected = table.get_nth_working_day(first, days)
        start = datetime.combine(received, time(9), tzinfo=ZONE).astimezone(UTC)
        found = VIETNAM.due(start, so_many(days, "working_day"))
        assert read(found.at) == f"{expected} 17:00"


# --- feasts


@pytest.mark.parametrize(
    ("first", "last", "received", "due"),
    [
        ("2019-02-04", "2019-02-08", "2019-02-01", "2019-02-19"),
        ("2020-01-23", "2020-01-29", "2020-01-22", "2020-02-07"),
        ("2021-02-10", "2021-02-16", "2021-02-09", "2021-02-25"),
        ("2022-01-31", "2022-02-04", "2022-01-28", "2022-02-15"),
        ("2023-01-20", "2023-01-26", "2023-01-19", "2023-02-06"),
        ("2024-02-08", "2024-02-14", "2024-02-07", "2024-02-23"),
        ("2025-01-27", "2025-01-31", "2025-01-24", "2025-02-11"),
        ("2026-02-16", "2026-02-20", "2026-02-13", "2026-03-03"),
        ("2027-02-04", "2027-02-10", "2027-02-03", "2027-02-19"),
    ],
)
def test_tet_is_free_and_seven_working_days_step_over_it(first, last, received, due):
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        assert not VIETNAM.is_working_day(day)
        day += timedelta(days=1)
    assert VIETNAM.is_working_day(date.fromisoformat(received))
    found = VIETNAM.due(at(f"{received} 10:00"), so_many(7, "working_day"))
    assert read(found.at) == f"{due} 17:00"
    assert "Tết" in found.explanation.text


@pytest.mark.parametrize(
    ("free", "worked"),
    [
        ("2018-12-31", "2019-01-05"),
        ("2019-04-29", "2019-05-04"),
        ("2024-04-29", "2024-05-04"),
        ("2025-05-02", "2025-04-26"),
        ("2026-08-31", "2026-08-22"),
    ],
)
def test_a_swapped_day_is_free_and_made_up_for(free, worked):
    assert not VIETNAM.is_working_day(date.fromisoformat(free))
    made_up = date.fromisoformat(worked)
    assert made_up.weekday() == 5
    assert VIETNAM.intervals(made_up) == STANDARD_WEEK.days[0]
    earlier = made_up - timedelta(days=1)
    assert read(VIETNAM.add_working_days(at(f"{earlier} 10:00"), 1)) == f"{worked} 17:00"


def test_a_swapped_day_has_the_hours_of_the_weekday_it_stands_for():
    short_friday = WeeklyHours(date(2018, 1, 1), {**STANDARD_WEEK.days, 4: ((time(8), time(12)),)})
    calendar = a_calendar(*swap(date(2023, 4, 14), date(2023, 4, 15)), weekly=[short_friday])
    assert calendar.intervals(date(2023, 4, 14)) == ()
    assert calendar.intervals(date(2023, 4, 15)) == ((time(8), time(12)),)


# --- working days, calendar days, the same day


@pytest.mark.parametrize(
    ("received", "counting", "due"),
    [
        ("2023-04-10 09:20", DayCounting.END_OF_DAY, "2023-04-19 17:00"),
        ("2023-04-10 09:20", FROM_THE_HOUR, "2023-04-19 09:20"),
        ("2023-04-10 17:30", DayCounting.END_OF_DAY, "2023-04-20 17:00"),
        ("2023-04-10 17:30", FROM_THE_HOUR, "2023-04-19 17:00"),
        ("2023-04-08 10:00", DayCounting.END_OF_DAY, "2023-04-19 17:00"),
    ],
)
def test_seven_working_days_by_either_way_of_counting(received, counting, due):
    found = VIETNAM.due(at(received), so_many(7, "working_day"), counting)
    assert read(found.at) == due
    assert VIETNAM.add_working_days(at(received), 7, counting) == found.at


def test_half_a_working_day_is_counted_from_the_hour():
    found = VIETNAM.due(at("2023-04-12 15:00"), so_many("0.5", "working_day"))
    assert read(found.at) == "2023-04-13 09:30"
    assert "0,5 ngày làm việc tính từ giờ nhận (4 giờ làm việc)" in found.explanation.text


def test_working_days_between_counts_neither_the_first_day_nor_free_ones():
    between = VIETNAM.working_days_between
    assert between(at("2023-04-28 10:00"), at("2023-05-04 08:00")) == 1
    assert between(at("2023-04-28 18:00"), at("2023-05-04 08:00")) == 0
    assert between(at("2023-05-05 08:00"), at("2023-04-28 10:00")) == -2


@pytest.mark.parametrize(
    ("days", "roll", "counting", "due"),
    [
        (15, True, DayCounting.END_OF_DAY, "2023-01-27 17:00"),  # 25/1 is Tết
        (15, False, DayCounting.END_OF_DAY, "2023-01-25 23:59"),
        (15, False, FROM_THE_HOUR, "2023-01-25 09:00"),
        (15, True, FROM_THE_HOUR, "2023-01-27 17:00"),
        (1, True, DayCounting.END_OF_DAY, "2023-01-11 17:00"),
        (1, True, FROM_THE_HOUR, "2023-01-11 09:00"),
    ],
)
def test_days_of_the_calendar_roll_to_the_end_of_a_working_day(days, roll, counting, due):
    start = at("2023-01-10 09:00")
    assert read(VIETNAM.add_calendar_days(start, days, counting, roll=roll)) == due


def test_plain_hours_do_not_care_for_the_night():
    assert read(VIETNAM.due(at("2023-04-28 16:00"), so_many(24, "hour")).at) == "2023-04-29 16:00"


@pytest.mark.parametrize(
    ("received", "same_day", "transfer"),
    [
        ("2023-04-12 09:00", "2023-04-12 17:00", "2023-04-12 17:00"),
        ("2023-04-12 15:00", "2023-04-12 17:00", "2023-04-12 17:00"),
        ("2023-04-12 15:01", "2023-04-13 17:00", "2023-04-13 07:30"),
        ("2023-04-12 17:10", "2023-04-13 17:00", "2023-04-13 07:30"),
        ("2023-04-15 16:00", "2023-04-17 17:00", "2023-04-17 17:00"),
        ("2023-04-28 16:00", "2023-05-04 17:00", "2023-05-04 07:30"),
    ],
)
def test_what_comes_after_the_cut_off_may_wait_a_day(received, same_day, transfer):
    assert read(VIETNAM.due(at(received), so_many(1, "same_day")).at) == same_day
    assert read(VIETNAM.transfer_due(at(received)).at) == transfer


def test_the_cut_off_is_a_parameter():
    late = at("2023-04-12 16:00")
    assert read(VIETNAM.transfer_due(late, time(16)).at) == "2023-04-12 17:00"
    found = VIETNAM.due(late, so_many(1, "same_day"), cut_off=time(10, 30))
    assert read(found.at) == "2023-04-13 17:00"
    assert "Nhận sau 10:30" in found.explanation.text


@pytest.mark.parametrize(
    ("event", "days", "unit", "due"),
    [
        ("2023-04-13 17:00", 1, "calendar_day", "2023-04-12 17:00"),
        ("2023-05-04 17:00", 1, "calendar_day", "2023-04-28 17:00"),
        ("2023-04-17 20:00", 1, "working_day", "2023-04-14 17:00"),
        ("2023-04-17 06:00", 1, "working_day", "2023-04-13 17:00"),
        ("2023-04-14 17:00", 1, "working_day", "2023-04-13 17:00"),
        ("2023-04-14 16:59", 1, "working_day", "2023-04-12 17:00"),
        ("2023-04-16 08:00", 1, "working_day", "2023-04-13 17:00"),
    ],
)
def test_what_must_be_done_ahead_is_measured_backwards(event, days, unit, due):
    found = VIETNAM.due_before(at(event), so_many(days, unit), event="Bắt đầu bảo trì")
    assert read(found.at) == due
    with pytest.raises(InvalidInput):
        VIETNAM.due_before(at(event), so_many(1, "working_hour"), event="Bắt đầu bảo trì")


# --- seasons and agencies


def test_hours_are_dated():
    summer = WeeklyHours(
        date(2023, 4, 15), monday_to_friday((time(7), time(11, 30)), (time(13, 30), time(17)))
    )
    calendar = a_calendar(weekly=[summer, STANDARD_WEEK])
    assert read(calendar.next_opening(at("2023-04-14 06:00"))) == "2023-04-14 07:30"
    assert read(calendar.next_opening(at("2023-04-17 06:00"))) == "2023-04-17 07:00"
    assert read(calendar.next_opening(at("2017-04-17 06:00"))) == "2017-04-17 07:30"


def test_an_agency_overrides_hours_and_days_of_the_province():
    province = a_calendar(closed("2023-04-12"), closed("2023-04-13"))
    saturday = WeeklyHours(
        date(2023, 4, 1), {**STANDARD_WEEK.days, 5: ((time(7, 30), time(11, 30)),)}
    )
    on_duty = CalendarException(date(2023, 4, 13), ExceptionKind.WORKDAY, "trực")
    centre = Calendar("ttpvhcc", "Trung tâm", (saturday,), (on_duty,), parent=province)
    assert not centre.is_working_day(date(2023, 4, 12))
    assert centre.is_working_day(date(2023, 4, 13))
    assert centre.is_working_day(date(2023, 4, 15))
    assert not centre.is_working_day(date(2023, 3, 25))
    assert not province.is_working_day(date(2023, 4, 15))


# --- explanations


def test_the_explanation_tells_start_count_skips_and_end():
    due = VIETNAM.due(at("2023-04-28 17:10"), so_many(7, "working_day"))
    assert due.explanation.text == (
        "Tiếp nhận lúc 17:10 thứ Sáu 28/4/2023, ngoài giờ làm việc:"
        " tính từ 07:30 thứ Năm 04/5/2023. 7 ngày làm việc, không tính ngày nhận; bỏ qua:"
        " 29/4–03/5 (Ngày Giỗ Tổ Hùng Vương, Ngày Chiến thắng, Ngày Quốc tế Lao động),"
        " 06/5–07/5 (thứ Bảy, Chủ nhật), 13/5–14/5 (thứ Bảy, Chủ nhật)."
        " Hạn: 17:00 thứ Hai 15/5/2023."
    )
    assert [step.kind for step in due.explanation.steps] == ["start", "counting", "skipped", "due"]


def test_a_long_explanation_is_summarised():
    due = VIETNAM.due(at("2023-01-10 09:00"), so_many(900, "working_day"))
    assert "ngày nghỉ hằng tuần" in due.explanation.text
    assert "ngày nghỉ lễ khác" in due.explanation.text
    assert len(due.explanation.text) < 700


def test_a_made_up_day_is_named():
    due = VIETNAM.due(at("2024-04-26 09:00"), so_many(5, "working_day"))
    assert "có tính: 04/5 (làm bù cho ngày 29/4/2024)" in due.explanation.text


def test_a_rolled_day_and_another_year_are_named():
    due = VIETNAM.due(at("2023-12-22 09:00"), so_many(10, "calendar_day"))
    assert read(due.at) == "2024-01-02 17:00"
    assert (
        "Ngày cuối 01/01/2024 là ngày nghỉ, chuyển sang ngày làm việc tiếp theo;"
        " bỏ qua: 01/01 (Tết Dương lịch)"
    ) in due.explanation.text
    over = VIETNAM.due(at("2023-12-29 09:00"), so_many(1, "working_day"))
    assert "bỏ qua: 30/12/2023–01/01/2024 (Tết Dương lịch)" in over.explanation.text


def test_dates_are_written_as_in_official_papers():
    due = VIETNAM.due(at("2023-01-30 09:00"), so_many(5, "working_day"))
    assert due.explanation.text.startswith("Tiếp nhận lúc 09:00 thứ Hai 30/01/2023.")
    assert due.explanation.text.endswith("Hạn: 17:00 thứ Hai 06/02/2023.")


def test_credited_hours_are_explained():
    due = a_calendar(weekly=[SHORT_WEEK]).due(at("2023-04-12 09:00"), so_many(2, "working_hour"))
    assert "một ngày mở cửa 7,5 giờ được tính là 8 giờ làm việc" in due.explanation.text


# --- editing


def test_editing_makes_the_next_version():
    calendar = a_calendar(closed("2023-04-12"))
    later = calendar.with_exceptions(closed("2023-04-12", "bão số 1"), closed("2023-04-13"))
    assert later.version == 2
    assert [item.reason for item in later.exceptions] == ["bão số 1", "nghỉ đột xuất"]
    assert not later.is_working_day(date(2023, 4, 13))
    assert calendar.is_working_day(date(2023, 4, 13))
    opened = later.without_exception(closed("2023-04-13"))
    assert opened.is_working_day(date(2023, 4, 13))
    with pytest.raises(NotFound):
        opened.without_exception(closed("2023-04-13"))
    shorter = opened.with_weekly_hours(SHORT_WEEK)
    assert (shorter.version, shorter.weekly) == (4, (SHORT_WEEK,))


def test_the_order_of_exceptions_does_not_matter():
    first, second = closed("2023-04-12"), closed("2023-04-13")
    assert a_calendar(second, first) == a_calendar(first, second)
    with pytest.raises(InvalidInput):
        a_calendar(first, second, first)


def test_a_calendar_reads_what_it_writes():
    assert Calendar.from_json(VIETNAM.to_json()) == VIETNAM
    with pytest.raises(InvalidInput):
        Calendar.from_json(VIETNAM.to_json(), parent=a_calendar())


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"version": "2"},
        {"weekly": []},
        {"weekly": [{"valid_from": "2023-02-30", "days": {}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": []}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"x": []}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"7": [["08:00", "12:00"]]}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": [["12:00", "08:00"]]}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": [["8 giờ", "12:00"]]}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": [["08:00"]]}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": "08:00-12:00"}}]},
        {
            "weekly": [
                {
                    "valid_from": "2023-01-01",
                    "days": {"0": [["08:00", "12:00"], ["11:00", "15:00"]]},
                }
            ]
        },
        {
            "weekly": [
                {
                    "valid_from": "2023-01-01",
                    "days": {"0": [["08:00", "12:00"]]},
                    "credited_hours_per_day": 25,
                }
            ]
        },
        {
            "weekly": [
                {
                    "valid_from": "2023-01-01",
                    "days": {"0": [[f"{hour:02}:00", f"{hour:02}:30"] for hour in range(8, 14)]},
                }
            ]
        },
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": [["08:00:30", "12:00"]]}}]},
        {"weekly": [{"valid_from": "2023-01-01", "days": {"0": [["08:00+07:00", "12:00"]]}}]},
        {"exceptions": [closed("2023-04-12").to_json()] * 6_000},
        {"weekly": [STANDARD_WEEK.to_json(), STANDARD_WEEK.to_json()]},
        {"exceptions": "29/4"},
        {"exceptions": [{"day": "2023-04-12", "kind": "holiday", "reason": "nghỉ"}]},
        {"exceptions": [{"day": "2023-04-12", "kind": "closed", "reason": ""}]},
        {"exceptions": [{"day": "2023-04-12", "kind": "workday", "reason": "trực", "hours": []}]},
        {
            "exceptions": [
                {
                    "day": "2023-04-12",
                    "kind": "closed",
                    "reason": "nghỉ",
                    "hours": [["08:00", "12:00"]],
                }
            ]
        },
        {
            "exceptions": [
                {
                    "day": "2023-04-12",
                    "kind": "closed",
                    "reason": "nghỉ",
                    "swapped_with": "2023-04-12",
                }
            ]
        },
        {"exceptions": [closed("2023-04-12").to_json(), closed("2023-04-12").to_json()]},
    ],
)
def test_a_calendar_that_cannot_be_right_is_refused(change):
    with pytest.raises(InvalidInput):
        Calendar.from_json({**a_calendar().to_json(), **change})


def test_a_calendar_does_not_inherit_without_end():
    calendar = a_calendar()
    for level in ("huyện", "xã", "thôn", "xóm"):
        calendar = Calendar(level, "Lịch con", (), parent=calendar)
    with pytest.raises(InvalidInput):
        Calendar("nhà", "Lịch con", (), parent=calendar)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: VIETNAM.next_opening(datetime(2023, 4, 12)),
        lambda: VIETNAM.next_opening(datetime(1900, 1, 1, tzinfo=UTC)),
        lambda: VIETNAM.add_working_hours(at("2023-04-12 09:00"), -1),
        lambda: VIETNAM.add_working_days(at("2023-04-12 09:00"), -1),
        lambda: VIETNAM.add_calendar_days(at("2023-04-12 09:00"), 10**9),
        lambda: VIETNAM.add_working_hours(at("2023-04-12 09:00"), 10**9),
    ],
)
def test_arithmetic_that_cannot_be_right_is_refused(ask):
    with pytest.raises(InvalidInput):
        ask()


# --- durations


def test_durations_read_procedure_data():
    assert Duration.from_json({"value": 7, "unit": "working_day"}).text == "7 ngày làm việc"
    assert Duration.from_json({"value": 0.5, "unit": "working_day"}).value == Fraction(1, 2)
    assert Duration.from_json({"unit": "same_day"}).text == "trong ngày"
    assert Duration.of("1/3", "working_hour").text == "0,33 giờ làm việc"
    for written in ({"value": 15, "unit": "calendar_day"}, {"value": "1/3", "unit": "hour"}):
        assert Duration.from_json(written).to_json() == written


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (7, "fortnight"),
        (-1, "working_day"),
        (10**6, "working_hour"),
        ("bảy", "working_day"),
        ("1/0", "working_day"),
        (True, "working_day"),
        (float("nan"), "working_day"),
        (2, "same_day"),
        ("1/2", "calendar_day"),
        ("9" * 100, "hour"),
        (None, "hour"),
    ],
)
def test_a_duration_that_cannot_be_right_is_refused(value, unit):
    with pytest.raises(InvalidInput):
        Duration.of(value, unit)
