"""How our values lie in a column: instants, words of an enumeration, JSON."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Generic, TypeVar

import orjson
from sqlalchemy import DateTime, Dialect, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

W = TypeVar("W", bound=StrEnum)

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
        return None if value is None else self.binder(dialect)(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else self.loader(dialect)(value)

    @staticmethod
    def binder(dialect: Dialect) -> Callable[[datetime], Any]:
        return _instant_text if dialect.name == "sqlite" else _utc

    @staticmethod
    def loader(dialect: Dialect) -> Callable[[Any], datetime]:
        return datetime.fromisoformat if dialect.name == "sqlite" else _utc


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {value!r}")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


@lru_cache(maxsize=4_096)
def _instant_text(value: datetime) -> str:
    return f"{_utc(value).isoformat(timespec='microseconds')[:-6]}Z"


class Word(TypeDecorator[W], Generic[W]):
    """A member of a StrEnum, kept as its word."""

    impl = String(32)
    cache_ok = True

    def __init__(self, words: type[W]) -> None:
        super().__init__()
        self.words = words
        self._texts: dict[str, str] = {member: member.value for member in words}

    def process_bind_param(self, value: W | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.binder(dialect)(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> W | None:
        return None if value is None else self.loader(dialect)(value)

    def binder(self, dialect: Dialect) -> Callable[[W | str], str]:
        del dialect
        return self._text

    def loader(self, dialect: Dialect) -> Callable[[str], W]:
        del dialect
        return self.words

    def _text(self, value: W | str) -> str:
        known = self._texts.get(value)  # a word equals its text
        return str(self.words(value).value) if known is None else known


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

    def value_of(self, text: str) -> Any:
        """What a stored text means."""
        plain = orjson.loads(text)
        return self.load(plain) if self.load else plain

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        del dialect
        return self.text_of(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        del dialect
        return None if value is None else self.value_of(value)

    def binder(self, dialect: Dialect) -> Callable[[Any], str | None]:
        del dialect
        return self.text_of

    def loader(self, dialect: Dialect) -> Callable[[str], Any]:
        del dialect
        return self.value_of


def json_word(value: str) -> str:
    """A string as it stands within the JSON text of a list: what a LIKE looks for."""
    return orjson.dumps(value).decode()
