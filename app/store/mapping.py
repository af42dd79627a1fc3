"""How a class of the domain lies in its table: one row in, one object out, and what has changed.

There is no magic in the objects: they stay the plain classes of the domain. What a row looked like
when it was read is kept beside the object (by the session), and compared before a commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Dialect, Table, type_coerce
from sqlalchemy.types import NULLTYPE

from app.store.columns import Instant, Json, Word

T = TypeVar("T")
Row = tuple[Any, ...]
Convert = Callable[[Any], Any]
Child = tuple[str, type[Any], str]
"""Attribute that lists the children, their class, and their column that points at the parent."""

TENANT = "tenant_id"
SEARCH = "search_text"


class Mapped(Generic[T]):
    """A class and its table. `version` counts the writes, or is counted `by_hand`."""

    def __init__(
        self,
        cls: type[T],
        table: Table,
        *,
        version: Column[Any] | None = None,
        by_hand: bool = False,
        children: Child | None = None,
    ) -> None:
        self.cls = cls
        self.table = table
        self.columns: tuple[Column[Any], ...] = tuple(table.columns)
        self.names = tuple(column.name for column in self.columns)
        self.keys = tuple(self.names.index(column.name) for column in table.primary_key.columns)
        self.version_at = None if version is None else self.names.index(version.name)
        self.by_hand = by_hand
        self.children = children
        self.text_of: Callable[[T], str] | None = None
        self._lenses: dict[str, Lens[T]] = {}

    @property
    def key_name(self) -> str:
        return self.names[self.keys[0]]

    @cached_property
    def plain(self) -> tuple[ColumnElement[Any], ...]:
        """The columns for a SELECT whose rows come as the database has them."""
        return tuple(type_coerce(column, NULLTYPE).label(column.name) for column in self.columns)

    def lens(self, dialect: Dialect) -> "Lens[T]":
        found = self._lenses.get(dialect.name)
        if found is None:
            found = self._lenses[dialect.name] = Lens(self, dialect)
        return found


class Lens(Generic[T]):
    """A mapping as one kind of database wants it: conversions, and the text of statements."""

    def __init__(self, mapped: Mapped[T], dialect: Dialect) -> None:
        self.mapped = mapped
        self.cls = mapped.cls
        self.place = "?" if dialect.name == "sqlite" else "%s"
        kept = {field.name for field in fields(mapped.cls)}  # type: ignore[arg-type] # a dataclass
        self._kept = tuple((at, name) for at, name in enumerate(mapped.names) if name in kept)
        binds = [_binder(column, dialect) for column in mapped.columns]
        loads = [_loader(column, dialect) for column in mapped.columns]
        self._binds = tuple((at, bind) for at, bind in enumerate(binds) if bind is not None)
        self._loads = tuple(
            (mapped.names[at], load)
            for at, load in enumerate(loads)
            if load is not None and mapped.names[at] in kept
        )
        self._json = {
            at: column.type
            for at, column in enumerate(mapped.columns)
            if isinstance(column.type, Json)
        }
        self._defaults = tuple(
            (at, column.default.arg)
            for at, column in enumerate(mapped.columns)
            if column.default is not None and column.default.is_scalar
        )
        self._tenant_at = mapped.names.index(TENANT)
        self._search_at = mapped.names.index(SEARCH) if SEARCH in mapped.names else None
        self._not_compared = {self._tenant_at, self._search_at, mapped.version_at, *mapped.keys}
        if mapped.by_hand:
            self._not_compared.discard(mapped.version_at)
        self._updates: dict[tuple[int, ...], str] = {}
        self.insert = self._insert()

    # --- statements -----------------------------------------------------------------------

    def _insert(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.mapped.names)
        places = ", ".join(self.place for _ in self.mapped.names)
        return f'INSERT INTO "{self.mapped.table.name}" ({names}) VALUES ({places})'  # noqa: S608

    def select(self, ending: str) -> str:
        """The whole row, `ending` says of which rows: text of ours, never of a user."""
        names = ", ".join(f'"{name}"' for name in self.mapped.names)
        return f'SELECT {names} FROM "{self.mapped.table.name}" {ending}'  # noqa: S608

    @cached_property
    def by_key(self) -> str:
        return self.select(
            f'WHERE "{self.mapped.key_name}" = {self.place} AND "{TENANT}" = {self.place}'
        )

    @cached_property
    def locking(self) -> str:
        return f"{self.by_key} FOR UPDATE"

    @cached_property
    def by_keys(self) -> str:
        """Several at once; the keys are one parameter (see `keys_parameter`)."""
        among = (
            "IN (SELECT value FROM json_each(?))" if self.place == "?" else "= ANY(CAST(%s AS text[]))"
        )
        return self.select(f'WHERE "{self.mapped.key_name}" {among} AND "{TENANT}" = {self.place}')

    @cached_property
    def delete(self) -> str:
        return (
            f'DELETE FROM "{self.mapped.table.name}"'  # noqa: S608
            f' WHERE "{self.mapped.key_name}" = {self.place}'
        )

    def update(self, changed: tuple[int, ...]) -> str:
        """Write these columns; parameters: their values, the key, and the old version if any."""
        known = self._updates.get(changed)
        if known is None:
            names = self.mapped.names
            sets = ", ".join(f'"{names[at]}" = {self.place}' for at in changed)
            known = (
                f'UPDATE "{self.mapped.table.name}" SET {sets}'  # noqa: S608
                f' WHERE "{self.mapped.key_name}" = {self.place}'
            )
            if self.mapped.version_at is not None:
                known += f' AND "{names[self.mapped.version_at]}" = {self.place}'
            self._updates[changed] = known
        return known

    # --- rows and things ------------------------------------------------------------------

    def values(self, row: Sequence[Any]) -> dict[str, Any]:
        """The attributes that a row means."""
        values = {name: row[at] for at, name in self._kept}
        for name, load in self._loads:
            value = values[name]
            if value is not None:
                values[name] = load(value)
        return values

    def thing(self, row: Sequence[Any]) -> T:
        made = self.cls.__new__(self.cls)
        vars(made).update(self.values(row))
        return made

    def key_of(self, row: Sequence[Any]) -> str:
        key: str = row[self.mapped.keys[0]]
        return key

    def row(self, thing: T) -> list[Any]:
        """The row that `thing` means now; what is no attribute of it is None."""
        row = list(map(vars(thing).get, self.mapped.names))
        for at, bind in self._binds:
            if row[at] is not None:
                row[at] = bind(row[at])
        return row

    def new_row(self, thing: T, tenant_id: str) -> Row:
        """The row to insert: with the defaults of the table, the tenant and what is searched."""
        if self.mapped.version_at is not None and not self.mapped.by_hand:
            setattr(thing, self.mapped.names[self.mapped.version_at], 1)
        row = self.row(thing)
        for at, value in self._defaults:
            if row[at] is None:
                row[at] = value
        if row[self._tenant_at] is None:
            row[self._tenant_at] = tenant_id
        if self._search_at is not None and self.mapped.text_of is not None:
            row[self._search_at] = self.mapped.text_of(thing)
        return tuple(map(_plain, row))

    def change(self, thing: T, old: Row) -> "Change | None":
        """What has to be written, compared with the row as it was read or written last."""
        row = self.row(thing)
        changed = [
            at
            for at, value in enumerate(row)
            if value != old[at] and at not in self._not_compared and not self._same(at, value, old[at])
        ]
        if not changed:
            return None
        new = list(old)
        for at in changed:
            new[at] = _plain(row[at])
        if self._search_at is not None and self.mapped.text_of is not None:
            text = self.mapped.text_of(thing)
            if text != old[self._search_at]:
                new[self._search_at] = text
                changed.append(self._search_at)
        condition = [old[self.mapped.keys[0]]]
        counted = self.mapped.version_at
        if counted is not None:
            condition.append(old[counted])
            if not self.mapped.by_hand:
                new[counted] += 1
                setattr(thing, self.mapped.names[counted], new[counted])
                changed.append(counted)
        return Change(
            self.update(tuple(changed)),
            (*(new[at] for at in changed), *condition),
            tuple(new),
        )

    def has_changed(self, thing: T, old: Row) -> bool:
        """Say whether anything would have to be written; changes nothing itself."""
        row = self.row(thing)
        return any(
            value != old[at] and at not in self._not_compared and not self._same(at, value, old[at])
            for at, value in enumerate(row)
        )

    def _same(self, at: int, text: str | None, old: str | None) -> bool:
        """JSON that somebody else wrote may be spelt otherwise and yet mean the same."""
        kind = self._json.get(at)
        if kind is None or text is None or old is None:
            return False
        return kind.text_of(kind.value_of(old)) == text


@dataclass(frozen=True, slots=True)
class Change:
    """One UPDATE, and the row that it leaves behind."""

    statement: str
    parameters: Row
    row: Row


def _plain(value: Any) -> Any:
    """A word of an enumeration is text to the driver."""
    return str(value) if isinstance(value, str) and type(value) is not str else value


def _binder(column: Column[Any], dialect: Dialect) -> Convert | None:
    kind = column.type
    if isinstance(kind, Instant | Json | Word):
        return kind.binder(dialect)
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _loader(column: Column[Any], dialect: Dialect) -> Convert | None:
    kind = column.type
    if isinstance(kind, Instant | Json | Word):
        return kind.loader(dialect)
    return kind.dialect_impl(dialect).result_processor(dialect, None)


MAPPED: dict[type[Any], Mapped[Any]] = {}
"""Every mapped class, filled by the modules of the tables."""


def mapped_of(cls: type[T]) -> Mapped[T]:
    return MAPPED[cls]

