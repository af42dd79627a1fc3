"""How a class of the domain lies in its table: one row in, one object out, and what has changed.

There is no magic in the objects: they stay the plain classes of the domain. What a row looked like
when it was read is kept beside the object (by the session), and compared before a commit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cached_property
from types import NoneType
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Dialect, LargeBinary, Table, type_coerce
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import NULLTYPE

from app.store.columns import Instant, Json, Word
from app.store.search import fold
from app.store.wire import Convert, Row, reader

T = TypeVar("T")
Child = tuple[str, type[Any], str]
"""Attribute that lists the children, their class, and their column that points at the parent."""

Values = dict[str, Any]
"""The attributes of an object as a row meant them."""

PLAIN = frozenset({str, int, bool, float, bytes, datetime, date, NoneType})
"""What a driver takes as it is."""
TENANT = "tenant_id"
SEARCH = "search_text"


class Mapped(Generic[T]):
    """A class and its table. `version` counts the writes, or is counted `by_hand`.

    Objects for which `recent` holds are remembered for the next transaction. Rows of a table that
    `leads` are locked before any other, in the order of their keys: so nobody waits in a circle.
    """

    def __init__(
        self,
        cls: type[T],
        table: Table,
        *,
        version: Column[Any] | None = None,
        by_hand: bool = False,
        children: Child | None = None,
        recent: Callable[[T], bool] | None = None,
        leads: bool = False,
    ) -> None:
        self.cls = cls
        self.table = table
        self.recent = recent
        self.leads = leads
        self.columns: tuple[Column[Any], ...] = tuple(table.columns)
        self.names = tuple(column.name for column in self.columns)
        self.keys = tuple(self.names.index(column.name) for column in table.primary_key.columns)
        self.key_name = self.names[self.keys[0]] if len(self.keys) == 1 else None
        self.version_at = None if version is None else self.names.index(version.name)
        self.by_hand = by_hand
        self.children = children
        self.searched: tuple[int, ...] = ()
        self._lenses: dict[str, Lens[T]] = {}

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
        self.key_name = mapped.key_name
        self.children = mapped.children
        at_sqlite = dialect.name == "sqlite"
        self.place = "?" if at_sqlite else "%s"
        self.among = "IN (SELECT value FROM json_each(?))" if at_sqlite else "= ANY(%s)"
        kept = {field.name for field in fields(mapped.cls)}  # type: ignore[arg-type] # a dataclass
        self._left_out = tuple(name for name in mapped.names if name not in kept)
        binds = [_binder(column, dialect) for column in mapped.columns]
        loads = [_loader(column, dialect) for column in mapped.columns]
        self._binds = tuple((at, bind) for at, bind in enumerate(binds) if bind is not None)
        self._loads = tuple(
            (mapped.names[at], load)
            for at, load in enumerate(loads)
            if load is not None and mapped.names[at] in kept
        )
        json = [isinstance(column.type, Json) for column in mapped.columns]
        self._defaults = tuple(
            (at, column.default.arg)
            for at, column in enumerate(mapped.columns)
            if isinstance(column.default, ScalarElementColumnDefault)
        )
        self._tenant_at = mapped.names.index(TENANT)
        self._search_at = mapped.names.index(SEARCH) if SEARCH in mapped.names else None
        passed = {self._tenant_at, self._search_at, *mapped.keys}
        if not mapped.by_hand:
            passed.add(mapped.version_at)
        own = [(at, name) for at, name in enumerate(mapped.names) if at not in passed]
        self._compared = tuple((at, name, binds[at]) for at, name in own if not json[at])
        self._json = tuple(
            (at, name, kind)
            for at, name in own
            if isinstance(kind := mapped.columns[at].type, Json)
        )
        self.readers = tuple(map(reader, mapped.columns))
        self._updates: dict[tuple[int, ...], str] = {}
        self._selects: dict[str, str] = {}
        self.insert = self._insert()

    # --- statements -----------------------------------------------------------------------

    def _insert(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.mapped.names)
        places = ", ".join(self.place for _ in self.mapped.names)
        return f'INSERT INTO "{self.mapped.table.name}" ({names}) VALUES ({places})'  # noqa: S608

    def select(self, ending: str) -> str:
        """Whole rows; `ending` says which: a text of ours with `?`, never of a user."""
        known = self._selects.get(ending)
        if known is None:
            names = ", ".join(f'"{name}"' for name in self.mapped.names)
            chosen = ending.replace("?", self.place)
            known = f'SELECT {names} FROM "{self.mapped.table.name}" {chosen}'  # noqa: S608
            self._selects[ending] = known
        return known

    @cached_property
    def by_key(self) -> str:
        return self.select(f'WHERE "{self.key_name}" = ? AND "{TENANT}" = ?')

    @cached_property
    def locking(self) -> str:
        return f"{self.by_key} FOR UPDATE"

    @cached_property
    def by_keys(self) -> str:
        """Several at once: the keys are one parameter."""
        return self.select(f'WHERE "{self.key_name}" {self.among} AND "{TENANT}" = ?')

    @cached_property
    def locking_free(self) -> str:
        return f'{self.by_keys} ORDER BY "{self.key_name}" FOR UPDATE SKIP LOCKED'

    @cached_property
    def locking_versions(self) -> str:
        """Like `locking_free`, but only the keys and the versions."""
        version = self.mapped.names[self.mapped.version_at or 0]
        return (
            f'SELECT "{self.key_name}", "{version}" FROM "{self.mapped.table.name}"'  # noqa: S608
            f' WHERE "{self.key_name}" {self.among} AND "{TENANT}" = {self.place}'
            f' ORDER BY "{self.key_name}" FOR UPDATE SKIP LOCKED'
        )

    @cached_property
    def version_readers(self) -> tuple[Convert, Convert]:
        return self.readers[self.mapped.keys[0]], self.readers[self.mapped.version_at or 0]

    def version_of(self, row: Row) -> int:
        version: int = row[self.mapped.version_at or 0]
        return version

    @cached_property
    def delete(self) -> str:
        return (
            f'DELETE FROM "{self.mapped.table.name}"'  # noqa: S608
            f' WHERE "{self.key_name}" = {self.place}'
        )

    def update(self, changed: tuple[int, ...]) -> str:
        """Write these columns; parameters: their values, the key, and the old version if any."""
        known = self._updates.get(changed)
        if known is None:
            names = self.mapped.names
            sets = ", ".join(f'"{names[at]}" = {self.place}' for at in changed)
            known = (
                f'UPDATE "{self.mapped.table.name}" SET {sets}'  # noqa: S608
                f' WHERE "{self.key_name}" = {self.place}'
            )
            if self.mapped.version_at is not None:
                known += f' AND "{names[self.mapped.version_at]}" = {self.place}'
            self._updates[changed] = known
        return known

    # --- rows and things ------------------------------------------------------------------

    def values(self, row: Sequence[Any]) -> Values:
        """The attributes that a row means."""
        values = dict(zip(self.mapped.names, row, strict=True))
        for name in self._left_out:
            del values[name]
        for name, load in self._loads:
            value = values[name]
            if value is not None:
                values[name] = load(value)
        return values

    def thing(self, values: Values) -> T:
        made = self.cls.__new__(self.cls)
        vars(made).update(values)
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
        if self._search_at is not None:
            row[self._search_at] = self._searched(row)
        return tuple(row) if PLAIN.issuperset(map(type, row)) else tuple(map(_plain, row))

    def _searched(self, row: Sequence[Any]) -> str:
        return " ".join([fold(row[at]) for at in self.mapped.searched])

    def changes(self, thing: T, row: Row, values: Values) -> dict[int, Any]:
        """Places and new contents, compared with a row and the attributes that it meant.

        Whatever is no JSON cannot change within itself: there identity says enough. JSON that was
        replaced is written where its text differs; what was only read may be spelt otherwise.
        """
        now = vars(thing)
        found: dict[int, Any] = {}
        for at, name, bind in self._compared:
            value = now[name]
            if value is not values[name]:
                bound = value if bind is None or value is None else bind(value)
                if bound != row[at]:
                    found[at] = bound
        for at, name, kind in self._json:
            value = now[name]
            text = kind.text_of(value)
            if text != row[at] and (value is not values[name] or not _same(kind, text, row[at])):
                found[at] = text
        return found

    def change(self, thing: T, row: Row, found: dict[int, Any]) -> "Change":
        """What has to be written, where this is what has changed."""
        new = self.patched(row, found)
        changed = list(found)
        if self._search_at is not None and not found.keys().isdisjoint(self.mapped.searched):
            new[self._search_at] = self._searched(new)
            changed.append(self._search_at)
        condition = [row[self.mapped.keys[0]]]
        counted = self.mapped.version_at
        if counted is not None:
            condition.append(row[counted])
            if not self.mapped.by_hand:
                new[counted] = max(vars(thing)[self.mapped.names[counted]], row[counted] + 1)
                setattr(thing, self.mapped.names[counted], new[counted])
                changed.append(counted)
        parameters = (*[new[at] for at in changed], *condition)
        return Change(self.update(tuple(changed)), parameters, tuple(new))

    def patched(self, row: Row, changes: dict[int, Any]) -> list[Any]:
        new = list(row)
        for at, value in changes.items():
            new[at] = _plain(value)
        return new

    def counted(self, thing: T, row: list[Any], written: Row | None) -> Row:
        """Count a change that is kept but not written yet, so that its reader sees it."""
        at = self.mapped.version_at
        if at is not None and not self.mapped.by_hand and written is not None:
            row[at] += 1
            setattr(thing, self.mapped.names[at], row[at])
        return tuple(row)


@dataclass(frozen=True, slots=True)
class Change:
    """One UPDATE, and the row that it leaves behind."""

    statement: str
    parameters: Row
    row: Row


def _same(kind: Json, text: str | None, old: str | None) -> bool:
    """JSON that somebody else wrote may be spelt otherwise and yet mean the same."""
    return text is not None and old is not None and kind.text_of(kind.value_of(old)) == text


def _plain(value: Any) -> Any:
    """A word of an enumeration is text to the driver."""
    return str(value) if isinstance(value, str) and type(value) is not str else value


def _binder(column: Column[Any], dialect: Dialect) -> Convert | None:
    kind = column.type
    if isinstance(kind, Instant | Json | Word):
        return kind.binder(dialect)
    if isinstance(kind, LargeBinary):
        return None  # both drivers take bytes as they are
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _loader(column: Column[Any], dialect: Dialect) -> Convert | None:
    kind = column.type
    if isinstance(kind, Instant | Json | Word):
        return kind.loader(dialect)
    return kind.dialect_impl(dialect).result_processor(dialect, None)


MAPPED: dict[type[Any], Mapped[Any]] = {}
"""Every mapped class, filled by the modules of the tables."""
