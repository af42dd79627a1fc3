"""Dossiers: the list of an agency, entry at the desk, one case with everything about it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.cases import STATUS_LABELS, CaseStatus
from app.domain.errors import Conflict, InvalidInput
from app.domain.permissions import Action, allows, require
from app.doors import asks, service
from app.usecases import cases
from app.usecases.ports import Form, Work
from app.web import case_page, drawings, subjects, submissions
from app.web.context import actor
from app.web.papers import file_href
from app.web.submissions import Owner, Typed
from app.web.views import PAGE_SIZE, page_number, page_view

pages = Blueprint("cases", __name__)

PATH = "/cases"
ENTRY_KEY = re.compile(r"[0-9a-f-]{32,36}")
MOST_CHARACTERS = 100
ENTERED_ALREADY = "Hồ sơ này đã được nhập trước đó; lần gửi lại không tạo thêm hồ sơ."
OLD_PAGE = "Trang nhập hồ sơ này không còn dùng được. Nội dung bạn nhập vẫn còn; hãy gửi lại."


# --- the list ---------------------------------------------------------------------------


@pages.context_processor
def searched() -> dict[str, str]:
    """What the search box of these pages searches."""
    return {"search_url": PATH}


@pages.get("/cases")
@asks(Action.VIEW_CASE)
def index() -> str:
    search = request.args.get("q", "").strip()[:MOST_CHARACTERS]
    status = _status(request.args.get("status", ""))
    kept = {"q": search, **({"status": status.value} if status else {})}
    with service().open_work(read_only=True) as work:
        found = work.cases.page(
            cases.reach(actor()), search, page_number(), PAGE_SIZE, status=status
        )
        return render_template(
            "cases/index.html",
            rows=case_page.rows(work, found.items),
            page=page_view(found, PATH, kept),
            statuses=[(one.value, label) for one, label in STATUS_LABELS.items()],
            status=status.value if status else "",
            search_text=search,
            may_enter=allows(actor(), Action.ENTER_CASE),
        )


def _status(written: str) -> CaseStatus | None:
    """A word that is no status asks for every case."""
    return CaseStatus(written) if written in set(CaseStatus) else None


# --- entry at the desk --------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A live service of an agency at whose desk the actor works."""

    id: str
    name: str
    code: str
    agency: str
    version: int


@pages.get("/cases/new")
@asks(Action.ENTER_CASE)
def offers() -> str:
    someone = actor()
    with service().open_work(read_only=True) as work:
        found = [
            Offer(s.id, s.name, s.code, work.agencies.get(agency_id).name, s.live_version)
            for agency_id in sorted(someone.agency_ids)
            if allows(someone, Action.ENTER_CASE, agency_id=agency_id)
            for s in work.services.live_at(agency_id)
        ]
    return render_template("cases/offers.html", offers=found)


@dataclass(frozen=True)
class Desk:
    """The start form of a service in force, and whose files may be attached."""

    service_id: str
    name: str
    form: Form
    owner: Owner


def _desk(work: Work, service_id: str) -> Desk:
    offered = work.services.get(service_id)
    require(actor(), Action.ENTER_CASE, agency_id=offered.agency_id)
    form = cases.start_form(work, cases.live_version(work, offered))
    return Desk(offered.id, offered.name, form, Owner(actor(), offered.agency_id))


@pages.get("/cases/new/<service_id>")
@asks(Action.ENTER_CASE)
def entry(service_id: str) -> Response:
    return _entry_page(service_id)


