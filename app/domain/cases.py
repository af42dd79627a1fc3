"""The dossier people talk about (hồ sơ): code, owner, status, papers, and its root instance."""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.domain.errors import InvalidState

CASE_CODE = re.compile(r"\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2}-\d{6}-\d{4,}")


def case_code(agency_code: str, day: date, number: int) -> str:
    """`<agency code>-<YYMMDD>-<4 digits>`, numbered per agency and day (TT 01/2018 Đ19)."""
    return f"{agency_code}-{day:%y%m%d}-{number:04d}"


class CaseStatus(StrEnum):
    """Our own state machine, richer than the national one (domain.md §2.6)."""

    NEW = "new"
    RECEIVED = "received"
    DENIED = "denied"
    PROCESSING = "processing"
    WAITING = "waiting"
    PAYING = "paying"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    RELEASING = "releasing"
    POSTING = "posting"
    DONE = "done"


STATUS_LABELS = {
    CaseStatus.NEW: "Mới đăng ký",
    CaseStatus.RECEIVED: "Được tiếp nhận",
    CaseStatus.DENIED: "Không được tiếp nhận",
    CaseStatus.PROCESSING: "Đang xử lý",
    CaseStatus.WAITING: "Yêu cầu bổ sung giấy tờ",
    CaseStatus.PAYING: "Yêu cầu thực hiện nghĩa vụ tài chính",
    CaseStatus.CANCELLED: "Công dân yêu cầu rút hồ sơ",
    CaseStatus.STOPPED: "Dừng xử lý",
    CaseStatus.RELEASING: "Đã xử lý xong",
    CaseStatus.POSTING: "Đang trả kết quả qua bưu chính",
    CaseStatus.DONE: "Đã trả kết quả",
}

# National codes 1…10; a status without a value of its own is sent as 4 (domain.md §2.6).
NATIONAL_STATUS = {
    CaseStatus.NEW: 1,
    CaseStatus.RECEIVED: 2,
    CaseStatus.DENIED: 3,
    CaseStatus.PROCESSING: 4,
    CaseStatus.WAITING: 5,
    CaseStatus.PAYING: 6,
    CaseStatus.CANCELLED: 7,
    CaseStatus.STOPPED: 8,
    CaseStatus.RELEASING: 9,
    CaseStatus.POSTING: 4,
    CaseStatus.DONE: 10,
}

CLOSED = {CaseStatus.DENIED, CaseStatus.CANCELLED, CaseStatus.STOPPED, CaseStatus.DONE}

NEXT = {
    CaseStatus.NEW: {CaseStatus.RECEIVED, CaseStatus.DENIED, CaseStatus.WAITING},
    CaseStatus.WAITING: {CaseStatus.NEW, CaseStatus.PROCESSING, CaseStatus.DENIED},
    CaseStatus.RECEIVED: {CaseStatus.PROCESSING},
    CaseStatus.PROCESSING: {
        CaseStatus.WAITING,
        CaseStatus.PAYING,
        CaseStatus.RELEASING,
        CaseStatus.DENIED,
    },
    CaseStatus.PAYING: {CaseStatus.PROCESSING},
    CaseStatus.RELEASING: {CaseStatus.POSTING, CaseStatus.DONE},
    CaseStatus.POSTING: {CaseStatus.RELEASING, CaseStatus.DONE},
}


class Channel(StrEnum):
    """How it was filed (NĐ 61/2018 Đ16)."""

    DESK = "desk"
    ONLINE = "online"
    POSTAL = "postal"


class Punctuality(StrEnum):
    EARLY = "early"
    ON_TIME = "on_time"
    OVERDUE = "overdue"


