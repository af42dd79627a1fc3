"""Pages of those who run the house: instances, incidents, definitions, what the queue gave up."""

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.domain.errors import InvalidInput
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, require
from app.doors import asks, service
from app.usecases import deployments, incidents, instances, parked
from app.usecases.ports import Work
from app.web import (
    cockpit,
    definition_page,
    incident_list,
    instance_list,
    past_page,
    queue_page,
)
from app.web.admin_rail import DEFINITIONS, INCIDENTS, INSTANCES, QUEUE, rail, refusal
from app.web.auth import safe_next
from app.web.context import actor
from app.web.views import page_number

pages = Blueprint("admin", __name__)

MOST_TICKED = 100
MOST_CHARACTERS = 2_000


@pages.context_processor
def searched() -> dict[str, str]:
    """What the search box of these pages searches."""
    return {"search_url": INSTANCES}


@pages.get("/admin")
@asks(Action.VIEW_INSTANCES)
def start() -> Response:
    return redirect(INSTANCES, 303)


# --- instances --------------------------------------------------------------------------


@pages.get("/admin/instances")
@asks(Action.VIEW_INSTANCES)
def index() -> str:
    wanted = instance_list.Wanted.of(request.args)
    with service().open_work(read_only=True) as work:
        view = instance_list.build(work, wanted, page_number())
        groups = [*rail(work, actor(), INSTANCES), *view.groups]
    return render_template(
        "admin/instances.html",
        list=view,
        groups=groups,
        search_text=view.search,
    )


@pages.get("/admin/instances/<instance_id>")
@asks(Action.VIEW_INSTANCES)
def show(instance_id: str) -> Response:
    at = _number("at")
    return _cockpit(instance_id) if at is None else _past(instance_id, at)


def _past(instance_id: str, seq: int) -> Response:
    """The same instance as it was right after one entry of its history."""
    with service().open_work(read_only=True) as work:
        view = past_page.build(work, _visible(work, instance_id), seq)
    response = make_response(render_template("admin/past.html", page=view))
    response.headers["Cache-Control"] = "no-store"
    return response


