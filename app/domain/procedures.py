"""What the law says of a procedure, and the services that agencies offer of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.domain.durations import Unit
from app.domain.errors import InvalidInput, InvalidState


class ServiceLevel(StrEnum):
    """A dated code list: levels 3 and 4 until NĐ 42/2022, then partial and full (domain.md §3)."""

    LEVEL_3 = "level_3"
    LEVEL_4 = "level_4"
    PARTIAL = "partial"
    FULL = "full"


LEVEL_LABELS = {
    ServiceLevel.LEVEL_3: "Mức độ 3",
    ServiceLevel.LEVEL_4: "Mức độ 4",
    ServiceLevel.PARTIAL: "Một phần",
    ServiceLevel.FULL: "Toàn trình",
}

# Every component that Đ8.1b demands of a published procedure (R-8.1b), with its label.
COMPONENTS = {
    "steps": "Trình tự thực hiện",
    "manner": "Cách thức thực hiện",
    "dossier": "Thành phần, số lượng hồ sơ",
    "duration": "Thời gian giải quyết",
    "applicants": "Đối tượng thực hiện",
    "agency": "Cơ quan giải quyết",
    "result": "Kết quả",
    "fees": "Phí, lệ phí",
    "templates": "Mẫu đơn, tờ khai",
    "requirements": "Yêu cầu, điều kiện",
    "legal_basis": "Căn cứ pháp lý",
}


def require_components(data: dict[str, Any]) -> None:
    """Refuse procedure data in which a component of R-8.1b is empty; "không có" is an answer."""
    missing = {
        key: [f"{label} chưa được nhập. Nếu không có, hãy ghi “không có”."]
        for key, label in COMPONENTS.items()
        if not data.get(key)
    }
    if missing:
        raise InvalidInput("Dữ liệu thủ tục còn thiếu thành phần bắt buộc (Đ8.1b).", fields=missing)


@dataclass(eq=False)
class Procedure:
    """One administrative procedure as announced. The name is the announcing Decision's (R-8.1c)."""

    id: str
    tenant_id: str
    code: str  # national code, e.g. 1.004470
    name: str
    sector: str
    agency_id: str
    unit: str
    data: dict[str, Any]  # the components of R-8.1b, duration, papers, fees
    duration_value: int
    duration_unit: str

    @property
    def unit_of_duration(self) -> Unit:
        return Unit(self.duration_unit)


@dataclass(frozen=True)
class LegalDocument:
    """Number and date of a document that a rule asks for."""

    number: str
    date: date
    title: str = ""
    issuer: str = ""


@dataclass(eq=False)
class OnlineService:
    """One procedure offered online by one agency. `live_version` is the version in force."""

    id: str
    tenant_id: str
    agency_id: str
    procedure_id: str
    code: str
    name: str
    level: ServiceLevel
    live_version: int = 0
    outside_id: str | None = None  # its id in the one-stop system


@dataclass(eq=False)
class ServiceVersion:
    """One published version: the definition and the documents of both gates.

    Gate one is the approval of the internal process by the Chairman (TT 01/2018 Đ8), gate two
    the appraisal by the portal's lead manager (Đ11.2a); domain.md §2.2.
    """

    id: str
    tenant_id: str
    agency_id: str
    service_id: str
    version: int
    registration_id: str
    definition_id: str
    definition_key: str
    fileset_checksum: str
    level: ServiceLevel
    announcement: dict[str, str]  # Quyết định công bố: number, date
    process_approval: dict[str, str]  # Quyết định phê duyệt quy trình nội bộ
    registration_document: dict[str, str]  # văn bản đăng ký
    appraisal_document: dict[str, str]  # văn bản thẩm định
    procedure_data: dict[str, Any]
    live_from: datetime
    live_to: datetime | None = None

    def retire(self, at: datetime) -> None:
        if self.live_to is not None:
            raise InvalidState("Phiên bản này đã được thay thế.")
        self.live_to = at


class RegistrationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVISION = "revision"
    APPROVED = "approved"
    REJECTED = "rejected"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


REGISTRATION_LABELS = {
    RegistrationState.DRAFT: "Bản nháp",
    RegistrationState.SUBMITTED: "Đang thẩm định",
    RegistrationState.REVISION: "Yêu cầu chỉnh sửa",
    RegistrationState.APPROVED: "Đã thẩm định, chờ đăng tải",
    RegistrationState.REJECTED: "Không được chấp thuận",
    RegistrationState.PUBLISHED: "Đã đăng tải",
    RegistrationState.WITHDRAWN: "Đã rút",
}

EDITABLE = {RegistrationState.DRAFT, RegistrationState.REVISION}


@dataclass(eq=False)
class ServiceRegistration:
    """An agency registers an online service with its flow and forms (Đ11.2a).

    While it can be edited, `files` maps names to checksums of uploaded content; at submission
    the set is frozen and only `fileset_checksum` counts. A later change is a new registration,
    or a new round of this one when a revision was asked for.
    """

    id: str
    tenant_id: str
    agency_id: str
    code: str
    procedure_id: str
    service_name: str
    level: ServiceLevel
    created_at: datetime
    created_by: str
    document_number: str = ""
    document_date: date | None = None
    announcement_number: str = ""
    announcement_date: date | None = None
    process_approval_number: str = ""
    process_approval_date: date | None = None
    procedure_data: dict[str, Any] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    state: RegistrationState = RegistrationState.DRAFT
    version: int = 0
    round: int = 0
    fileset_checksum: str | None = None
    submitted_at: datetime | None = None
    instance_id: str | None = None
    appraisal_number: str = ""
    appraisal_date: date | None = None
    appraisal_reasons: str = ""
    lint_report: list[dict[str, Any]] = field(default_factory=list)
    rehearsal: dict[str, Any] | None = None
    published_version: int | None = None
    published_at: datetime | None = None

    def require_editable(self) -> None:
        if self.state not in EDITABLE:
            raise InvalidState(
                "Hồ sơ đăng ký đã nộp nên không sửa được. "
                "Muốn thay đổi, hãy chờ yêu cầu chỉnh sửa hoặc đăng ký mới."
            )

    def freeze(self, file_set_checksum: str, at: datetime) -> None:
        """Submit: from here on exactly this set is appraised and published."""
        self.require_editable()
        self.state = RegistrationState.SUBMITTED
        self.fileset_checksum = file_set_checksum
        self.submitted_at = at
        self.round += 1

    def decide(self, outcome: str, number: str, day: date | None, reasons: str) -> None:
        """Record the appraisal: approved, revision or rejected.

        What is approved and not yet published can still go back for revision: the agency found
        that it has to change, and a changed set must be appraised again (Đ11.2).
        """
        reopened = self.state is RegistrationState.APPROVED and outcome == "revision"
        if self.state is not RegistrationState.SUBMITTED and not reopened:
            raise InvalidState("Hồ sơ đăng ký không ở bước thẩm định.")
        self.state = {
            "approved": RegistrationState.APPROVED,
            "revision": RegistrationState.REVISION,
            "rejected": RegistrationState.REJECTED,
        }[outcome]
        self.appraisal_number, self.appraisal_date = number, day
        self.appraisal_reasons = reasons

    def publish(self, version: int, at: datetime) -> None:
        if self.state is not RegistrationState.APPROVED:
            raise InvalidState("Chỉ đăng tải được dịch vụ đã có văn bản thẩm định (Đ11.2b).")
        self.state = RegistrationState.PUBLISHED
        self.published_version, self.published_at = version, at
