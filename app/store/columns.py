"""How our values lie in a column: instants, words of an enumeration, JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

W = TypeVar("W", bound=StrEnum)

SQLITE_INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
INSTANT_WIDTH = 27


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant.

    SQLite has no such type: there it is text of one width, so that its order is the order of time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(INSTANT_WIDTH))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs its zone: {value!r}")
        utc = value.astimezone(UTC)
        return utc.strftime(SQLITE_INSTANT) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value)
        utc: datetime = value.astimezone(UTC)
        return utc


class Word(TypeDecorator[W], Generic[W]):
    """A member of a StrEnum, kept as its word."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[W]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: W | str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else str(self.words(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> W | None:
        del dialect
        return None if value is None else self.words(value)


class Json(TypeDecorator[Any]):
    """JSON as text. Values that are no plain JSON bring the functions that write and read them."""

    impl = Text
    cache_ok = True

    def __init__(
        self,
        dump: Callable[[Any], object] | None = None,
        load: Callable[[Any], object] | None = None,
    ) -> None:
        super().__init__()
        self.dump = dump
        self.load = load

    def text_of(self, value: Any) -> str | None:
        """The text that is stored for `value`; None for None."""
        if value is None:
            return None
        return orjson.dumps(self.dump(value) if self.dump else value).decode()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        del dialect
        return self.text_of(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        del dialect
        if value is None:
            return None
        plain = orjson.loads(value)
        return self.load(plain) if self.load else plain


def json_word(value: str) -> str:
    """A string as it stands within the JSON text of a list: what a LIKE looks for."""
    return orjson.dumps(value).decode()
