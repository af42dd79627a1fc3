"""The officer's pages: the list of what waits, one task with its form, and what is done with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.permissions import Action, Actor
from app.domain.user_tasks import TaskState, UserTask
from app.usecases import user_tasks
from app.usecases.ports import Queue, TaskFilter, Work
from app.web import subjects, submissions, task_list, task_page
from app.web.auth import safe_next
from app.web.context import actor, asks, service
from app.web.submissions import Typed
from app.web.views import address, page_number

pages = Blueprint("tasks", __name__)

TRIES = 5  # of the next task: others may be taking it at the same moment
MOST_TICKED = 100
BY_PEOPLE = frozenset({"userTask", "manualTask"})
NOTHING_LEFT = "Không còn việc nào chưa ai nhận trong các hàng đợi của bạn."


def file_href(paper_id: str) -> str:
    return f"/papers/{paper_id}"


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


# --- one task ---------------------------------------------------------------------------


@pages.get("/tasks/<task_id>")
@asks(Action.LIST_TASKS)
def show(task_id: str) -> Response:
    return _page(task_id)


def _page(
    task_id: str,
    *,
    typed: Typed | None = None,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    message: str = "",
    status: int = 200,
) -> Response:
    """Draw the task page. With `typed`, what was typed stands in the form again."""
    shown = typed.values if typed is not None else values
    with service().open_work(read_only=True) as work:
        loaded = task_page.load(work, actor(), task_id)
        view = task_page.build(work, actor(), loaded, values=shown, errors=errors)
    html = render_template(
        "tasks/show.html", page=view, message=message, status=status, file_href=file_href
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


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
            svg=subjects.drawing(work, instance),
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


# --- filling it in ----------------------------------------------------------------------


def _read(task_id: str) -> Typed:
    """Read what was sent, in a transaction of its own: stored files outlive a refused form."""
    with service().open_work() as work:
        loaded = task_page.load(work, actor(), task_id)
        return submissions.read(work, loaded.form, loaded.owner(actor()))


def _version() -> int | None:
    text = request.form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 12 else None


def _changed_rows(task_id: str, typed: Typed) -> Mapping[str, Any] | None:
    """What stands in the form after a button of it was pressed; None where it was to be sent."""
    if typed.only_files_changed:
        return typed.values
    with service().open_work(read_only=True) as work:
        loaded = task_page.load(work, actor(), task_id)
        if loaded.form is None:
            return None
        return loaded.form.changed_rows(typed.values, loaded.variables)


@pages.post("/tasks/<task_id>/fields")
@asks(Action.LIST_TASKS)
def fields(task_id: str) -> str:
    """The fields again, as the answers so far make them appear or go; nothing is kept."""
    with service().open_work(read_only=True) as work:
        loaded = task_page.load(work, actor(), task_id)
        typed = submissions.peek(work, loaded.form, loaded.owner(actor()))
        view = task_page.form_view(loaded, typed.values, None, read_only=False)
    return render_template("tasks/fields.html", form=view, file_href=file_href)


@pages.post("/tasks/<task_id>/draft")
@asks(Action.LIST_TASKS)
def draft(task_id: str) -> Response | str:
    """Keep what was typed, unchecked: by the button, or by the page itself while one types."""
    typed = _read(task_id)
    try:
        with service().open_work() as work:
            loaded = task_page.load(work, actor(), task_id)
            loaded.task.require_open()
            loaded.task.require_version(_version())
            kept = submissions.plain(loaded.form, typed, loaded.variables)
            user_tasks.keep_draft(work, actor(), task_id, kept)
    except (Conflict, InvalidState) as error:
        return _refused(task_id, typed, error)
    if not request.headers.get("HX-Request"):
        if typed.errors:
            return _page(task_id, typed=typed, errors=typed.errors, status=422)
        return redirect(f"/tasks/{task_id}#work", 303)
    with service().open_work(read_only=True) as work:
        task = user_tasks.visible(work, actor(), task_id)
        saved, version = task_page.saved_text(task.draft_at, work.now()), task.version
    return render_template("tasks/saved.html", saved=saved, version=version)


@pages.post("/tasks/<task_id>/completion")
@asks(Action.LIST_TASKS)
def complete(task_id: str) -> Response:
    """Complete the task, or say why not with everything that was typed still there."""
    typed = _read(task_id)
    changed = _changed_rows(task_id, typed)
    if changed is not None:
        return _page(task_id, values=changed, errors=typed.errors)
    if typed.errors:
        return _page(task_id, typed=typed, errors=_all_errors(task_id, typed), status=422)
    try:
        text, where = _complete(task_id, typed)
    except InvalidInput as error:
        message = "" if error.fields else error.message
        return _page(task_id, typed=typed, errors=error.fields, message=message, status=422)
    except (Conflict, InvalidState) as error:
        return _refused(task_id, typed, error)
    flash(text, "success")
    return redirect(where, 303)


def _complete(task_id: str, typed: Typed) -> tuple[str, str]:
    """Complete in one transaction; return what to say and where to go next."""
    someone = actor()
    with service().open_work() as work:
        command = user_tasks.CompleteTask(task_id, someone, typed.values, _version())
        task = user_tasks.complete(work, command)
        instance = work.instances.get(task.instance_id)
        text = f"Đã hoàn thành “{task.name}” của {task.case_code}. {what_next(work, instance)}"
        return text, _next_place(work, someone, instance)


def what_next(work: Work, instance: ProcessInstance) -> str:
    """Say what happens now that a task is done: whose turn it is, or what the system is doing."""
    if instance.state is InstanceState.COMPLETED:
        return "Quy trình đã kết thúc."
    program = work.programs.get(instance.definition_id)
    active = set(program.active_elements(instance.snapshot))
    here = [view for view in program.elements() if view.id in active and view.name]
    mine = ", ".join(view.name for view in here if view.kind in BY_PEOPLE)
    if mine:
        return f"Bước tiếp theo: {mine}."
    others = ", ".join(view.name for view in here)
    return f"Hệ thống đang chạy bước: {others}." if others else "Quy trình đang chạy tiếp."


def _next_place(work: Work, someone: Actor, instance: ProcessInstance) -> str:
    """The next task of the same dossier, if it is this person's to do; else the list."""
    for task in work.user_tasks.of_instance(instance.id):
        if task_page.rights_of(someone, task, instance).work:
            return f"/tasks/{task.id}"
    return "/tasks"