def _cockpit(instance_id: str, *, reason: str = "", error: str = "", status: int = 200) -> Response:
    """Draw the page; with `error`, the reason for cancelling is asked again, as it was typed."""
    with service().open_work(read_only=True) as work:
        instance = _visible(work, instance_id)
        tab = request.args.get("tab", "")
        shown = cockpit.Shown(_number("before"), request.args.get("kind", ""))
        view = cockpit.build(work, actor(), instance, tab, shown, fits=_fits())
    html = render_template("admin/instance.html", page=view, reason=reason, error=error)
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _visible(work: Work, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
    return instance


def _fits() -> bool:
    return request.args.get("view") == cockpit.FIT


def _number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


@pages.post("/admin/instances/<instance_id>/cancellation")
@asks(Action.OPERATE_INSTANCES)
def cancel(instance_id: str) -> Response:
    reason = request.form.get("reason", "")[:MOST_CHARACTERS]
    try:
        with service().open_work() as work:
            code = instances.cancel(work, actor(), instance_id, reason).business_key
    except InvalidInput as error:
        return _cockpit(instance_id, reason=reason, error=error.message, status=422)
    flash(f"Đã hủy quy trình của {code}.", "success")
    return redirect(f"{INSTANCES}/{instance_id}", 303)


@pages.post("/admin/instances/<instance_id>/suspension")
@asks(Action.OPERATE_INSTANCES)
def suspend(instance_id: str) -> Response:
    with service().open_work() as work:
        code = instances.suspend(work, actor(), instance_id).business_key
    flash(f"Đã tạm dừng {code}. Việc đang mở giữ nguyên, không ai hoàn thành được.", "success")
    return redirect(f"{INSTANCES}/{instance_id}", 303)


@pages.post("/admin/instances/<instance_id>/resumption")
@asks(Action.OPERATE_INSTANCES)
def resume(instance_id: str) -> Response:
    with service().open_work() as work:
        code = instances.resume(work, actor(), instance_id).business_key
    flash(f"{code} đã chạy tiếp.", "success")
    return redirect(f"{INSTANCES}/{instance_id}", 303)


# --- incidents --------------------------------------------------------------------------


@pages.get("/admin/incidents")
@asks(Action.VIEW_INSTANCES)
def list_incidents() -> str:
    wanted = incident_list.Wanted.of(request.args)
    with service().open_work(read_only=True) as work:
        view = incident_list.build(work, wanted, page_number())
        groups = [*rail(work, actor(), INCIDENTS), *view.filters]
    return render_template(
        "admin/incidents.html",
        list=view,
        groups=groups,
        refusal=refusal(actor()),
        here=request.full_path.rstrip("?"),
        search_url=INCIDENTS,
        search_text=view.search,
    )


@pages.post("/admin/incidents/retries")
@asks(Action.OPERATE_INSTANCES)
def retry_incidents() -> Response | str:
    """Retry every ticked incident, each in a transaction of its own; then look at what came of it."""
    ticked = _ticked(request.form)
    back = safe_next(request.form.get("back") or INCIDENTS)
    if not ticked:
        flash("Hãy đánh dấu ít nhất một sự cố.", "warning")
        return redirect(back, 303)
    outcomes = incidents.retry_many(service().open_work, actor(), ticked)
    return _results(ticked, outcomes, back)


@pages.get("/admin/incidents/results")
@asks(Action.VIEW_INSTANCES)
def results() -> str:
    """How the places of these incidents stand now."""
    return _results(_ticked(request.args), [], INCIDENTS)


def _ticked(values: MultiDict[str, str]) -> list[str]:
    return list(dict.fromkeys(values.getlist("incident")))[:MOST_TICKED]


def _results(ids: list[str], outcomes: list[incidents.Outcome], back: str) -> str:
    with service().open_work(read_only=True) as work:
        truths = incident_list.truths(work, ids, outcomes)
    return render_template("admin/results.html", truths=truths, back=back)


@pages.post("/admin/incidents/<incident_id>/retry")
@asks(Action.OPERATE_INSTANCES)
def retry(incident_id: str) -> Response:
    with service().open_work() as work:
        instance_id = incidents.retry(work, actor(), incident_id).instance_id
    with service().open_work(read_only=True) as work:
        truth = incident_list.truths(work, [incident_id])[0]
    flash(f"{truth.label}: {truth.text}", "error" if truth.kind == "bad" else "success")
    return redirect(f"{INSTANCES}/{instance_id}", 303)


# --- definitions ------------------------------------------------------------------------


@pages.get("/admin/definitions")
@asks(Action.VIEW_INSTANCES)
def list_definitions() -> str:
    with service().open_work(read_only=True) as work:
        found = definition_page.processes(work)
        groups = rail(work, actor(), DEFINITIONS)
    return render_template("admin/definitions.html", processes=found, groups=groups)


@pages.get("/admin/definitions/<definition_id>")
@asks(Action.VIEW_INSTANCES)
def show_definition(definition_id: str) -> str:
    with service().open_work(read_only=True) as work:
        definition = work.definitions.get(definition_id)
        view = definition_page.build(work, actor(), definition, fits=_fits())
    return render_template("admin/definition.html", page=view)


@pages.post("/admin/definitions/<definition_id>/suspension")
@asks(Action.OPERATE_INSTANCES)
def suspend_definition(definition_id: str) -> Response:
    with service().open_work() as work:
        found = deployments.suspend_definition(work, actor(), definition_id, _reason())
        text = f"Phiên bản {found.version} không nhận hồ sơ mới nữa; hồ sơ đang chạy vẫn tiếp tục."
    flash(text, "success")
    return redirect(f"{DEFINITIONS}/{definition_id}", 303)


@pages.post("/admin/definitions/<definition_id>/activation")
@asks(Action.OPERATE_INSTANCES)
def activate_definition(definition_id: str) -> Response:
    with service().open_work() as work:
        found = deployments.activate_definition(work, actor(), definition_id, _reason())
        text = f"Phiên bản {found.version} lại nhận hồ sơ mới."
    flash(text, "success")
    return redirect(f"{DEFINITIONS}/{definition_id}", 303)


def _reason() -> str:
    return request.form.get("reason", "")[:MOST_CHARACTERS]


# --- the queue --------------------------------------------------------------------------


@pages.get("/admin/queue")
@asks(Action.VIEW_INSTANCES)
def queue() -> str:
    with service().open_work(read_only=True) as work:
        view = queue_page.build(work, page_number())
        groups = rail(work, actor(), QUEUE)
    return render_template(
        "admin/queue.html",
        queue=view,
        groups=groups,
        refusal=refusal(actor()),
    )


@pages.post("/admin/queue/<key>/retry")
@asks(Action.OPERATE_INSTANCES)
def retry_parked(key: str) -> Response:
    parked.retry(service().parked, actor(), key)
    flash("Đã xếp lại vào hàng đợi; nếu lại thất bại, mục này sẽ trở lại đây.", "success")
    return redirect(QUEUE, 303)
