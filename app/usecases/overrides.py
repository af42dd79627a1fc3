"""Agencies with a calendar of their own: made empty, taken away again."""

from datetime import datetime

from app.domain.calendars import Calendar
from app.domain.clocks import Clock
from app.domain.errors import InvalidState
from app.domain.permissions import Action, Actor, require
from app.usecases.calendars import Move, moves_of
from app.usecases.clocks import measure_again
from app.usecases.ports import Work


def create(work: Work, actor: Actor, agency_id: str) -> Calendar:
    """Give an agency a calendar of its own, empty: all it does not say its parent says.

    The agency's open clocks go by it from now on; nothing moves until it is edited.
    """
    require(actor, Action.EDIT_CALENDAR)
    agency = work.agencies.get(agency_id)
    parent = work.calendars.for_agency(agency_id)
    if parent.parent is not None:
        raise InvalidState("Cơ quan này đã có lịch riêng.")
    own = Calendar(id=work.new_id(), name=f"Lịch của {agency.name}", weekly=(), parent=parent)
    work.calendars.add(own)
    agency.calendar_id = own.id
    for clock in work.clocks.open_by_calendar(parent.id):
        if clock.agency_id == agency_id:
            clock.calendar_id = own.id
    return own


def preview_removal(work: Work, actor: Actor, calendar: Calendar) -> list[Move]:
    """Say what taking the calendar away would move, earliest new due first; changes nothing."""
    require(actor, Action.EDIT_CALENDAR)
    parent = _heir(work, calendar)
    open_clocks = work.clocks.open_by_calendar(calendar.id)
    return sorted(moves_of(open_clocks, parent, work.now()), key=lambda move: move.new_due)


def remove(
    work: Work, actor: Actor, calendar: Calendar, *, expected_version: int
) -> list[tuple[Clock, datetime, datetime]]:
    """Take a calendar away: its agencies and their open clocks go by the one above it.

    Closed clocks stay as they were judged, and the calendar is kept to explain them. Returns
    (clock, old due, new due) of what moved. Raises Conflict where it was changed meanwhile.
    """
    require(actor, Action.EDIT_CALENDAR)
    parent = _heir(work, calendar)
    work.calendars.remove(calendar.id, expected_version=expected_version, at=work.now())
    for agency in work.agencies.all():
        if agency.calendar_id == calendar.id:
            agency.calendar_id = parent.id
    open_clocks = work.clocks.open_by_calendar(calendar.id)
    for clock in open_clocks:
        clock.calendar_id = parent.id
    return list(measure_again(work, open_clocks, parent))


def _heir(work: Work, calendar: Calendar) -> Calendar:
    """The calendar that holds in place of this one. Raises InvalidState where it must stay."""
    if not isinstance(calendar.parent, Calendar):
        raise InvalidState("Lịch này là lịch gốc, không bỏ được.")
    if any(other.parent and other.parent.id == calendar.id for other in work.calendars.all()):
        raise InvalidState("Còn lịch khác theo lịch này.")
    return calendar.parent
