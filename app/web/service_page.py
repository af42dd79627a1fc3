"""One service and one published version of it: documents of both gates, files, forms, what changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from app.domain.errors import InvalidInput, NotFound
from app.domain.permissions import Action, Actor, allows
from app.domain.procedures import COMPONENTS, LEVEL_LABELS, OnlineService, ServiceVersion
from app.usecases.ports import FormField, Work
from app.web import file_sets, formats, subjects
from app.web.registration_page import document_text
from app.web.service_list import PATH
from app.web.views import address

DOCUMENTS = (
    ("announcement", "Quyết định công bố"),
    ("process_approval", "Quyết định phê duyệt quy trình nội bộ"),
    ("registration_document", "Văn bản đăng ký"),
    ("appraisal_document", "Văn bản thẩm định"),
)
SEARCHED = 90  # characters of a name: every word of them stands in the registration's name too
FORM_TYPES = {
    "textfield": "một dòng",
    "textarea": "nhiều dòng",
    "number": "số",
    "datetime": "ngày giờ",
    "checkbox": "đánh dấu",
    "checklist": "chọn nhiều",
    "radio": "chọn một",
    "select": "chọn một",
    "taglist": "chọn nhiều",
    "filepicker": "tệp",
    "expression": "tự tính",
}


# --- a service and its versions -------------------------------------------------------------


@dataclass(frozen=True)
class VersionRow:
    number: int
    href: str
    live: bool
    since: str
    until: str
    documents: list[tuple[str, str]]
    registration: tuple[str, str] | None  # code and address, where the actor may see it
    checksum: str
    running: int


@dataclass(frozen=True)
class ServiceHead:
    id: str
    code: str
    name: str
    agency: str
    sector: str
    level: str

    @property
    def path(self) -> str:
        return f"{PATH}/{self.id}"


@dataclass(frozen=True)
class ServicePage:
    head: ServiceHead
    versions: list[VersionRow]
    registrations_href: str


def head_of(work: Work, service: OnlineService) -> ServiceHead:
    return ServiceHead(
        id=service.id,
        code=service.code,
        name=service.name,
        agency=work.agencies.get(service.agency_id).name,
        sector=work.procedures.get(service.procedure_id).sector,
        level=LEVEL_LABELS[service.level],
    )


def service_page(work: Work, actor: Actor, service_id: str) -> ServicePage:
    service = work.services.get(service_id)
    versions = work.services.versions(service.id)
    running = work.instances.count_running()
    return ServicePage(
        head=head_of(work, service),
        versions=[_version_row(work, actor, version, running) for version in versions],
        registrations_href=address("/registrations", {"q": service.name[:SEARCHED]}),
    )


def _version_row(
    work: Work, actor: Actor, version: ServiceVersion, running: Mapping[str, tuple[int, int]]
) -> VersionRow:
    return VersionRow(
        number=version.version,
        href=f"{PATH}/{version.service_id}/versions/{version.version}",
        live=version.live_to is None,
        since=formats.moment(version.live_from),
        until=formats.moment(version.live_to),
        documents=documents_of(version),
        registration=_registration(work, actor, version),
        checksum=version.fileset_checksum[: file_sets.SHORT],
        running=running.get(version.definition_id, (0, 0))[0],
    )


def documents_of(version: ServiceVersion) -> list[tuple[str, str]]:
    """The documents of both gates as people quote them."""
    return [(label, _document(getattr(version, name))) for name, label in DOCUMENTS]


def _document(kept: Mapping[str, str]) -> str:
    day = formats.day(date.fromisoformat(kept["date"])) if kept.get("date") else ""
    return document_text(kept.get("number", ""), day)


def _registration(work: Work, actor: Actor, version: ServiceVersion) -> tuple[str, str] | None:
    found = work.registrations.find(version.registration_id)
    if found is None or not allows(actor, Action.VIEW_REGISTRATION, agency_id=found.agency_id):
        return None
    return found.code, f"/registrations/{found.id}"


# --- one version ----------------------------------------------------------------------------


@dataclass(frozen=True)
class VersionHead:
    service: ServiceHead
    number: int
    live: bool
    period: str
    definition: str
    file_count: int
    form_count: int
    others: list[int]  # every version, newest first

    @property
    def path(self) -> str:
        return f"{self.service.path}/versions/{self.number}"


@dataclass(frozen=True)
class Loaded:
    """A version with the names and checksums of its files, while the transaction is open."""

    service: OnlineService
    version: ServiceVersion
    files: dict[str, str]
    head: VersionHead


def load(work: Work, service_id: str, number: int) -> Loaded:
    """Raises NotFound."""
    service = work.services.get(service_id)
    version = work.services.version(service.id, number)
    if version is None:
        raise NotFound("Dịch vụ này không có phiên bản như vậy.")
    files = dict(work.files.get_set(version.fileset_checksum).files)
    definition = work.definitions.get(version.definition_id)
    until = f" đến {formats.moment(version.live_to)}" if version.live_to else ""
    return Loaded(
        service,
        version,
        files,
        VersionHead(
            service=head_of(work, service),
            number=number,
            live=version.live_to is None,
            period=f"Từ {formats.moment(version.live_from)}{until}",
            definition=f"{definition.key}, bản triển khai {definition.version}",
            file_count=len(files),
            form_count=len(forms_of(files)),
            others=[one.version for one in work.services.versions(service.id)],
        ),
    )


@dataclass(frozen=True)
class ContentView:
    facts: subjects.Facts
    components: subjects.Facts
    registration: tuple[str, str] | None


def content_view(work: Work, actor: Actor, loaded: Loaded) -> ContentView:
    version = loaded.version
    facts = [
        ("Mức độ", LEVEL_LABELS[version.level]),
        *documents_of(version),
        ("Quy trình", loaded.head.definition),
        ("Mã kiểm tra bộ tệp", version.fileset_checksum),
    ]
    return ContentView(facts, components_of(version), _registration(work, actor, version))


def components_of(version: ServiceVersion) -> subjects.Facts:
    return [
        (label, str(version.procedure_data.get(key) or "")) for key, label in COMPONENTS.items()
    ]


def diagram_view(work: Work, loaded: Loaded, file: str, element: str) -> file_sets.DrawingView:
    """The diagram that the version runs by, or another one of its set."""
    definition = work.definitions.get(loaded.version.definition_id)
    name = file if file in loaded.files and file.endswith(".bpmn") else definition.resource
    content = work.files.read(loaded.files[name])
    return file_sets.drawing(
        work, name, content, base=f"{loaded.head.path}/diagram", element=element
    )


# --- forms ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class FieldRow:
    label: str
    path: str
    type: str
    required: bool


@dataclass(frozen=True)
class FormPreview:
    """One form drawn empty; `fault` says why it cannot be."""

    key: str
    title: str
    view: Any  # a FormView for the template
    fields: list[FieldRow]
    fault: str = ""


def forms_of(files: Mapping[str, str]) -> list[str]:
    return sorted(name for name in files if name.endswith(".form"))


def form_preview(work: Work, loaded: Loaded, wanted: str) -> FormPreview | None:
    names = forms_of(loaded.files)
    if not names:
        return None
    name = wanted if wanted in names else _start_form(work, loaded, names)
    source = work.files.read(loaded.files[name])
    key = PurePosixPath(name).stem
    try:
        form = work.forms.read(source)
        fields = [_field(info) for info in form.fields()]
        return FormPreview(key, _title(source, key), form.view({}, {}, {}), fields)
    except InvalidInput as error:
        return FormPreview(key, key, None, [], error.message)


def _start_form(work: Work, loaded: Loaded, names: list[str]) -> str:
    start = f"{work.definitions.get(loaded.version.definition_id).start_form_key}.form"
    return start if start in names else names[0]


def _title(source: bytes, key: str) -> str:
    """The name that the form's author gave it, where there is one."""
    written = json.loads(source)
    return str(written.get("name") or written.get("id") or key)


