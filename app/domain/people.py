"""Who uses the house: agencies, users, the roles that bind one to the other, sessions."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum


class AgencyLevel(StrEnum):
    PROVINCE = "province"
    DEPARTMENT = "department"
    DISTRICT = "district"
    COMMUNE = "commune"
    PARTNER = "partner"


class Role(StrEnum):
    """Names as a diagram writes them in camunda:candidateGroups."""

    CITIZEN = "citizen"
    RECEPTION_OFFICER = "reception_officer"
    SPECIALIST = "specialist"
    UNIT_HEAD = "unit_head"
    AGENCY_LEADER = "agency_leader"
    CLERK = "clerk"
    APPRAISER = "appraiser"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"
    VENDOR = "vendor"
    AUDITOR = "auditor"


ROLE_LABELS = {
    Role.CITIZEN: "Người sử dụng",
    Role.RECEPTION_OFFICER: "Cán bộ tiếp nhận",
    Role.SPECIALIST: "Chuyên viên",
    Role.UNIT_HEAD: "Trưởng phòng, đơn vị",
    Role.AGENCY_LEADER: "Lãnh đạo cơ quan",
    Role.CLERK: "Văn thư",
    Role.APPRAISER: "Cán bộ thẩm định dịch vụ",
    Role.ANALYST: "Cán bộ phân tích nghiệp vụ",
    Role.ADMINISTRATOR: "Quản trị hệ thống",
    Role.VENDOR: "Đơn vị phần mềm",
    Role.AUDITOR: "Cán bộ kiểm tra, giám sát",
}


class AgencyPart(StrEnum):
    """Which agency a lane of a diagram means: bound per instance, never a name in the diagram.

    The portal's lead manager is a binding (Sở TT&TT in 2019, another department since 2025),
    domain.md §3.
    """

    PROVIDER = "provider"
    PORTAL_MANAGER = "portal_manager"
    VENDOR = "vendor"


@dataclass(eq=False)
class Agency:
    """One body of the province. `part` marks the two that diagrams call by function."""

    id: str
    tenant_id: str
    name: str
    short_name: str
    level: AgencyLevel
    parent_id: str | None = None
    identification_code: str | None = None  # TT 01/2018 Đ19, e.g. 000.00.14.H60
    part: AgencyPart | None = None
    address: str = ""
    phone: str = ""
    calendar_id: str | None = None
    valid_from: date = date(2019, 7, 9)
    valid_to: date | None = None


@dataclass(frozen=True)
class Binding:
    """A role held at an agency, within a unit of it or for the whole of it."""

    agency_id: str
    role: Role
    unit: str | None = None


@dataclass(eq=False)
class RoleBinding:
    """The stored form of a Binding."""

    id: str
    user_id: str
    agency_id: str
    role: Role
    unit: str | None = None


@dataclass(eq=False)
class User:
    id: str
    tenant_id: str
    username: str
    full_name: str
    password_hash: str
    email: str | None = None
    phone: str | None = None
    position: str = ""
    active: bool = True
    created_at: datetime | None = None
    bindings: list[RoleBinding] = field(default_factory=list)


SESSION_IDLE = timedelta(minutes=30)
SESSION_LONGEST = timedelta(hours=12)


@dataclass(eq=False)
class Session:
    """A signed-in browser. Only the SHA-256 of its 256-bit token is kept."""

    token_hash: str
    user_id: str
    created_at: datetime
    seen_at: datetime
    user_agent: str = ""

    def live(self, now: datetime) -> bool:
        """Say whether the session may still be used: 30 minutes idle, 12 hours at the longest."""
        return now - self.seen_at < SESSION_IDLE and now - self.created_at < SESSION_LONGEST


@dataclass(eq=False)
class LoginAttempts:
    """Failures since the last success, per account and per address; kept in the database."""

    key: str
    failures: int
    last_at: datetime


@dataclass(eq=False)
class Notice:
    """A sentence for one person, shown in the top bar."""

    id: str
    user_id: str
    at: datetime
    title: str
    text: str
    href: str
    read_at: datetime | None = None
    dedup: str | None = None  # the same notice is not given twice
