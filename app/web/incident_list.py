"""Incidents as lists show them, and the truth about those that were tried again."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.instances import Incident, IncidentState, InstanceState
from app.domain.waiting import JobState
from app.usecases import incidents
from app.usecases.ports import Work
from app.web import formats
from app.web.admin_rail import INCIDENTS, INSTANCES
from app.web.cockpit import element_names
from app.web.instance_list import STATES
from app.web.views import PAGE_SIZE, PageView, address, page_view

GROUPS = 12  # of the most frequent failures


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
    search: str
    is_narrowed: bool


@dataclass(frozen=True)
class Wanted:
    state: IncidentState
    search: str
    group: tuple[str, str] | None

    def parameters(self) -> dict[str, str | int | None]:
        message, element = self.group or (None, None)
        return {
            "state": self.state.value if self.state is IncidentState.RESOLVED else None,
            "q": self.search,
            "message": message,
            "element": element,
        }


def build(work: Work, wanted: Wanted, number: int) -> IncidentList:
    found = work.incidents.page(
        wanted.state, number, PAGE_SIZE, search=wanted.search, group=wanted.group
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
        search=wanted.search,
        is_narrowed=bool(wanted.search or wanted.group),
    )


def _group(wanted: Wanted, message: str, element: str, count: int) -> IncidentGroup:
    current = wanted.group == (message, element)
    chosen = {} if current else {"message": message, "element": element}
    return IncidentGroup(message, element, count, address(INCIDENTS, chosen), current)


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
    refused = {outcome.incident_id: outcome.message for outcome in outcomes if not outcome.ok}
    found = [incident for key in ids if (incident := work.incidents.find(key)) is not None]
    return [_truth(work, incident, refused.get(incident.id, "")) for incident in found]


def _truth(work: Work, incident: Incident, refusal: str) -> Truth:
    shown = row(work, incident)
    if refusal:
        return Truth(shown, "bad", "Chưa chạy lại", refusal)
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
