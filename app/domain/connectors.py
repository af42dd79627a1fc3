"""Outside systems: a question put to one of them, and the ways in which it can fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from app.domain.errors import DomainError


@dataclass(frozen=True)
class Call:
    """One question to one outside system.

    `key` is the idempotency key: stable over retries, so that a repeat is harmless
    (style.md, rule 9).
    """

    key: str
    operation: str
    parameters: Mapping[str, Any]


class TemporaryFailure(DomainError):
    """It may work later: time-out, 5xx, 429, connection refused. `retry_after` is in seconds."""

    code = "temporary_failure"

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Postponed(TemporaryFailure):
    """Nothing was tried (the breaker is open): comes back later without using an attempt."""

    code = "postponed"


class PermanentFailure(DomainError):
    """It will never work like this: 4xx, an answer that makes no sense. Becomes an incident."""

    code = "permanent_failure"


class BusinessError(DomainError):
    """The other side understood and refused: a BPMN error that a diagram may catch by `error_code`."""

    code = "business_error"

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class Connector(Protocol):
    """One outside system. Called between transactions, never inside one (style.md, rule 7)."""

    def call(self, call: Call) -> dict[str, Any]:
        """Ask, and return the answer as process variables.

        Raises TemporaryFailure, Postponed, PermanentFailure or BusinessError, nothing else.
        """


@dataclass(frozen=True)
class Parameter:
    name: str
    label: str
    type: str  # string, number, boolean, object, list
    required: bool = False
    hint: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One thing that a service task may ask for; `topic` of the task is `connector.operation`."""

    name: str
    label: str
    parameters: tuple[Parameter, ...]
    results: tuple[Parameter, ...] = ()
    errors: Mapping[str, str] | None = None  # BPMN error codes and what they mean


@dataclass(frozen=True)
class Descriptor:
    """How the modeler shows a connector; read from `connectors/<name>.json`."""

    name: str
    label: str
    description: str
    operations: tuple[Operation, ...]

    def topics(self) -> dict[str, frozenset[str]]:
        """Map each topic of this connector to the parameters it requires."""
        return {
            f"{self.name}.{op.name}": frozenset(p.name for p in op.parameters if p.required)
            for op in self.operations
        }
