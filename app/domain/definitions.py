"""Files brought into service: file sets frozen by checksum, deployments, process definitions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.domain.errors import InvalidState


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def set_checksum(files: Mapping[str, str]) -> str:
    """Checksum of a set: names and content checksums in order of name, so that order never matters."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name]}\n".encode())
    return digest.hexdigest()


@dataclass(eq=False)
class StoredFile:
    """Bytes kept once, by their checksum."""

    sha256: str
    size: int
    content: bytes


@dataclass(eq=False)
class FileSet:
    """A frozen set of files: what was appraised is exactly what is published (Đ11.2).

    `files` maps a name to the checksum of its content. A set never changes.
    """

    checksum: str
    files: dict[str, str]
    created_at: datetime

    @classmethod
    def of(cls, files: Mapping[str, str], at: datetime) -> "FileSet":
        return cls(checksum=set_checksum(files), files=dict(files), created_at=at)


@dataclass(eq=False)
class Deployment:
    """Files brought into service together, all or none."""

    id: str
    tenant_id: str
    fileset_checksum: str
    source: str  # "house" for the flows of the house itself, else the registration's id
    deployed_at: datetime
    deployed_by: str
    seq: int = 0


class DefinitionState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(eq=False)
class DefinitionEvent:
    """A version was suspended or activated: never changed, never removed."""

    id: str
    tenant_id: str
    definition_id: str
    at: datetime
    state: DefinitionState  # from then on
    actor: str
    actor_name: str
    reason: str = ""


@dataclass(eq=False)
class ProcessDefinition:
    """One version of one process; its content never changes."""

    id: str
    tenant_id: str
    key: str
    version: int
    name: str
    deployment_id: str
    resource: str  # file name within the deployment's file set
    sha256: str
    version_tag: str | None = None
    start_form_key: str | None = None
    state: DefinitionState = DefinitionState.ACTIVE
    deployed_at: datetime | None = None
    start_messages: list[str] = field(default_factory=list)

    def suspend(self) -> None:
        """Take no new instances; those that run go on."""
        if self.state is DefinitionState.SUSPENDED:
            raise InvalidState("Phiên bản quy trình này đã tạm dừng nhận hồ sơ mới.")
        self.state = DefinitionState.SUSPENDED

    def activate(self) -> None:
        if self.state is DefinitionState.ACTIVE:
            raise InvalidState("Phiên bản quy trình này đang nhận hồ sơ mới.")
        self.state = DefinitionState.ACTIVE


@dataclass(eq=False)
class DecisionDefinition:
    """One version of one DMN decision."""

    id: str
    tenant_id: str
    key: str
    version: int
    name: str
    deployment_id: str
    resource: str
    sha256: str
    version_tag: str | None = None


@dataclass(eq=False)
class DiagramDraft:
    """A diagram an analyst is working on. `revision` is what If-Match carries."""

    id: str
    tenant_id: str
    agency_id: str
    name: str
    content: str
    revision: int
    owner_id: str
    updated_at: datetime
    updated_by: str
