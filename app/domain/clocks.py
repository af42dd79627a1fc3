"""Legal clocks that run on a case, a registration or a question.

A clock is measured once, when it starts, and keeps what it was measured by. So it can be measured
again when the holiday table changes, while it is open; what is closed stays as it was judged.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Self

from app.domain.calendars import CUT_OFF, Calendar, DayCounting, Due, Duration, Explanation, Unit
from app.domain.clock_rules import CLOCK_RULES, ClockKind, ClockRule
from app.domain.errors import InvalidInput, InvalidState
from app.domain.explanations import StepKind, moment_text
from app.domain.remaining import Level, Measure, Remaining, late_text, remaining_text
from app.domain.working_time import wall

__all__ = [
    "CLOCK_RULES",
    "Clock",
    "ClockKind",
    "ClockRule",
    "ClockState",
    "Level",
    "Recomputation",
    "Remaining",
]


class ClockState(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"
    CANCELLED = "cancelled"


STATE_NAMES = {
    ClockState.RUNNING: "đang chạy",
    ClockState.PAUSED: "đang tạm dừng",
    ClockState.MET: "đã xong đúng hạn",
    ClockState.MISSED: "đã xong quá hạn",
    ClockState.CANCELLED: "đã hủy",
}
OPEN = frozenset({ClockState.RUNNING, ClockState.PAUSED})


@dataclass(frozen=True)
class Recomputation:
    changed: bool
    old_due: datetime
    new_due: datetime


@dataclass(eq=False)
class Clock:
    """One deadline and its life. `agency_id` is the agency that answers for it.

    `started_at` is the event; `counting_from` the instant from which time counts (the next
    opening, when the event came out of hours). `measured_from` and `measured` say how `due_at`
    came about: the event and the full duration at first, the resumption and the time then left
    after a pause; `measured` is None once the date is a promise made by hand. `event` is the word
    for that event in the explanation. `history` holds JSON rows: at, what, reason, old_due, new_due.
    """

    id: str
    kind: ClockKind
    subject_kind: str
    subject_id: str
    tenant_id: str
    agency_id: str
    calendar_id: str
    duration: Duration
    counting: DayCounting
    cut_off: time
    started_at: datetime
    measured_from: datetime
    measured: Duration | None
    event: str
    counting_from: datetime
    due_at: datetime
    warn_at: datetime
    original_due_at: datetime
    explanation: Explanation
    state: ClockState = ClockState.RUNNING
    paused_at: datetime | None = None
    stopped_at: datetime | None = None
    warned_at: datetime | None = None
    overdue_since: datetime | None = None
    reschedule_count: int = 0
    history: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def start(
        cls,
        *,
        id: str,  # noqa: A002 - the name of the field
        kind: ClockKind,
        subject_kind: str,
        subject_id: str,
        calendar: Calendar,
        started_at: datetime,
        tenant_id: str = "",
        agency_id: str = "",
        duration: Duration | None = None,
        counting: DayCounting = DayCounting.END_OF_DAY,
        cut_off: time = CUT_OFF,
        ahead_of: datetime | None = None,
    ) -> Self:
        """Start a clock at the event `started_at`; without `duration` the rule's own applies.

        A clock that runs backwards (K14, K15) needs the event it must end before: `ahead_of`.
        Raises InvalidInput when a length or that event is missing.
        """
        rule = CLOCK_RULES[kind]
        length = duration or rule.duration
        if length is None:
            raise InvalidInput(f"Cần cho biết thời hạn: {rule.name_vi}")
        if rule.backward != (ahead_of is not None):
            raise InvalidInput(f"Thời điểm phải hoàn thành trước không phù hợp: {rule.name_vi}")
        measured_from = ahead_of or started_at
        due = _measure(
            kind,
            calendar,
            measured_from,
            length,
            counting=counting,
            cut_off=cut_off,
            event=rule.event_vi,
        )
        counting_from = started_at if rule.backward else due.start_effective
        return cls(
            id=id,
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            tenant_id=tenant_id,
            agency_id=agency_id,
            calendar_id=calendar.id,
            duration=length,
            counting=counting,
            cut_off=cut_off,
            started_at=started_at,
            measured_from=measured_from,
            measured=length,
            event=rule.event_vi,
            counting_from=counting_from,
            due_at=due.at,
            warn_at=_warn_at(rule, length, calendar, counting_from, due.at),
            original_due_at=due.at,
            explanation=due.explanation,
        )

    @property
    def rule(self) -> ClockRule:
        return CLOCK_RULES[self.kind]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def _require(self, *states: ClockState) -> None:
        if self.state not in states:
            raise InvalidState(f"Thời hạn “{self.rule.name_vi}” {STATE_NAMES[self.state]}")

    def _require_forward(self) -> None:
        if self.rule.backward:
            raise InvalidState(
                f"Thời hạn “{self.rule.name_vi}” tính lùi, không thể dừng hay tính lại"
            )

    # --- the life

    def pause(self, at: datetime, reason: str = "") -> None:
        """Let the time stand still from `at`."""
        self._require(ClockState.RUNNING)
        self._require_forward()
        self.state = ClockState.PAUSED
        self.paused_at = at
        self._note(at, "paused", reason)

    def resume(self, at: datetime, calendar: Calendar, reason: str = "") -> None:
        """Go on with the time that was left; what was late already stays late."""
        self._require(ClockState.PAUSED)
        paused_at = self.paused_at or at
        self.state = ClockState.RUNNING
        self.paused_at = None
        if self.due_at < paused_at:
            self._note(at, "resumed", reason)
            return
        old, left = self.due_at, self._left(paused_at, calendar)
        self._measure_from(at, left, "Tiếp tục tính", calendar)
        self._forget_lateness(at)
        self._note(at, "resumed", reason, old)

    def restart(self, at: datetime, calendar: Calendar, reason: str = "") -> None:
        """Count the whole duration again from `at` (NĐ 61/2018 Đ19.4)."""
        self._require(*OPEN)
        self._require_forward()
        self.state = ClockState.RUNNING
        self.paused_at = None
        old = self.due_at
        self._measure_from(at, self.duration, "Tính lại từ đầu", calendar)
        self._forget_lateness(at)
        self._note(at, "restarted", reason, old)

    def reschedule(self, at: datetime, new_due: datetime, reason: str) -> None:
        """Promise another date, as often and as early as the rule allows (NĐ 61/2018 Đ19.9)."""
        self._require(ClockState.RUNNING)
        most = self.rule.most_reschedules
        if self.reschedule_count >= most:
            allowed = f"chỉ được hẹn lại {most} lần" if most else "không được hẹn lại"
            raise InvalidState(f"Thời hạn “{self.rule.name_vi}” {allowed}")
        lead = self.rule.reschedule_lead_days
        if wall(at).date() > wall(self.due_at).date() - timedelta(days=lead):
            raise InvalidState(f"Chỉ được hẹn lại chậm nhất {lead} ngày trước ngày hết hạn")
        if new_due <= self.due_at:
            raise InvalidInput("Ngày hẹn mới phải sau hạn hiện tại")
        if not reason.strip():
            raise InvalidInput("Cần ghi lý do hẹn lại")
        old, lead_time = self.due_at, self.due_at - self.warn_at
        self.reschedule_count += 1
        self.measured = None
        self.due_at, self.warn_at = new_due, max(at, new_due - lead_time)
        self._forget_lateness(at)
        self.explanation = self.explanation.and_then(
            StepKind.CHANGED, f"Hẹn lại đến {moment_text(wall(new_due))}: {reason.strip()}"
        )
        self._note(at, "rescheduled", reason, old)

    def stop(self, at: datetime, reason: str = "") -> None:
        """Judge: met up to and including the due instant, missed after it.

        A paused clock is judged by the instant at which it was paused.
        """
        self._require(*OPEN)
        counted = self.paused_at or at
        self.state = ClockState.MET if counted <= self.due_at else ClockState.MISSED
        self.stopped_at = at
        self._note(at, "stopped", reason)

    def cancel(self, at: datetime, reason: str) -> None:
        self._require(*OPEN)
        self.state = ClockState.CANCELLED
        self.stopped_at = at
        self._note(at, "cancelled", reason)

    def mark_warned(self, at: datetime) -> bool:
        """Note that the warning went out; False if it had before."""
        self._require(ClockState.RUNNING)
        if at < self.warn_at:
            raise InvalidState(f"Chưa đến lúc nhắc: {moment_text(wall(self.warn_at))}")
        if self.warned_at:
            return False
        self.warned_at = at
        self._note(at, "warned", "")
        return True

    def mark_overdue(self, at: datetime) -> bool:
        """Note that the time has run out; False if that was noted before."""
        self._require(ClockState.RUNNING)
        if at <= self.due_at:
            raise InvalidState(f"Chưa quá hạn: hạn {moment_text(wall(self.due_at))}")
        if self.overdue_since:
            return False
        self.overdue_since = at
        self._note(at, "overdue", "")
        return True

    def recompute(
        self, calendar: Calendar, at: datetime, reason: str = "Lịch làm việc thay đổi"
    ) -> Recomputation:
        """Measure again by a changed calendar, while open; a promised date stays as promised."""
        self._require(*OPEN)
        old = self.due_at
        if self.measured is None:
            return Recomputation(changed=False, old_due=old, new_due=old)
        self._measure_from(self.measured_from, self.measured, self.event, calendar)
        if self.due_at != old:
            self._forget_lateness(at)
            self._note(at, "recomputed", reason, old)
        return Recomputation(changed=self.due_at != old, old_due=old, new_due=self.due_at)

    def remaining(self, now: datetime, calendar: Calendar) -> Remaining:
        """How it stands, in words for a list; days of the calendar count closed days too."""
        by_wall = self.duration.unit in {Unit.HOUR, Unit.CALENDAR_DAY}
        measure = Measure(None if by_wall else calendar)
        match self.state:
            case ClockState.RUNNING:
                return remaining_text(now, self.due_at, self.warn_at, measure)
            case ClockState.PAUSED:
                return Remaining("Tạm dừng", Level.OK)
            case ClockState.CANCELLED:
                return Remaining("Đã hủy", Level.OK)
            case ClockState.MISSED:
                return Remaining(late_text(self.due_at, self._judged_at, measure), Level.OVERDUE)
            case ClockState.MET:
                early = wall(self._judged_at).date() < wall(self.due_at).date()
                return Remaining("Trước hạn" if early else "Đúng hạn", Level.OK)

    # --- inside

    @property
    def _judged_at(self) -> datetime:
        return self.paused_at or self.stopped_at or self.due_at

    def _left(self, since: datetime, calendar: Calendar) -> Duration:
        """Time between `since` and the due instant, in the unit that keeps it exact."""
        if self.duration.unit is Unit.CALENDAR_DAY:
            days = wall(self.due_at).date() - wall(since).date()
            return Duration(Fraction(days.days), Unit.CALENDAR_DAY)
        if self.duration.unit is Unit.HOUR:
            micro = (self.due_at - since) // timedelta(microseconds=1)
            return Duration(Fraction(micro, 3_600_000_000), Unit.HOUR)
        return Duration(calendar.working_hours_between(since, self.due_at), Unit.WORKING_HOUR)

    def _measure_from(
        self, since: datetime, measured: Duration, event: str, calendar: Calendar
    ) -> None:
        due = _measure(
            self.kind,
            calendar,
            since,
            measured,
            counting=self.counting,
            cut_off=self.cut_off,
            event=event,
        )
        self.measured_from, self.measured, self.event = since, measured, event
        if not self.rule.backward:
            self.counting_from = due.start_effective
        self.due_at, self.explanation = due.at, due.explanation
        self.warn_at = _warn_at(self.rule, measured, calendar, self.counting_from, due.at)

    def _forget_lateness(self, at: datetime) -> None:
        if at <= self.due_at:
            self.overdue_since = None
        if at < self.warn_at:
            self.warned_at = None

    def _note(self, at: datetime, what: str, reason: str, old_due: datetime | None = None) -> None:
        row = {"at": at.isoformat(), "what": what, "reason": reason.strip()}
        if old_due is not None:
            row |= {"old_due": old_due.isoformat(), "new_due": self.due_at.isoformat()}
        self.history.append(row)


def _measure(
    kind: ClockKind,
    calendar: Calendar,
    since: datetime,
    duration: Duration,
    *,
    counting: DayCounting,
    cut_off: time,
    event: str,
) -> Due:
    if CLOCK_RULES[kind].backward:
        return calendar.due_before(since, duration, event=event)
    if kind is ClockKind.K12 and duration.unit is Unit.SAME_DAY:
        return calendar.transfer_due(since, cut_off, event=event)
    return calendar.due(since, duration, counting, event=event, cut_off=cut_off)


def _warn_at(
    rule: ClockRule, duration: Duration, calendar: Calendar, start: datetime, due_at: datetime
) -> datetime:
    """Warn the rule's lead ahead, but never before half of the time has passed."""
    if due_at <= start:
        return due_at
    if duration.unit is Unit.HOUR:
        return due_at - min(timedelta(hours=float(rule.warn_lead)), (due_at - start) / 2)
    lead = min(rule.warn_lead, calendar.working_hours_between(start, due_at) / 2)
    return calendar.subtract_working_hours(due_at, lead)
