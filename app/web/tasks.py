"""The officer's list of what waits: a look at each, many at once, and who works on it."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.permissions import Action, Actor
from app.domain.user_tasks import UserTask
from app.doors import asks, service
from app.usecases import user_tasks
from app.usecases.ports import Queue, TaskFilter, Work
from app.web import drawings, subjects, task_list, task_page
from app.web.auth import safe_next
from app.web.context import actor
from app.web.views import address, page_number

pages = Blueprint("tasks", __name__)

TRIES = 5  # of the next task: others may be taking it at the same moment
MOST_TICKED = 100
NOTHING_LEFT = "Không còn việc nào chưa ai nhận trong các hàng đợi của bạn."


# --- the list ---------------------------------------------------------------------------


@pages.get("/tasks")
@asks(Action.LIST_TASKS)
def index() -> str:
    wanted = task_list.wanted_by(actor(), request.args)
    chosen = any(name in request.args for name in ("queue", "q"))
    with service().open_work(read_only=True) as work:
        view = task_list.build(work, wanted, page_number(), queue_chosen=chosen)
        first = _preview_of_first(work, view)
    return render_template("tasks/index.html", list=view, preview=first, search_text=view.search)


def _preview_of_first(work: Work, view: task_list.TaskList) -> task_page.Preview | None:
    if not view.rows:
        return None
    task = user_tasks.visible(work, actor(), view.rows[0].id)
    return task_page.preview(work, actor(), task)


@pages.get("/tasks/changes")
@asks(Action.LIST_TASKS)
def changes() -> Response:
    """The poll of the list: 304 while nothing changed, else how many tasks are new."""
    wanted = task_list.wanted_by(actor(), request.args)
    with service().open_work(read_only=True) as work:
        etag = work.user_tasks.version_of(wanted)
        if request.if_none_match.contains_weak(etag):
            return _with_etag(make_response("", 304), etag)
        total = work.user_tasks.page(wanted, 1, 1, work.now()).total
    html = render_template(
        "tasks/changes.html",
        new=total - _known_total(),
        href=address(task_list.PATH, task_list.parameters_of(wanted)),
    )
    return _with_etag(make_response(html), etag)


def _known_total() -> int:
    text = request.args.get("known", "0")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _with_etag(response: Response, etag: str) -> Response:
    response.set_etag(etag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@pages.post("/tasks/next")
@asks(Action.LIST_TASKS)
def take_next() -> Response:
    """Claim the task that is due first among those that nobody has taken."""
    someone = actor()
    wanted = TaskFilter(actor=someone, queue=Queue.UNASSIGNED)
    with service().open_work(read_only=True) as work:
        waiting = [t.id for t in work.user_tasks.page(wanted, 1, TRIES, work.now()).items]
    for task_id in waiting:
        try:
            with service().open_work() as work:
                user_tasks.claim(work, someone, task_id)
        except (Conflict, InvalidState):
            continue
        return redirect(f"/tasks/{task_id}", 303)
    flash(NOTHING_LEFT, "message")
    return redirect("/tasks", 303)


# --- many at once -----------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What became of one ticked task."""

    code: str
    step: str
    href: str
    ok: bool
    text: str


@pages.post("/tasks/batch")
@asks(Action.LIST_TASKS)
def batch() -> Response | str:
    """Claim or hand over every ticked task, each in a transaction of its own."""
    ticked = list(dict.fromkeys(request.form.getlist("task")))[:MOST_TICKED]
    back = safe_next(request.form.get("back") or task_list.PATH)
    colleague = request.form.get("user_id", "")
    is_assignment = request.form.get("do") == "assign"
    if not ticked or (is_assignment and not colleague):
        flash(
            "Hãy chọn người nhận việc." if ticked else "Hãy đánh dấu ít nhất một việc.", "warning"
        )
        return redirect(back, 303)
    act = _assigning(colleague) if is_assignment else user_tasks.claim
    results = [_one_of_batch(act, task_id) for task_id in ticked]
    if all(result.ok for result in results):
        flash(f"Đã {'giao' if is_assignment else 'nhận'} {len(results)} việc.", "success")
        return redirect(back, 303)
    return render_template(
        "tasks/batch.html", results=results, back=back, is_assignment=is_assignment
    )


Act = Callable[[Work, Actor, str], UserTask]


def _assigning(user_id: str) -> Act:
    return lambda work, someone, task_id: user_tasks.assign(work, someone, task_id, user_id)


def _one_of_batch(act: Act, task_id: str) -> Result:
    try:
        with service().open_work() as work:
            task = act(work, actor(), task_id)
            text = f"Người làm: {task.assignee_name}"
            return Result(task.case_code, task.name, f"/tasks/{task.id}", ok=True, text=text)
    except DomainError as error:
        return _failed(task_id, error)


def _failed(task_id: str, error: DomainError) -> Result:
    with service().open_work(read_only=True) as work:
        task = work.user_tasks.find(task_id)
        if task is None or not (
            user_tasks.may_work(actor(), task) or user_tasks.may_assign(actor(), task)
        ):
            return Result("", "", "", ok=False, text=error.message)
        return Result(task.case_code, task.name, f"/tasks/{task.id}", ok=False, text=error.message)


# --- a look at one -------------------------------------------------------------------


@pages.get("/tasks/<task_id>/preview")
@asks(Action.LIST_TASKS)
def preview(task_id: str) -> Response | str:
    if not request.headers.get("HX-Request"):
        return redirect(f"/tasks/{task_id}", 303)
    with service().open_work(read_only=True) as work:
        task = user_tasks.visible(work, actor(), task_id)
        view = task_page.preview(work, actor(), task)
    return render_template("tasks/preview.html", preview=view)


@pages.get("/tasks/<task_id>/diagram")
@asks(Action.LIST_TASKS)
def diagram(task_id: str) -> str:
    with service().open_work(read_only=True) as work:
        task = user_tasks.visible(work, actor(), task_id)
        instance = work.instances.get(task.instance_id)
        return render_template(
            "cases/diagram.html",
            title=task.subject_name,
            code=task.case_code,
            back=(task.name, f"/tasks/{task.id}"),
            trail=[("Công việc", "/tasks")],
            svg=drawings.of_instance(work, instance),
            steps=subjects.step_rows(work, instance),
            has_incident=instance.open_incidents > 0,
        )


# --- who works on it --------------------------------------------------------------------


@pages.post("/tasks/<task_id>/claim")
@asks(Action.LIST_TASKS)
def claim(task_id: str) -> Response:
    with service().open_work() as work:
        user_tasks.claim(work, actor(), task_id)
    flash("Bạn đã nhận việc này.", "success")
    return redirect(_back(task_id), 303)


@pages.post("/tasks/<task_id>/release")
@asks(Action.LIST_TASKS)
def release(task_id: str) -> Response:
    with service().open_work() as work:
        user_tasks.release(work, actor(), task_id)
    flash("Việc đã được trả lại hàng đợi; nội dung lưu nháp vẫn còn.", "success")
    return redirect(_back(task_id), 303)


@pages.post("/tasks/<task_id>/assignment")
@asks(Action.ASSIGN_TASK)
def assign(task_id: str) -> Response:
    user_id = request.form.get("user_id", "")
    if not user_id:
        raise InvalidInput("Hãy chọn người nhận việc.")
    with service().open_work() as work:
        name = user_tasks.assign(work, actor(), task_id, user_id).assignee_name
    flash(f"Đã giao việc cho {name}.", "success")
    return redirect(_back(task_id), 303)


def _back(task_id: str) -> str:
    return safe_next(request.form.get("back") or f"/tasks/{task_id}")
