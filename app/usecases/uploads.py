"""Files that people upload: sniffed, limited, kept by checksum, then bound to their subject."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from app.domain.cases import Paper
from app.domain.errors import InvalidInput
from app.domain.instances import SubjectKind
from app.domain.permissions import Actor
from app.usecases.ports import Work

MAX_BYTES = 10 * 1024 * 1024
UPLOAD = "upload"  # subject of a paper that is not yet part of anything

# What a file may be: ending, media type, and the bytes such a file begins with.
KINDS: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        (b"PK\x03\x04",),
    ),
    ".xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        (b"PK\x03\x04",),
    ),
}
RESERVED = {"con", "prn", "aux", "nul"}


@dataclass(frozen=True)
class Upload:
    name: str
    content: bytes
    component: str = ""


def clean_name(name: str) -> str:
    """Take the file name out of whatever path a browser sent; drop what could deceive a reader."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    normal = unicodedata.normalize("NFC", last)
    shown = "".join(c for c in normal if unicodedata.category(c)[0] != "C").strip(". ")
    stem, dot, ending = shown.rpartition(".")
    if not stem or stem.lower() in RESERVED:
        stem = "tep"
    return f"{stem[:100]}{dot}{ending.lower()[:10]}"


def put(work: Work, actor: Actor, agency_id: str, upload: Upload) -> Paper:
    """Keep one uploaded file. Raises InvalidInput where it is not what its name says."""
    name = clean_name(upload.name)
    ending = f".{name.rpartition('.')[2]}"
    fault = None
    if ending not in KINDS:
        fault = "Chỉ nhận tệp PDF, JPG, PNG, DOCX, XLSX."
    elif not upload.content:
        fault = "Tệp rỗng."
    elif len(upload.content) > MAX_BYTES:
        fault = "Tệp lớn hơn 10 MB."
    elif not upload.content.startswith(KINDS[ending][1]):
        fault = f"Nội dung tệp không phải là {ending[1:].upper()} như tên tệp."
    if fault:
        raise InvalidInput(fault, fields={"file": [f"{name}: {fault}"]})
    paper = Paper(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=agency_id,
        subject_kind=UPLOAD,
        subject_id=actor.id,
        name=name,
        mime=KINDS[ending][0],
        size=len(upload.content),
        sha256=work.files.put(upload.content, work.now()),
        uploaded_at=work.now(),
        uploaded_by=actor.id,
        component=upload.component,
    )
    work.papers.add(paper)
    return paper


def reference(paper: Paper) -> dict[str, Any]:
    """The value of a file field: what a form and the process variables keep of a paper."""
    return {
        "id": paper.id,
        "name": paper.name,
        "size": paper.size,
        "mime": paper.mime,
        "sha256": paper.sha256,
    }


def bind(
    work: Work, actor: Actor, values: Mapping[str, Any], kind: SubjectKind, subject_id: str
) -> None:
    """Make the uploads that a submission refers to papers of its subject.

    Only those of the actor or of a colleague, who may have begun the draft, and each only once:
    a reference to another agency's upload, or to a paper of something else, is refused.
    """
    for value in values.values():
        for entry in value if isinstance(value, list) else ():
            if not isinstance(entry, Mapping) or "sha256" not in entry:
                continue
            paper = work.papers.find(str(entry.get("id")))
            if paper is None or paper.sha256 != entry["sha256"]:
                raise InvalidInput("Tệp đính kèm không còn. Hãy tải lên lại.")
            if paper.subject_kind == UPLOAD:
                if paper.uploaded_by != actor.id and paper.agency_id not in actor.agency_ids:
                    raise InvalidInput("Tệp đính kèm không còn. Hãy tải lên lại.")
                paper.subject_kind, paper.subject_id = kind.value, subject_id
            elif (paper.subject_kind, paper.subject_id) != (kind.value, subject_id):
                raise InvalidInput("Tệp đính kèm thuộc hồ sơ khác.")
