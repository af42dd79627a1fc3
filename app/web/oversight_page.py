"""What is late and what will be late, over the agencies that a person oversees (R-16.1b, R-16.2b)."""

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.domain.clocks import CLOCK_RULES, Clock, ClockKind
from app.domain.instances import SubjectKind
from app.domain.people import Agency
from app.domain.permissions import Action, Actor, allows
from app.domain.user_tasks import TaskState
from app.usecases import notices
from app.usecases.ports import ClockCount, ClockFilter, Work
from app.web import formats, subjects
from app.web.admin_rail import INSTANCES
from app.web.task_list import Group, Item
from app.web.views import PAGE_SIZE, Calendars, Due, PageView, address, clock_due, page_view

PATH = "/oversight"
KINDS = (ClockKind.K1, ClockKind.K2, ClockKind.K3, ClockKind.K4)
LATE, SOON = "late", "soon"
LEVELS = {LATE: ("Quá hạn", "overdue"), SOON: ("Sắp đến hạn", "soon")}
SUBJECTS = {SubjectKind.CASE: Action.VIEW_CASE, SubjectKind.REGISTRATION: Action.VIEW_REGISTRATION}
NOBODY = "chưa có việc nào mở"


@dataclass(frozen=True)
class Wanted:
    """What the query string asks for; `level` is "" for both."""

    level: str = ""
    kind: ClockKind | None = None
    agency_id: str = ""

    @classmethod
    def of(cls, args: MultiDict[str, str], agency_ids: frozenset[str]) -> "Wanted":
        level, kind, agency = (args.get(name, "") for name in ("level", "kind", "agency"))
        return cls(
            level=level if level in LEVELS else "",
            kind=ClockKind(kind) if kind in KINDS else None,
            agency_id=agency if agency in agency_ids else "",
        )

    def parameters(self) -> dict[str, str | int | None]:
        kind = self.kind.value if self.kind else None
        return {"level": self.level, "kind": kind, "agency": self.agency_id}

    def filter(self, agency_ids: frozenset[str]) -> ClockFilter:
        return ClockFilter(
            kinds=frozenset({self.kind} if self.kind else KINDS),
            agency_ids=frozenset({self.agency_id}) if self.agency_id else agency_ids,
            late={LATE: True, SOON: False}.get(self.level),
        )


@dataclass(frozen=True)
class AgencyRow:
    """One agency: how many of each clock are late and will be."""

    name: str
    href: str
    cells: list[tuple[int, int]]  # of KINDS: late, soon
    late: int
    soon: int
    running: int


@dataclass(frozen=True)
class WatchedRow:
    due: Due
    agency: str
    code: str
    href: str  # empty where it is not this person's to open
    subject: str
    clock: str
    holder: str


@dataclass(frozen=True)
class Oversight:
    title: str
    summary: str
    at: str
    headings: list[tuple[str, str]]  # of KINDS: short, long
    agencies: list[AgencyRow]
    totals: AgencyRow
    rows: list[WatchedRow]
    page: PageView
    groups: list[Group]
    is_narrowed: bool


def reach(work: Work, actor: Actor) -> list[Agency]:
    """The agencies that a person may oversee."""
    return [a for a in work.agencies.all() if allows(actor, Action.OVERSEE, agency_id=a.id)]


def build(
    work: Work, actor: Actor, agencies: Sequence[Agency], wanted: Wanted, number: int
) -> Oversight:
    ids = frozenset(agency.id for agency in agencies)
    now = work.now()
    counts = work.clocks.counts(Wanted().filter(ids), now)
    found = work.clocks.watched(wanted.filter(ids), number, PAGE_SIZE, now)
    rows = _agency_rows(counts, agencies, wanted)
    totals = _row("Cộng", "", counts)
    return Oversight(
        title=LEVELS[wanted.level][0] if wanted.level else "Quá hạn và sắp đến hạn",
        summary=f"{totals.late} quá hạn, {totals.soon} sắp đến hạn trong {totals.running} thời hạn đang chạy",
        at=formats.moment(now),
        headings=[(kind.value, CLOCK_RULES[kind].name_vi) for kind in KINDS],
        agencies=rows,
        totals=totals,
        rows=_watched(work, actor, found.items),
        page=page_view(found, PATH, wanted.parameters()),
        groups=_groups(counts, wanted),
        is_narrowed=wanted != Wanted(),
    )


