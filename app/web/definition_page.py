"""Process definitions: every version with what runs on it, and one version with its drawing."""

from dataclasses import dataclass

from markupsafe import Markup

from app.domain.definitions import DefinitionState, Deployment, ProcessDefinition
from app.domain.engine import DrawingStates
from app.domain.permissions import Actor
from app.usecases.ports import ElementLoad, InstanceFilter, Work
from app.web import drawings, formats, subjects
from app.web.admin_rail import DEFINITIONS, INSTANCES, refusal
from app.web.case_page import Status
from app.web.cockpit import (
    IncidentView,
    View,
    anchor,
    element_names,
    incident_view,
    views,
)
from app.web.instance_list import open_incidents
from app.web.views import address

HOUSE = "house"
SHOWN_INCIDENTS = 5

STATES = {
    DefinitionState.ACTIVE: Status("Nhận hồ sơ mới", "ok"),
    DefinitionState.SUSPENDED: Status("Tạm dừng nhận", "warn"),
}


@dataclass(frozen=True)
class VersionRow:
    version: int
    href: str
    name: str
    tag: str
    running: int
    called: int  # processes that others have called
    with_incidents: int
    deployed: str
    source: str
    source_href: str
    status: Status
    is_latest: bool


@dataclass(frozen=True)
class Process:
    """One process with its versions, newest first."""

    key: str
    name: str
    running: int
    versions: list[VersionRow]


@dataclass(frozen=True)
class LoadRow:
    """How many instances stand at a step, and the longest of them since when."""

    anchor: str
    step: str
    waiting: int
    incidents: int
    since: str


@dataclass(frozen=True)
class EventRow:
    """The version was suspended or activated: what it did from then on, by whom and why."""

    what: str
    at: str
    who: str
    reason: str


@dataclass(frozen=True)
class DefinitionPage:
    id: str
    key: str
    row: VersionRow
    facts: subjects.Facts
    diagram: Markup
    fits: bool
    views: list[View]
    loads: list[LoadRow]
    incidents: list[tuple[str, str, IncidentView]]  # code, its page, the incident
    incidents_href: str
    others: list[VersionRow]
    files: list[tuple[str, str]]  # name, the beginning of its checksum
    instances_href: str
    is_suspended: bool
    refusal: str
    events: list[EventRow]


def processes(work: Work) -> list[Process]:
    running = _counts(work)
    found = []
    for key in work.definitions.keys():  # noqa: SIM118 - a query, not a dict
        rows = _rows(work, key, running)
        found.append(Process(key, rows[0].name, sum(row.running for row in rows), rows))
    return found


Counts = tuple[int, int, int]  # instances, those with incidents, called processes


def _counts(work: Work) -> dict[str, Counts]:
    """What runs by each definition, of those by which anything does."""
    own, called = work.instances.count_running(), work.instances.called_by_definition()
    return {one: (*own.get(one, (0, 0)), called.get(one, 0)) for one in own.keys() | called.keys()}


def _rows(work: Work, key: str, running: dict[str, Counts]) -> list[VersionRow]:
    versions = work.definitions.versions(key)
    latest = versions[0].version
    return [_row(work, version, running.get(version.id, (0, 0, 0)), latest) for version in versions]


def _row(work: Work, definition: ProcessDefinition, running: Counts, latest: int) -> VersionRow:
    source, href = _source(work, work.definitions.deployment(definition.deployment_id))
    return VersionRow(
        version=definition.version,
        href=f"{DEFINITIONS}/{definition.id}",
        name=definition.name,
        tag=definition.version_tag or "",
        running=running[0],
        with_incidents=running[1],
        called=running[2],
        deployed=formats.moment(definition.deployed_at),
        source=source,
        source_href=href,
        status=STATES[definition.state],
        is_latest=definition.version == latest,
    )


def _source(work: Work, deployment: Deployment) -> tuple[str, str]:
    """Where a deployment came from: the house itself, or the registration that was appraised."""
    registration = work.registrations.find(deployment.source)
    if registration is None:
        name = "Quy trình của hệ thống" if deployment.source == HOUSE else deployment.source
        return name, ""
    return f"Hồ sơ đăng ký {registration.code}", f"/registrations/{registration.id}"


def build(
    work: Work, actor: Actor, definition: ProcessDefinition, *, fits: bool = True
) -> DefinitionPage:
    rows = _rows(work, definition.key, _counts(work))
    mine = next(row for row in rows if row.version == definition.version)
    loads = work.definitions.loads(definition.id)
    names = element_names(work, definition.id)
    deployment = work.definitions.deployment(definition.deployment_id)
    return DefinitionPage(
        id=definition.id,
        key=definition.key,
        row=mine,
        facts=_facts(work, definition, deployment),
        diagram=_diagram(work, definition, loads),
        fits=fits,
        views=views(mine.href, {}, fits=fits),
        loads=[
            LoadRow(
                anchor(load.element),
                names.get(load.element, load.element),
                load.waiting,
                load.incidents,
                formats.short_moment(load.since),
            )
            for load in loads
        ],
        incidents=_incidents(work, definition, names),
        incidents_href=address(INSTANCES, {"process": definition.key, "incidents": "1"}),
        others=rows,
        files=sorted(
            (name, checksum[:12])
            for name, checksum in work.files.get_set(deployment.fileset_checksum).files.items()
        ),
        instances_href=address(INSTANCES, {"process": definition.key, "state": "active"}),
        is_suspended=definition.state is DefinitionState.SUSPENDED,
        refusal=refusal(actor),
        events=[
            EventRow(
                STATES[event.state].text, formats.moment(event.at), event.actor_name, event.reason
            )
            for event in work.definitions.events(definition.id)
        ],
    )


def _facts(work: Work, definition: ProcessDefinition, deployment: Deployment) -> subjects.Facts:
    deployer = work.users.find(deployment.deployed_by)
    rows = [
        ("Mã quy trình", definition.key),
        ("Nhãn phiên bản", definition.version_tag or ""),
        ("Triển khai lúc", formats.moment(definition.deployed_at)),
        ("Người triển khai", deployer.full_name if deployer else "Hệ thống"),
        ("Lần triển khai", str(deployment.seq)),
        ("Tệp sơ đồ", definition.resource),
        ("Biểu mẫu bắt đầu", definition.start_form_key or ""),
        ("Mã kiểm tra bộ tệp", deployment.fileset_checksum[:16]),
    ]
    return [(term, value) for term, value in rows if value]


def _diagram(work: Work, definition: ProcessDefinition, loads: list[ElementLoad]) -> Markup:
    """The drawing with the number of instances at each step; what has incidents is marked."""
    states = DrawingStates(
        active=frozenset(load.element for load in loads if load.waiting and not load.incidents),
        incident=frozenset(load.element for load in loads if load.incidents),
        badges={load.element: load.waiting + load.incidents for load in loads},
        links={load.element: f"#{anchor(load.element)}" for load in loads},
    )
    return drawings.of_definition(work, definition, states)


def _incidents(
    work: Work, definition: ProcessDefinition, names: dict[str, str]
) -> list[tuple[str, str, IncidentView]]:
    troubled = InstanceFilter(definition_id=definition.id, with_incidents=True)
    return [
        (
            instance.business_key,
            f"{INSTANCES}/{instance.id}",
            incident_view(work, incident, names),
        )
        for instance in work.instances.page(troubled, 1, SHOWN_INCIDENTS).items
        for incident in open_incidents(work, instance)
    ][:SHOWN_INCIDENTS]
