"""Choosing steps: the buttons that stand on the pages of a task, a case and an instance."""

from flask import Blueprint, flash, redirect, request
from werkzeug.wrappers import Response

from app.domain.errors import Conflict, InvalidState
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, Actor
from app.doors import asks, service
from app.usecases import ad_hoc, user_tasks
from app.usecases.ad_hoc import ChooseStep, FinishChoosing
from app.usecases.ports import Work
from app.web.auth import safe_next
from app.web.context import actor
from app.web.next_steps import next_place, what_next

pages = Blueprint("ad_hoc", __name__)

TASKS = "/tasks"


@pages.post("/offered-steps/<instance_id>/<int:token>/choices")
@asks(Action.WORK_TASK)
def choose(instance_id: str, token: int) -> Response:
    """Begin a step; a page that is old is drawn anew, and says what has happened meanwhile."""
    someone, element = actor(), request.form.get("element", "")[:255]
    command = ChooseStep(instance_id, someone, token, element, _begun())
    try:
        with service().open_work() as work:
            name = ad_hoc.choose(work, command).name
            where = _after(work, someone, work.instances.get(instance_id), token)
    except (Conflict, InvalidState) as refusal:
        return _refused(refusal)
    flash(f"Đã bắt đầu “{name}”.", "success")
    return redirect(where, 303)


@pages.post("/offered-steps/<instance_id>/<int:token>/completion")
@asks(Action.WORK_TASK)
def finish(instance_id: str, token: int) -> Response:
    someone = actor()
    command = FinishChoosing(instance_id, someone, token, _begun())
    try:
        with service().open_work() as work:
            instance = ad_hoc.finish(work, command)
            text = (
                f"Đã kết thúc phần tự chọn của {instance.business_key}. {what_next(work, instance)}"
            )
            where = _after(work, someone, instance, token)
    except (Conflict, InvalidState) as refusal:
        return _refused(refusal)
    flash(text, "success")
    return redirect(where, 303)


def _begun() -> int | None:
    text = request.form.get("begun", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _back() -> str:
    return safe_next(request.form.get("back") or TASKS)


def _after(work: Work, someone: Actor, instance: ProcessInstance, token: int) -> str:
    """Back to the page; where it was that of the choosing itself and that is over: what is next."""
    back = _back()
    asked = work.user_tasks.at_token(instance.id, token)
    if not back.startswith(f"{TASKS}/") or (asked and user_tasks.may_work(someone, asked)):
        return back
    return next_place(work, someone, instance)


def _refused(refusal: Conflict | InvalidState) -> Response:
    flash(refusal.message, "warning")
    return redirect(_back(), 303)
