"""Read the fields of a partner's answer, and refuse an answer that makes no sense."""

from collections.abc import Mapping
from datetime import UTC, datetime

from app.outbound.http import nonsense

_LONGEST_TEXT = 500  # characters


def text_of(answer: Mapping[str, object], name: str, label: str) -> str:
    """Return a non-empty string. Raises PermanentFailure."""
    value = answer.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
        raise nonsense(label)
    return value


def instant_of(answer: Mapping[str, object], name: str, label: str) -> str:
    """Return an instant in ISO 8601, normalised to UTC. Raises PermanentFailure."""
    try:
        return utc(text_of(answer, name, label)).isoformat()
    except ValueError as error:
        raise nonsense(label) from error


def utc(text: str) -> datetime:
    """Read an ISO 8601 instant with its offset. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("an instant needs its offset")
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error
