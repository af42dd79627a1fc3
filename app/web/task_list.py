"""The task list as a page shows it: queues with their counts, rows that begin with the deadline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from werkzeug.datastructures import MultiDict

from app.domain.clocks import ClockState
from app.domain.permissions import Action, Actor, allows
from app.domain.user_tasks import UserTask
from app.usecases import user_tasks
from app.usecases.ports import DueFilter, Page, Queue, TaskCounts, TaskFilter, Work
from app.web.views import (
    PAGE_SIZE,
    PAUSED,
    Calendars,
    Due,
    PageView,
    address,
    page_view,
    task_due,
)

PATH = "/tasks"
NEW_FOR = timedelta(hours=2)
URGENT = 50  # the usual priority of a diagram; what is above it is urgent
MOST_CHARACTERS = 100

QUEUE_LABELS = {
    Queue.MINE: "Của tôi",
    Queue.UNASSIGNED: "Chưa ai nhận",
    Queue.UNIT: "Cả đơn vị",
}
DUE_LABELS = {
    DueFilter.OVERDUE: ("Quá hạn", "overdue"),
    DueFilter.TODAY: ("Đến hạn hôm nay", "today"),
    DueFilter.PAUSED: ("Tạm dừng", "paused"),
}
SORTS = {"due": "Hạn gần nhất", "created": "Mới đến", "code": "Mã hồ sơ"}

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class Row:
    id: str
    href: str
    code: str
    step: str
    procedure: str
    person: str
    due: Due | None
    worker: str
    is_new: bool
    is_urgent: bool
    may_claim: bool


@dataclass(frozen=True)
class Item:
    """One link of the rail."""

    label: str
    href: str
    count: int
    current: bool
    mark: str = ""


@dataclass(frozen=True)
class Group:
    title: str
    items: list[Item]


@dataclass(frozen=True)
class TaskList:
    """All that the page of the list shows."""

    title: str
    summary: str
    rows: list[Row]
    page: PageView
    groups: list[Group]
    sorts: list[Item]
    search: str
    queue: str
    is_narrowed: bool  # by a filter or a search: the empty list then says so
    waiting_elsewhere: int  # tasks that nobody has taken, for the empty queue of one's own
    here: str
    etag: str
    poll_url: str
    may_assign: bool
    colleagues: list[tuple[str, str]]


def _word(kind: type[Word], text: str | None) -> Word | None:
    return kind(text) if text in {word.value for word in kind} else None


def wanted_by(actor: Actor, query: MultiDict[str, str]) -> TaskFilter:
    """Read the query string; what makes no sense is left out, a search looks in every queue."""
    search = query.get("q", "").strip()[:MOST_CHARACTERS]
    sort = query.get("sort", "")
    queue = _word(Queue, query.get("queue"))
    return TaskFilter(
        actor=actor,
        queue=queue or (Queue.UNIT if search else Queue.MINE),
        due=_word(DueFilter, query.get("due")),
        definition_key=query.get("process") or None,
        search=search,
        sort=sort if sort in SORTS else "due",
    )


def build(work: Work, wanted: TaskFilter, number: int, *, queue_chosen: bool) -> TaskList:
    """Build the list; where no queue was chosen and one's own is empty, show what nobody has taken."""
    now = work.now()
    counts = work.user_tasks.counts(wanted, now)
    if not queue_chosen and not counts.queues[wanted.queue] and counts.queues[Queue.UNASSIGNED]:
        wanted = replace(wanted, queue=Queue.UNASSIGNED)
        counts = work.user_tasks.counts(wanted, now)
    page = work.user_tasks.page(wanted, number, PAGE_SIZE, now)
    parameters = parameters_of(wanted)
    late = counts.due[DueFilter.OVERDUE]
    return TaskList(
        title=_title(wanted, counts),
        summary=f"{page.total} việc" + (f", {late} quá hạn" if late else ""),
        rows=rows(work, wanted.actor, page.items, now),
        page=page_view(page, PATH, parameters),
        groups=_groups(wanted, counts, parameters),
        sorts=[
            Item(label, address(PATH, parameters, sort=key), 0, key == wanted.sort)
            for key, label in SORTS.items()
        ],
        search=wanted.search,
        queue=wanted.queue.value,
        is_narrowed=bool(wanted.search or wanted.due or wanted.definition_key),
        waiting_elsewhere=counts.queues[Queue.UNASSIGNED],
        here=address(PATH, parameters, page=page.number if page.number > 1 else ""),
        etag=work.user_tasks.version_of(wanted),
        poll_url=address("/tasks/changes", parameters, known=page.total),
        may_assign=allows(wanted.actor, Action.ASSIGN_TASK),
        colleagues=_colleagues(work, wanted.actor, page),
    )


