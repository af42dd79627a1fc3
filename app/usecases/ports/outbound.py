"""The systems outside."""

from typing import Any, Protocol

from app.domain.connectors import Call, Descriptor


class Connectors(Protocol):
    """The outside systems by topic "connector.operation"."""

    def call(self, topic: str, call: Call) -> dict[str, Any]:
        """Raises TemporaryFailure, Postponed, PermanentFailure or BusinessError."""

    def descriptors(self) -> tuple[Descriptor, ...]: ...
