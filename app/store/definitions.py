"""Deployments, versions of processes and decisions."""

from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
    type_coerce,
)

from app.domain.definitions import (
    DecisionDefinition,
    DefinitionEvent,
    DefinitionState,
    Deployment,
    ProcessDefinition,
)
from app.domain.errors import InvalidState
from app.store import loads
from app.store.columns import json_word
from app.store.counters import lock_name, next_number
from app.store.rows import Rows
from app.store.schema import (
    entity,
    instant,
    json,
    key,
    maybe,
    metadata,
    number,
    tenant,
    word,
    words,
)
from app.store.search import pattern
from app.store.session import Session
from app.usecases.ports import ElementLoad

deployments = Table(
    "deployments",
    metadata,
    key(),
    tenant(),
    words("fileset_checksum"),
    words("source"),
    instant("deployed_at"),
    words("deployed_by"),
    number("seq"),
    UniqueConstraint("tenant_id", "seq"),
)

process_definitions = Table(
    "process_definitions",
    metadata,
    key(),
    tenant(),
    words("key"),
    number("version"),
    words("name"),
    words("deployment_id"),
    words("resource"),
    words("sha256"),
    maybe("version_tag"),
    maybe("start_form_key"),
    word("state", DefinitionState),
    instant("deployed_at", nullable=True),
    json("start_messages"),
    UniqueConstraint("tenant_id", "key", "version"),
    Index("ix_process_definitions_deployment_id", "deployment_id"),
)

decision_definitions = Table(
    "decision_definitions",
    metadata,
    key(),
    tenant(),
    words("key"),
    number("version"),
    words("name"),
    words("deployment_id"),
    words("resource"),
    words("sha256"),
    maybe("version_tag"),
    UniqueConstraint("tenant_id", "key", "version"),
    Index("ix_decision_definitions_deployment_id", "deployment_id"),
)

definition_events = Table(
    "definition_events",
    metadata,
    key(),
    tenant(),
    words("definition_id"),
    instant("at"),
    word("state", DefinitionState),
    words("actor"),
    words("actor_name"),
    words("reason"),
    Index("ix_definition_events_definition_id", "definition_id"),
)

entity(DefinitionEvent, definition_events)
entity(Deployment, deployments)
entity(ProcessDefinition, process_definitions)
entity(DecisionDefinition, decision_definitions)

T = TypeVar("T")

process = process_definitions.c
decision = decision_definitions.c


def _only(found: list[T], version_tag: str) -> T | None:
    """A tag says which version is meant: of two that carry it, none is the one."""
    if len(found) > 1:
        raise InvalidState(f"Có nhiều phiên bản cùng mang nhãn “{version_tag}”.")
    return found[0] if found else None


class DecisionRows(Rows[DecisionDefinition]):
    entity = DecisionDefinition
    missing = "Không tìm thấy bảng quyết định này."

    def latest(self, key: str) -> DecisionDefinition | None:
        return self._first(decision.key == key, order=[decision.version.desc()])

    def version(self, key: str, version: int) -> DecisionDefinition | None:
        return self._one(decision.key == key, decision.version == version)

    def tagged(self, key: str, version_tag: str) -> DecisionDefinition | None:
        return _only(
            self._all(decision.key == key, decision.version_tag == version_tag, limit=2),
            version_tag,
        )

    def in_deployment(self, deployment_id: str, key: str) -> DecisionDefinition | None:
        return self._first(
            decision.deployment_id == deployment_id,
            decision.key == key,
            order=[decision.version.desc()],
        )


class DeploymentRows(Rows[Deployment]):
    entity = Deployment
    missing = "Không tìm thấy lần triển khai này."


class DefinitionEventRows(Rows[DefinitionEvent]):
    entity = DefinitionEvent

    def of_definition(self, definition_id: str) -> list[DefinitionEvent]:
        event = definition_events.c
        return self._all(
            event.definition_id == definition_id,
            order=[event.at.desc(), event.id.desc()],
            limit=50,
        )


class DefinitionRows(Rows[ProcessDefinition]):
    entity = ProcessDefinition
    missing = "Không tìm thấy quy trình này."

    def __init__(self, session: Session, tenant_id: str) -> None:
        super().__init__(session, tenant_id)
        self.decisions = DecisionRows(session, tenant_id)
        self.deployments = DeploymentRows(session, tenant_id)
        self.happened = DefinitionEventRows(session, tenant_id)

    def latest(self, key: str) -> ProcessDefinition | None:
        return self._first(process.key == key, order=[process.version.desc()])

    def version(self, key: str, version: int) -> ProcessDefinition | None:
        return self._one(process.key == key, process.version == version)

    def tagged(self, key: str, version_tag: str) -> ProcessDefinition | None:
        return _only(
            self._all(process.key == key, process.version_tag == version_tag, limit=2), version_tag
        )

    def in_deployment(self, deployment_id: str) -> list[ProcessDefinition]:
        return self._all(process.deployment_id == deployment_id, order=[process.key])

    def next_version(self, key: str) -> int:
        return self._next(process_definitions, key)

    def keys(self) -> list[str]:
        return list(
            self.session.scalars(
                select(process.key).where(self.mine).distinct().order_by(process.key)
            )
        )

    def versions(self, key: str) -> list[ProcessDefinition]:
        """Newest first."""
        return self._all(process.key == key, order=[process.version.desc()])

    def record(self, event: DefinitionEvent) -> None:
        self.happened.add(event)

    def events(self, definition_id: str) -> list[DefinitionEvent]:
        return self.happened.of_definition(definition_id)

    def loads(self, definition_id: str) -> list[ElementLoad]:
        return loads.of_definition(self.session, self.tenant_id, definition_id)

    def started_by_message(self, name: str) -> list[ProcessDefinition]:
        newest = (
            select(process.key, func.max(process.version).label("version"))
            .where(self.mine)
            .group_by(process.key)
            .subquery()
        )
        named: ColumnElement[bool] = type_coerce(process.start_messages, Text).like(
            pattern(json_word(name)), escape="\\"
        )
        return self.session.select(
            ProcessDefinition,
            self._select(named)
            .join(newest, (newest.c.key == process.key) & (newest.c.version == process.version))
            .order_by(process.key),
        )

    def add_deployment(self, deployment: Deployment) -> None:
        """Keep it, numbered in the order in which deployments came."""
        deployment.seq = next_number(self.session, self.tenant_id, "deployments")
        self.deployments.add(deployment)

    def deployment(self, deployment_id: str) -> Deployment:
        return self.deployments.get(deployment_id)

    def add_decision(self, decision: DecisionDefinition) -> None:
        self.decisions.add(decision)

    def latest_decision(self, key: str) -> DecisionDefinition | None:
        return self.decisions.latest(key)

    def decision_in(self, deployment_id: str, key: str) -> DecisionDefinition | None:
        return self.decisions.in_deployment(deployment_id, key)

    def decision_version(self, key: str, version: int) -> DecisionDefinition | None:
        return self.decisions.version(key, version)

    def tagged_decision(self, key: str, version_tag: str) -> DecisionDefinition | None:
        return self.decisions.tagged(key, version_tag)

    def next_decision_version(self, key: str) -> int:
        return self._next(decision_definitions, key)

    def _next(self, table: Table, key: str) -> int:
        lock_name(self.session, self.tenant_id, table.name, key)
        last = self.session.scalar(
            select(func.max(table.c.version)).where(
                table.c.tenant_id == self.tenant_id, table.c.key == key
            )
        )
        return (last or 0) + 1
