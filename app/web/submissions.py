"""What a form page sends: text as typed, files stored before anything else, buttons of rows.

A stored file travels in a hidden field by its id and is looked up again here, so that nobody can
invent what a file is called, holds, or whose it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

from app.domain.cases import Paper
from app.domain.errors import InvalidInput
from app.domain.permissions import Actor
from app.usecases import uploads
from app.usecases.ports import Form, Work

KEPT = "_file:"
DROPPED = "_remove_file:"
MOST_UPLOADS = 20
FILE_LOST = "Tệp đính kèm không còn. Hãy tải lên lại."


@dataclass(frozen=True)
class Owner:
    """Whose files a submission may refer to: the sender's own uploads, and those of its subject."""

    actor: Actor
    agency_id: str
    subject_kind: str = ""
    subject_id: str = ""

    def may_refer_to(self, paper: Paper) -> bool:
        if paper.subject_kind == uploads.UPLOAD:
            return paper.uploaded_by == self.actor.id
        return (paper.subject_kind, paper.subject_id) == (self.subject_kind, self.subject_id)


@dataclass(frozen=True)
class Typed:
    """`values` is what a form reads; `files` the references in it; `errors` what was wrong with files."""

    values: MultiDict[str, Any]
    files: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    only_files_changed: bool = False  # the button that takes a file off was pressed


def plain(form: Form | None, typed: Typed, variables: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed as JSON can keep it: for a draft, without names that the form does not have."""
    if form is None:
        return {}
    declared = {info.path.partition(".")[0].removesuffix("[]") for info in form.fields()}
    raw = form.validate(typed.values, variables).typed
    return {name: value for name, value in raw.items() if name in declared}


def read(work: Work, form: Form | None, owner: Owner) -> Typed:
    """Read the request: store what was uploaded, look up what was stored before."""
    typed = _text()
    if form is not None:
        _look_up_kept(work, form, owner, typed)
        _store_uploads(work, form, owner, typed)
        _put_files(typed)
    return typed


def peek(work: Work, form: Form | None, owner: Owner) -> Typed:
    """Read the request without storing anything."""
    typed = _text()
    if form is not None:
        _look_up_kept(work, form, owner, typed)
        _put_files(typed)
    return typed


def _text() -> Typed:
    values: MultiDict[str, Any] = MultiDict()
    for name, value in request.form.items(multi=True):
        if not name.startswith(KEPT):
            values.add(name, value)
    return Typed(values, only_files_changed=_pressed_drop())


def _put_files(typed: Typed) -> None:
    for path, references in typed.files.items():
        typed.values.setlist(path, list(references))


def _pressed_drop() -> bool:
    return any(name.startswith(DROPPED) for name in request.form)


def _dropped() -> set[tuple[str, str]]:
    return {
        (name.removeprefix(DROPPED), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(DROPPED)
    }


def _look_up_kept(work: Work, form: Form, owner: Owner, typed: Typed) -> None:
    gone = _dropped()
    kept = [(n.removeprefix(KEPT), i) for n, i in request.form.items(multi=True) if n[:6] == KEPT]
    for path, paper_id in kept[: MOST_UPLOADS * 5]:
        if form.file_field(path) is None or (path, paper_id) in gone:
            continue
        paper = work.papers.find(paper_id)
        if paper is None or not owner.may_refer_to(paper):
            typed.errors.setdefault(path, []).append(FILE_LOST)
            continue
        typed.files.setdefault(path, []).append(uploads.reference(paper))


def _store_uploads(work: Work, form: Form, owner: Owner, typed: Typed) -> None:
    for path, name, content in _uploads():
        limits = form.file_field(path)
        if limits is None:
            continue
        references = typed.files.setdefault(path, [])
        if len(references) >= limits.max_count:
            typed.errors.setdefault(path, []).append(
                f"Chỉ nhận {limits.max_count} tệp; “{uploads.clean_name(name)}” chưa được tải lên."
            )
            continue
        upload = uploads.Upload(name, content, component=path[:100])
        try:
            paper = uploads.put(work, owner.actor, owner.agency_id, upload)
        except InvalidInput as error:
            typed.errors.setdefault(path, []).extend(error.fields.get("file", [error.message]))
            continue
        references.append(uploads.reference(paper))


def _uploads() -> Iterator[tuple[str, str, bytes]]:
    """Path, name and content of the files chosen; read no further than one byte past the limit."""
    chosen = [(path, f) for path, f in request.files.items(multi=True) if f.filename]
    for path, file in chosen[:MOST_UPLOADS]:
        yield path, str(file.filename), content_of(file)


def content_of(file: FileStorage) -> bytes:
    """Read an upload as far as it can be used, and let its temporary file go."""
    content = file.stream.read(uploads.MAX_BYTES + 1)
    file.close()
    return content


def merged(
    errors: Mapping[str, Sequence[str]], more: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Errors of the form and of its files; a file that was refused is not also called missing."""
    joined = {path: list(sentences) for path, sentences in errors.items()}
    return joined | {path: list(sentences) for path, sentences in more.items()}
