"""Điều 11 for people: an agency puts a registration together, submits it, and follows its appraisal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState, NotFound
from app.domain.permissions import Action, Actor, allows
from app.domain.procedures import (
    COMPONENTS,
    Procedure,
    RegistrationState,
    ServiceRegistration,
)
from app.doors import asks, service
from app.statuses import status_of
from app.usecases import registrations
from app.usecases.ports import Page, Work
from app.web import (
    drawings,
    file_sets,
    registration_content,
    registration_list,
    registration_page,
    subjects,
)
from app.web.context import actor
from app.web.folding import found
from app.web.registration_list import PATH
from app.web.views import PAGE_SIZE, page_number, page_view

pages = Blueprint("registrations", __name__)

MOST_CHARACTERS = 100
MOST_AT_ONCE = 30
NO_FILE = "Hãy chọn ít nhất một tệp."


@pages.context_processor
def searched() -> dict[str, str]:
    """What the search box of these pages searches."""
    return {"search_url": PATH}


def _search() -> str:
    return request.args.get("q", "").strip()[:MOST_CHARACTERS]


# --- the list ---------------------------------------------------------------------------


@pages.get("/registrations")
@asks(Action.VIEW_REGISTRATION)
def index() -> str:
    wanted = request.args.get("state", "")
    state = RegistrationState(wanted) if wanted in set(RegistrationState) else None
    with service().open_work(read_only=True) as work:
        view = registration_list.build(work, actor(), state, _search(), page_number())
    return render_template(
        "registrations/index.html",
        list=view,
        search_text=view.search,
        may_register=allows(actor(), Action.EDIT_REGISTRATION),
    )


# --- a new one ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    """A procedure that may be registered, and how it stands already."""

    procedure_id: str
    agency_id: str
    code: str
    name: str
    sector: str
    agency: str
    service: tuple[str, str] | None  # version in force
    pending: tuple[str, str] | None  # the registration that is not finished


@pages.get("/registrations/new")
@asks(Action.EDIT_REGISTRATION)
def choose() -> str:
    search = _search()
    with service().open_work(read_only=True) as work:
        matching = _procedures(work, actor(), search, page_number())
        choices = [_choice(work, procedure) for procedure in matching.items]
    return render_template(
        "registrations/new.html",
        choices=choices,
        page=page_view(matching, f"{PATH}/new", {"q": search}),
        search_url=f"{PATH}/new",
        search_text=search,
    )


def _procedures(work: Work, someone: Actor, search: str, number: int) -> Page[Procedure]:
    """Procedures of the agencies for which the actor may register."""
    matching = [
        procedure
        for agency_id in sorted(someone.agency_ids)
        if allows(someone, Action.EDIT_REGISTRATION, agency_id=agency_id)
        for procedure in work.procedures.at_agency(agency_id)
        if found(search, f"{procedure.code} {procedure.name} {procedure.sector}")
    ]
    first = (number - 1) * PAGE_SIZE
    return Page(matching[first : first + PAGE_SIZE], len(matching), number, PAGE_SIZE)


def _choice(work: Work, procedure: Procedure) -> Choice:
    offered = work.services.of_procedure(procedure.id, procedure.agency_id)
    pending = _pending(work, procedure)
    return Choice(
        procedure_id=procedure.id,
        agency_id=procedure.agency_id,
        code=procedure.code,
        name=procedure.name,
        sector=procedure.sector,
        agency=work.agencies.get(procedure.agency_id).short_name,
        service=(f"Phiên bản {offered.live_version}", f"/services/{offered.id}")
        if offered
        else None,
        pending=(pending.code, f"{PATH}/{pending.id}") if pending else None,
    )


def _pending(work: Work, procedure: Procedure) -> ServiceRegistration | None:
    unfinished = {RegistrationState.DRAFT, *registrations.IN_PROGRESS}
    return next(
        (
            one
            for one in reversed(work.registrations.of_procedure(procedure.id, procedure.agency_id))
            if one.state in unfinished
        ),
        None,
    )


@pages.post("/registrations")
@asks(Action.EDIT_REGISTRATION)
def create() -> Response:
    with service().open_work() as work:
        made = registrations.create(
            work,
            actor(),
            request.form.get("agency_id", ""),
            request.form.get("procedure_id", ""),
        )
        code, where = made.code, f"{PATH}/{made.id}"
    flash(
        f"Đã mở hồ sơ đăng ký {code}. Hãy nhập văn bản, dữ liệu thủ tục rồi tải bộ tệp.", "success"
    )
    return redirect(where, 303)


# --- one registration: what it says ---------------------------------------------------------


@pages.get("/registrations/<registration_id>")
@asks(Action.VIEW_REGISTRATION)
def show(registration_id: str) -> Response:
    return _content_page(registration_id)


def _content_page(
    registration_id: str,
    *,
    typed: registration_content.Content | None = None,
    message: str = "",
    lacking: Mapping[str, Sequence[str]] | None = None,
    status: int = 200,
) -> Response:
    with service().open_work(read_only=True) as work:
        registration = registrations.visible(work, actor(), registration_id)
        kept = registration_content.content_of(registration)
        if typed is not None and typed.version != kept.version:
            typed = typed.against(kept)
        html = render_template(
            "registrations/show.html",
            frame=registration_page.frame(work, actor(), registration),
            content=typed or kept,
            review=registration_page.review(work, registration),
            documents=registration_content.DOCUMENTS,
            components=COMPONENTS,
            hints=registration_content.HINTS,
            rows=registration_content.ROWS,
            levels=registration_content.LEVELS,
            message=message,
            lacking=registration_page.missing_links(registration_id, lacking or {}),
            tab="content",
        )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/registrations/<registration_id>")
@asks(Action.EDIT_REGISTRATION)
def save(registration_id: str) -> Response:
    """Keep what was typed; what cannot be kept stays on the page."""
    typed = registration_content.typed_content(request.form)
    if typed.errors:
        return _content_page(registration_id, typed=typed, status=422)
    try:
        with service().open_work() as work:
            registrations.edit(work, actor(), typed.command(registration_id))
    except (Conflict, InvalidState, InvalidInput) as error:
        return _content_page(
            registration_id, typed=typed, message=error.message, status=status_of(error)
        )
    flash("Đã lưu nội dung đăng ký.", "success")
    return redirect(f"{PATH}/{registration_id}", 303)


@pages.post("/registrations/<registration_id>/submission")
@asks(Action.EDIT_REGISTRATION)
def submit(registration_id: str) -> Response:
    try:
        with service().open_work() as work:
            code = registrations.submit(work, actor(), registration_id).code
    except (Conflict, InvalidState, InvalidInput) as error:
        lacking = error.fields if isinstance(error, InvalidInput) else {}
        return _content_page(
            registration_id, message=error.message, lacking=lacking, status=status_of(error)
        )
    flash(f"Đã nộp {code}. Bộ tệp đã đóng băng; Sở TT&TT bắt đầu thẩm định (K1).", "success")
    return redirect(f"{PATH}/{registration_id}", 303)


@pages.post("/registrations/<registration_id>/withdrawal")
@asks(Action.EDIT_REGISTRATION)
def withdraw(registration_id: str) -> Response:
    with service().open_work() as work:
        code = registrations.withdraw(work, actor(), registration_id).code
    flash(f"Đã rút hồ sơ đăng ký {code}.", "success")
    return redirect(f"{PATH}/{registration_id}", 303)


# --- its files ------------------------------------------------------------------------------


@pages.get("/registrations/<registration_id>/files")
@asks(Action.VIEW_REGISTRATION)
def files(registration_id: str) -> Response:
    return _files_page(registration_id)


def _files_page(registration_id: str, *, errors: Sequence[str] = (), status: int = 200) -> Response:
    with service().open_work(read_only=True) as work:
        registration = registrations.visible(work, actor(), registration_id)
        html = render_template(
            "registrations/files.html",
            frame=registration_page.frame(work, actor(), registration),
            page=registration_page.files_page(
                work,
                registration,
                file=request.args.get("file", ""),
                element=request.args.get("element", ""),
            ),
            errors=list(errors),
            max_bytes=registrations.MAX_FILE_BYTES,
            accept=",".join((*registrations.KINDS, registrations.SCENARIO)),
            tab="files",
        )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/registrations/<registration_id>/files")
@asks(Action.EDIT_REGISTRATION)
def upload(registration_id: str) -> Response:
    """Take several files at once; those that cannot be taken are told, the others are kept."""
    chosen = [file for file in request.files.getlist("files") if file.filename][:MOST_AT_ONCE]
    if not chosen:
        return _files_page(registration_id, errors=[NO_FILE], status=422)
    refused: list[str] = []
    kept = 0
    try:
        with service().open_work() as work:
            for file in chosen:
                try:
                    _put(work, registration_id, file)
                    kept += 1
                except InvalidInput as error:
                    refused += error.fields.get("file", [error.message])
    except (Conflict, InvalidState) as error:
        return _files_page(registration_id, errors=[error.message], status=status_of(error))
    if kept:
        flash(f"Đã nhận {kept} tệp và kiểm tra cả bộ.", "success")
    if refused:
        return _files_page(registration_id, errors=refused, status=422)
    return redirect(f"{PATH}/{registration_id}/files#problems", 303)


def _put(work: Work, registration_id: str, file: FileStorage) -> None:
    content = file.stream.read(registrations.MAX_FILE_BYTES + 1)
    registrations.put_file(work, actor(), registration_id, str(file.filename), content)


@pages.post("/registrations/<registration_id>/files/<name>/removal")
@asks(Action.EDIT_REGISTRATION)
def remove(registration_id: str, name: str) -> Response:
    try:
        with service().open_work() as work:
            registrations.remove_file(work, actor(), registration_id, name)
    except DomainError as error:
        if isinstance(error, NotFound):
            raise
        return _files_page(registration_id, errors=[error.message], status=status_of(error))
    flash(f"Đã bỏ tệp {name}.", "success")
    return redirect(f"{PATH}/{registration_id}/files", 303)


@pages.get("/registrations/<registration_id>/files/<name>")
@asks(Action.VIEW_REGISTRATION)
def download(registration_id: str, name: str) -> Response:
    with service().open_work(read_only=True) as work:
        registration = registrations.visible(work, actor(), registration_id)
        checksum = registration_page.files_of(work, registration).get(name)
        if checksum is None:
            raise NotFound(f"Không có tệp “{name}” trong hồ sơ đăng ký.")
        content = work.files.read(checksum)
    return file_sets.send(name, content)


@pages.get("/registrations/<registration_id>/archive")
@asks(Action.VIEW_REGISTRATION)
def archive(registration_id: str) -> Response:
    """The whole set in one ZIP; the same set always gives the same bytes."""
    with service().open_work(read_only=True) as work:
        registration = registrations.visible(work, actor(), registration_id)
        files = registration_page.files_of(work, registration)
        packed = file_sets.archive(registration_page.content_of(work, files))
        name = f"{registration.code}.zip"
    return file_sets.send(name, packed, "application/zip")


# --- its progress ---------------------------------------------------------------------------


@pages.get("/registrations/<registration_id>/progress")
@asks(Action.VIEW_REGISTRATION)
def progress(registration_id: str) -> str:
    """The diagram of Điều 11 with the current step, and the same as a list."""
    with service().open_work(read_only=True) as work:
        registration = registrations.visible(work, actor(), registration_id)
        if registration.instance_id is None:
            raise NotFound("Hồ sơ đăng ký chưa nộp nên chưa có quy trình thẩm định.")
        instance = work.instances.get(registration.instance_id)
        return render_template(
            "registrations/progress.html",
            frame=registration_page.frame(work, actor(), registration),
            svg=drawings.of_instance(work, instance),
            steps=subjects.step_rows(work, instance),
            has_incident=instance.open_incidents > 0,
            tab="progress",
        )
