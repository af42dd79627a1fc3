"""The list of registrations: by state, with the legal clock that runs for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.clocks import Clock, ClockKind
from app.domain.instances import SubjectKind
from app.domain.permissions import Action, Actor, allows
from app.domain.procedures import (
    LEVEL_LABELS,
    REGISTRATION_LABELS,
    RegistrationState,
    ServiceRegistration,
)
from app.usecases.ports import Work
from app.web import formats
from app.web.views import PAGE_SIZE, Calendars, Due, PageView, address, clock_due, page_view

PATH = "/registrations"
STATE_KINDS = {
    RegistrationState.DRAFT: "plain",
    RegistrationState.SUBMITTED: "",
    RegistrationState.REVISION: "warn",
    RegistrationState.APPROVED: "ok",
    RegistrationState.REJECTED: "bad",
    RegistrationState.PUBLISHED: "ok",
    RegistrationState.WITHDRAWN: "plain",
}
NO_CLOCK = {RegistrationState.DRAFT, RegistrationState.WITHDRAWN}


@dataclass(frozen=True)
class Row:
    href: str
    code: str
    name: str
    agency: str
    level: str
    state: str
    state_kind: str
    changed: str
    due: Due | None


@dataclass(frozen=True)
class StateLink:
    label: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True)
class RailGroup:
    title: str
    items: list[StateLink]


@dataclass(frozen=True)
class RegistrationList:
    title: str
    rail: list[RailGroup]
    rows: list[Row]
    page: PageView
    search: str
    is_narrowed: bool


def visible_agencies(work: Work, actor: Actor, action: Action) -> frozenset[str] | None:
    """The agencies at which the policy lets the actor do this; None is all of them."""
    agencies = frozenset(agency.id for agency in work.agencies.all())
    allowed = frozenset(one for one in agencies if allows(actor, action, agency_id=one))
    return None if allowed == agencies else allowed


def build(
    work: Work, actor: Actor, state: RegistrationState | None, search: str, number: int
) -> RegistrationList:
    agencies = visible_agencies(work, actor, Action.VIEW_REGISTRATION)
    found = work.registrations.page(agencies, state, search, number, PAGE_SIZE)
    parameters: dict[str, str | int | None] = {"state": state, "q": search}
    return RegistrationList(
        title=REGISTRATION_LABELS[state] if state else "Đăng ký dịch vụ",
        rail=[RailGroup("Trạng thái", _states(work, agencies, state, search))],
        rows=_rows(work, found.items),
        page=page_view(found, PATH, parameters),
        search=search,
        is_narrowed=bool(search or state),
    )


def _states(
    work: Work, agencies: frozenset[str] | None, chosen: RegistrationState | None, search: str
) -> list[StateLink]:
    """Every state with its number, counted by the query that lists it."""
    links = []
    for state in (None, *RegistrationState):
        count = work.registrations.page(agencies, state, search, 1, 1).total
        label = REGISTRATION_LABELS[state] if state else "Tất cả"
        href = address(PATH, {"state": state, "q": search})
        links.append(StateLink(label, href, count, state is chosen))
    return links


def _rows(work: Work, found: Sequence[ServiceRegistration]) -> list[Row]:
    clocks: dict[str, list[Clock]] = {}
    for clock in work.clocks.of_subjects(SubjectKind.REGISTRATION, [one.id for one in found]):
        clocks.setdefault(clock.subject_id, []).append(clock)
    calendars = Calendars.of(work)
    return [
        Row(
            href=f"{PATH}/{one.id}",
            code=one.code,
            name=one.service_name,
            agency=work.agencies.get(one.agency_id).short_name,
            level=LEVEL_LABELS[one.level],
            state=REGISTRATION_LABELS[one.state],
            state_kind=STATE_KINDS[one.state],
            changed=formats.short_moment(one.submitted_at or one.created_at),
            due=due_of(work, one, clocks.get(one.id, []), calendars),
        )
        for one in found
    ]


def due_of(
    work: Work,
    registration: ServiceRegistration,
    clocks: Sequence[Clock],
    calendars: Calendars,
) -> Due | None:
    """The clock that counts now: the one that runs, else the last that was judged; none for a draft."""
    known = [clock for clock in clocks if clock.kind in {ClockKind.K1, ClockKind.K2}]
    if registration.state in NO_CLOCK or not known:
        return None
    clock = max(known, key=lambda one: (one.is_open, one.started_at))
    due = clock_due(clock, work.now(), calendars.at(clock.agency_id))
    return Due(due.state, f"{clock.kind} · {due.text}", due.at)
