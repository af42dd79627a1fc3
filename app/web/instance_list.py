"""Instances as a list shows them: counts by state, filters, what went wrong in the row."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from werkzeug.datastructures import MultiDict

from app.domain.instances import Incident, IncidentState, InstanceState, ProcessInstance
from app.usecases.ports import InstanceFilter, Work
from app.web import formats
from app.web.admin_rail import INSTANCES
from app.web.case_page import Status
from app.web.task_list import Group, Item
from app.web.views import PAGE_SIZE, PageView, address, page_view

MOST_CHARACTERS = 100
MOST_HOURS = 24 * 365
STILL_HOURS = 72  # of the link in the rail: nothing has happened for three days

STATES = {
    InstanceState.ACTIVE: Status("Đang chạy", ""),
    InstanceState.SUSPENDED: Status("Tạm dừng", "warn"),
    InstanceState.COMPLETED: Status("Đã xong", "ok"),
    InstanceState.CANCELLED: Status("Đã hủy", "plain"),
}


@dataclass(frozen=True)
class InstanceRow:
    code: str
    href: str
    process: str
    version: int
    agency: str
    status: Status
    started: str
    moved: str
    message: str  # of its oldest open incident
    incidents: int


@dataclass(frozen=True)
class InstanceList:
    title: str
    rows: list[InstanceRow]
    page: PageView
    groups: list[Group]
    search: str
    still: str
    hidden: list[tuple[str, str]]  # the other filters, to be sent along with the form
    is_narrowed: bool


@dataclass(frozen=True)
class Wanted:
    """What the query string asks for."""

    state: InstanceState | None
    process: str | None
    with_incidents: bool
    still_hours: int | None
    search: str

    @classmethod
    def of(cls, args: MultiDict[str, str]) -> "Wanted":
        state, hours = args.get("state", ""), args.get("still", "")
        return cls(
            state=InstanceState(state) if state in set(InstanceState) else None,
            process=args.get("process", "")[:MOST_CHARACTERS] or None,
            with_incidents=args.get("incidents") == "1",
            still_hours=min(int(hours), MOST_HOURS)
            if hours.isascii() and hours.isdecimal() and len(hours) < 7 and int(hours)
            else None,
            search=args.get("q", "").strip()[:MOST_CHARACTERS],
        )

    @property
    def is_narrowed(self) -> bool:
        return self != Wanted(None, None, with_incidents=False, still_hours=None, search="")

    def filter(self, work: Work) -> InstanceFilter:
        hours = self.still_hours
        return InstanceFilter(
            state=self.state,
            definition_key=self.process,
            search=self.search,
            with_incidents=self.with_incidents,
            still_since=work.now() - timedelta(hours=hours) if hours else None,
        )

    def parameters(self) -> dict[str, str | int | None]:
        return {
            "state": self.state.value if self.state else None,
            "process": self.process,
            "incidents": "1" if self.with_incidents else None,
            "still": self.still_hours,
            "q": self.search,
        }


def build(work: Work, wanted: Wanted, number: int) -> InstanceList:
    found = work.instances.page(wanted.filter(work), number, PAGE_SIZE)
    parameters = wanted.parameters()
    return InstanceList(
        title=_title(work, wanted),
        rows=[_row(work, instance) for instance in found.items],
        page=page_view(found, INSTANCES, parameters),
        groups=_groups(work, wanted, parameters),
        search=wanted.search,
        still=str(wanted.still_hours or ""),
        hidden=[
            (name, str(value))
            for name, value in parameters.items()
            if value not in (None, "") and name != "still"
        ],
        is_narrowed=wanted.is_narrowed,
    )


def _title(work: Work, wanted: Wanted) -> str:
    if wanted.search:
        return f"Tìm “{wanted.search}”"
    if wanted.with_incidents:
        return "Quy trình có sự cố"
    if wanted.still_hours:
        return f"Không tiến triển trong {wanted.still_hours} giờ"
    definition = work.definitions.latest(wanted.process) if wanted.process else None
    if definition:
        return definition.name
    return STATES[wanted.state].text if wanted.state else "Mọi quy trình"


def _groups(work: Work, wanted: Wanted, parameters: Mapping[str, str | int | None]) -> list[Group]:
    """The rail's filters; what is chosen already is chosen off by the same link."""
    counts = work.instances.count_by_state()
    states = [
        Item(
            status.text,
            address(INSTANCES, parameters, state="" if state is wanted.state else state.value),
            counts.get(state.value, 0),
            state is wanted.state,
        )
        for state, status in STATES.items()
    ]
    return [
        Group("Trạng thái", states),
        Group("Cần chú ý", _troubles(work, wanted, parameters)),
        Group("Quy trình", _processes(work, wanted, parameters)),
    ]


def _troubles(work: Work, wanted: Wanted, parameters: Mapping[str, str | int | None]) -> list[Item]:
    failing = InstanceFilter(with_incidents=True)
    still = replace(
        failing, with_incidents=False, still_since=work.now() - timedelta(hours=STILL_HOURS)
    )
    return [
        Item(
            "Có sự cố",
            address(INSTANCES, parameters, incidents="" if wanted.with_incidents else "1"),
            work.instances.page(failing, 1, 1).total,
            wanted.with_incidents,
            "overdue",
        ),
        Item(
            f"Đứng yên quá {STILL_HOURS // 24} ngày",
            address(INSTANCES, parameters, still="" if wanted.still_hours else STILL_HOURS),
            work.instances.page(still, 1, 1).total,
            wanted.still_hours is not None,
            "paused",
        ),
    ]


def _processes(
    work: Work, wanted: Wanted, parameters: Mapping[str, str | int | None]
) -> list[Item]:
    running = work.instances.count_running()
    items = []
    for key in work.definitions.keys():  # noqa: SIM118 - a query, not a dict
        versions = work.definitions.versions(key)
        items.append(
            Item(
                versions[0].name,
                address(INSTANCES, parameters, process="" if key == wanted.process else key),
                sum(running.get(version.id, (0, 0))[0] for version in versions),
                key == wanted.process,
            )
        )
    return items


def _row(work: Work, instance: ProcessInstance) -> InstanceRow:
    definition = work.definitions.get(instance.definition_id)
    first = open_incidents(work, instance)[:1]
    return InstanceRow(
        code=instance.business_key,
        href=f"{INSTANCES}/{instance.id}",
        process=definition.name,
        version=definition.version,
        agency=work.agencies.get(instance.agency_id).short_name,
        status=STATES[instance.state],
        started=formats.short_moment(instance.started_at),
        moved=formats.short_moment(instance.moved_at),
        message=first[0].message if first else "",
        incidents=instance.open_incidents,
    )


def open_incidents(work: Work, instance: ProcessInstance) -> list[Incident]:
    """Oldest first; no query where the instance counts none."""
    if not instance.open_incidents:
        return []
    found = work.incidents.of_instance(instance.id)
    return [incident for incident in found if incident.state is IncidentState.OPEN]
