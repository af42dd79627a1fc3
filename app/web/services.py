"""The services in force and their versions: what was published, by which documents, and what changed."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.domain.errors import NotFound
from app.domain.permissions import Action, allows
from app.doors import asks, service
from app.usecases.ports import Work
from app.web import file_sets, service_list, service_page
from app.web.context import actor
from app.web.registration_page import content_of
from app.web.service_list import PATH
from app.web.views import page_number

pages = Blueprint("services", __name__)

MOST_CHARACTERS = 100


@pages.context_processor
def searched() -> dict[str, str]:
    """What the search box of these pages searches."""
    return {"search_url": PATH}


@pages.get("/services")
@asks(Action.VIEW_SERVICES)
def index() -> str:
    with service().open_work(read_only=True) as work:
        view = service_list.build(
            work,
            _argument("agency"),
            _argument("sector"),
            _argument("q"),
            page_number(),
        )
    return render_template(
        "services/index.html",
        list=view,
        search_text=view.search,
        may_register=allows(actor(), Action.EDIT_REGISTRATION),
    )


def _argument(name: str) -> str:
    return request.args.get(name, "").strip()[:MOST_CHARACTERS]


@pages.get("/services/<service_id>")
@asks(Action.VIEW_SERVICES)
def show(service_id: str) -> str:
    with service().open_work(read_only=True) as work:
        view = service_page.service_page(work, actor(), service_id)
    return render_template("services/show.html", page=view)


@contextmanager
def _version(service_id: str, number: int) -> Iterator[tuple[Work, service_page.Loaded]]:
    with service().open_work(read_only=True) as work:
        yield work, service_page.load(work, service_id, number)


@pages.get("/services/<service_id>/versions/<int:number>")
@asks(Action.VIEW_SERVICES)
def version(service_id: str, number: int) -> str:
    """What the procedure says, and the documents of both gates."""
    with _version(service_id, number) as (work, loaded):
        return render_template(
            "services/version.html",
            head=loaded.head,
            content=service_page.content_view(work, actor(), loaded),
            tab="content",
        )


@pages.get("/services/<service_id>/versions/<int:number>/diagram")
@asks(Action.VIEW_SERVICES)
def diagram(service_id: str, number: int) -> str:
    with _version(service_id, number) as (work, loaded):
        drawing = service_page.diagram_view(
            work, loaded, request.args.get("file", ""), request.args.get("element", "")
        )
        return render_template(
            "services/diagram.html",
            head=loaded.head,
            drawing=drawing,
            may_draw=allows(actor(), Action.EDIT_DRAFT),
            tab="diagram",
        )


@pages.get("/services/<service_id>/versions/<int:number>/forms")
@asks(Action.VIEW_SERVICES)
def forms(service_id: str, number: int) -> str:
    with _version(service_id, number) as (work, loaded):
        return render_template(
            "services/forms.html",
            head=loaded.head,
            names=service_page.forms_of(loaded.files),
            preview=service_page.form_preview(work, loaded, request.args.get("form", "")),
            tab="forms",
        )


@pages.get("/services/<service_id>/versions/<int:number>/files")
@asks(Action.VIEW_SERVICES)
def files(service_id: str, number: int) -> str:
    with _version(service_id, number) as (work, loaded):
        path = loaded.head.path
        return render_template(
            "services/files.html",
            head=loaded.head,
            checksum=loaded.version.fileset_checksum,
            rows=file_sets.file_rows(
                work, loaded.files, page=f"{path}/diagram", folder=f"{path}/files"
            ),
            tab="files",
        )


@pages.get("/services/<service_id>/versions/<int:number>/changes")
@asks(Action.VIEW_SERVICES)
def changes(service_id: str, number: int) -> str:
    with _version(service_id, number) as (work, loaded):
        return render_template(
            "services/changes.html",
            head=loaded.head,
            changes=service_page.changes(work, loaded),
            tab="changes",
        )


@pages.get("/services/<service_id>/versions/<int:number>/files/<name>")
@asks(Action.VIEW_SERVICES)
def download(service_id: str, number: int, name: str) -> Response:
    with _version(service_id, number) as (work, loaded):
        if name not in loaded.files:
            raise NotFound(f"Không có tệp “{name}” trong phiên bản này.")
        content = work.files.read(loaded.files[name])
    return file_sets.send(name, content)


@pages.get("/services/<service_id>/versions/<int:number>/archive")
@asks(Action.VIEW_SERVICES)
def archive(service_id: str, number: int) -> Response:
    with _version(service_id, number) as (work, loaded):
        packed = file_sets.archive(content_of(work, loaded.files))
        name = f"{loaded.service.code}-phien-ban-{number}.zip"
    return file_sets.send(name, packed, "application/zip")
