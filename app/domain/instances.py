"""One run of a definition, and what happened in it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.engine import Outcome, Snapshot
from app.domain.errors import InvalidState


class InstanceState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class SubjectKind(StrEnum):
    """What an instance is about."""

    CASE = "case"
    REGISTRATION = "registration"


SNAPSHOT = "_snapshot"
"""Where an instance keeps its snapshot, beside what is stored of it."""


@dataclass(eq=False)
class ProcessInstance:
    """`version` is the optimistic lock; `business_key` is what people call it (mã hồ sơ)."""

    id: str
    tenant_id: str
    agency_id: str
    definition_id: str
    definition_key: str
    business_key: str
    subject_kind: SubjectKind | None
    subject_id: str | None
    started_at: datetime
    started_by: str
    state: InstanceState = InstanceState.ACTIVE
    version: int = 0
    tokens: bytes = b""
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    moved_at: datetime | None = None  # the last step: "no progress for N hours"
    ended_at: datetime | None = None
    end_reason: str = ""
    open_incidents: int = 0
    history_seq: int = 0

    @property
    def snapshot(self) -> Snapshot:
        """Where it stands: one object as long as that is so, in which the engine keeps what it read."""
        kept: Snapshot | None = vars(self).get(SNAPSHOT)
        if kept and kept.tokens is self.tokens and kept.variables is self.variables:
            return kept
        made = Snapshot(tokens=self.tokens, variables=self.variables)
        vars(self)[SNAPSHOT] = made
        return made

    def move(self, snapshot: Snapshot, at: datetime) -> None:
        vars(self)[SNAPSHOT] = snapshot
        self.tokens = snapshot.tokens
        self.variables = snapshot.variables
        self.moved_at = at

    def require_active(self) -> None:
        if self.state is not InstanceState.ACTIVE:
            raise InvalidState(INSTANCE_NOT_ACTIVE[self.state])

    def end(self, outcome: Outcome, at: datetime, reason: str = "") -> None:
        if self.state in {InstanceState.COMPLETED, InstanceState.CANCELLED}:
            raise InvalidState(INSTANCE_NOT_ACTIVE[self.state])
        cancelled = outcome is Outcome.CANCELLED
        self.state = InstanceState.CANCELLED if cancelled else InstanceState.COMPLETED
        self.ended_at = at
        self.end_reason = reason

    def migrate(self, definition_id: str, definition_key: str) -> None:
        """Go on by another definition; also while suspended: nothing moves by itself."""
        if self.state in {InstanceState.COMPLETED, InstanceState.CANCELLED}:
            raise InvalidState(INSTANCE_NOT_ACTIVE[self.state])
        self.definition_id, self.definition_key = definition_id, definition_key

    def suspend(self) -> None:
        self.require_active()
        self.state = InstanceState.SUSPENDED

    def resume(self) -> None:
        if self.state is not InstanceState.SUSPENDED:
            raise InvalidState("Quy trình này không ở trạng thái tạm dừng.")
        self.state = InstanceState.ACTIVE


INSTANCE_NOT_ACTIVE = {
    InstanceState.SUSPENDED: "Quy trình đang tạm dừng. Hãy liên hệ quản trị hệ thống.",
    InstanceState.COMPLETED: "Quy trình đã kết thúc, không thao tác được nữa.",
    InstanceState.CANCELLED: "Quy trình đã bị hủy, không thao tác được nữa.",
}


@dataclass(eq=False)
class HistoryEntry:
    """One fact about an instance; append-only, numbered within it."""

    instance_id: str
    seq: int
    at: datetime
    kind: str
    element: str
    name: str
    actor: str  # user id, or "system"
    actor_name: str
    data: dict[str, Any] = field(default_factory=dict)


class IncidentState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(eq=False)
class Incident:
    """A failure that needs a person: cause and place."""

    id: str
    tenant_id: str
    agency_id: str
    instance_id: str
    element: str
    token: int
    message: str
    created_at: datetime
    job_id: str | None = None
    state: IncidentState = IncidentState.OPEN
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str = ""

    def resolve(self, by: str, at: datetime, resolution: str) -> None:
        if self.state is IncidentState.RESOLVED:
            raise InvalidState("Sự cố này đã được xử lý.")
        self.state = IncidentState.RESOLVED
        self.resolved_by = by
        self.resolved_at = at
        self.resolution = resolution
