"""The one metadata of all tables, and the columns that most of them share.

No table points at `process_instances` with a foreign key: history and closed cases are to be
partitioned and archived by month, and a key across that border would forbid it. What belongs
together is written together, in one transaction.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
    literal,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import registry

from app.store.columns import Instant, Json, Word
from app.store.search import fold
from app.store.tracking import track

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
entities = registry(metadata=metadata)

TENANT = "tenant_id"
"""Execution option of every connection of a store: the province whose rows it writes."""


def _tenant_of(context: DefaultExecutionContext) -> str:
    return str(context.execution_options[TENANT])


def tenant(*, primary_key: bool = False) -> Column[Any]:
    """The province. An entity that does not carry it gets that of the store that writes it."""
    return Column(
        TENANT,
        Text,
        primary_key=primary_key,
        nullable=False,
        default=_tenant_of,
    )


def key(name: str = "id") -> Column[Any]:
    return Column(name, Text, primary_key=True)


def words(name: str, *, default: str | None = None) -> Column[Any]:
    """Text that is never NULL."""
    return Column(name, Text, nullable=False, default=default)


def maybe(name: str) -> Column[Any]:
    """Text that may be NULL."""
    return Column(name, Text)


def instant(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Instant, nullable=nullable)


def word(name: str, enumeration: type[StrEnum], *, nullable: bool = False) -> Column[Any]:
    return Column(name, Word(enumeration), nullable=nullable)


def json(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Json, nullable=nullable)


def number(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    return Column(name, Integer, nullable=nullable, primary_key=primary_key)


def partial_index(name: str, *columns: Any, where: Any, unique: bool = False) -> Index:
    """An index over the living rows only: its size does not grow with history."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def entity(cls: type[Any], table: Table, **properties: Any) -> None:
    """Map a class of the domain onto a table; the class stays as plain as it was."""
    version = properties.pop("version_id_col", None)
    by_hand = properties.pop("version_by_hand", False)
    options: dict[str, Any] = {}
    if version is not None:
        options["version_id_col"] = version
    if by_hand:
        options["version_id_generator"] = False
    track(entities.map_imperatively(cls, table, properties=properties, **options))


def searchable(cls: type[Any], text_of: Callable[[Any], str]) -> None:
    """Keep the column `search_text` in step with the entity: folded text that a LIKE looks through."""

    def write(_mapper: Any, _connection: Any, thing: Any) -> None:
        thing.search_text = fold(text_of(thing))

    event.listen(cls, "before_insert", write)
    event.listen(cls, "before_update", write)


def is_word(column: Column[Any], value: StrEnum) -> ColumnElement[bool]:
    """Compare with a word that stands in the statement itself: only so a partial index is used."""
    return column == literal(value.value, String, literal_execute=True)
