"""Calendars: what a change would move, before it is saved."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.calendars import Calendar
from app.domain.clocks import Clock
from app.domain.permissions import Action, Actor, require
from app.domain.working_time import WorkingTime
from app.usecases.ports import Work


@dataclass(frozen=True)
class Move:
    """An open clock whose due instant a changed calendar moves."""

    kind: str
    subject_kind: str
    subject_id: str
    agency_id: str
    old_due: datetime
    new_due: datetime


def with_heirs(work: Work, calendar: Calendar) -> list[Calendar]:
    """The calendar as given, and those under it, as they are once it is saved."""
    heirs = [other for other in work.calendars.all() if _is_under(other, calendar.id)]
    return [calendar, *(_rebased(heir, calendar) for heir in heirs)]


def _is_under(calendar: WorkingTime, ancestor_id: str) -> bool:
    parent = calendar.parent
    return parent is not None and (parent.id == ancestor_id or _is_under(parent, ancestor_id))


def _rebased(calendar: Calendar, ancestor: Calendar) -> Calendar:
    """The same calendar standing on the given version of its ancestor."""
    parent = calendar.parent
    if not isinstance(parent, Calendar):
        return calendar
    new = ancestor if parent.id == ancestor.id else _rebased(parent, ancestor)
    return replace(calendar, parent=new)


def preview(work: Work, actor: Actor, calendar: Calendar) -> list[Move]:
    """Say what saving the calendar would move, earliest new due first; changes nothing."""
    require(actor, Action.EDIT_CALENDAR)
    return sorted(
        (
            move
            for changed in with_heirs(work, calendar)
            for move in moves_of(work.clocks.open_by_calendar(changed.id), changed, work.now())
        ),
        key=lambda move: move.new_due,
    )


def moves_of(clocks: Iterable[Clock], calendar: Calendar, at: datetime) -> Iterator[Move]:
    """What measuring these clocks by the calendar would move; they stay as they are."""
    for clock in clocks:
        twin = replace(clock, history=list(clock.history))
        outcome = twin.recompute(calendar, at)
        if outcome.changed:
            yield _move(twin, outcome.old_due)


def _move(clock: Clock, old_due: datetime) -> Move:
    return Move(
        clock.kind.value,
        clock.subject_kind,
        clock.subject_id,
        clock.agency_id,
        old_due,
        clock.due_at,
    )