def parameters_of(wanted: TaskFilter) -> dict[str, str | int | None]:
    return {
        "queue": wanted.queue.value,
        "due": wanted.due.value if wanted.due else None,
        "process": wanted.definition_key,
        "q": wanted.search,
        "sort": wanted.sort if wanted.sort != "due" else None,
    }


def _title(wanted: TaskFilter, counts: TaskCounts) -> str:
    if wanted.search:
        return f"Tìm “{wanted.search}”"
    if wanted.due:
        return DUE_LABELS[wanted.due][0]
    names = {key: name for key, name, _count in counts.definitions}
    if wanted.definition_key in names:
        return names[wanted.definition_key]
    return QUEUE_LABELS[wanted.queue]


def _groups(
    wanted: TaskFilter, counts: TaskCounts, parameters: Mapping[str, str | int | None]
) -> list[Group]:
    """The rail; what is chosen already is chosen off by the same link."""
    queues = [
        Item(
            label,
            address(PATH, parameters, queue=queue.value),
            counts.queues[queue],
            queue is wanted.queue,
        )
        for queue, label in QUEUE_LABELS.items()
    ]
    dues = [
        Item(
            label,
            address(PATH, parameters, due="" if due is wanted.due else due.value),
            counts.due[due],
            due is wanted.due,
            mark,
        )
        for due, (label, mark) in DUE_LABELS.items()
    ]
    processes = [
        Item(
            name,
            address(PATH, parameters, process="" if key == wanted.definition_key else key),
            count,
            key == wanted.definition_key,
        )
        for key, name, count in counts.definitions
    ]
    groups = [Group("Hàng đợi", queues), Group("Theo hạn", dues)]
    return [*groups, Group("Thủ tục", processes)] if processes else groups


def rows(work: Work, actor: Actor, tasks: Sequence[UserTask], now: datetime) -> list[Row]:
    calendars = Calendars.of(work)
    return [
        Row(
            id=task.id,
            href=f"{PATH}/{task.id}",
            code=task.case_code,
            step=task.name,
            procedure=task.subject_name,
            person=task.person_name,
            due=due_of(work, task, now, calendars),
            worker=task.assignee_name,
            is_new=now - task.created_at < NEW_FOR,
            is_urgent=task.priority > URGENT,
            may_claim=task.assignee is None and user_tasks.may_work(actor, task),
        )
        for task in tasks
    ]


def due_of(work: Work, task: UserTask, now: datetime, calendars: Calendars) -> Due | None:
    """Word the task's due instant; one without may be without because its clock stands still."""
    due = task_due(task, now, calendars.at(task.agency_id))
    if due is not None:
        return due
    instance = work.instances.get(task.instance_id)
    if instance.subject_kind is None or instance.subject_id is None:
        return None
    clocks = work.clocks.of_subject(instance.subject_kind, instance.subject_id)
    return PAUSED if any(clock.state is ClockState.PAUSED for clock in clocks) else None


def _colleagues(work: Work, actor: Actor, page: Page[UserTask]) -> list[tuple[str, str]]:
    """Those to whom a leader can hand one of the tasks on the page."""
    people: dict[str, str] = {}
    seen: set[tuple[str, tuple[str, ...], str | None]] = set()
    for task in page.items:
        group = (task.agency_id, tuple(task.roles), task.unit)
        if group not in seen and user_tasks.may_assign(actor, task):
            people |= dict(user_tasks.colleagues(work, task))
        seen.add(group)
    return sorted(people.items(), key=lambda pair: pair[1])