def _entry_page(
    service_id: str,
    *,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    message: str = "",
    status: int = 200,
) -> Response:
    with service().open_work(read_only=True) as work:
        desk = _desk(work, service_id)
        view = desk.form.view(values or {}, {}, errors or {})
        key = _entry_key() or work.new_id()
    html = render_template(
        "cases/entry.html",
        service_id=desk.service_id,
        name=desk.name,
        form=view,
        entry_key=key,
        message=message,
        file_href=file_href,
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _entry_key() -> str:
    """The one-time key of the page that was sent: the same page sent twice enters one case."""
    key = request.form.get("entry_key", "")
    return key if ENTRY_KEY.fullmatch(key) else ""


@pages.post("/cases/new/<service_id>/fields")
@asks(Action.ENTER_CASE)
def entry_fields(service_id: str) -> str:
    """The fields again, as the answers so far make them appear or go; nothing is kept."""
    with service().open_work(read_only=True) as work:
        desk = _desk(work, service_id)
        typed = submissions.peek(work, desk.form, desk.owner)
        view = desk.form.view(typed.values, {}, {})
    return render_template("tasks/fields.html", form=view, file_href=file_href)


@pages.post("/cases/new/<service_id>")
@asks(Action.ENTER_CASE)
def enter(service_id: str) -> Response:
    """Enter the case, or say what is missing with everything that was typed still there."""
    entered = _entered_before()
    if entered:
        flash(ENTERED_ALREADY, "info")
        return redirect(f"{PATH}/{entered}", 303)
    with service().open_work() as work:
        desk = _desk(work, service_id)
        typed = submissions.read(work, desk.form, desk.owner)
        changed = (
            typed.values if typed.only_files_changed else desk.form.changed_rows(typed.values, {})
        )
        found = desk.form.validate(typed.values, {}).errors if typed.errors else {}
    if changed is not None:
        return _entry_page(service_id, values=changed, errors=typed.errors)
    if typed.errors:
        errors = submissions.merged(found, typed.errors)
        return _entry_page(service_id, values=typed.values, errors=errors, status=422)
    if not _entry_key():
        return _entry_page(service_id, values=typed.values, message=OLD_PAGE, status=409)
    return _enter(service_id, typed)


def _enter(service_id: str, typed: Typed) -> Response:
    try:
        with service().open_work() as work:
            code = cases.enter(work, actor(), service_id, typed.values).code
            work.replies.keep(_scope(), _entry_key(), _hash(typed), 303, code)
    except InvalidInput as error:
        message = "" if error.fields else error.message
        return _entry_page(
            service_id, values=typed.values, errors=error.fields, message=message, status=422
        )
    except Conflict:
        entered = _entered_before()
        if not entered:
            raise
        flash(ENTERED_ALREADY, "info")
        return redirect(f"{PATH}/{entered}", 303)
    flash(f"Đã nhập hồ sơ {code}. Hãy in phiếu và trao cho người nộp.", "success")
    return redirect(f"{PATH}/{code}", 303)


def _scope() -> str:
    return f"desk:{actor().id}"


def _hash(typed: Typed) -> str:
    text = repr(sorted((name, typed.values.getlist(name)) for name in typed.values))
    return hashlib.sha256(text.encode()).hexdigest()


def _entered_before() -> str:
    """Code of the case that this very page entered already, or ""."""
    key = _entry_key()
    if not key:
        return ""
    with service().open_work(read_only=True) as work:
        reply = work.replies.find(_scope(), key)
    return reply[2] if reply else ""


# --- one case -----------------------------------------------------------------------------


@pages.get("/cases/<code>")
@asks(Action.VIEW_CASE)
def show(code: str) -> str:
    with service().open_work(read_only=True) as work:
        view = case_page.build(work, actor(), cases.visible(work, actor(), code))
    return render_template("cases/show.html", page=view)


@pages.get("/cases/<code>/receipt")
@asks(Action.VIEW_CASE)
def receipt(code: str) -> str:
    with service().open_work(read_only=True) as work:
        view = case_page.receipt(work, cases.visible(work, actor(), code))
    return render_template("cases/receipt.html", receipt=view)


@pages.get("/cases/<code>/diagram")
@asks(Action.VIEW_CASE)
def diagram(code: str) -> str:
    with service().open_work(read_only=True) as work:
        case = cases.visible(work, actor(), code)
        instance = work.instances.get(str(case.instance_id))
        return render_template(
            "cases/diagram.html",
            title=case.procedure_name,
            code=case.code,
            back=(case.code, f"{PATH}/{case.code}"),
            trail=[("Hồ sơ", PATH)],
            svg=drawings.of_instance(work, instance),
            steps=subjects.step_rows(work, instance),
            has_incident=instance.open_incidents > 0,
        )
