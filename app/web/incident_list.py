"""Incidents as lists show them, and the truth about those that were tried again."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from werkzeug.datastructures import MultiDict

from app.domain.instances import Incident, IncidentState, InstanceState
from app.domain.waiting import JobState
from app.usecases import incidents
from app.usecases.ports import IncidentCount, IncidentFilter, Work
from app.web import formats
from app.web.admin_rail import INCIDENTS, INSTANCES
from app.web.cockpit import element_names
from app.web.instance_list import STATES
from app.web.task_list import Group, Item
from app.web.views import PAGE_SIZE, PageView, address, page_view

GROUPS = 12  # of the most frequent failures
MOST_CHARACTERS = 100
LONGEST_MESSAGE = 2_000
AGES = (1, 7, 30)  # days
CALLS = "call"
KINDS = {CALLS: "Gọi hệ thống ngoài", "rule": "Biểu thức, quy tắc"}


@dataclass(frozen=True)
class IncidentGroup:
    message: str
    element: str
    count: int
    href: str
    current: bool


@dataclass(frozen=True)
class IncidentRow:
    id: str
    code: str
    href: str
    message: str
    where: str  # step and process
    at: str
    attempts: str
    resolution: str


@dataclass(frozen=True)
class IncidentList:
    rows: list[IncidentRow]
    page: PageView
    groups: list[IncidentGroup]
    other_groups: int
    tabs: list[tuple[str, str, bool, int | None]]
    is_open: bool
    filters: list[Group]  # of the rail
    reset_url: str
    search: str
    is_narrowed: bool


@dataclass(frozen=True)
class Wanted:
    """What the query string asks for. With a message, `element` is that of its group."""

    state: IncidentState
    search: str
    message: str | None
    element: str | None
    kind: str | None
    process: str | None
    agency: str | None
    days: int | None

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> "Wanted":
        resolved = args.get("state") == IncidentState.RESOLVED
        days = args.get("days", "")
        message = args.get("message")
        return cls(
            state=IncidentState.RESOLVED if resolved else IncidentState.OPEN,
            search=args.get("q", "").strip()[:MOST_CHARACTERS],
            message=message[:LONGEST_MESSAGE] if message is not None else None,
            element=args.get("element", "")[:MOST_CHARACTERS] or None,
            kind=args.get("kind") if args.get("kind") in KINDS else None,
            process=args.get("process", "")[:MOST_CHARACTERS] or None,
            agency=args.get("agency", "")[:MOST_CHARACTERS] or None,
            days=int(days) if days in {str(one) for one in AGES} else None,
        )

    @property
    def group(self) -> tuple[str, str] | None:
        return (self.message, self.element) if self.message is not None and self.element else None

    @property
    def is_narrowed(self) -> bool:
        return any(value for name, value in self.parameters().items() if name != "state")

    def narrow(self, work: Work) -> IncidentFilter:
        return IncidentFilter(
            calls=self.kind == CALLS if self.kind else None,
            definition_key=self.process,
            agency_id=self.agency,
            element=self.element,
            before=work.now() - timedelta(days=self.days) if self.days else None,
        )

    def parameters(self) -> dict[str, str | int | None]:
        return {
            "state": self.state.value if self.state is IncidentState.RESOLVED else None,
            "q": self.search,
            "message": self.message,
            "element": self.element,
            "kind": self.kind,
            "process": self.process,
            "agency": self.agency,
            "days": self.days,
        }


def build(work: Work, wanted: Wanted, number: int) -> IncidentList:
    found = work.incidents.page(
        wanted.state,
        number,
        PAGE_SIZE,
        search=wanted.search,
        group=wanted.group,
        narrow=wanted.narrow(work),
    )
    grouped = work.incidents.grouped()
    is_open = wanted.state is IncidentState.OPEN
    return IncidentList(
        rows=[row(work, incident) for incident in found.items],
        page=page_view(found, INCIDENTS, wanted.parameters()),
        groups=[_group(wanted, *group) for group in grouped[:GROUPS]] if is_open else [],
        other_groups=max(0, len(grouped) - GROUPS),
        tabs=[
            ("Đang mở", INCIDENTS, is_open, sum(count for _m, _e, count in grouped)),
            ("Đã xử lý", address(INCIDENTS, {"state": "resolved"}), not is_open, None),
        ],
        is_open=is_open,
        filters=_filters(work, wanted),
        reset_url=address(INCIDENTS, {"state": wanted.parameters()["state"]}),
        search=wanted.search,
        is_narrowed=wanted.is_narrowed,
    )


def _group(wanted: Wanted, message: str, element: str, count: int) -> IncidentGroup:
    current = wanted.group == (message, element)
    chosen = {"message": "", "element": ""} if current else {"message": message, "element": element}
    href = address(INCIDENTS, wanted.parameters(), **chosen)
    return IncidentGroup(message, element, count, href, current)


# --- the filters in the rail ----------------------------------------------------------------


def _filters(work: Work, wanted: Wanted) -> list[Group]:
    """Each link adds its filter to the others; what is chosen already is taken off by it."""
    counts = work.incidents.counts()
    if not counts and not wanted.is_narrowed:
        return []
    groups = [
        Group("Loại sự cố", _kinds(wanted, counts)),
        Group("Đã mở từ", _ages(work, wanted)),
        Group("Quy trình", _processes(work, wanted, counts)),
        Group("Cơ quan", _agencies(work, wanted, counts)),
    ]
    return [group for group in groups if group.items]


def _item(wanted: Wanted, label: str, name: str, value: str, count: int) -> Item:
    parameters = wanted.parameters()
    current = str(parameters[name] or "") == value
    href = address(INCIDENTS, parameters, **{name: "" if current else value})
    return Item(label, href, count, current)


def _kinds(wanted: Wanted, counts: Sequence[IncidentCount]) -> list[Item]:
    totals = {CALLS: sum(one.count for one in counts if one.calls)}
    totals["rule"] = sum(one.count for one in counts) - totals[CALLS]
    return [_item(wanted, label, "kind", kind, totals[kind]) for kind, label in KINDS.items()]


def _ages(work: Work, wanted: Wanted) -> list[Item]:
    items = []
    for days in AGES:
        narrow = IncidentFilter(before=work.now() - timedelta(days=days))
        total = work.incidents.page(IncidentState.OPEN, 1, 1, narrow=narrow).total
        items.append(_item(wanted, f"Hơn {days} ngày", "days", str(days), total))
    return items


def _processes(work: Work, wanted: Wanted, counts: Sequence[IncidentCount]) -> list[Item]:
    totals = Counter({wanted.process: 0} if wanted.process else {})
    for one in counts:
        totals[one.definition_key] += one.count
    names = {key: found.name for key in totals if (found := work.definitions.latest(key))}
    return _items(wanted, "process", totals, names)


def _agencies(work: Work, wanted: Wanted, counts: Sequence[IncidentCount]) -> list[Item]:
    totals = Counter({wanted.agency: 0} if wanted.agency else {})
    for one in counts:
        totals[one.agency_id] += one.count
    names = {key: found.short_name for key in totals if (found := work.agencies.find(key))}
    return _items(wanted, "agency", totals, names)


def _items(
    wanted: Wanted, name: str, totals: Mapping[str, int], names: Mapping[str, str]
) -> list[Item]:
    return [_item(wanted, names[key], name, key, totals[key]) for key in sorted(names)]


def row(work: Work, incident: Incident) -> IncidentRow:
    instance = work.instances.get(incident.instance_id)
    definition = work.definitions.get(instance.definition_id)
    step = element_names(work, definition.id).get(incident.element, incident.element)
    job = work.jobs.find(incident.job_id) if incident.job_id else None
    by = work.users.find(incident.resolved_by) if incident.resolved_by else None
    return IncidentRow(
        id=incident.id,
        code=instance.business_key,
        href=f"{INSTANCES}/{instance.id}",
        message=incident.message,
        where=f"{step} · {definition.name}",
        at=formats.short_moment(incident.created_at),
        attempts=f"{job.attempts}/{job.max_attempts}" if job else "",
        resolution=", ".join(
            part
            for part in (
                incident.resolution,
                by.full_name if by else "",
                formats.short_moment(incident.resolved_at),
            )
            if part
        ),
    )


# --- what became of those that were tried again ---------------------------------------------


@dataclass(frozen=True)
class Truth:
    """How the place of an incident stands now, whatever was sent."""

    row: IncidentRow
    kind: str  # of its tag: ok, warn, bad
    label: str
    text: str


def truths(
    work: Work, ids: Sequence[str], outcomes: Sequence[incidents.Outcome] = ()
) -> list[Truth]:
    refused = {outcome.incident_id: outcome for outcome in outcomes if outcome.result in REFUSALS}
    found = [incident for key in ids if (incident := work.incidents.find(key)) is not None]
    return [_truth(work, incident, refused.get(incident.id)) for incident in found]


REFUSALS = {
    incidents.Result.REFUSED: ("bad", "Chưa chạy lại"),
    incidents.Result.GONE: ("warn", "Không còn mở"),
}


def _truth(work: Work, incident: Incident, refusal: incidents.Outcome | None) -> Truth:
    shown = row(work, incident)
    if refusal is not None:
        kind, label = REFUSALS[refusal.result]
        return Truth(shown, kind, label, refusal.message)
    again = work.incidents.open_at(incident.instance_id, incident.token)
    if again is incident:
        return Truth(shown, "bad", "Vẫn mở", "Chưa được chạy lại.")
    if again is not None:
        return Truth(shown, "bad", "Lại gặp sự cố", again.message)
    job = work.jobs.find(incident.job_id) if incident.job_id else None
    if job is not None and job.state is JobState.PENDING:
        when = f"lần {job.attempts}/{job.max_attempts}"
        text = f"Đang chờ hệ thống ngoài trả lời ({when})."
        return Truth(shown, "warn", "Đang chạy", text)
    instance = work.instances.get(incident.instance_id)
    if instance.state is not InstanceState.ACTIVE:
        return Truth(shown, "ok", "Đã qua", f"Quy trình: {STATES[instance.state].text.lower()}.")
    names = element_names(work, instance.definition_id)
    program = work.programs.get(instance.definition_id)
    standing = dict.fromkeys(program.active_elements(instance.snapshot))
    where = ", ".join(names.get(element, element) for element in standing)
    return Truth(shown, "ok", "Đã qua", f"Đang ở: {where}." if where else "Đã chạy tiếp.")
