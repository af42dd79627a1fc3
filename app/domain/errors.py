"""The ways in which the service says no. They know nothing of HTTP: `api/errors.py` translates."""

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """A refusal with a sentence for the person who asked.

    `message` is Vietnamese and says what to do next; `fields` maps a field name to its
    sentences where the refusal is about what was typed.
    """

    code = "domain_error"

    def __init__(self, message: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}


class InvalidInput(DomainError):
    """What was sent cannot be right, whoever sends it."""

    code = "invalid_input"


class NotFound(DomainError):
    """There is no such thing, or the actor may not know that there is."""

    code = "not_found"


class InvalidState(DomainError):
    """The thing is there but no longer (or not yet) in a state that allows this."""

    code = "invalid_state"


class Conflict(DomainError):
    """Somebody else changed it since it was read."""

    code = "conflict"


class Forbidden(DomainError):
    """The actor may not do this."""

    code = "forbidden"


class Unauthenticated(DomainError):
    """Nobody is signed in, or the credentials are wrong."""

    code = "unauthenticated"


class TooManyAttempts(DomainError):
    """Tried too often; later it may go through."""

    code = "too_many_attempts"


class StorageUnavailable(DomainError):
    """The database does not answer, or is too busy to; later it may."""

    code = "storage_unavailable"


class StorageFull(StorageUnavailable):
    """There is no room left to write to; somebody has to make some."""

    code = "storage_full"
