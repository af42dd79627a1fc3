"""One registration as its pages show it: what it says, what it lacks, who may do what with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.definitions import FileSet
from app.domain.engine import Problem
from app.domain.instances import SubjectKind
from app.domain.permissions import Action, Actor, allows
from app.domain.procedures import (
    COMPONENTS,
    EDITABLE,
    LEVEL_LABELS,
    REGISTRATION_LABELS,
    RegistrationState,
    ServiceRegistration,
)
from app.usecases import registrations, timelines
from app.usecases.ports import Work
from app.web import file_sets, formats, subjects
from app.web.open_tasks import OpenTask, open_tasks
from app.web.registration_content import DOCUMENTS
from app.web.registration_list import PATH, STATE_KINDS, due_of
from app.web.views import (
    Calendars,
    ClockView,
    DocumentView,
    Due,
    TimelineView,
    clock_views,
    document_views,
    timeline_views,
)

NOT_EDITOR = (
    "Chỉ cán bộ phân tích, chuyên viên hoặc trưởng đơn vị của cơ quan đăng ký mới làm được."
)
LOCKED = "Hồ sơ đã nộp: bộ tệp đã đóng băng, chỉ sửa được khi có yêu cầu chỉnh sửa."
MISSING = "Còn {count} mục phải bổ sung trước khi nộp."
FILE_ERRORS = "Bộ tệp còn {count} lỗi."
NOT_DRAFT = "Hồ sơ đã vào quy trình thẩm định; quản trị hệ thống mới hủy được, kèm lý do."
NO_DRAFTS = "Chỉ cán bộ phân tích hoặc đơn vị phần mềm của cơ quan mới mở được studio."
OUTCOMES = {
    RegistrationState.APPROVED: ("Chấp thuận", "ok"),
    RegistrationState.PUBLISHED: ("Chấp thuận", "ok"),
    RegistrationState.REVISION: ("Yêu cầu chỉnh sửa", "warn"),
    RegistrationState.REJECTED: ("Không chấp thuận", "bad"),
}
NEXT = {
    RegistrationState.SUBMITTED: (
        "Sở TT&TT đang thẩm định nội dung và quy trình trong 7 ngày làm việc (K1)."
    ),
    RegistrationState.APPROVED: (
        "Đã có văn bản thẩm định. Cơ quan chuẩn bị và đăng tải trong 10 ngày làm việc (K2)."
    ),
    RegistrationState.WITHDRAWN: "Hồ sơ đã rút. Muốn cung cấp dịch vụ này, hãy đăng ký mới.",
}


@dataclass(frozen=True)
class MissingItem:
    text: str
    href: str


@dataclass(frozen=True)
class Rights:
    """Why something may not be done; empty where it may."""

    edit: str
    submit: str
    withdraw: str
    studio: str


@dataclass(frozen=True)
class Run:
    name: str
    ok: bool
    steps: list[str]
    message: str


@dataclass(frozen=True)
class RehearsalView:
    at: str
    runs: list[Run]

    @property
    def failed(self) -> int:
        return sum(1 for run in self.runs if not run.ok)


@dataclass(frozen=True)
class Appraisal:
    outcome: str
    kind: str
    document: str
    reasons: list[str]


@dataclass(frozen=True)
class Frame:
    """What every page of a registration shows around its own part."""

    id: str
    code: str
    service: str
    procedure: str
    agency: str
    state: str
    state_kind: str
    round: int
    editable: bool
    due: Due | None
    next: str
    reasons: list[str]  # of the revision that is asked for now
    rights: Rights
    missing: list[MissingItem]
    file_count: int
    has_instance: bool
    published: tuple[str, str] | None  # label and address of the version
    tasks: list[OpenTask]
    clocks: list[ClockView]
    timeline: list[TimelineView]

    @property
    def path(self) -> str:
        return f"{PATH}/{self.id}"


def frame(work: Work, actor: Actor, registration: ServiceRegistration) -> Frame:
    editable = registration.state in EDITABLE
    lacking = missing_items(work, registration) if editable else []
    clocks = work.clocks.of_subject(SubjectKind.REGISTRATION, registration.id)
    procedure = work.procedures.get(registration.procedure_id)
    return Frame(
        id=registration.id,
        code=registration.code,
        service=registration.service_name,
        procedure=procedure.code,
        agency=work.agencies.get(registration.agency_id).name,
        state=REGISTRATION_LABELS[registration.state],
        state_kind=STATE_KINDS[registration.state],
        round=registration.round,
        editable=editable,
        due=due_of(work, registration, clocks, Calendars.of(work)),
        next=NEXT.get(registration.state, ""),
        reasons=_reasons(registration) if registration.state is RegistrationState.REVISION else [],
        rights=rights_of(actor, registration, len(lacking)),
        missing=lacking,
        file_count=len(files_of(work, registration)),
        has_instance=registration.instance_id is not None,
        published=_published(work, registration),
        tasks=open_tasks(work, actor, registration.instance_id),
        clocks=clock_views(work, SubjectKind.REGISTRATION, registration.id),
        timeline=_timeline(work, registration),
    )


def rights_of(actor: Actor, registration: ServiceRegistration, lacking: int) -> Rights:
    agency = registration.agency_id
    editor = allows(actor, Action.EDIT_REGISTRATION, agency_id=agency)
    edit = NOT_EDITOR if not editor else "" if registration.state in EDITABLE else LOCKED
    submit = edit or (MISSING.format(count=lacking) if lacking else "")
    is_draft = registration.state is RegistrationState.DRAFT
    withdraw = NOT_EDITOR if not editor else "" if is_draft else NOT_DRAFT
    studio = "" if allows(actor, Action.EDIT_DRAFT, agency_id=agency) else NO_DRAFTS
    return Rights(edit, submit, withdraw, studio)


def missing_items(work: Work, registration: ServiceRegistration) -> list[MissingItem]:
    """What is lacking, each with a link to where it is mended; errors of files are one item."""
    fields = registrations.missing(work, registration)
    wrong = fields.get("files", [])
    if len(wrong) > 1:
        fields["files"] = [FILE_ERRORS.format(count=len(wrong))]
    return missing_links(registration.id, fields)


def missing_links(registration_id: str, fields: Mapping[str, Sequence[str]]) -> list[MissingItem]:
    path = f"{PATH}/{registration_id}"
    return [
        MissingItem(text, f"{path}/files#problems" if name == "files" else f"{path}#{name}")
        for name, texts in fields.items()
        for text in texts
    ]


def files_of(work: Work, registration: ServiceRegistration) -> dict[str, str]:
    """Names and checksums: of what is being put together, else of the frozen set."""
    if registration.state in EDITABLE or registration.fileset_checksum is None:
        return dict(registration.files)
    return dict(work.files.get_set(registration.fileset_checksum).files)


def content_of(work: Work, files: Mapping[str, str]) -> dict[str, bytes]:
    return {name: work.files.read(checksum) for name, checksum in files.items()}


def _reasons(registration: ServiceRegistration) -> list[str]:
    return [line for line in registration.appraisal_reasons.splitlines() if line.strip()]


def _published(work: Work, registration: ServiceRegistration) -> tuple[str, str] | None:
    version = work.services.version_of_registration(registration.id)
    if version is None:
        return None
    href = f"/services/{version.service_id}/versions/{version.version}"
    return f"Phiên bản {version.version} của dịch vụ", href


def _timeline(work: Work, registration: ServiceRegistration) -> list[TimelineView]:
    if registration.instance_id is None:
        return []
    instance = work.instances.get(registration.instance_id)
    return timeline_views(timelines.timeline(work, instance))


# --- what was submitted -------------------------------------------------------------------


@dataclass(frozen=True)
class Review:
    """A registration to be read: documents, procedure data, appraisal, rehearsal."""

    facts: subjects.Facts
    components: subjects.Facts
    appraisal: Appraisal | None
    rehearsal: RehearsalView | None
    lint: str
    papers: list[DocumentView] = field(default_factory=list)


def review(work: Work, registration: ServiceRegistration) -> Review:
    return Review(
        facts=_facts(work, registration),
        components=[
            (label, str(registration.procedure_data.get(key) or ""))
            for key, label in COMPONENTS.items()
        ],
        appraisal=_appraisal(registration),
        rehearsal=rehearsal_of(registration),
        lint=file_sets.count_text(*registrations.report_counts(registration.lint_report)),
        papers=document_views(work.papers.of_subject(SubjectKind.REGISTRATION, registration.id)),
    )


def _facts(work: Work, registration: ServiceRegistration) -> subjects.Facts:
    documents = [
        (
            title,
            document_text(
                str(getattr(registration, f"{prefix}_number")),
                formats.day(getattr(registration, f"{prefix}_date")),
            ),
        )
        for prefix, title, _why in DOCUMENTS
    ]
    rows = [
        ("Thủ tục", work.procedures.get(registration.procedure_id).code),
        ("Cơ quan đăng ký", work.agencies.get(registration.agency_id).name),
        ("Mức độ", LEVEL_LABELS[registration.level]),
        *documents,
        ("Nộp lúc", formats.moment(registration.submitted_at)),
        ("Lần trình", str(registration.round) if registration.round else ""),
        ("Mã kiểm tra bộ tệp", registration.fileset_checksum or ""),
        ("Đăng tải lúc", formats.moment(registration.published_at)),
    ]
    return [(term, value) for term, value in rows if value]


def document_text(number: str, day: str) -> str:
    """Write a document as people quote it: 21/ĐK-DVC ngày 16/11/2026."""
    return " ngày ".join(part for part in (number, day) if part)


def _appraisal(registration: ServiceRegistration) -> Appraisal | None:
    known = OUTCOMES.get(registration.state)
    if known is None:
        if not registration.appraisal_reasons:
            return None
        known = ("Yêu cầu chỉnh sửa ở lần trình trước", "warn")
    document = document_text(
        registration.appraisal_number, formats.day(registration.appraisal_date)
    )
    return Appraisal(*known, document, _reasons(registration))


def rehearsal_of(registration: ServiceRegistration) -> RehearsalView | None:
    kept = registration.rehearsal
    if kept is None:
        return None
    at = datetime.fromisoformat(str(kept["at"]))
    runs = [
        Run(str(run["name"]), bool(run["ok"]), [str(s) for s in run["steps"]], str(run["message"]))
        for run in kept["runs"]
    ]
    return RehearsalView(formats.moment(at), runs)


# --- the set of files ---------------------------------------------------------------------


@dataclass(frozen=True)
class FilesPage:
    rows: list[file_sets.FileRow]
    lint: file_sets.LintView
    lint_is_stored: bool
    checksum: str
    drawing: file_sets.DrawingView | None


def files_page(
    work: Work, registration: ServiceRegistration, *, file: str = "", element: str = ""
) -> FilesPage:
    files = files_of(work, registration)
    editable = registration.state in EDITABLE
    problems = _problems(work, registration, editable=editable)
    page = f"{PATH}/{registration.id}/files"
    shown = file if file in files else file_sets.first_diagram(files)
    drawing = None
    if shown.endswith(".bpmn"):
        content = work.files.read(files[shown])
        drawing = file_sets.drawing(
            work, shown, content, base=page, problems=problems, element=element
        )
    return FilesPage(
        rows=file_sets.file_rows(work, files, page=page, folder=page, problems=problems),
        lint=file_sets.lint_view(problems, page),
        lint_is_stored=not editable,
        checksum=FileSet.of(files, work.now()).checksum if files else "",
        drawing=drawing,
    )


def _problems(work: Work, registration: ServiceRegistration, *, editable: bool) -> list[Problem]:
    """What the lint says of the set now; of a frozen set what it said when it was submitted."""
    if editable:
        return registrations.lint(work, registration)
    return file_sets.problems_of(registration.lint_report)