def _field(info: FormField) -> FieldRow:
    kind = FORM_TYPES.get(info.type, info.type)
    return FieldRow(info.label or info.path, info.path, kind, info.required)


# --- what changed ---------------------------------------------------------------------------


@dataclass(frozen=True)
class TextChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class FileChange:
    name: str
    word: str
    kind: str
    before: str  # short checksums
    after: str


@dataclass(frozen=True)
class Changes:
    previous: int
    files: list[FileChange]
    same_files: int
    texts: list[TextChange]


def changes(work: Work, loaded: Loaded) -> Changes | None:
    """Compare with the version before; None for the first."""
    before = work.services.version(loaded.service.id, loaded.version.version - 1)
    if before is None:
        return None
    old = dict(work.files.get_set(before.fileset_checksum).files)
    changed = file_changes(old, loaded.files)
    pairs = [("Mức độ", LEVEL_LABELS[before.level], LEVEL_LABELS[loaded.version.level])]
    pairs += [
        (label, was, now)
        for (label, was), (_label, now) in zip(
            [*documents_of(before), *components_of(before)],
            [*documents_of(loaded.version), *components_of(loaded.version)],
            strict=True,
        )
    ]
    return Changes(
        previous=before.version,
        files=changed,
        same_files=sum(1 for name, sha in loaded.files.items() if old.get(name) == sha),
        texts=[TextChange(*pair) for pair in pairs if pair[1] != pair[2]],
    )


def file_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[FileChange]:
    """Files that were added, removed or changed, by name."""
    changed = []
    for name in sorted({*old, *new}):
        before, after = old.get(name, ""), new.get(name, "")
        if before == after:
            continue
        word, kind = ("đổi nội dung", "warn") if before and after else ("thêm", "ok")
        if not after:
            word, kind = "bỏ", "bad"
        changed.append(
            FileChange(name, word, kind, before[: file_sets.SHORT], after[: file_sets.SHORT])
        )
    return changed
