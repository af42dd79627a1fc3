"""The HTTP status of each way of saying no: the one table, for pages and API alike."""

from app.domain import connectors, errors
from app.domain.errors import DomainError

STATUS: dict[type[DomainError], int] = {
    errors.InvalidInput: 422,
    errors.NotFound: 404,
    errors.InvalidState: 409,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.Unauthenticated: 401,
    errors.TooManyAttempts: 429,
    errors.StorageFull: 507,
    errors.StorageUnavailable: 503,
    connectors.TemporaryFailure: 503,
    connectors.PermanentFailure: 502,
    connectors.BusinessError: 422,
}


def status_of(error: DomainError) -> int:
    """Return the status of the nearest ancestor in the table; a refusal nobody named is a 500."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
