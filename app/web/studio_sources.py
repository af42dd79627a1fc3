"""Where a new draft comes from: a blank sheet, a file, a published version, a registration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import render_template
from werkzeug.datastructures import FileStorage

from app.domain.errors import InvalidInput, NotFound
from app.domain.permissions import Action, Actor, allows, require
from app.usecases import drafts, registrations
from app.usecases.ports import Work
from app.web.folding import fold
from app.web.registration_page import files_of

ENDING = ".bpmn"
FALLBACK = "quy-trinh"
LONGEST_KEY = 60
LONGEST_NAME = 120  # what a draft's name may have (app/usecases/drafts.py)


@dataclass(frozen=True)
class Source:
    """A name and a content for a draft; `agency_id` is the agency that the source belongs to."""

    name: str
    content: str
    agency_id: str = ""


def my_agencies(actor: Actor) -> list[str]:
    """Agencies for which the actor may draw."""
    return sorted(
        one for one in actor.agency_ids if allows(actor, Action.EDIT_DRAFT, agency_id=one)
    )


def agency_for(actor: Actor, wanted: str) -> str:
    """The agency a new draft belongs to: the one wanted, else the actor's own first."""
    mine = my_agencies(actor)
    if wanted in mine:
        return wanted
    if not mine:
        require(actor, Action.EDIT_DRAFT, agency_id=wanted)
    return mine[0]


def file_name(name: str) -> str:
    """The name that a draft has as a file: no folders, ending in .bpmn."""
    words = " ".join(name.replace("/", "-").replace("\\", "-").split()).strip(". ")
    stem = words.removesuffix(ENDING).strip() or FALLBACK
    return f"{stem[: LONGEST_NAME - len(ENDING)]}{ENDING}"


def process_key(name: str) -> str:
    """An id for a process: plain letters and digits of its name."""
    key = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:LONGEST_KEY]
    return key if key[:1].isalpha() else f"quy_trinh_{key}".rstrip("_")


def blank(name: str) -> Source:
    """A smallest process that runs: filed, received, done."""
    title = name.strip().removesuffix(ENDING).strip()
    if not title:
        raise InvalidInput(
            "Hãy đặt tên cho quy trình.", fields={"name": ["Hãy đặt tên cho quy trình."]}
        )
    key = process_key(title)
    return Source(file_name(key), render_template("studio/blank.xml", key=key, title=title))


def uploaded(file: FileStorage | None) -> Source:
    """What was chosen on the disk; whether it is a diagram the lint will say."""
    if file is None or not file.filename:
        raise InvalidInput("Hãy chọn tệp .bpmn.", fields={"file": ["Hãy chọn tệp .bpmn."]})
    return Source(
        file_name(file.filename), as_text(file.stream.read(4 * drafts.MAX_CHARACTERS + 1))
    )


def as_text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = "Tệp phải là văn bản UTF-8."
        raise InvalidInput(text, fields={"file": [text]}) from error


def of_service(work: Work, actor: Actor, sent: Mapping[str, str]) -> Source:
    """A diagram of a published version; without a file, the one that the version runs by."""
    require(actor, Action.VIEW_SERVICES)
    service = work.services.get(sent.get("service_id", ""))
    number = sent.get("version", "")
    wanted = int(number) if number.isdecimal() and len(number) < 9 else service.live_version
    version = work.services.version(service.id, wanted)
    if version is None:
        raise NotFound("Dịch vụ này không có phiên bản như vậy.")
    files = work.files.get_set(version.fileset_checksum).files
    resource = work.definitions.get(version.definition_id).resource
    name = sent.get("file") or resource
    return _diagram(work, files, name, service.agency_id)


def of_registration(work: Work, actor: Actor, sent: Mapping[str, str]) -> Source:
    registration = registrations.visible(work, actor, sent.get("registration_id", ""))
    files = files_of(work, registration)
    return _diagram(work, files, sent.get("file", ""), registration.agency_id)


def _diagram(work: Work, files: Mapping[str, str], name: str, agency_id: str) -> Source:
    if name not in files or not name.endswith(ENDING):
        raise NotFound(f"Không có sơ đồ “{name}” trong bộ tệp.")
    return Source(name, as_text(work.files.read(files[name])), agency_id)
