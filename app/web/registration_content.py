"""What is typed on the page of a registration: legal documents, level, the procedure's components."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.domain.procedures import COMPONENTS, LEVEL_LABELS, ServiceLevel, ServiceRegistration
from app.usecases.registrations import EditRegistration
from app.web import formats

PREFIX = "procedure_data."
MOST_CHARACTERS = 20_000
LONGEST_NUMBER = 100
DAY_WRONG = "Ngày phải là ngày có thật, ví dụ 24/11/2026."

DOCUMENTS = (
    (
        "document",
        "Văn bản đăng ký",
        "Văn bản của cơ quan gửi Sở TT&TT đăng ký dịch vụ và mức độ (Quy chế Đ11.2a).",
    ),
    (
        "announcement",
        "Quyết định công bố",
        "Quyết định của Chủ tịch UBND tỉnh công bố thủ tục; tên dịch vụ lấy theo văn bản này.",
    ),
    (
        "process_approval",
        "Quyết định phê duyệt quy trình nội bộ",
        "Bước kiểm soát thứ nhất: Chủ tịch UBND tỉnh phê duyệt quy trình (TT 01/2018 Đ8).",
    ),
)
"""Field prefix, title and explanation of each document that a registration must name."""

HINTS = {
    "steps": "Từng bước theo thứ tự, ai làm, trong bao lâu.",
    "manner": "Trực tiếp, trực tuyến, qua bưu chính; nhận kết quả ở đâu.",
    "dossier": "Từng giấy tờ, bản chính hay bản sao, số lượng bộ.",
    "duration": "Số ngày hoặc giờ làm việc, tính từ khi nào.",
    "applicants": "Cá nhân, tổ chức nào được thực hiện.",
    "agency": "Cơ quan có thẩm quyền, cơ quan trực tiếp giải quyết, cơ quan phối hợp.",
    "result": "Giấy phép, giấy chứng nhận, văn bản xác nhận…",
    "fees": "Mức phí, lệ phí và văn bản quy định; nếu miễn phí, ghi “không có”.",
    "templates": "Tên mẫu đơn, tờ khai và số hiệu; nếu không có, ghi “không có”.",
    "requirements": "Điều kiện phải đáp ứng; nếu không có, ghi “không có”.",
    "legal_basis": "Luật, nghị định, thông tư: số, ký hiệu, ngày ban hành.",
}
ROWS = {"steps": 8, "dossier": 6, "legal_basis": 5}


def read_day(text: str) -> date | None:
    """Read 24/11/2026; None for nothing. Raises ValueError."""
    written = text.strip()
    if not written:
        return None
    return datetime.strptime(written, "%d/%m/%Y").date()  # noqa: DTZ007 - a date has no zone


@dataclass(frozen=True)
class Content:
    """The fields as text, by the names of their inputs."""

    texts: dict[str, str]
    version: int
    errors: dict[str, str] = field(default_factory=dict)
    stored: dict[str, str] = field(default_factory=dict)  # what is kept where it differs

    def text(self, name: str) -> str:
        return self.texts.get(name, "")

    def command(self, registration_id: str) -> EditRegistration:
        """What was typed as a command; only for content without errors."""
        day = {f"{prefix}_date": read_day(self.text(f"{prefix}_date")) for prefix, *_ in DOCUMENTS}
        return EditRegistration(
            registration_id=registration_id,
            version=self.version,
            level=self.text("level"),
            document_number=self.text("document_number"),
            document_date=day["document_date"],
            announcement_number=self.text("announcement_number"),
            announcement_date=day["announcement_date"],
            process_approval_number=self.text("process_approval_number"),
            process_approval_date=day["process_approval_date"],
            procedure_data={key: self.text(f"{PREFIX}{key}") for key in COMPONENTS},
        )

    def against(self, kept: "Content") -> "Content":
        """The same text to be saved over `kept`, with what differs from it told beside each field."""
        differing = {
            name: text
            for name, text in kept.texts.items()
            if text.strip() != self.text(name).strip()
        }
        return Content(self.texts, kept.version, self.errors, differing)


def content_of(registration: ServiceRegistration) -> Content:
    texts = {"level": registration.level.value}
    for prefix, _title, _why in DOCUMENTS:
        texts[f"{prefix}_number"] = str(getattr(registration, f"{prefix}_number"))
        texts[f"{prefix}_date"] = formats.day(getattr(registration, f"{prefix}_date"))
    for key in COMPONENTS:
        texts[f"{PREFIX}{key}"] = str(registration.procedure_data.get(key) or "")
    return Content(texts, registration.version)


def typed_content(sent: Mapping[str, str]) -> Content:
    """Read what a page sent; what is wrong with it stands in `errors`."""
    names = ["level"]
    for prefix, _title, _why in DOCUMENTS:
        names += [f"{prefix}_number", f"{prefix}_date"]
    names += [f"{PREFIX}{key}" for key in COMPONENTS]
    texts = {name: sent.get(name, "").replace("\r\n", "\n") for name in names}
    version = sent.get("version", "")
    number = int(version) if version.isdecimal() and len(version) < 10 else -1
    return Content(texts, number, _errors(texts))


def _errors(texts: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    if texts["level"] not in set(ServiceLevel):
        errors["level"] = "Hãy chọn mức độ của dịch vụ."
    for prefix, title, _why in DOCUMENTS:
        if len(texts[f"{prefix}_number"]) > LONGEST_NUMBER:
            errors[f"{prefix}_number"] = f"{title}: số văn bản dài quá {LONGEST_NUMBER} ký tự."
        try:
            read_day(texts[f"{prefix}_date"])
        except ValueError:
            errors[f"{prefix}_date"] = f"{title}: {DAY_WRONG}"
    for key, label in COMPONENTS.items():
        if len(texts[f"{PREFIX}{key}"]) > MOST_CHARACTERS:
            errors[f"{PREFIX}{key}"] = f"{label} dài quá {MOST_CHARACTERS:,} ký tự.".replace(
                ",", "."
            )
    return errors


LEVELS = [(level.value, label) for level, label in LEVEL_LABELS.items()]
