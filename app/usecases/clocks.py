"""Legal clocks: start and stop them as the diagram says, warn, and tell who has to know."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from app.domain.calendars import Calendar
from app.domain.clocks import Clock, ClockKind, ClockState
from app.domain.durations import Duration
from app.domain.engine import WorkingDuration
from app.domain.errors import Conflict, InvalidState
from app.domain.instances import ProcessInstance, SubjectKind
from app.domain.people import AgencyPart, Role, User
from app.domain.permissions import Action, Actor, require
from app.domain.user_tasks import TaskState
from app.usecases import calendars, notices
from app.usecases.ports import OpenWork, Work

BATCH = 200

# Whose working hours a clock counts in: K1 runs at the portal's lead manager (Đ11.2a).
AT_PORTAL_MANAGER = {ClockKind.K1}


def duration(length: WorkingDuration) -> Duration:
    return Duration.of(length.value, length.unit)


def _agency_of(work: Work, instance: ProcessInstance, kind: ClockKind) -> str:
    if kind in AT_PORTAL_MANAGER:
        return work.agencies.by_part(AgencyPart.PORTAL_MANAGER).id
    return instance.agency_id


def _length(work: Work, instance: ProcessInstance, kind: ClockKind) -> Duration | None:
    """K4 runs as long as the procedure says (Đ12.3b); the others as long as their rule says."""
    if kind is not ClockKind.K4 or instance.subject_kind is not SubjectKind.CASE:
        return None
    case = work.cases.get(instance.subject_id or "")
    procedure = work.procedures.get(case.procedure_id)
    return Duration(Fraction(procedure.duration_value), procedure.unit_of_duration)


def touch(work: Work, instance: ProcessInstance, kind: ClockKind, action: str) -> None:
    """Do to the clock of this instance's subject what an element of the diagram says.

    Starting one that runs, or stopping one that does not, changes nothing: a token may pass the
    same element twice.
    """
    if instance.subject_kind is None or instance.subject_id is None:
        raise InvalidState("Quy trình có đồng hồ pháp lý nhưng không gắn với hồ sơ nào.")
    running = work.clocks.running(instance.subject_kind, instance.subject_id, kind)
    at = work.now()
    agency_id = _agency_of(work, instance, kind)
    calendar = work.calendars.for_agency(agency_id)
    if running is None:
        if action in {"start", "restart"}:
            _begin(work, instance, kind, calendar, agency_id)
        return
    match action:
        case "stop":
            running.stop(at)
        case "pause" if running.state is ClockState.RUNNING:
            running.pause(at)
        case "resume" if running.state is ClockState.PAUSED:
            running.resume(at, calendar)
        case "restart":
            running.restart(at, calendar)
    spread(work, instance, running)


def _begin(
    work: Work, instance: ProcessInstance, kind: ClockKind, calendar: Calendar, agency_id: str
) -> None:
    clock = Clock.start(
        id=work.new_id(),
        kind=kind,
        subject_kind=str(instance.subject_kind),
        subject_id=str(instance.subject_id),
        calendar=calendar,
        started_at=work.now(),
        duration=_length(work, instance, kind),
        tenant_id=instance.tenant_id,
        agency_id=agency_id,
    )
    work.clocks.add(clock)
    spread(work, instance, clock)


def governing(work: Work, instance: ProcessInstance) -> tuple[datetime | None, str]:
    """Return the earliest due instant of the running clocks of the subject, and whose it is."""
    if instance.subject_kind is None or instance.subject_id is None:
        return None, ""
    running = [
        clock
        for clock in work.clocks.of_subject(instance.subject_kind, instance.subject_id)
        if clock.state is ClockState.RUNNING
    ]
    if not running:
        return None, ""
    first = min(running, key=lambda clock: clock.due_at)
    return first.due_at, first.kind.value


def spread(work: Work, instance: ProcessInstance, clock: Clock) -> None:
    """Let the case and the open tasks that go by this clock show its due instant."""
    if clock.kind is ClockKind.K4 and instance.subject_kind is SubjectKind.CASE:
        work.cases.get(clock.subject_id).due_at = clock.due_at
    due_at, source = governing(work, instance)
    for task in work.user_tasks.of_instance(instance.id):
        by_clock = task.due_source or task.due_at is None
        if task.state is TaskState.OPEN and by_clock:
            task.due_at, task.due_source = due_at, source


def cancel_all(work: Work, instance: ProcessInstance, reason: str) -> None:
    """Take the open clocks of the subject off: its instance was cancelled."""
    if instance.subject_kind is None or instance.subject_id is None:
        return
    for clock in work.clocks.of_subject(instance.subject_kind, instance.subject_id):
        if clock.is_open:
            clock.cancel(work.now(), reason)


# --- the ticks --------------------------------------------------------------------------


def tick(open_work: OpenWork) -> int:
    """Warn and mark what ran over; each clock is told of once, whoever ticks."""
    with open_work() as work:
        now = work.now()
        warned = [clock for clock in work.clocks.to_warn(now, BATCH) if clock.mark_warned(now)]
        late = [c for c in work.clocks.to_mark_overdue(now, BATCH) if c.mark_overdue(now)]
        for clock in warned:
            _tell(work, clock, "Sắp đến hạn")
        for clock in late:
            _tell(work, clock, "Quá hạn")
    return len(warned) + len(late)


def _tell(work: Work, clock: Clock, what: str) -> None:
    subject = notices.subject_of(work, clock.subject_kind, clock.subject_id)
    stage = "overdue" if what == "Quá hạn" else "warned"
    for user in _those_concerned(work, clock):
        notices.give(
            work,
            user.id,
            f"{what}: {clock.rule.name_vi}",
            f"{subject.code} – {subject.name}. Hạn {notices.moment(clock.due_at)}.",
            subject.href,
            dedup=f"clock:{clock.id}:{stage}:{clock.due_at.isoformat()}",
        )


def _those_concerned(work: Work, clock: Clock) -> list[User]:
    """Those who work on it now, and the leaders who answer for it (R-16.1b, R-16.5e).

    For a service registration also the portal's lead manager, who urges the agencies (R-16.2b).
    """
    people = {
        user.id: user
        for role in (Role.UNIT_HEAD, Role.AGENCY_LEADER)
        for user in work.users.holding(role, clock.agency_id)
    }
    if clock.subject_kind == SubjectKind.REGISTRATION:
        manager = work.agencies.by_part(AgencyPart.PORTAL_MANAGER)
        for role in (Role.APPRAISER, Role.AGENCY_LEADER):
            people |= {user.id: user for user in work.users.holding(role, manager.id)}
    for instance in work.instances.of_subject(clock.subject_kind, clock.subject_id):
        for task in work.user_tasks.of_instance(instance.id):
            if task.state is not TaskState.OPEN:
                continue
            if task.assignee is not None:
                people[task.assignee] = work.users.get(task.assignee)
                continue
            for name in task.roles:
                found = work.users.holding(Role(name), task.agency_id, task.unit)
                people |= {user.id: user for user in found}
    return [user for user in people.values() if user.active]


# --- the calendar -----------------------------------------------------------------------


def save_calendar(
    work: Work, actor: Actor, calendar: Calendar, *, expected_version: int
) -> list[tuple[Clock, datetime, datetime]]:
    """Replace a calendar and measure again what is still open (domain.md §2.7).

    Returns (clock, old due, new due) of what changed; closed clocks stay as they were judged.
    """
    require(actor, Action.EDIT_CALENDAR)
    if calendar.version <= expected_version:
        raise Conflict("Lịch làm việc đã được người khác sửa. Hãy tải lại trang.")
    work.calendars.save(calendar, expected_version=expected_version)
    return [
        move
        for changed in calendars.with_heirs(work, calendar)
        for move in measure_again(work, work.clocks.open_by_calendar(changed.id), changed)
    ]


def measure_again(
    work: Work, clocks: Iterable[Clock], calendar: Calendar
) -> Iterator[tuple[Clock, datetime, datetime]]:
    """Measure open clocks by a calendar: (clock, old due, new due) of each that moved."""
    for clock in clocks:
        outcome = clock.recompute(calendar, work.now())
        if not outcome.changed:
            continue
        for instance in work.instances.of_subject(clock.subject_kind, clock.subject_id):
            spread(work, instance, clock)
        yield clock, outcome.old_due, outcome.new_due
