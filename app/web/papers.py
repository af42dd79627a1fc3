"""Uploaded documents: taken in, and served as attachments only, so that no browser runs them."""

from io import BytesIO

from flask import Blueprint, jsonify, make_response, request, send_file
from werkzeug.wrappers import Response

from app.domain.errors import DomainError, Forbidden, InvalidInput
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import papers, uploads
from app.web.context import actor
from app.web.submissions import content_of

pages = Blueprint("papers", __name__)


def file_href(paper_id: str) -> str:
    return f"/papers/{paper_id}"


@pages.get("/papers/<paper_id>")
@asks(Action.SEE_OWN)
def download(paper_id: str) -> Response:
    with service().open_work(read_only=True) as work:
        paper, content = papers.readable(work, actor(), paper_id)
        name, mime = paper.name, paper.mime
    response = send_file(
        BytesIO(content), mimetype=mime, as_attachment=True, download_name=name, max_age=0
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@pages.post("/papers")
@asks(Action.SEE_OWN)
def upload() -> Response:
    """Store one file for a script of a page; it becomes part of a dossier when a form refers to it."""
    someone = actor()
    file = request.files.get("file")
    try:
        if not someone.agency_ids:
            raise Forbidden("Tài khoản của bạn chưa thuộc cơ quan nào nên chưa tải tệp lên được.")
        if file is None or not file.filename:
            raise InvalidInput("Hãy chọn tệp.", fields={"file": ["Hãy chọn tệp."]})
        sent = uploads.Upload(file.filename, content_of(file))
        with service().open_work() as work:
            paper = uploads.put(work, someone, min(someone.agency_ids), sent)
            reference = uploads.reference(paper)
    except DomainError as error:
        status = 403 if isinstance(error, Forbidden) else 422
        return make_response(jsonify(message=error.message, fields=error.fields), status)
    return make_response(jsonify(reference), 201)
