"""One connection, one transaction, and the objects that were read or made in it.

It is a small unit of work: an object is read once (identity map), compared with its row before
anything is asked that could miss the difference, and written with as few statements as there are
kinds of change. What is written goes out in batches; on PostgreSQL in one round trip.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, TypeVar

import orjson
import psycopg
from sqlalchemy import Connection, CursorResult, Engine, Executable, Result, Select, Table
from sqlalchemy.pool import PoolProxiedConnection

from app.domain.errors import Conflict, NotFound
from app.store.failures import CHANGED
from app.store.mapping import MAPPED, Change, Lens, Mapped, Row, mapped_of

T = TypeVar("T")
Write = tuple[str, Row, bool]
"""A statement, its parameters, and whether it must find its row."""


class Held:
    """An object, and its row as the database has it; None while it is not written yet."""

    __slots__ = ("lens", "mine", "row", "thing")

    def __init__(self, lens: Lens[Any], thing: Any, row: Row | None, *, mine: bool = False) -> None:
        self.lens = lens
        self.thing = thing
        self.row = row
        self.mine = mine
        """Its row was locked or written by this transaction: nobody else can change it."""


Known = dict[str, Held]


class Session:
    def __init__(self, database: Engine, tenant_id: str, *, read_only: bool = False) -> None:
        self.database = database
        self.dialect = database.dialect
        self.at_sqlite = database.dialect.name == "sqlite"
        self.tenant_id = tenant_id
        self.read_only = read_only
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._core: Connection | None = None
        self._known: dict[type[Any], Known] = {}
        self._live: dict[type[Any], Known] = {}
        self._new: list[Held] = []
        self._gone: list[Held] = []
        self._writes: list[Write] = []
        self.has_written = False

    # --- the transaction --------------------------------------------------------------------

    @property
    def driver(self) -> Any:
        """The connection as its driver knows it, within the transaction."""
        if self._driver is None:
            self._pooled = self.database.raw_connection()
            driver: Any = self._pooled.driver_connection
            if self.at_sqlite:
                driver.execute("BEGIN" if self.read_only else "BEGIN IMMEDIATE")
            else:
                driver.read_only = self.read_only
            self._driver = driver
        return self._driver

    def connection(self) -> Connection:
        """The same connection for statements of SQLAlchemy."""
        if self._core is None:
            _ = self.driver
            self._core = Connection(self.database, self._pooled)
            self._core.begin()
        return self._core

    def commit(self) -> None:
        if self._core is not None:
            self._core.commit()
        elif self._driver is not None:
            self._driver.commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        core, pooled = self._core, self._pooled
        self._core = self._driver = self._pooled = None
        if core is not None:
            core.close()
        elif pooled is not None:
            pooled.close()

    # --- statements -------------------------------------------------------------------------

    def execute(self, statement: Executable, parameters: Any = None) -> Result[Any]:
        """Execute after everything that changed so far was written."""
        self.flush()
        self.has_written = self.has_written or not isinstance(statement, Select)
        return self.connection().execute(statement, parameters)

    def scalar(self, statement: Executable) -> Any:
        return self.execute(statement).scalar()

    def scalars(self, statement: Executable) -> Any:
        return self.execute(statement).scalars()

    def change(self, statement: Executable, cls: type[Any]) -> int:
        """Execute an UPDATE or DELETE of many rows; objects of `cls` are read again."""
        result = self.execute(statement)
        self._read_again([cls])
        return result.rowcount if isinstance(result, CursorResult) else 0

    def rows(self, text: str, parameters: Sequence[Any]) -> list[Row]:
        """Ask the driver itself: text of ours, plain parameters."""
        found: list[Row] = self._run(text, parameters).fetchall()
        return found

    def _run(self, text: str, parameters: Sequence[Any]) -> Any:
        if self.at_sqlite:
            return self.driver.execute(text, parameters)
        return self.driver.execute(text, parameters, prepare=True)

    # --- finding ----------------------------------------------------------------------------

    def lens(self, cls: type[T]) -> Lens[T]:
        return mapped_of(cls).lens(self.dialect)

    def get(self, cls: type[T], key: str) -> T | None:
        """The object with this key, if it is of this province."""
        held = self._held(cls, key)
        if held is not None:
            return self._mine(held)
        lens = self.lens(cls)
        rows = self.rows(lens.by_key, (key, self.tenant_id))
        return self._adopt(lens, rows[0]) if rows else None

    def get_many(self, cls: type[T], keys: Iterable[str], *, ending: str = "") -> list[T]:
        """Those of the keys that there are, in any order; `ending` is text of ours."""
        lens = self.lens(cls)
        parameters = (self._list(list(keys)), self.tenant_id)
        rows = self.rows(f"{lens.by_keys} {ending}" if ending else lens.by_keys, parameters)
        return self._adopt_all(lens, rows)

    def where(self, cls: type[T], ending: str, parameters: Sequence[Any]) -> list[T]:
        """Objects chosen by a fixed text ("WHERE a = ? ORDER BY b") with plain parameters."""
        self.flush((cls,))
        lens = self.lens(cls)
        return self._adopt_all(lens, self.rows(lens.ending(ending), parameters))

    def select(self, cls: type[T], statement: Select[Any]) -> list[T]:
        """Objects chosen by a statement over `Mapped.plain`."""
        rows = self.execute(statement)
        return self._adopt_all(self.lens(cls), rows)

    def lock(self, cls: type[T], key: str) -> T:
        """Lock the row until commit; whatever was read before is read again.

        On SQLite the transaction holds the one write lock since its beginning.
        """
        held = self._held(cls, key)
        if held is not None and (self.at_sqlite or (held.mine and held.row is not None)):
            return self._required(self._mine(held))
        if self.at_sqlite:
            return self._required(self.get(cls, key))
        self.flush()
        lens = self.lens(cls)
        rows = self.rows(lens.locking, (key, self.tenant_id))
        self._read_again(list(self._known), also_stale=False)
        if not rows:
            raise NotFound(mapped_of(cls).table.name)
        found = self._adopt(lens, rows[0], fresh=True)
        self._known[cls][key].mine = True
        return found

    def lock_many(self, cls: type[T], keys: Iterable[str]) -> list[T]:
        """Lock those rows that nobody else holds, without waiting, in the order of their keys."""
        if self.at_sqlite:
            return self.get_many(cls, keys)
        wanted = sorted(keys)
        order = f'ORDER BY "{mapped_of(cls).key_name}" FOR UPDATE SKIP LOCKED'
        found = self.get_many(cls, wanted, ending=order)
        known = self._known.get(cls, {})
        lens = self.lens(cls)
        for thing in found:
            known[lens.key_in(thing)].mine = True
        self._read_again(list(self._known), also_stale=False)
        return found

    def _required(self, found: T | None) -> T:
        if found is None:
            raise NotFound("")
        return found

    def _held(self, cls: type[T], key: str) -> Held | None:
        held = self._known.get(cls, {}).get(key)
        if held is not None:
            self._live.setdefault(cls, {})[key] = held
        return held

    def _mine(self, held: Held) -> Any:
        thing = held.thing
        return thing if getattr(thing, "tenant_id", self.tenant_id) == self.tenant_id else None

    def _adopt(self, lens: Lens[T], row: Sequence[Any], *, fresh: bool = False) -> T:
        key = lens.key_of(row)
        known = self._known.setdefault(lens.cls, {})
        held = known.get(key)
        if held is None:
            held = known[key] = Held(lens, lens.thing(row), tuple(row))
        elif fresh:
            self._update(held, row)
        self._live.setdefault(lens.cls, {})[key] = held
        thing: T = held.thing
        return thing

    def _adopt_all(self, lens: Lens[T], rows: Iterable[Sequence[Any]]) -> list[T]:
        found = list(rows)
        children = lens.mapped.children
        fresh = [] if children is None else self._unknown(lens, found)
        things = [self._adopt(lens, row) for row in found]
        if children is not None and fresh:
            self._load_children(lens, fresh)
        return things
