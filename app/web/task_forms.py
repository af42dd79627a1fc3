"""One task with its form: shown, filled in, kept as a draft, completed."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.permissions import Action
from app.domain.user_tasks import TaskState
from app.doors import asks, service
from app.usecases import user_tasks
from app.web import submissions, task_page
from app.web.context import actor
from app.web.next_steps import next_place, what_next
from app.web.papers import file_href
from app.web.submissions import Typed

pages = Blueprint("task_forms", __name__)


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
    """Complete, together with whoever completes now; return what to say and where to go next."""
    someone = actor()
    command = user_tasks.CompleteTask(task_id, someone, typed.values, _version())
    task = service().together(task_id, lambda work: user_tasks.complete(work, command))
    with service().open_work(read_only=True) as work:
        instance = work.instances.get(task.instance_id)
        text = f"Đã hoàn thành “{task.name}” của {task.case_code}. {what_next(work, instance)}"
        return text, next_place(work, someone, instance)


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
        return task.form_key is None
    known = loaded.instance.snapshot.variables.values()
    values = loaded.form.validate(typed.values, loaded.variables).values
    return any(all(kept.get(name) == value for name, value in values.items()) for kept in known)
