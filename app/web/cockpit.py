"""One instance as those see it who run the house: where it stands, what it waits for, what it knows."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from app.domain.definitions import ProcessDefinition
from app.domain.engine import ElementView, SubscriptionKind
from app.domain.instances import Incident, InstanceState, ProcessInstance
from app.domain.permissions import Actor
from app.domain.user_tasks import TaskState
from app.domain.waiting import Job, JobState, TimerState
from app.usecases import timelines
from app.usecases.ports import Work
from app.web import ad_hoc_page, drawings, formats, history_rows, subjects, variables
from app.web.ad_hoc_page import OfferView
from app.web.admin_rail import DEFINITIONS, INSTANCES, refusal
from app.web.case_page import Status
from app.web.history_rows import Piece
from app.web.instance_list import STATES, open_incidents
from app.web.task_list import due_of
from app.web.views import Calendars, ClockView, Due, address, clock_views

TABS = {
    "waiting": "Đang chờ",
    "variables": "Dữ liệu",
    "clocks": "Thời hạn",
    "history": "Nhật ký",
}
FIT = "fit"  # of the query string: the whole drawing in the frame
DONE_JOBS = 20  # of the jobs that are over, the newest
ENDED = frozenset({InstanceState.COMPLETED, InstanceState.CANCELLED})

JOB_STATES = {
    JobState.PENDING: Status("Đang chờ", "warn"),
    JobState.DONE: Status("Đã xong", "ok"),
    JobState.FAILED: Status("Lỗi", "bad"),
    JobState.CANCELLED: Status("Đã hủy", "plain"),
}
SUBSCRIPTION_KINDS = {
    SubscriptionKind.MESSAGE: "thông điệp",
    SubscriptionKind.SIGNAL: "tín hiệu",
}


View = tuple[str, str, bool]  # of a drawing: its name, its address, whether it is shown


@dataclass(frozen=True)
class IncidentView:
    id: str
    anchor: str
    step: str
    message: str
    detail: str  # attempts and when


@dataclass(frozen=True)
class Step:
    """A row of the list beside the drawing; the drawing links to its anchor."""

    anchor: str
    row: subjects.StepRow


@dataclass(frozen=True)
class TaskRow:
    step: str
    people: str
    since: str
    due: Due | None


@dataclass(frozen=True)
class JobRow:
    step: str
    topic: str
    status: Status
    attempts: str
    next_run: str
    error: str


@dataclass(frozen=True)
class Awaited:
    """A timer or a subscription: what is waited for, where, until or since when."""

    step: str
    what: str
    at: str


@dataclass(frozen=True)
class Shown:
    """Which piece of the history: below the entry `before`, of one kind alone."""

    before: int | None = None
    kind: str = ""


@dataclass(frozen=True)
class Panel:
    """What the open tab shows; the others are not read."""

    tasks: list[TaskRow] = field(default_factory=list)
    jobs: list[JobRow] = field(default_factory=list)
    timers: list[Awaited] = field(default_factory=list)
    subscriptions: list[Awaited] = field(default_factory=list)
    scopes: list[variables.Scope] = field(default_factory=list)
    clocks: list[ClockView] = field(default_factory=list)
    history: Piece | None = None


@dataclass(frozen=True)
class Reasons:
    """Why a button cannot be pressed; empty where it can."""

    cancel: str
    suspend: str
    resume: str
    retry: str


@dataclass(frozen=True)
class Cockpit:
    id: str
    href: str
    code: str
    process: str
    version: int
    definition_href: str
    status: Status
    is_suspended: bool
    summary: str
    facts: subjects.Facts
    diagram: Markup
    fits: bool
    views: list[View]
    incidents: list[IncidentView]
    steps: list[Step]
    tabs: list[tuple[str, str, bool, int | None]]
    tab: str
    panel: Panel
    reasons: Reasons
    offers: list[OfferView]


def build(
    work: Work,
    actor: Actor,
    instance: ProcessInstance,
    tab: str,
    shown: Shown = Shown(),
    *,
    fits: bool = False,
) -> Cockpit:
    definition = work.definitions.get(instance.definition_id)
    tab = tab if tab in TABS else "waiting"
    href = f"{INSTANCES}/{instance.id}"
    kept = {"view": FIT} if fits else {}
    names = element_names(work, instance.definition_id)
    return Cockpit(
        id=instance.id,
        href=href,
        code=instance.business_key,
        process=definition.name,
        version=definition.version,
        definition_href=f"{DEFINITIONS}/{definition.id}",
        status=STATES[instance.state],
        is_suspended=instance.state is InstanceState.SUSPENDED,
        summary=_summary(work, instance),
        facts=_facts(work, instance),
        diagram=_diagram(work, instance, definition),
        fits=fits,
        views=views(href, {"tab": tab}, fits=fits),
        incidents=[incident_view(work, i, names) for i in open_incidents(work, instance)],
        steps=_steps(work, instance),
        tabs=[
            (label, address(href, {"tab": name, **kept}) + "#chi-tiet", name == tab, None)
            for name, label in TABS.items()
        ],
        tab=tab,
        panel=PANELS[tab](work, instance, names, shown),
        reasons=_reasons(actor, instance),
        offers=ad_hoc_page.of_instance(work, actor, instance),
    )


def element_names(work: Work, definition_id: str) -> dict[str, str]:
    return {view.id: view.name or view.id for view in work.programs.get(definition_id).elements()}


def views(href: str, parameters: Mapping[str, str], *, fits: bool) -> list[View]:
    """The two sizes of a drawing: large enough to read, or the whole in the frame."""
    return [
        ("Dễ đọc", address(href, parameters), not fits),
        ("Vừa khung", address(href, {**parameters, "view": FIT}), fits),
    ]


def anchor(element: str) -> str:
    return f"buoc-{element}"


def _summary(work: Work, instance: ProcessInstance) -> str:
    agency = work.agencies.get(instance.agency_id).short_name
    return f"{agency} · bắt đầu {formats.moment(instance.started_at)}"


def _facts(work: Work, instance: ProcessInstance) -> subjects.Facts:
    subject = work.house.describe(work, instance)
    starter = work.users.find(instance.started_by)
    rows = [
        ("Về việc", subject.name),
        ("Người nộp", subject.person),
        ("Cơ quan", work.agencies.get(instance.agency_id).name),
        ("Người khởi tạo", starter.full_name if starter else "Hệ thống"),
        ("Bước gần nhất", formats.moment(instance.moved_at)),
        ("Kết thúc lúc", formats.moment(instance.ended_at)),
        ("Lý do", instance.end_reason),
        ("Số lần ghi", str(instance.version)),
    ]
    return [(term, value) for term, value in rows if value]


def _diagram(work: Work, instance: ProcessInstance, definition: ProcessDefinition) -> Markup:
    """The whole drawing; each step leads to its row in the list, several tokens show their number."""
    program = work.programs.get(definition.id)
    standing = Counter(program.active_elements(instance.snapshot))
    states = replace(
        timelines.drawing_states(work, instance),
        badges={element: count for element, count in standing.items() if count > 1},
        links={view.id: f"#{anchor(view.id)}" for view in program.elements()},
    )
    return drawings.of_definition(work, definition, states)


def _steps(work: Work, instance: ProcessInstance) -> list[Step]:
    views: list[ElementView] = work.programs.get(instance.definition_id).elements()
    rows = subjects.step_rows(work, instance)
    return [Step(anchor(view.id), row) for view, row in zip(views, rows, strict=True)]


def incident_view(work: Work, incident: Incident, names: Mapping[str, str]) -> IncidentView:
    job = work.jobs.find(incident.job_id) if incident.job_id else None
    attempts = f"lần {job.attempts}/{job.max_attempts}, " if job else ""
    return IncidentView(
        id=incident.id,
        anchor=anchor(incident.element),
        step=names.get(incident.element, incident.element),
        message=incident.message,
        detail=f"{attempts}{formats.short_moment(incident.created_at)}",
    )


def _reasons(actor: Actor, instance: ProcessInstance) -> Reasons:
    refused = refusal(actor)
    over = refused or ("Quy trình đã kết thúc." if instance.state in ENDED else "")
    still = "Quy trình đang tạm dừng." if instance.state is InstanceState.SUSPENDED else ""
    return Reasons(cancel=over, suspend=over, resume=refused, retry=over or still)


# --- the tabs -----------------------------------------------------------------------------


def _waiting(
    work: Work, instance: ProcessInstance, names: Mapping[str, str], _shown: Shown
) -> Panel:
    calendars = Calendars.of(work)
    tasks = [t for t in work.user_tasks.of_instance(instance.id) if t.state is TaskState.OPEN]
    jobs = work.jobs.of_instance(instance.id)
    live = [job for job in jobs if job.state in {JobState.PENDING, JobState.FAILED}]
    over = [job for job in jobs if job.state not in {JobState.PENDING, JobState.FAILED}]
    return Panel(
        tasks=[
            TaskRow(
                step=task.name,
                people=subjects.task_people(task),
                since=formats.short_moment(task.created_at),
                due=due_of(work, task, work.now(), calendars),
            )
            for task in tasks
        ],
        jobs=[_job(job, names) for job in (*live, *over[-DONE_JOBS:][::-1])],
        timers=[
            Awaited(names.get(timer.element, timer.element), "", formats.moment(timer.due_at))
            for timer in work.timers.of_instance(instance.id)
            if timer.state is TimerState.PENDING
        ],
        subscriptions=[
            Awaited(
                names.get(waiting.element, waiting.element),
                f"{SUBSCRIPTION_KINDS.get(waiting.kind, waiting.kind)} “{waiting.name}”"
                + (f", khóa {variables.masked(waiting.key)}" if waiting.key else ""),
                formats.moment(waiting.created_at),
            )
            for waiting in work.subscriptions.of_instance(instance.id)
            if waiting.open
        ],
    )


def _job(job: Job, names: Mapping[str, str]) -> JobRow:
    return JobRow(
        step=names.get(job.element, job.element),
        topic=job.topic,
        status=JOB_STATES[job.state],
        attempts=f"{job.attempts}/{job.max_attempts}",
        next_run=formats.moment(job.run_at) if job.state is JobState.PENDING else "",
        error=job.last_error,
    )


def _variables(
    _work: Work, instance: ProcessInstance, _names: Mapping[str, str], _shown: Shown
) -> Panel:
    return Panel(scopes=variables.scopes(instance.variables))


def _clocks(
    work: Work, instance: ProcessInstance, _names: Mapping[str, str], _shown: Shown
) -> Panel:
    return Panel(clocks=clock_views(work, instance.subject_kind, instance.subject_id))


def _history(
    work: Work, instance: ProcessInstance, names: Mapping[str, str], shown: Shown
) -> Panel:
    return Panel(history=history_rows.piece(work, instance, names, shown.before, shown.kind))


PANELS: Mapping[str, Callable[[Work, ProcessInstance, Mapping[str, str], Shown], Panel]] = {
    "waiting": _waiting,
    "variables": _variables,
    "clocks": _clocks,
    "history": _history,
}
