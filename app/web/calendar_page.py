"""A calendar for checking by eye: hours, exceptions of a year, twelve months, and what a change moves."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from app.domain.calendars import Calendar, CalendarException, WeeklyHours, wall
from app.domain.clocks import CLOCK_RULES, Clock, ClockKind
from app.domain.explanations import WEEKDAYS
from app.domain.people import Agency
from app.domain.permissions import Action, Actor, allows
from app.domain.working_hours import presence
from app.doors import service
from app.usecases import notices
from app.usecases.calendars import Move
from app.usecases.ports import Work
from app.web import formats
from app.web.admin_rail import CALENDARS, READ_ONLY
from app.web.calendar_edits import hours_text

FIRST_YEAR, LAST_YEAR = 2018, 2100
WEEKDAY_NAMES = tuple(name[0].upper() + name[1:] for name in WEEKDAYS)
DAYS = months.Calendar()
REMOVED = "Lịch này đã bỏ; chỉ còn để giải thích những thời hạn đã kết thúc theo nó."


@dataclass(frozen=True)
class CalendarRow:
    name: str
    href: str
    parent: str
    agencies: str
    exceptions: int
    version: int


@dataclass(frozen=True)
class WeekView:
    """Weekly hours valid from a date: the days, and how they are counted."""

    valid_from: str
    days: list[tuple[str, str]]
    credited: str
    in_force: bool


@dataclass(frozen=True)
class ExceptionRow:
    day: str
    iso: str
    weekday: str
    kind: str  # holiday, swap, half
    label: str
    reason: str
    own: bool  # said by this calendar, not by the one above it


@dataclass(frozen=True)
class DayCell:
    number: int
    kind: str  # work, off, holiday, swap, half
    title: str


@dataclass(frozen=True)
class Month:
    name: str
    weeks: list[list[DayCell | None]]
    working_days: int


@dataclass(frozen=True)
class CalendarPage:
    id: str
    href: str
    name: str
    version: int
    parent: str
    parent_href: str
    agencies: str
    year: int
    previous_url: str
    next_url: str
    weeks: list[WeekView]
    exceptions: list[ExceptionRow]
    months: list[Month]
    working_days: int
    note: str
    may_fill: bool
    may_go: bool  # it has a parent that can hold in its place
    suggested: dict[str, str]  # what stands in the form of the weekly hours at first
    refusal: str


@dataclass(frozen=True)
class MoveRow:
    code: str
    href: str
    clock: str
    agency: str
    old: str
    new: str


def overview(work: Work) -> tuple[list[CalendarRow], list[tuple[str, str]]]:
    """All calendars, and the agencies that could be given one of their own."""
    agencies = work.agencies.all()
    known = {calendar.id: calendar for calendar in work.calendars.all()}
    rows = [
        CalendarRow(
            name=calendar.name,
            href=f"{CALENDARS}/{calendar.id}",
            parent=calendar.parent.name if calendar.parent else "",
            agencies=_agencies(calendar, agencies),
            exceptions=len(calendar.exceptions),
            version=calendar.version,
        )
        for calendar in sorted(known.values(), key=lambda c: (c.parent is not None, c.name))
    ]
    free = [
        (agency.id, agency.name)
        for agency in agencies
        if (own := known.get(agency.calendar_id or "")) is None or own.parent is None
    ]
    return rows, free


def _agencies(calendar: Calendar, agencies: list[Agency]) -> str:
    users = [agency.short_name for agency in agencies if agency.calendar_id == calendar.id]
    if calendar.parent is None and len(users) > 3:
        return f"{len(users)} cơ quan"
    return ", ".join(users) or "chưa cơ quan nào"


def build(work: Work, actor: Actor, calendar: Calendar, year: int) -> CalendarPage:
    href = f"{CALENDARS}/{calendar.id}"
    found = [_month(calendar, year, number) for number in range(1, 13)]
    parent = calendar.parent
    return CalendarPage(
        id=calendar.id,
        href=href,
        name=calendar.name,
        version=calendar.version,
        parent=parent.name if parent else "",
        parent_href=f"{CALENDARS}/{parent.id}" if parent else "",
        agencies=_agencies(calendar, work.agencies.all()),
        year=year,
        previous_url=f"{href}?year={year - 1}" if year > FIRST_YEAR else "",
        next_url=f"{href}?year={year + 1}" if year < LAST_YEAR else "",
        weeks=_weeks(calendar, wall(work.now()).date()),
        exceptions=_exceptions(calendar, year),
        months=found,
        working_days=sum(month.working_days for month in found),
        note=service().holiday_notes.get(year, ""),
        may_fill=parent is None,
        may_go=parent is not None,
        suggested=_suggested(calendar, wall(work.now()).date()),
        refusal=_refusal(work, actor, calendar),
    )


def _refusal(work: Work, actor: Actor, calendar: Calendar) -> str:
    if not allows(actor, Action.EDIT_CALENDAR):
        return READ_ONLY
    in_use = any(other.id == calendar.id for other in work.calendars.all())
    return "" if in_use else REMOVED


def _weeks(calendar: Calendar, today: date) -> list[WeekView]:
    """Newest first; of those above, only the one that holds today."""
    own = list(reversed(calendar.weekly))
    current = calendar.week(today)
    if current not in own:
        own.append(current)
    return [_week(week, in_force=week == current) for week in own]


def _week(week: WeeklyHours, *, in_force: bool) -> WeekView:
    runs: list[tuple[list[int], str]] = []
    for day in range(7):
        text = hours_text(week.days[day]) or "nghỉ"
        if runs and runs[-1][1] == text:
            runs[-1][0].append(day)
        else:
            runs.append(([day], text))
    return WeekView(
        valid_from=formats.day(week.valid_from),
        days=[
            (
                WEEKDAY_NAMES[days[0]]
                if len(days) == 1
                else f"{WEEKDAY_NAMES[days[0]]} đến {WEEKDAYS[days[-1]]}",
                text,
            )
            for days, text in runs
        ],
        credited=f"một ngày mở cửa {_decimal(presence(week.standard_day))} giờ,"
        f" tính là {_decimal(week.credited_hours_per_day)} giờ làm việc",
        in_force=in_force,
    )


def _decimal(number: Fraction) -> str:
    return f"{float(number):g}".replace(".", ",")


def _suggested(calendar: Calendar, today: date) -> dict[str, str]:
    week = calendar.week(today)
    hours = {f"hours_{day}": hours_text(week.days[day]) for day in range(7)}
    return {**hours, "credited": _decimal(week.credited_hours_per_day)}


def _exceptions(calendar: Calendar, year: int) -> list[ExceptionRow]:
    """What differs from the weekly hours in a year, by day; the calendar's own stands first."""
    found = [
        (day, exception)
        for number in range(1, 13)
        for day in DAYS.itermonthdates(year, number)
        if day.year == year and day.month == number
        if (exception := calendar.exception(day)) is not None
    ]
    own = set(calendar.exceptions)
    return [_exception(calendar, exception, own=exception in own) for _day, exception in found]


