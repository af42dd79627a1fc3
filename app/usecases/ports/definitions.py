"""What was deployed, and drawings that are not deployed yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.definitions import (
    DecisionDefinition,
    DefinitionEvent,
    Deployment,
    DiagramDraft,
    ProcessDefinition,
)
from app.usecases.ports.repository import Page, Repository


@dataclass(frozen=True)
class ElementLoad:
    """What stands at one element over all instances of a definition."""

    element: str
    waiting: int  # open user tasks and pending jobs
    since: datetime | None  # the oldest of them
    incidents: int


class Definitions(Repository[ProcessDefinition], Protocol):
    def latest(self, key: str) -> ProcessDefinition | None: ...
    def version(self, key: str, version: int) -> ProcessDefinition | None: ...
    def tagged(self, key: str, version_tag: str) -> ProcessDefinition | None:
        """The version that carries the tag. Raises InvalidState where several do."""

    def in_deployment(self, deployment_id: str) -> list[ProcessDefinition]: ...
    def next_version(self, key: str) -> int:
        """The number the next version of `key` gets; locks the key until commit."""

    def keys(self) -> list[str]: ...
    def versions(self, key: str) -> list[ProcessDefinition]: ...
    def record(self, event: DefinitionEvent) -> None: ...
    def events(self, definition_id: str) -> list[DefinitionEvent]:
        """When a version was suspended and activated, newest first; at most 50."""

    def loads(self, definition_id: str) -> list[ElementLoad]:
        """Where the instances of a definition stand, in one query; the most loaded first."""

    def started_by_message(self, name: str) -> list[ProcessDefinition]:
        """Latest definitions whose start event waits for this message."""

    def add_deployment(self, deployment: Deployment) -> None: ...
    def deployment(self, deployment_id: str) -> Deployment: ...
    def add_decision(self, decision: DecisionDefinition) -> None: ...
    def latest_decision(self, key: str) -> DecisionDefinition | None: ...
    def decision_in(self, deployment_id: str, key: str) -> DecisionDefinition | None: ...
    def decision_version(self, key: str, version: int) -> DecisionDefinition | None: ...
    def tagged_decision(self, key: str, version_tag: str) -> DecisionDefinition | None:
        """As `tagged`."""

    def next_decision_version(self, key: str) -> int: ...


class Drafts(Repository[DiagramDraft], Protocol):
    def page(self, agency_ids: frozenset[str], number: int, size: int) -> Page[DiagramDraft]: ...
    def remove(self, draft: DiagramDraft) -> None: ...
