"""The studio: drafts of diagrams, and the drawing board with its lint."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from flask import Blueprint, flash, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.definitions import DiagramDraft
from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.permissions import Action, Actor, allows
from app.domain.procedures import EDITABLE
from app.doors import asks, service
from app.statuses import status_of
from app.usecases import drafts, registrations
from app.usecases.ports import Work
from app.web import file_sets, formats, studio_sources, studio_words
from app.web.context import actor
from app.web.studio_sources import Source, file_name
from app.web.views import PAGE_SIZE, page_number, page_view

pages = Blueprint("studio", __name__)

PATH = "/studio"
MOST_OFFERED = 50
NO_REGISTRATION = "Cơ quan không có hồ sơ đăng ký nào đang sửa được."
NOT_REGISTRAR = "Chỉ cán bộ của cơ quan đăng ký mới đưa sơ đồ vào hồ sơ được."
NO_REVISION = "Thiếu số bản (If-Match). Hãy tải lại trang."


# --- the drafts ---------------------------------------------------------------------------


@dataclass(frozen=True)
class DraftRow:
    name: str
    href: str
    agency: str
    who: str
    when: str


@pages.get("/studio")
@asks(Action.EDIT_DRAFT)
def index() -> str:
    mine = frozenset(studio_sources.my_agencies(actor()))
    with service().open_work(read_only=True) as work:
        found = work.drafts.page(mine, page_number(), PAGE_SIZE)
        rows = [
            DraftRow(
                name=draft.name,
                href=_href(draft.id),
                agency=work.agencies.get(draft.agency_id).short_name,
                who=draft.updated_by,
                when=formats.short_moment(draft.updated_at),
            )
            for draft in found.items
        ]
    return render_template("studio/index.html", rows=rows, page=page_view(found, PATH, {}))


def _href(draft_id: str) -> str:
    return f"{PATH}/drafts/{draft_id}"


# --- a new draft --------------------------------------------------------------------------


@pages.get("/studio/new")
@asks(Action.EDIT_DRAFT)
def choose() -> Response:
    return _new_page()


def _new_page(*, error: DomainError | None = None) -> Response:
    """The four ways to begin; after a refusal with what was typed."""
    fields = error.fields if error is not None else {}
    with service().open_work(read_only=True) as work:
        html = render_template(
            "studio/new.html",
            agencies=_agency_choices(work, actor()),
            services=_service_choices(work, actor()),
            typed=request.form,
            errors={name: texts[0] for name, texts in fields.items()},
            message=error.message if error is not None and not fields else "",
        )
    return make_response(html, 200 if error is None else status_of(error))


def _agency_choices(work: Work, someone: Actor) -> list[tuple[str, str]]:
    return [(one, work.agencies.get(one).name) for one in studio_sources.my_agencies(someone)]


def _service_choices(work: Work, someone: Actor) -> list[tuple[str, str]]:
    return [
        (one.id, f"{one.code} – {one.name} (phiên bản {one.live_version})")
        for agency_id in studio_sources.my_agencies(someone)
        for one in work.services.live_at(agency_id)
    ]


@pages.post("/studio/drafts")
@asks(Action.EDIT_DRAFT)
def create() -> Response:
    try:
        with service().open_work() as work:
            source = _source(work, request.form)
            wanted = request.form.get("agency_id") or source.agency_id
            agency = studio_sources.agency_for(actor(), wanted)
            where = _href(drafts.create(work, actor(), agency, source.name, source.content).id)
    except InvalidInput as error:
        return _new_page(error=error)
    return redirect(where, 303)


def _source(work: Work, sent: Mapping[str, str]) -> Source:
    match sent.get("source"):
        case "upload":
            return studio_sources.uploaded(request.files.get("file"))
        case "service":
            return studio_sources.of_service(work, actor(), sent)
        case "registration":
            return studio_sources.of_registration(work, actor(), sent)
        case _:
            return studio_sources.blank(sent.get("name", ""))


# --- the drawing board --------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """A registration that a draft may be put into."""

    id: str
    label: str
    has_file: bool


@pages.get("/studio/drafts/<draft_id>")
@asks(Action.EDIT_DRAFT)
def show(draft_id: str) -> str:
    with service().open_work(read_only=True) as work:
        draft = drafts.visible(work, actor(), draft_id)
        targets = _targets(work, actor(), draft)
        return render_template(
            "studio/draft.html",
            draft_id=draft.id,
            name=draft.name,
            file=file_name(draft.name),
            revision=draft.revision,
            saved=f"bản {draft.revision}, {draft.updated_by} lưu {formats.short_moment(draft.updated_at)}",
            config=studio_words.config(work, draft.agency_id, service().connectors.descriptors()),
            targets=targets,
            no_target=_no_target(actor(), draft, targets),
        )


def _targets(work: Work, someone: Actor, draft: DiagramDraft) -> list[Target]:
    if not allows(someone, Action.EDIT_REGISTRATION, agency_id=draft.agency_id):
        return []
    name = file_name(draft.name)
    return [
        Target(one.id, f"{one.code} – {one.service_name}", name in one.files)
        for state in sorted(EDITABLE)
        for one in work.registrations.page(
            frozenset((draft.agency_id,)), state, "", 1, MOST_OFFERED
        ).items
    ]


def _no_target(someone: Actor, draft: DiagramDraft, targets: list[Target]) -> str:
    if not allows(someone, Action.EDIT_REGISTRATION, agency_id=draft.agency_id):
        return NOT_REGISTRAR
    return "" if targets else NO_REGISTRATION


@pages.get("/studio/drafts/<draft_id>/diagram")
@asks(Action.EDIT_DRAFT)
def diagram(draft_id: str) -> Response:
    """The XML as it was saved, broken or not."""
    with service().open_work(read_only=True) as work:
        draft = drafts.visible(work, actor(), draft_id)
        name, content = file_name(draft.name), draft.content
    return file_sets.send(name, content.encode())


@pages.put("/studio/drafts/<draft_id>")
@asks(Action.EDIT_DRAFT)
def save(draft_id: str) -> Response:
    """Keep a new revision; a draft may be broken, the lint says what is wrong with it."""
    try:
        command = _command(draft_id)
        with service().open_work() as work:
            saved = drafts.save(work, actor(), command)
            answer = {"version": saved.revision, "name": saved.name, "file": file_name(saved.name)}
    except DomainError as error:
        return _problem(error)
    return make_response(jsonify(answer), 200)


def _command(draft_id: str) -> drafts.SaveDraft:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidInput("Nội dung gửi lên không đọc được.")
    written = (request.headers.get("If-Match") or str(sent.get("revision", ""))).strip('" ')
    if not written.isdecimal() or len(written) > 9:
        raise InvalidInput(NO_REVISION)
    return drafts.SaveDraft(
        draft_id=draft_id,
        revision=int(written),
        name=str(sent.get("name") or ""),
        content=str(sent.get("xml") or ""),
    )


def _problem(error: DomainError) -> Response:
    """Problem details for the script of the page (RFC 9457)."""
    status = status_of(error)
    details = [text for texts in error.fields.values() for text in texts]
    body = jsonify(status=status, title=error.message, detail=" ".join(details), code=error.code)
    response = make_response(body, status)
    response.headers["Content-Type"] = "application/problem+json"
    return response


@pages.post("/studio/lint")
@asks(Action.EDIT_DRAFT)
def lint() -> Response:
    """What deployment would say of the XML in the body; `draft` says whose files it may name."""
    try:
        content = request.get_data(cache=False)
        if len(content) > 4 * drafts.MAX_CHARACTERS:
            raise InvalidInput("Sơ đồ quá lớn.")
        with service().open_work(read_only=True) as work:
            draft = drafts.visible(work, actor(), request.args.get("draft", ""))
            found = studio_words.lint(work, draft.agency_id, file_name(draft.name), content)
    except DomainError as error:
        return _problem(error)
    return make_response(jsonify([asdict(problem) for problem in found]), 200)


# --- what becomes of it -------------------------------------------------------------------


@pages.post("/studio/drafts/<draft_id>/registration")
@asks(Action.EDIT_DRAFT)
def put_into_registration(draft_id: str) -> Response:
    """Put the saved diagram into a registration that is being edited, in place of one of its name."""
    registration_id = request.form.get("registration_id", "")
    try:
        with service().open_work() as work:
            draft = drafts.visible(work, actor(), draft_id)
            name = file_name(draft.name)
            registrations.put_file(work, actor(), registration_id, name, draft.content.encode())
    except (InvalidInput, InvalidState, Conflict) as error:
        flash(error.message, "error")
        return redirect(_href(draft_id), 303)
    flash(f"Đã đưa {name} vào hồ sơ đăng ký và kiểm tra cả bộ tệp.", "success")
    return redirect(f"/registrations/{registration_id}/files#problems", 303)


@pages.post("/studio/drafts/<draft_id>/removal")
@asks(Action.EDIT_DRAFT)
def remove(draft_id: str) -> Response:
    with service().open_work() as work:
        name = drafts.visible(work, actor(), draft_id).name
        drafts.remove(work, actor(), draft_id)
    flash(f"Đã xóa bản nháp {name}.", "success")
    return redirect(PATH, 303)