LABELS = {"holiday": "Nghỉ", "swap": "Làm bù", "half": "Giờ riêng", "work": "Làm việc"}


def _exception(calendar: Calendar, exception: CalendarException, *, own: bool) -> ExceptionRow:
    kind = _kind(calendar, exception.day)
    hours = f" ({hours_text(exception.hours)})" if exception.hours else ""
    return ExceptionRow(
        day=formats.day(exception.day),
        iso=exception.day.isoformat(),
        weekday=WEEKDAY_NAMES[exception.day.weekday()],
        kind=kind,
        label=LABELS[kind] + hours,
        reason=exception.reason,
        own=own,
    )


def _kind(calendar: Calendar, day: date) -> str:
    exception = calendar.exception(day)
    usual = calendar.week(day).days[day.weekday()]
    if exception is None:
        return "work" if usual else "off"
    if exception.closed:
        return "holiday"
    if not usual:
        return "swap"
    return "half" if exception.hours else "work"


def _month(calendar: Calendar, year: int, number: int) -> Month:
    weeks = [
        [
            DayCell(day.day, _kind(calendar, day), _title(calendar, day))
            if day.month == number
            else None
            for day in week
        ]
        for week in DAYS.monthdatescalendar(year, number)
    ]
    working = sum(
        cell is not None and cell.kind in {"work", "swap", "half"}
        for week in weeks
        for cell in week
    )
    return Month(f"Tháng {number}", weeks, working)


def _title(calendar: Calendar, day: date) -> str:
    exception = calendar.exception(day)
    return exception.reason if exception else ""


def move_rows(work: Work, moves: list[Move]) -> list[MoveRow]:
    return [
        MoveRow(
            code=subject.code,
            href=subject.href,
            clock=f"{move.kind} {CLOCK_RULES[ClockKind(move.kind)].name_vi}",
            agency=work.agencies.get(move.agency_id).short_name,
            old=formats.moment(move.old_due),
            new=formats.moment(move.new_due),
        )
        for move in moves
        for subject in [notices.subject_of(work, move.subject_kind, move.subject_id)]
    ]


def moved_rows(work: Work, moved: list[tuple[Clock, datetime, datetime]]) -> list[MoveRow]:
    """The same of clocks that have moved."""
    moves = [
        Move(clock.kind.value, clock.subject_kind, clock.subject_id, clock.agency_id, old, new)
        for clock, old, new in moved
    ]
    return move_rows(work, moves)


def removal_line(calendar: Calendar) -> str:
    above = calendar.parent.name if isinstance(calendar.parent, Calendar) else ""
    return f"Bỏ lịch riêng; cơ quan đang theo lịch này sẽ theo “{above}”."


def kept(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """What was typed, to be sent again when it is confirmed."""
    return [(name, text) for name, text in typed.items() if name not in {"csrf_token", "confirmed"}]