def _all_errors(task_id: str, typed: Typed) -> dict[str, list[str]]:
    with service().open_work(read_only=True) as work:
        loaded = task_page.load(work, actor(), task_id)
        found = loaded.form.validate(typed.values, loaded.variables).errors if loaded.form else {}
    return submissions.merged(found, typed.errors)


def _refused(task_id: str, typed: Typed, error: DomainError) -> Response:
    """Somebody was faster, or the page is old: say who and when, and give back what was typed."""
    if request.headers.get("HX-Request"):
        raise error
    with service().open_work(read_only=True) as work:
        loaded = task_page.load(work, actor(), task_id)
        task, is_repeated = loaded.task, _said_before(loaded, typed)
        is_open, name, code = task.state is TaskState.OPEN, task.name, task.case_code
        is_done = task.state is TaskState.COMPLETED
        text = task_page.done_text(task) if is_done else error.message
        pairs = loaded.form.review(typed.values, loaded.variables) if loaded.form else []
    if is_open:
        return _page(task_id, typed=typed, message=error.message, status=409)
    if is_repeated:
        flash(f"Bạn đã hoàn thành “{name}” trước đó; lần gửi lại không ghi thêm gì.", "info")
        return redirect("/tasks", 303)
    html = render_template(
        "tasks/gone.html", code=code, step=name, text=text, pairs=pairs, task_id=task_id
    )
    return make_response(html, 409)


def _said_before(loaded: task_page.Loaded, typed: Typed) -> bool:
    """Whether the same person has completed the task with the very same answers: a double click."""
    task = loaded.task
    if task.state is not TaskState.COMPLETED or task.completed_by != actor().id:
        return False
    if loaded.form is None:
        return True
    kept = loaded.instance.snapshot.root
    values = loaded.form.validate(typed.values, loaded.variables).values
    return all(kept.get(name) == value for name, value in values.items())
