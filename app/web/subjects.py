"""What a task or an instance is about, told beside it: facts, papers, clocks, drawing, timeline."""

from dataclasses import dataclass, field

from markupsafe import Markup

from app.domain.cases import STATUS_LABELS, Case, Channel
from app.domain.engine import DrawingStates
from app.domain.instances import ProcessInstance, SubjectKind
from app.domain.people import ROLE_LABELS, Role
from app.domain.procedures import LEVEL_LABELS, REGISTRATION_LABELS, ServiceRegistration
from app.domain.user_tasks import TaskState, UserTask
from app.usecases import registrations, timelines
from app.usecases.ports import Work
from app.web import drawings, formats
from app.web.views import (
    ClockView,
    DocumentView,
    TimelineView,
    clock_views,
    document_views,
    timeline_views,
)

AROUND = 2  # steps drawn on each side of where an instance stands

CHANNEL_LABELS = {
    Channel.DESK: "tại quầy",
    Channel.ONLINE: "trực tuyến",
    Channel.POSTAL: "qua bưu chính",
}

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class SubjectSide:
    """A case or a registration in a few lines; `href` leads to its own page."""

    label: str = ""
    href: str = ""
    facts: Facts = field(default_factory=list)
    documents: list[DocumentView] = field(default_factory=list)


@dataclass(frozen=True)
class Side:
    """What stands in the column beside a task or a case."""

    diagram: Markup
    has_incident: bool
    timeline: list[TimelineView]
    clocks: list[ClockView]
    subject: SubjectSide


@dataclass(frozen=True)
class StepRow:
    """One step of the diagram as the list beside the drawing shows it."""

    name: str
    lane: str
    state: str
    kind: str  # of its tag
    people: str


def side_of(work: Work, instance: ProcessInstance) -> Side:
    return Side(
        diagram=drawings.of_instance(work, instance, around=AROUND),
        has_incident=instance.open_incidents > 0,
        timeline=timeline_views(timelines.timeline(work, instance)),
        clocks=clock_views(work, instance.subject_kind, instance.subject_id),
        subject=subject_side(work, instance),
    )


def subject_side(work: Work, instance: ProcessInstance) -> SubjectSide:
    if instance.subject_id is None:
        return SubjectSide()
    if instance.subject_kind is SubjectKind.CASE:
        return _case_side(work, work.cases.get(instance.subject_id))
    return _registration_side(work, work.registrations.get(instance.subject_id))


def _case_side(work: Work, case: Case) -> SubjectSide:
    papers = work.papers.of_subject(SubjectKind.CASE, case.id)
    return SubjectSide(
        label="Hồ sơ",
        href=f"/cases/{case.code}",
        facts=case_facts(case, len(papers)),
        documents=document_views(papers),
    )


def case_facts(case: Case, paper_count: int) -> Facts:
    rows = [
        ("Chủ hồ sơ", case.owner_name),
        ("Số định danh", case.masked_identity),
        ("Điện thoại", case.owner_phone),
        ("Nộp lúc", f"{formats.moment(case.submitted_at)} ({CHANNEL_LABELS[case.channel]})"),
        ("Trạng thái", STATUS_LABELS[case.status]),
        ("Giấy tờ", f"{paper_count} tệp" if paper_count else "chưa có"),
    ]
    return [(term, value) for term, value in rows if value]


def _registration_side(work: Work, registration: ServiceRegistration) -> SubjectSide:
    papers = work.papers.of_subject(SubjectKind.REGISTRATION, registration.id)
    return SubjectSide(
        label="Hồ sơ đăng ký",
        href=f"/registrations/{registration.id}",
        facts=_registration_facts(work, registration),
        documents=document_views(papers),
    )


def _registration_facts(work: Work, registration: ServiceRegistration) -> Facts:
    rows = [
        ("Dịch vụ", registration.service_name),
        ("Cơ quan", work.agencies.get(registration.agency_id).name),
        ("Mức độ", LEVEL_LABELS[registration.level]),
        ("Trạng thái", REGISTRATION_LABELS[registration.state]),
        (
            "Văn bản đăng ký",
            _document(registration.document_number, formats.day(registration.document_date)),
        ),
        (
            "Phê duyệt quy trình",
            _document(
                registration.process_approval_number,
                formats.day(registration.process_approval_date),
            ),
        ),
        ("Bộ tệp", f"{len(registration.files)} tệp, lần trình {max(registration.round, 1)}"),
        ("Kiểm tra tự động", _lint_text(registration)),
        ("Chạy thử", _rehearsal_text(registration)),
    ]
    return [(term, value) for term, value in rows if value]


def _document(number: str, day: str) -> str:
    return f"{number} ngày {day}" if number and day else number


def _lint_text(registration: ServiceRegistration) -> str:
    if registration.fileset_checksum is None:
        return ""
    wrong, warnings = registrations.report_counts(registration.lint_report)
    return f"{wrong} lỗi, {warnings} cảnh báo" if wrong or warnings else "không có lỗi"


def _rehearsal_text(registration: ServiceRegistration) -> str:
    if registration.rehearsal is None:
        return ""
    runs = registration.rehearsal["runs"]
    failed = sum(1 for run in runs if not run["ok"])
    return f"{failed}/{len(runs)} kịch bản không đạt" if failed else f"{len(runs)} kịch bản đều đạt"


# --- the list beside a full drawing -------------------------------------------------------

PEOPLE_DO = "userTask"


def step_rows(work: Work, instance: ProcessInstance) -> list[StepRow]:
    """The steps of the diagram in flow order, each with where it stands and whose it is."""
    states = timelines.drawing_states(work, instance)
    people = {
        task.element: task_people(task)
        for task in work.user_tasks.of_instance(instance.id)
        if task.state is not TaskState.CANCELLED
    }
    return [
        StepRow(
            view.name or view.id,
            view.lane or "",
            *state_tag(view.id, states),
            people.get(view.id, ""),
        )
        for view in work.programs.get(instance.definition_id).elements()
    ]


def state_tag(element: str, states: DrawingStates) -> tuple[str, str]:
    if element in states.incident:
        return "Có sự cố", "bad"
    if element in states.active:
        return "Đang ở đây", "warn"
    if element in states.done:
        return "Đã qua", "ok"
    return ("Đã hủy", "plain") if element in states.cancelled else ("Chưa đến", "plain")


def task_people(task: UserTask) -> str:
    """Who did a task, does it, or may take it."""
    if task.completed_by_name:
        return task.completed_by_name
    return task.assignee_name or role_names(task)


def role_names(task: UserTask) -> str:
    return ", ".join(ROLE_LABELS[Role(role)] for role in task.roles if role in set(Role))