@dataclass(eq=False)
class Case:
    """Bound at acceptance to the service version then in force (design.md §1).

    Three agencies: receiving, competent and supporting may differ since 2025 (domain.md §3).
    `identity_number` is shown masked; `lookup_secret` is printed on the receipt.
    """

    id: str
    tenant_id: str
    agency_id: str  # competent agency
    receiving_agency_id: str
    code: str
    service_id: str
    service_version: int
    procedure_id: str
    procedure_name: str
    owner_name: str
    channel: Channel
    submitted_at: datetime
    submitted_by: str
    owner_phone: str = ""
    owner_email: str = ""
    owner_address: str = ""
    identity_number: str = ""
    submitter_name: str = ""
    supporting_agency_id: str | None = None
    status: CaseStatus = CaseStatus.NEW
    data: dict[str, Any] = field(default_factory=dict)
    instance_id: str | None = None
    accepted_at: datetime | None = None
    due_at: datetime | None = None
    finished_at: datetime | None = None
    returned_at: datetime | None = None
    supplement_count: int = 0
    lookup_secret: str = ""
    version: int = 0

    def move_to(self, status: CaseStatus) -> None:
        """Change status by the table; the same status again is harmless."""
        if status is self.status:
            return
        if status is not CaseStatus.STOPPED and status is not CaseStatus.CANCELLED:
            if status not in NEXT.get(self.status, set()):
                raise InvalidState(
                    f"Hồ sơ đang ở trạng thái “{STATUS_LABELS[self.status]}”, "
                    f"không chuyển sang “{STATUS_LABELS[status]}” được."
                )
        elif self.status in CLOSED:
            raise InvalidState("Hồ sơ đã kết thúc.")
        self.status = status

    def accept(self, at: datetime, due_at: datetime, service_version: int) -> None:
        if self.accepted_at is not None:
            raise InvalidState("Hồ sơ đã được tiếp nhận.")
        self.move_to(CaseStatus.RECEIVED)
        self.accepted_at, self.due_at = at, due_at
        self.service_version = service_version

    def rebind(self, service_version: int) -> None:
        """Bind an accepted case to another version: against the rule, by an administrator's word."""
        if self.accepted_at is None:
            raise InvalidState("Hồ sơ chưa được tiếp nhận nên chưa gắn với phiên bản dịch vụ nào.")
        self.service_version = service_version

    @property
    def masked_identity(self) -> str:
        number = self.identity_number
        return (
            f"{number[:3]}{'•' * max(len(number) - 6, 0)}{number[-3:]}"
            if len(number) > 6
            else number
        )


@dataclass(eq=False)
class Paper:
    """A document of a case or registration: one component of the dossier, one uploaded file."""

    id: str
    tenant_id: str
    agency_id: str
    subject_kind: str  # case, registration, task
    subject_id: str
    name: str  # file name as uploaded, cleaned
    mime: str
    size: int
    sha256: str
    uploaded_at: datetime
    uploaded_by: str
    component: str = ""  # code of the dossier component, e.g. TP01


class PostalState(StrEnum):
    """Pick-up states of the post (domain.md §2.9)."""

    REQUESTED = "requested"
    REGISTERED = "registered"
    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class PostalOrder:
    """A result on its way by public post (QĐ 45/2016). `events` as told by the post, in order."""

    id: str
    tenant_id: str
    agency_id: str
    case_id: str
    item_code: str
    state: PostalState
    created_at: datetime
    events: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, event: dict[str, Any], state: PostalState) -> bool:
        """Note an event of the post; one heard already, or overtaken by the end, changes no state.

        Returns whether it was new.
        """
        if any(known["event_id"] == event["event_id"] for known in self.events):
            return False
        self.events = sorted([*self.events, event], key=lambda e: str(e["at"]))
        if self.state not in FINAL_POSTAL and POSTAL_RANK[state] >= POSTAL_RANK[self.state]:
            self.state = state
        return True


FINAL_POSTAL = {PostalState.DELIVERED, PostalState.RETURNED, PostalState.CANCELLED}
POSTAL_RANK = {state: rank for rank, state in enumerate(PostalState)}
