"""Start events that begin instances by themselves: kept at deployment, fired when they are due."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.definitions import DefinitionState, ProcessDefinition
from app.domain.engine import Due, ProcessOutline, StartKind, StartOutline
from app.domain.errors import InvalidInput
from app.domain.people import AgencyPart
from app.domain.permissions import Action, Actor, require
from app.domain.waiting import StartEvent
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.clocks import duration
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import start

BATCH = 200


def keep(work: Work, definition: ProcessDefinition, outline: ProcessOutline) -> None:
    """Let the start events of a new version wait, in the place of those of older ones.

    Raises InvalidInput where a timer says no instant.
    """
    for older in work.start_events.of_key(definition.key):
        older.close()
    for one in outline.starts:
        work.start_events.add(_waiting(work, definition, one))


def heal(open_work: OpenWork) -> list[str]:
    """Let the start events wait of versions from before they were rows (migration 0006).

    Only the newest version of each process begins anything. Says which processes were healed;
    harmless when it is done again, or by several at once.
    """
    with open_work(read_only=True) as work:
        keys = [key for key in work.definitions.keys() if _lacking(work, key)]  # noqa: SIM118 - a query
    return [key for key in keys if _heal(open_work, key)]


def _heal(open_work: OpenWork, key: str) -> bool:
    try:
        with open_work() as work:
            work.definitions.next_version(key)  # until commit nobody else deploys or heals it
            found = _lacking(work, key)
            if found is not None:
                keep(work, *found)
            return found is not None
    except InvalidInput:
        return False  # a timer that says no instant has never begun anything


def _lacking(work: Work, key: str) -> tuple[ProcessDefinition, ProcessOutline] | None:
    """The newest version, where it has start events and no row of any."""
    newest = work.definitions.latest(key)
    if newest is None or work.start_events.of_definition(newest.id):
        return None
    outlines = work.engine.outline(work.files.read(newest.sha256))
    outline = next(one for one in outlines if one.key == key)
    return (newest, outline) if outline.starts else None


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


def evaluate(
    work: Work,
    actor: Actor,
    variables: Mapping[str, Any],
    *,
    agency_id: str,
    business_key: str | None = None,
    definition_id: str | None = None,
) -> list[str]:
    """Begin an instance at every start event whose condition is true of these variables.

    They become the variables of each instance. Asked are the newest versions that take new
    instances, or `definition_id` alone. Says which instances began, in the order in which their
    events were deployed; a condition that cannot be evaluated begins nothing. Raises InvalidInput
    for an agency that is none.
    """
    require(actor, Action.SEND_EVENTS, agency_id=agency_id)
    if work.agencies.find(agency_id) is None:
        raise InvalidInput("Hãy cho biết cơ quan của quy trình sẽ bắt đầu (agency_id).")
    waiting = [
        event
        for event in work.start_events.waiting(StartKind.CONDITION, "")
        if definition_id in {None, event.definition_id} and _holds(work, event, variables)
    ]
    return [
        start(
            work,
            event.definition_id,
            dict(variables),
            Cause(actor, "start", event.element),
            agency_id=agency_id,
            business_key=business_key or work.new_id(),
            start_event=event.element,
        ).id
        for event in waiting
    ]


def _holds(work: Work, event: StartEvent, variables: Mapping[str, Any]) -> bool:
    if work.definitions.get(event.definition_id).state is DefinitionState.SUSPENDED:
        return False
    program = work.programs.get(event.definition_id)
    return program.start_holds(event.element, variables, at=work.now())


def enqueue_due(open_work: OpenWork) -> int:
    """Hand every due timer of a start event to the workers; one handed over already stays so."""
    with open_work() as work:
        due = work.start_events.due(work.now(), BATCH)
        for event in due:
            _hand_over(work, event)
    return len(due)


def wake(work: Work, definition: ProcessDefinition) -> None:
    """A version takes new instances again: those that fell due meanwhile begin at once."""
    for event in work.start_events.of_key(definition.key):
        is_due = event.due_at is not None and event.due_at <= work.now()
        if event.definition_id == definition.id and is_due:
            _hand_over(work, event)


def _hand_over(work: Work, event: StartEvent) -> None:
    work.queue.enqueue(
        "start_timer", {"start_event_id": event.id}, dedup=f"start:{event.id}:{event.fired}"
    )


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
