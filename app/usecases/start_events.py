"""Start events that begin instances by themselves: kept at deployment, fired when they are due."""

from datetime import datetime

from app.domain.definitions import DefinitionState, ProcessDefinition
from app.domain.engine import Due, ProcessOutline, StartKind, StartOutline
from app.domain.people import AgencyPart
from app.domain.waiting import StartEvent
from app.usecases.clocks import duration
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import THE_SYSTEM, Cause, start

BATCH = 200


def keep(work: Work, definition: ProcessDefinition, outline: ProcessOutline) -> None:
    """Let the start events of a new version wait, in the place of those of older ones.

    Raises InvalidInput where a timer says no instant.
    """
    for older in work.start_events.of_key(definition.key):
        older.close()
    for one in outline.starts:
        work.start_events.add(_waiting(work, definition, one))


def _waiting(work: Work, definition: ProcessDefinition, one: StartOutline) -> StartEvent:
    event = StartEvent(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        definition_id=definition.id,
        definition_key=definition.key,
        element=one.element,
        kind=one.kind,
        name=one.name,
        created_at=work.now(),
    )
    if one.kind is StartKind.TIMER:
        event.due_at = _due(work, event, fired=0)
    return event


def _due(work: Work, event: StartEvent, *, fired: int) -> datetime | None:
    program = work.programs.get(event.definition_id)
    return _instant(work, program.start_due(event.element, at=work.now(), fired=fired))


def _instant(work: Work, due: Due | None) -> datetime | None:
    """Working time is measured by the calendar of the province: no agency has begun anything."""
    if due is None or isinstance(due, datetime):
        return due
    return work.calendars.for_agency("").due(work.now(), duration(due)).at


def enqueue_due(open_work: OpenWork) -> int:
    """Hand every due timer of a start event to the workers; one handed over already stays so."""
    with open_work() as work:
        due = work.start_events.due(work.now(), BATCH)
        for event in due:
            work.queue.enqueue(
                "start_timer",
                {"start_event_id": event.id},
                dedup=f"start:{event.id}:{event.fired}",
            )
    return len(due)


def fire(open_work: OpenWork, start_event_id: str) -> None:
    """Begin an instance where a timer is due; harmless where it fired already.

    The instance belongs to the portal's lead manager: nobody else has asked for it.
    """
    with open_work() as work:
        event = work.start_events.lock(start_event_id)
        if not event.open or event.due_at is None or event.due_at > work.now():
            return
        if work.definitions.get(event.definition_id).state is DefinitionState.SUSPENDED:
            return
        event.fire(_due(work, event, fired=event.fired + 1))
        start(
            work,
            event.definition_id,
            {},
            Cause(THE_SYSTEM, "start", event.element),
            agency_id=work.agencies.by_part(AgencyPart.PORTAL_MANAGER).id,
            business_key=work.new_id(),
            start_event=event.element,
        )
