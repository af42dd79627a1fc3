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
    literal,
)
from sqlalchemy.engine.default import DefaultExecutionContext

from app.store.columns import Instant, Json, Word
from app.store.mapping import MAPPED, Child, Mapped

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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


def entity(
    cls: type[Any],
    table: Table,
    *,
    version: Column[Any] | None = None,
    by_hand: bool = False,
    children: Child | None = None,
    recent: Callable[[Any], bool] | None = None,
    leads: bool = False,
) -> None:
    """Map a class of the domain onto a table; the class stays as plain as it was.

    `version` counts the writes of a row (the domain counts it itself where it is `by_hand`); for
    the rest see `Mapped`.
    """
    MAPPED[cls] = Mapped(
        cls,
        table,
        version=version,
        by_hand=by_hand,
        children=children,
        recent=recent,
        leads=leads,
    )


def searchable(cls: type[Any], *columns: str) -> None:
    """Keep `search_text` in step with these columns: folded text that a LIKE looks through."""
    mapped = MAPPED[cls]
    mapped.searched = tuple(mapped.names.index(name) for name in columns)


def is_word(column: Column[Any], value: StrEnum) -> ColumnElement[bool]:
    """Compare with a word that stands in the statement itself: only so a partial index is used."""
    return column == literal(value.value, String, literal_execute=True)
