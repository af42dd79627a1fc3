"""One task as a page shows it: its form, what may be done with it, and why not where it may not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.instances import INSTANCE_NOT_ACTIVE, InstanceState, ProcessInstance, SubjectKind
from app.domain.permissions import Actor
from app.domain.user_tasks import TaskState, UserTask
from app.usecases import timelines, user_tasks
from app.usecases.ports import Form, Work
from app.usecases.registrations import REVISE
from app.web import ad_hoc_page, formats, subjects
from app.web.ad_hoc_page import OfferView
from app.web.submissions import Owner
from app.web.task_list import due_of
from app.web.views import Calendars, Due, TimelineView, timeline_views

PREVIEWED = 6  # events of the timeline that a preview shows

TAKEN = "Việc này đã có {name} nhận."
NOT_YOURS = "Bạn xem được vì phụ trách đơn vị; việc này chờ {roles}."
DONE = "{name} đã hoàn thành việc này lúc {at}."
GONE = "Việc này không còn cần làm vì quy trình đã chuyển sang bước khác."


@dataclass(frozen=True)
class Rights:
    """What the actor may do with a task; `reason` says why it cannot be worked on."""

    work: bool
    claim: bool
    release: bool
    assign: bool
    reason: str = ""


@dataclass(frozen=True)
class ElsewhereView:
    """The page on which this task is done instead of here."""

    href: str
    label: str
    text: str


@dataclass(frozen=True)
class TaskPage:
    id: str
    version: int
    code: str
    step: str
    procedure: str
    person: str
    due: Due | None
    rights: Rights
    is_open: bool
    assignee: str
    colleagues: list[tuple[str, str]]
    drafted: str
    form: Any  # a FormView for the template, None for a task without a form
    elsewhere: ElsewhereView | None
    offers: list[OfferView]  # of a task that asks which step comes next
    side: subjects.Side


@dataclass(frozen=True)
class Preview:
    id: str
    version: int
    code: str
    step: str
    procedure: str
    due: Due | None
    rights: Rights
    facts: subjects.Facts
    timeline: list[TimelineView]


@dataclass(frozen=True)
class Loaded:
    """A task with what is needed to show it or to read what was typed into it."""

    task: UserTask
    instance: ProcessInstance
    form: Form | None
    variables: dict[str, Any]  # what the form may read

    def owner(self, actor: Actor) -> Owner:
        return Owner(
            actor,
            self.instance.agency_id,
            str(self.instance.subject_kind or ""),
            self.instance.subject_id or "",
        )


def load(work: Work, actor: Actor, task_id: str) -> Loaded:
    """Raises NotFound where the actor may not see the task."""
    task = user_tasks.visible(work, actor, task_id)
    instance = work.instances.get(task.instance_id)
    form = user_tasks.form_of(work, task, instance)
    variables = user_tasks.form_variables(work, task, instance)
    return Loaded(task, instance, form, variables)


def rights_of(actor: Actor, task: UserTask, instance: ProcessInstance) -> Rights:
    reason = _hindrance(actor, task, instance)
    is_open = task.state is TaskState.OPEN and instance.state is InstanceState.ACTIVE
    may_work, leads = user_tasks.may_work(actor, task), user_tasks.may_assign(actor, task)
    is_mine = task.assignee == actor.id
    return Rights(
        work=not reason,
        claim=is_open and may_work and task.assignee is None,
        release=is_open and task.assignee is not None and (is_mine or leads),
        assign=is_open and leads,
        reason=reason,
    )


def _hindrance(actor: Actor, task: UserTask, instance: ProcessInstance) -> str:
    if task.state is TaskState.COMPLETED:
        return done_text(task)
    if task.state is TaskState.CANCELLED:
        return GONE
    if instance.state is not InstanceState.ACTIVE:
        return INSTANCE_NOT_ACTIVE[instance.state]
    if not user_tasks.may_work(actor, task):
        return NOT_YOURS.format(roles=subjects.role_names(task).lower() or "người khác")
    if task.assignee not in {None, actor.id}:
        return TAKEN.format(name=task.assignee_name)
    return ""


def done_text(task: UserTask) -> str:
    return DONE.format(
        name=task.completed_by_name or "Hệ thống", at=formats.moment(task.completed_at)
    )


def build(
    work: Work,
    actor: Actor,
    loaded: Loaded,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> TaskPage:
    """Build the page. `values` is what was typed just now; without it the draft is shown."""
    task, instance = loaded.task, loaded.instance
    rights = rights_of(actor, task, instance)
    return TaskPage(
        id=task.id,
        version=task.version,
        code=task.case_code,
        step=task.name,
        procedure=task.subject_name,
        person=task.person_name,
        due=_due(work, task),
        rights=rights,
        is_open=task.state is TaskState.OPEN,
        assignee=task.assignee_name,
        colleagues=user_tasks.colleagues(work, task) if rights.assign else [],
        drafted=saved_text(task.draft_at, work.now()) if task.draft is not None else "",
        form=form_view(loaded, values, errors, read_only=not rights.work),
        elsewhere=_elsewhere(task, instance),
        offers=_offers(work, actor, loaded),
        side=subjects.side_of(work, instance),
    )


def form_view(
    loaded: Loaded,
    values: Mapping[str, Any] | None,
    errors: Mapping[str, Sequence[str]] | None,
    *,
    read_only: bool,
) -> Any:
    if loaded.form is None:
        return None
    shown = values if values is not None else loaded.task.draft or {}
    return loaded.form.view(shown, loaded.variables, errors or {}, read_only=read_only)


def saved_text(at: datetime | None, now: datetime) -> str:
    """Say when the draft was kept: the time alone where it was today."""
    if at is None:
        return ""
    is_today = formats.day(at) == formats.day(now)
    return f"Đã lưu nháp lúc {formats.clock_time(at) if is_today else formats.moment(at)}"


def _due(work: Work, task: UserTask) -> Due | None:
    if task.state is not TaskState.OPEN:
        return None
    return due_of(work, task, work.now(), Calendars.of(work))


def _elsewhere(task: UserTask, instance: ProcessInstance) -> ElsewhereView | None:
    if instance.subject_kind is not SubjectKind.REGISTRATION or task.element != REVISE:
        return None
    return ElsewhereView(
        href=f"/registrations/{instance.subject_id}",
        label="Mở hồ sơ đăng ký",
        text=(
            "Việc này hoàn thành ở trang của hồ sơ đăng ký: sửa nội dung và bộ tệp theo yêu cầu "
            "thẩm định, rồi nộp lại. Sau khi nộp lại, việc này tự hoàn thành."
        ),
    )


def _offers(work: Work, actor: Actor, loaded: Loaded) -> list[OfferView]:
    task = loaded.task
    if task.form_key is not None or task.state is not TaskState.OPEN:
        return []
    return ad_hoc_page.of_instance(work, actor, loaded.instance, task.token)


def preview(work: Work, actor: Actor, task: UserTask) -> Preview:
    instance = work.instances.get(task.instance_id)
    side = subjects.subject_side(work, instance)
    return Preview(
        id=task.id,
        version=task.version,
        code=task.case_code,
        step=task.name,
        procedure=task.subject_name,
        due=_due(work, task),
        rights=rights_of(actor, task, instance),
        facts=[*side.facts, ("Người làm", task.assignee_name or "Chưa ai nhận")],
        timeline=timeline_views(timelines.timeline(work, instance, limit=PREVIEWED)),
    )