def _agency_rows(
    counts: Sequence[ClockCount], agencies: Sequence[Agency], wanted: Wanted
) -> list[AgencyRow]:
    """Agencies with something running, those with the most late ones first."""
    rows = [
        _row(
            agency.name,
            address(
                PATH,
                wanted.parameters(),
                agency="" if agency.id == wanted.agency_id else agency.id,
            ),
            [count for count in counts if count.agency_id == agency.id],
        )
        for agency in agencies
    ]
    busy = [row for row in rows if row.running]
    return sorted(busy, key=lambda row: (-row.late, -row.soon, row.name))


def _row(name: str, href: str, counts: Sequence[ClockCount]) -> AgencyRow:
    cells = [
        (
            sum(count.late for count in counts if count.kind is kind),
            sum(count.soon for count in counts if count.kind is kind),
        )
        for kind in KINDS
    ]
    return AgencyRow(
        name=name,
        href=href,
        cells=cells,
        late=sum(late for late, _soon in cells),
        soon=sum(soon for _late, soon in cells),
        running=sum(count.running for count in counts),
    )


def _groups(counts: Sequence[ClockCount], wanted: Wanted) -> list[Group]:
    """The rail; what is chosen already is chosen off by the same link."""
    numbers = {
        LATE: sum(count.late for count in counts),
        SOON: sum(count.soon for count in counts),
    }
    parameters = wanted.parameters()
    levels = [
        Item(
            label,
            address(PATH, parameters, level="" if level == wanted.level else level),
            numbers[level],
            level == wanted.level,
            mark,
        )
        for level, (label, mark) in LEVELS.items()
    ]
    kinds = [
        Item(
            CLOCK_RULES[kind].name_vi,
            address(PATH, parameters, kind="" if kind is wanted.kind else kind.value),
            sum(count.late + count.soon for count in counts if count.kind is kind),
            kind is wanted.kind,
        )
        for kind in KINDS
    ]
    return [Group("Tình trạng", levels), Group("Thời hạn", kinds)]


def _watched(work: Work, actor: Actor, clocks: Sequence[Clock]) -> list[WatchedRow]:
    calendars = Calendars.of(work)
    return [_watched_row(work, actor, clock, calendars) for clock in clocks]


def _watched_row(work: Work, actor: Actor, clock: Clock, calendars: Calendars) -> WatchedRow:
    subject = notices.subject_of(work, clock.subject_kind, clock.subject_id)
    return WatchedRow(
        due=clock_due(clock, work.now(), calendars.at(clock.agency_id)),
        agency=work.agencies.get(clock.agency_id).short_name,
        code=subject.code,
        href=_href(work, actor, clock, subject.href),
        subject=subject.name,
        clock=clock.rule.name_vi,
        holder=_holder(work, clock),
    )


def _href(work: Work, actor: Actor, clock: Clock, own_page: str) -> str:
    """The subject's page where the person may open it, else its instance's, else none."""
    kind = SubjectKind(clock.subject_kind)
    if kind is SubjectKind.CASE:
        agency_id = work.cases.get(clock.subject_id).agency_id
    else:
        agency_id = work.registrations.get(clock.subject_id).agency_id
    if allows(actor, SUBJECTS[kind], agency_id=agency_id):
        return own_page
    found = work.instances.of_subject(kind, clock.subject_id)
    return f"{INSTANCES}/{found[-1].id}" if found and allows(actor, Action.VIEW_INSTANCES) else ""


def _holder(work: Work, clock: Clock) -> str:
    """Who has it now: whoever works on an open task of the subject, else those who may take it."""
    holders = [
        f"{subjects.task_people(task)} ({task.name})"
        for instance in work.instances.of_subject(clock.subject_kind, clock.subject_id)
        for task in work.user_tasks.of_instance(instance.id)
        if task.state is TaskState.OPEN
    ]
    return "; ".join(holders) or NOBODY
