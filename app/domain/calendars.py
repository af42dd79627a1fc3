"""Calendars: when the office works, when something is due, and why then.

A calendar is data that an administrator edits: `to_json`/`from_json`, and `with_…` methods that
return the next version. The arithmetic is inherited from `WorkingTime`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Self

from app.domain.durations import DayCounting, Duration, Unit, number_text
from app.domain.errors import InvalidInput, NotFound
from app.domain.explanations import (
    Explanation,
    ExplanationStep,
    StepKind,
    day_text,
    days_off_text,
    moment_text,
)
from app.domain.working_hours import (
    STANDARD_WEEK,
    CalendarException,
    ExceptionKind,
    Interval,
    Intervals,
    WeeklyHours,
    monday_to_friday,
    swap,
)
from app.domain.working_time import ONE_DAY, ZONE, WorkingTime, utc, wall

__all__ = [
    "CUT_OFF",
    "STANDARD_WEEK",
    "ZONE",
    "Calendar",
    "CalendarException",
    "DayCounting",
    "Due",
    "Duration",
    "ExceptionKind",
    "Explanation",
    "Interval",
    "Intervals",
    "Unit",
    "WeeklyHours",
    "monday_to_friday",
    "swap",
    "utc",
    "wall",
]

CUT_OFF = time(15)
"""What is received after this hour may wait until the next working day (NĐ 61/2018 Đ18)."""

RECEIVED = "Tiếp nhận"


@dataclass(frozen=True)
class Due:
    """When it is due, from when the time was counted, and why."""

    at: datetime
    start_effective: datetime
    explanation: Explanation


@dataclass(frozen=True)
class Calendar(WorkingTime):
    """A named, versioned calendar that answers when something is due."""

    def due(
        self,
        start: datetime,
        duration: Duration,
        counting: DayCounting = DayCounting.END_OF_DAY,
        *,
        event: str = RECEIVED,
        cut_off: time = CUT_OFF,
    ) -> Due:
        """Measure `duration` from the event at `start`.

        Working hours and working days begin at the next opening when the event falls out of
        hours; days of the calendar and plain hours begin with the event itself. Fractions of a
        working day are always counted from the hour. `event` opens the explanation.
        """
        clamped = self.next_opening(start)
        match duration.unit:
            case Unit.WORKING_HOUR:
                at = self.add_working_hours(start, duration.value)
                return self._worked(start, clamped, at, duration.text, event)
            case Unit.WORKING_DAY:
                return self._due_in_working_days(start, duration, counting, event)
            case Unit.CALENDAR_DAY:
                return self._due_in_calendar_days(start, duration, counting, event)
            case Unit.SAME_DAY:
                return self._due_same_day(start, event, cut_off)
            case Unit.HOUR:
                at = start + timedelta(hours=float(duration.value))
                counted = _step(StepKind.COUNTING, f"{duration.text} liên tục, kể cả ngày nghỉ")
                return _due(at, start, [_start(event, start), counted])

    def _due_in_working_days(
        self, start: datetime, duration: Duration, counting: DayCounting, event: str
    ) -> Due:
        clamped = self.next_opening(start)
        if counting is DayCounting.END_OF_DAY and duration.whole:
            at = self.add_working_days(start, duration.value.numerator)
            return self._worked(
                start, clamped, at, f"{duration.text}, không tính ngày nhận", event, by_hour=False
            )
        hours = duration.value * self.hours_per_day(wall(clamped).date())
        counted = f"{duration.text} tính từ giờ nhận ({number_text(hours)} giờ làm việc)"
        return self._worked(start, clamped, self.add_working_hours(start, hours), counted, event)

    def _due_in_calendar_days(
        self, start: datetime, duration: Duration, counting: DayCounting, event: str
    ) -> Due:
        days = duration.value.numerator
        at = self.add_calendar_days(start, days, counting)
        counted = (
            "tính từ giờ nhận" if counting is DayCounting.FROM_THE_HOUR else "không tính ngày nhận"
        )
        steps = [
            _start(event, start),
            _step(StepKind.COUNTING, f"{duration.text} (kể cả ngày nghỉ), {counted}"),
        ]
        last = wall(start).date() + ONE_DAY * days
        if wall(at).date() != last:
            closed = self.days_off(last, wall(at).date())
            steps.append(
                _step(
                    StepKind.ROLLED,
                    f"Ngày cuối {day_text(last)} là ngày nghỉ, chuyển sang ngày làm việc tiếp theo;"
                    f" bỏ qua: {days_off_text(closed, last.year)}",
                )
            )
        return _due(at, start, steps)

    def _due_same_day(self, start: datetime, event: str, cut_off: time) -> Due:
        clamped = self.next_opening(start)
        if not self._after_cut_off(start, cut_off):
            at = self.closing_after(wall(clamped).date(), 0)
            return self._worked(start, clamped, at, "Trả kết quả trong ngày", event, by_hour=False)
        at = self.closing_after(wall(start).date(), 1)
        steps = [
            _start(event, start),
            _step(StepKind.CUT_OFF, f"Nhận sau {cut_off:%H:%M}: trả trong ngày làm việc tiếp theo"),
            *self._skipped(wall(start), wall(at)),
        ]
        return _due(at, start, steps)

    def transfer_due(
        self, received: datetime, cut_off: time = CUT_OFF, *, event: str = RECEIVED
    ) -> Due:
        """By when the desk hands over what it accepted (K12, NĐ 61/2018 Đ18).

        The close of the same day; for what came after the cut-off, the opening of the next
        working day. What came on a closed day counts as received at the next opening.
        """
        clamped = self.next_opening(received)
        if not self._after_cut_off(received, cut_off):
            at = self.closing_after(wall(clamped).date(), 0)
            return self._worked(received, clamped, at, "Chuyển trong ngày", event, by_hour=False)
        at = self.opening_after(wall(received).date())
        steps = [
            _start(event, received),
            _step(
                StepKind.CUT_OFF,
                f"Nhận sau {cut_off:%H:%M}: chuyển vào đầu giờ ngày làm việc tiếp theo",
            ),
            *self._skipped(wall(received), wall(at)),
        ]
        return _due(at, received, steps)

    def due_before(self, event_at: datetime, duration: Duration, *, event: str) -> Due:
        """Measure backwards: what must be done at least so many days ahead of an event (K14, K15).

        The result is a close of working hours. Raises InvalidInput for units other than days.
        """
        if duration.unit not in {Unit.WORKING_DAY, Unit.CALENDAR_DAY} or not duration.whole:
            raise InvalidInput("Thời hạn tính lùi ghi theo số ngày nguyên")
        days = duration.value.numerator
        if duration.unit is Unit.WORKING_DAY:
            at = self.working_days_before(event_at, days)
        else:
            at = self.calendar_days_before(event_at, days)
        steps = [
            _start(event, event_at),
            _step(StepKind.COUNTING, f"Trước đó ít nhất {duration.text}"),
            *self._skipped(wall(at), wall(event_at)),
        ]
        return _due(at, event_at, steps)

    def _after_cut_off(self, instant: datetime, cut_off: time) -> bool:
        at = wall(instant)
        return self.is_working_day(at.date()) and at.time() > cut_off

    def _worked(
        self,
        start: datetime,
        clamped: datetime,
        at: datetime,
        counted: str,
        event: str,
        *,
        by_hour: bool = True,
    ) -> Due:
        first = _start(event, start)
        if clamped != start:
            later = f", ngoài giờ làm việc: tính từ {moment_text(wall(clamped))}"
            first = _step(StepKind.START, first.text + later)
        credit = self._credit(clamped) if by_hour else ()
        skipped = self._skipped(wall(start), wall(at))
        return _due(at, clamped, [first, _step(StepKind.COUNTING, counted), *credit, *skipped])

    def _credit(self, at: datetime) -> tuple[ExplanationStep, ...]:
        week = self.week(wall(at).date())
        if week.credit == 1:
            return ()
        open_for = week.credited_hours_per_day / week.credit
        text = (
            f"một ngày mở cửa {number_text(open_for)} giờ"
            f" được tính là {number_text(week.credited_hours_per_day)} giờ làm việc"
        )
        return (_step(StepKind.CREDIT, text),)

    def _skipped(self, start: datetime, end: datetime) -> list[ExplanationStep]:
        steps = []
        first, last = start.date(), end.date()
        if closed := days_off_text(self.days_off(first, last), first.year):
            steps.append(_step(StepKind.SKIPPED, f"bỏ qua: {closed}"))
        made_up = [
            f"{day_text(item.day, year=False)} ({item.reason})"
            for item in self.made_up_days(first, last)
        ]
        if made_up:
            steps.append(_step(StepKind.MADE_UP, f"có tính: {', '.join(made_up)}"))
        return steps

    # --- editing

    def with_exceptions(self, *added: CalendarException) -> Self:
        """Return the next version; an exception replaces the one of the same day."""
        days = {item.day: item for item in (*self.exceptions, *added)}
        return replace(self, exceptions=tuple(days.values()), version=self.version + 1)

    def without_exception(self, exception: CalendarException) -> Self:
        """Return the next version. Raises NotFound if this calendar has no such exception."""
        if exception not in self.exceptions:
            raise NotFound(f"Lịch không có ngoại lệ ngày {day_text(exception.day)}")
        left = tuple(item for item in self.exceptions if item != exception)
        return replace(self, exceptions=left, version=self.version + 1)

    def with_weekly_hours(self, week: WeeklyHours) -> Self:
        """Return the next version; hours replace those valid from the same date."""
        weeks = {item.valid_from: item for item in (*self.weekly, week)}
        return replace(self, weekly=tuple(weeks.values()), version=self.version + 1)

    def to_json(self) -> dict[str, object]:
        """Write everything but the parent, which is a calendar of its own: only its id."""
        return {
            "id": self.id,
            "name": self.name,
            "version": self.version,
            "parent_id": self.parent.id if self.parent else None,
            "weekly": [week.to_json() for week in self.weekly],
            "exceptions": [item.to_json() for item in self.exceptions],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object], parent: WorkingTime | None = None) -> Self:
        """Read a calendar; whoever reads hands in the parent named by `parent_id`.

        Raises InvalidInput when the parent is not the named one or a part cannot be right.
        """
        if data.get("parent_id") != (parent.id if parent else None):
            raise InvalidInput("Lịch cấp trên không khớp")
        version = data.get("version", 1)
        if isinstance(version, bool) or not isinstance(version, int):
            raise InvalidInput("Số phiên bản của lịch phải là số nguyên")
        return cls(
            id=str(data.get("id") or ""),
            name=str(data.get("name") or ""),
            weekly=tuple(WeeklyHours.from_json(row) for row in _rows(data, "weekly")),
            exceptions=tuple(CalendarException.from_json(row) for row in _rows(data, "exceptions")),
            parent=parent,
            version=version,
        )


def _rows(data: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    rows = data.get(name, [])
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise InvalidInput(f"Phần {name} của lịch phải là danh sách")
    return list(rows)


def _step(kind: StepKind, text: str) -> ExplanationStep:
    return ExplanationStep(kind, text)


def _start(event: str, at: datetime) -> ExplanationStep:
    return _step(StepKind.START, f"{event} lúc {moment_text(wall(at))}")


def _due(at: datetime, start: datetime, steps: list[ExplanationStep]) -> Due:
    last = _step(StepKind.DUE, f"Hạn: {moment_text(wall(at))}")
    return Due(at, start, Explanation((*steps, last)))
