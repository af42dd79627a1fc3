"""What is typed on a calendar's page, read into the next version of the calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.domain.calendars import Calendar, CalendarException, ExceptionKind, WeeklyHours, swap
from app.domain.durations import exact
from app.domain.errors import InvalidInput
from app.domain.explanations import WEEKDAYS, day_text
from app.domain.working_hours import Intervals, read_intervals

LONGEST_RUN = 60  # days entered at once
ISO_DATE = "%Y-%m-%d"
TYPED_DATE = "%d/%m/%Y"

Typed = Mapping[str, str]
PublicHolidays = Callable[[int], tuple[CalendarException, ...]]


@dataclass(frozen=True)
class Edit:
    """The next version of a calendar, and what is new in it, in words."""

    calendar: Calendar
    changes: list[str]


def read(calendar: Calendar, typed: Typed, public_holidays: PublicHolidays) -> Edit:
    """Apply the one change that was typed. Raises InvalidInput with a sentence for each field."""
    change = CHANGES.get(typed.get("do", ""))
    if change is not None:
        return change(calendar, typed)
    if typed.get("do") == "fill":
        return _fill(calendar, typed, public_holidays)
    raise InvalidInput("Không rõ cần sửa gì. Hãy tải lại trang.")


def read_day(typed: Typed, name: str, *, optional: bool = False) -> date | None:
    """Read 24/11/2026. Raises InvalidInput at the field."""
    text = typed.get(name, "").strip()
    if not text and optional:
        return None
    for form in (TYPED_DATE, ISO_DATE):
        try:
            found = datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        if 2000 <= found.year <= 2100:
            return found
    raise _wrong(name, "Hãy ghi ngày có thật theo ngày/tháng/năm, ví dụ 24/11/2026.")


def _day(typed: Typed, name: str) -> date:
    found = read_day(typed, name)
    if found is None:
        raise _wrong(name, "Hãy ghi ngày.")
    return found


def _wrong(name: str, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, fields={name: [sentence]})


def _at(name: str, error: InvalidInput) -> InvalidInput:
    """The same refusal, told at a field."""
    return InvalidInput(error.message, fields={name: [error.message]})


def read_hours(typed: Typed, name: str) -> Intervals:
    """Read "07:30-12:00, 13:30-17:00"; nothing is a closed day."""
    text = typed.get(name, "").replace("–", "-").strip()
    if not text:
        return ()
    try:
        return read_intervals(
            [[_clock(part) for part in span.split("-")] for span in text.split(",")]
        )
    except InvalidInput as error:
        sentence = "Hãy ghi giờ như 07:30-12:00, 13:30-17:00; để trống là nghỉ."
        raise _wrong(name, sentence) from error


def _clock(text: str) -> str:
    hour, _, minute = text.strip().replace("h", ":").partition(":")
    return f"{hour.zfill(2)}:{minute.zfill(2)}"


def hours_text(intervals: Intervals) -> str:
    return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in intervals)


# --- one function for each change -----------------------------------------------------------


def _add(calendar: Calendar, typed: Typed) -> Edit:
    first = _day(typed, "day")
    last = read_day(typed, "last_day", optional=True) or first
    if not first <= last < first + timedelta(days=LONGEST_RUN):
        raise _wrong("last_day", f"Ngày cuối phải sau ngày đầu, nhiều nhất {LONGEST_RUN} ngày.")
    kind = ExceptionKind.WORKDAY if typed.get("kind") == "workday" else ExceptionKind.CLOSED
    hours = read_hours(typed, "hours") if kind is ExceptionKind.WORKDAY else ()
    reason = typed.get("reason", "").strip()
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    try:
        added = [CalendarException(day, kind, reason, hours=hours or None) for day in days]
    except InvalidInput as error:
        raise _at("hours" if hours and reason else "reason", error) from error
    what = "nghỉ" if kind is ExceptionKind.CLOSED else "làm việc"
    dates = day_text(first) if first == last else f"{day_text(first)} đến {day_text(last)}"
    return Edit(calendar.with_exceptions(*added), [f"{dates}: {what} ({reason})"])


def _swap(calendar: Calendar, typed: Typed) -> Edit:
    closed, worked = _day(typed, "closed"), _day(typed, "worked")
    if closed == worked:
        raise _wrong("worked", "Ngày làm bù phải khác ngày nghỉ.")
    if not calendar.is_working_day(closed):
        raise _wrong("closed", "Ngày này đã là ngày nghỉ.")
    if calendar.is_working_day(worked):
        raise _wrong("worked", "Ngày này đã là ngày làm việc.")
    text = f"Nghỉ {_weekday(closed)}, làm bù {_weekday(worked)}"
    return Edit(calendar.with_exceptions(*swap(closed, worked)), [text])


def _weekday(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day_text(day)}"


def _remove(calendar: Calendar, typed: Typed) -> Edit:
    """Take an exception out, together with the other half of a swap."""
    day = _day(typed, "remove")
    found = next((item for item in calendar.exceptions if item.day == day), None)
    if found is None:
        raise InvalidInput(f"Lịch này không có ngoại lệ ngày {day_text(day)}.")
    gone = [found]
    if found.swapped_with:
        gone += [
            item
            for item in calendar.exceptions
            if item.day == found.swapped_with and item.swapped_with == day
        ]
    left = tuple(item for item in calendar.exceptions if item not in gone)
    changes = [f"Bỏ ngoại lệ ngày {day_text(item.day)} ({item.reason})" for item in gone]
    return Edit(replace(calendar, exceptions=left, version=calendar.version + 1), changes)


def _week(calendar: Calendar, typed: Typed) -> Edit:
    valid_from = _day(typed, "valid_from")
    days = {number: read_hours(typed, f"hours_{number}") for number in range(7)}
    try:
        credited = exact(typed.get("credited", "8").strip().replace(",", ".") or "8")
    except InvalidInput as error:
        raise _at("credited", error) from error
    try:
        edited = calendar.with_weekly_hours(WeeklyHours(valid_from, days, credited))
    except InvalidInput as error:
        raise _at("hours_0", error) from error
    return Edit(edited, [f"Giờ làm việc trong tuần mới, từ {day_text(valid_from)}"])


def _rename(calendar: Calendar, typed: Typed) -> Edit:
    name = typed.get("name", "").strip()
    try:
        renamed = replace(calendar, name=name, version=calendar.version + 1)
    except InvalidInput as error:
        raise _at("name", error) from error
    return Edit(renamed, [f"Tên mới: {name}"])


def _fill(calendar: Calendar, typed: Typed, public_holidays: PublicHolidays) -> Edit:
    """Take over the public holidays of a year, where the calendar says nothing of the day yet."""
    text = typed.get("year", "")
    if not (text.isascii() and text.isdecimal() and 2000 <= int(text[:5]) <= 2100):
        raise InvalidInput("Hãy chọn năm từ 2000 đến 2100.")
    known = {item.day for item in calendar.exceptions}
    added = [item for item in public_holidays(int(text)) if item.day not in known]
    if not added:
        raise InvalidInput(f"Lịch đã có đủ các ngày nghỉ lễ năm {text}.")
    changes = [f"{day_text(item.day)}: {item.reason}" for item in added]
    return Edit(calendar.with_exceptions(*added), changes)


CHANGES: Mapping[str, Callable[[Calendar, Typed], Edit]] = {
    "add": _add,
    "swap": _swap,
    "remove": _remove,
    "week": _week,
    "rename": _rename,
}
