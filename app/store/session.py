"""One connection, one transaction, and the objects that were read or made in it.

A small unit of work. An object is read once; before anything is asked that could miss a change, and
before the commit, it is compared with its row; what differs is written with as few statements as
there are kinds of change: on PostgreSQL in one round trip.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, CursorResult, Engine, Executable, Result, Select
from sqlalchemy.pool import PoolProxiedConnection

from app.domain.errors import Conflict
from app.store.failures import CHANGED
from app.store.mapping import MAPPED, Change, Lens, Values
from app.store.wire import Answer, Question, Row, Wire

T = TypeVar("T")
Classes = Iterable[type[Any]]


class Held:
    """An object, and its row as the database has it (None: it has none yet)."""

    __slots__ = ("children", "lens", "ours", "row", "safe", "safe_values", "thing", "values")

    def __init__(self, lens: Lens[Any], thing: Any, row: Row | None, values: Values) -> None:
        self.lens = lens
        self.thing = thing
        self.row = row
        self.values = values  # what the row means
        self.safe: Row | None = row  # as the last command that is kept left it
        self.safe_values = values
        self.ours = False  # locked or written by this transaction: nobody else can change it
        self.children: list[Any] = []

    def reset(self, row: Sequence[Any]) -> None:
        """Make the object what a row of the database says."""
        self.row = self.safe = tuple(row)
        self.values = self.safe_values = self.lens.values(row)
        vars(self.thing).update(self.values)

    def written(self, row: Row) -> None:
        """The database has it now as it is."""
        self.row = self.safe = row
        self.values = self.safe_values = dict(vars(self.thing))

    def has_changed(self) -> bool:
        return self.row is not None and bool(self.lens.changes(self.thing, self.row, self.values))

    def keep(self) -> bool:
        """Remember how the command in hand leaves it; True where it changed it."""
        if self.safe is None:
            return False  # new: it is written as it is in the end
        changes = self.lens.changes(self.thing, self.safe, self.safe_values)
        if not changes:
            return False
        self.safe = self.lens.counted(self.thing, self.lens.patched(self.safe, changes), self.row)
        self.safe_values = dict(vars(self.thing))
        return True

    def undo(self) -> None:
        """Go back to how the last command left it; JSON may have changed within itself."""
        if self.safe is not None:
            vars(self.thing).update({**self.safe_values, **self.lens.values(self.safe)})

    def change(self, *, settled: bool) -> Change | None:
        """What has to be written; `settled`: nobody has touched it since it was kept."""
        if self.row is None:
            return None
        if settled and self.safe is not None:
            found = self.lens.between(self.row, self.safe)
        else:
            found = self.lens.changes(self.thing, self.row, self.values)
        return self.lens.change(self.thing, self.row, found) if found else None


@dataclass(frozen=True)
class Stale:
    """Objects of one class, and the question that says how they are now."""

    lens: Lens[Any]
    held: dict[str, Held]
    question: tuple[str, Row]


class Session:
    def __init__(
        self, database: Engine, tenant_id: str, at: datetime, *, read_only: bool = False
    ) -> None:
        self.database = database
        self.dialect = database.dialect
        self.at_sqlite = database.dialect.name == "sqlite"
        self.tenant_id = tenant_id
        self.at = at
        self.read_only = read_only
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._wire: Wire | None = None  # to PostgreSQL
        self._unsent: list[Question] = []  # goes with the next statement, to save a round trip
        self._core: Connection | None = None
        self._known: dict[type[Any], dict[str, Held]] = {}
        self._live: dict[int, Held] = {}  # what the command in hand may have changed
        self._kept: dict[int, Held] = {}  # what earlier commands changed, not written yet
        self._new: list[Held] = []
        self._safely_new = 0
        self._gone: list[Held] = []
        self._sent = self._safely_sent = 0

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
                self._wire = Wire(driver, self._pooled.info)
                self._unsent = [("BEGIN READ ONLY" if self.read_only else "BEGIN", ())]
            self._driver = driver
        return self._driver

    def connection(self) -> Connection:
        """The same connection, for others to write on with SQLAlchemy."""
        self._sent += 1
        return self._connection()

    def _connection(self) -> Connection:
        if self._core is None:
            _ = self.driver
            if self._wire is not None and self._unsent:
                self._ask([])
            self._core = Connection(self.database, self._pooled)
            self._core.begin()
        return self._core

    def commit(self) -> None:
        if self._core is not None:
            self._core.commit()
        elif self._wire is not None:
            self._wire.commit()
        elif self._driver is not None:
            self._driver.commit()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        driver, core, pooled = self._driver, self._core, self._pooled
        self._driver = self._core = self._pooled = self._wire = None
        lost = not self.at_sqlite and driver is not None and driver.closed
        if lost and pooled is not None:
            pooled.invalidate()
            self.database.dispose()  # the others of the pool have lost their server too
        if core is not None:
            core.close()
        elif pooled is not None:
            pooled.close()

    # --- statements -------------------------------------------------------------------------

    def execute(self, statement: Executable, parameters: Any = None) -> Result[*tuple[Any, ...]]:
        """Execute; what changed so far is written first."""
        self.flush()
        if not isinstance(statement, Select):
            self._sent += 1
        return self._connection().execute(statement, parameters)

    def scalar(self, statement: Executable) -> Any:
        return self.execute(statement).scalar()

    def scalars(self, statement: Executable) -> Any:
        return self.execute(statement).scalars()

    def change(self, statement: Executable, cls: type[Any]) -> int:
        """Execute an UPDATE or DELETE of many rows of `cls`; say how many.

        What is known of them is read again.
        """
        result = self.execute(statement)
        self._read_again([cls], ours=True)
        return result.rowcount if isinstance(result, CursorResult) else 0

    def _rows(self, lens: Lens[Any], text: str, parameters: Sequence[Any]) -> list[Row]:
        """Rows by a text of ours and plain parameters, from the driver itself."""
        driver = self.driver
        if self._wire is not None:
            return self._ask([(text, parameters)])[0].rows(lens.readers)
        found: list[Row] = driver.execute(text, parameters).fetchall()
        return found

    def _ask(self, questions: list[Question]) -> list[Answer]:
        _ = self.driver
        if self._wire is None:
            raise RuntimeError("only PostgreSQL has a wire")
        before, self._unsent = self._unsent, []
        return self._wire.ask([*before, *questions])[len(before) :]

    def _write(self, writes: Mapping[str, Sequence[Row]]) -> dict[str, int]:
        """Execute statements, each for all its parameters; say how many rows each changed."""
        driver = self.driver
        if self._wire is None:
            return {text: _many(driver, text, batch) for text, batch in writes.items()}
        asked = [(text, row) for text, batch in writes.items() for row in batch]
        changed = dict.fromkeys(writes, 0)
        for (text, _), answer in zip(asked, self._ask([*asked]), strict=True):
            changed[text] += answer.rowcount
        return changed

    # --- finding ----------------------------------------------------------------------------

    def lens(self, cls: type[T]) -> Lens[T]:
        found: Lens[T] = MAPPED[cls].lens(self.dialect)
        return found

    def get(self, cls: type[T], key: str) -> T | None:
        """The object with this key, if it is of this province."""
        held = self._held(cls, key)
        if held is not None:
            mine = getattr(held.thing, "tenant_id", self.tenant_id) == self.tenant_id
            return held.thing if mine else None
        lens = self.lens(cls)
        found = self._adopt(lens, self._rows(lens, lens.by_key, (key, self.tenant_id)))
        return found[0] if found else None

    def get_many(self, cls: type[T], keys: Iterable[str]) -> list[T]:
        """Those objects that there are, in no order."""
        lens = self.lens(cls)
        return self._adopt(lens, self._rows(lens, lens.by_keys, (self._list(keys), self.tenant_id)))

    def where(self, cls: type[T], ending: str, parameters: Sequence[Any]) -> list[T]:
        """Objects by a text of ours ("WHERE a = ? ORDER BY b") and plain parameters."""
        self.flush([cls])
        lens = self.lens(cls)
        return self._adopt(lens, self._rows(lens, lens.select(ending), parameters))

    def select(self, cls: type[T], statement: Select[Any]) -> list[T]:
        """Objects by a statement over the columns `Mapped.plain`."""
        return self._adopt(self.lens(cls), self.execute(statement).fetchall())

    def lock(self, cls: type[T], key: str) -> T | None:
        """Lock the row until commit, and read again what was read before.

        On SQLite the transaction has held the one write lock since its beginning.
        """
        held = self._held(cls, key)
        if self.at_sqlite or (held is not None and held.ours):
            return self.get(cls, key)
        self.flush()
        lens = self.lens(cls)
        found = self._lock(lens, lens.locking, (key, self.tenant_id))
        return found[0] if found else None

    def lock_free(self, cls: type[T], keys: Iterable[str]) -> list[T]:
        """Lock those rows that nobody else holds, in the order of their keys, without waiting."""
        if self.at_sqlite:
            return self.get_many(cls, keys)
        self.flush()
        lens = self.lens(cls)
        return self._lock(lens, lens.locking_free, (self._list(keys), self.tenant_id))

    def _lock(self, lens: Lens[T], text: str, parameters: Sequence[Any]) -> list[T]:
        """Lock, and read again what was read before: the second statement sees what is true then."""
        again = self._stale(self._known, ours=False)
        first, *others = self._ask([(text, parameters), *(one.question for one in again)])
        for one, answer in zip(again, others, strict=True):
            self._renew(one, answer.rows(one.lens.readers))
        rows = first.rows(lens.readers)
        found = self._adopt(lens, rows)
        for row in rows:
            held = self._known[lens.cls][lens.key_of(row)]
            held.ours = True
            held.reset(row)
        return found

    def _list(self, keys: Iterable[str]) -> Any:
        wanted = list(keys)
        return orjson.dumps(wanted).decode() if self.at_sqlite else wanted

    def _held(self, cls: type[Any], key: str) -> Held | None:
        held = self._known.get(cls, {}).get(key)
        if held is not None:
            self._live[id(held)] = held
        return held

    def _adopt(self, lens: Lens[T], rows: Sequence[Sequence[Any]]) -> list[T]:
        """The objects of rows: the known ones as they are, the others made."""
        known = self._known.setdefault(lens.cls, {})
        found, fresh = [], []
        for row in rows:
            key = lens.key_of(row)
            held = known.get(key)
            if held is None:
                values = lens.values(row)
                held = known[key] = Held(lens, lens.thing(values), tuple(row), values)
                fresh.append(held)
            self._live[id(held)] = held
            found.append(held.thing)
        if fresh and lens.children is not None:
            self._read_children(lens, fresh)
        return found

    def _read_children(self, lens: Lens[Any], parents: Sequence[Held]) -> None:
        attribute, cls, pointer = lens.children  # type: ignore[misc] # asked by the callers
        child = self.lens(cls)
        keys = [lens.key_of(held.row or ()) for held in parents]
        ending = f'WHERE "{pointer}" {child.among} ORDER BY "{child.key_name}"'
        found = self._adopt(child, self._rows(child, child.select(ending), (self._list(keys),)))
        by_parent: dict[str, list[Any]] = {key: [] for key in keys}
        for thing in found:
            by_parent[getattr(thing, pointer)].append(thing)
        for key, held in zip(keys, parents, strict=True):
            held.children = by_parent[key]
            setattr(held.thing, attribute, list(held.children))

    def read_again(self) -> None:
        """Read everything that is known once more."""
        self._read_again(self._known, ours=True)

    def _read_again(self, classes: Classes, *, ours: bool) -> None:
        """Read what is known once more: what others may have changed, or all of it (`ours`)."""
        for stale in self._stale(classes, ours=ours):
            missing = self._renew(stale, self._rows(stale.lens, *stale.question))
            if ours:
                for key, held in missing.items():
                    self._forget(key, held)

    def _stale(self, classes: Classes, *, ours: bool) -> list["Stale"]:
        found = []
        for cls in classes:
            known = self._known.get(cls, {})
            old = {k: h for k, h in known.items() if h.row is not None and (ours or not h.ours)}
            if old:
                lens = self.lens(cls)
                question = (lens.by_keys, (self._list(old), self.tenant_id))
                found.append(Stale(lens, old, question))
        return found

    def _renew(self, stale: "Stale", rows: Sequence[Row]) -> dict[str, Held]:
        """Take over what was read again; returns what was not there any more."""
        lens, missing = stale.lens, dict(stale.held)
        found = [missing.pop(lens.key_of(row)) for row in rows]
        for held, row in zip(found, rows, strict=True):
            held.reset(row)
        if lens.children is not None and found:
            self._read_children(lens, found)
        return missing

    # --- changing ---------------------------------------------------------------------------

    def add(self, thing: Any) -> None:
        """Write it at the next occasion; known at once."""
        lens = self.lens(type(thing))
        held = Held(lens, thing, None, {})
        if lens.key_name is not None:
            known = self._known.setdefault(lens.cls, {})
            before = known.get(getattr(thing, lens.key_name))
            if before is not None and before.thing is thing:
                return
            known[getattr(thing, lens.key_name)] = held
        self._live[id(held)] = held
        self._new.append(held)

    def add_unless_known(self, thing: Any) -> bool:
        """Write it now; False (and nothing changed) where a unique key of it is taken."""
        self.flush()
        lens = self.lens(type(thing))
        row = lens.new_row(thing, self.tenant_id)
        self._sent += 1
        text = f"{lens.insert} ON CONFLICT DO NOTHING"
        if self._write({text: [row]})[text] != 1:
            return False
        held = Held(lens, thing, row, dict(vars(thing)))
        held.ours = True
        self._known.setdefault(lens.cls, {})[lens.key_of(row)] = held
        self._live[id(held)] = held
        return True

    def delete(self, thing: Any) -> None:
        lens = self.lens(type(thing))
        key = getattr(thing, str(lens.key_name))
        held = self._known.get(lens.cls, {}).get(key)
        if held is None:
            raise LookupError(f"not read in this transaction: {thing!r}")
        self._forget(key, held)
        if held in self._new:
            self._new.remove(held)
        else:
            self._gone.append(held)

    def _forget(self, key: str, held: Held) -> None:
        self._known[held.lens.cls].pop(key, None)
        self._live.pop(id(held), None)
        self._kept.pop(id(held), None)

    def changed(self) -> Any:
        """Something that differs from the database; None where nothing does."""
        self._look_at_children()
        for held in [*self._new, *self._gone]:
            return held.thing
        for held in self._live.values():
            if held.has_changed():
                return held.thing
        return None

    def flush(self, classes: Classes | None = None) -> None:
        """Write what has changed so far; with `classes`, only if a change could concern them."""
        if classes is not None and not self._concerns(set(classes)):
            return
        self._look_at_children()
        writes: dict[str, list[Row]] = {}
        expected: set[str] = set()
        for place, held in {**self._kept, **self._live}.items():
            change = held.change(settled=place not in self._live)
            if change is not None:
                writes.setdefault(change.statement, []).append(change.parameters)
                expected.add(change.statement)
                held.written(change.row)
                held.ours = True
        for held in self._new:
            row = held.lens.new_row(held.thing, self.tenant_id)
            writes.setdefault(held.lens.insert, []).append(row)
            held.written(row)
            held.ours = True
        for held in self._gone:
            key = held.lens.key_of(held.row or ())
            writes.setdefault(held.lens.delete, []).append((key,))
            expected.add(held.lens.delete)
        self._new, self._gone, self._safely_new = [], [], 0
        self._kept.clear()
        if writes:
            self._send(writes, expected)

    def _concerns(self, classes: set[type[Any]]) -> bool:
        if any(held.lens.cls in classes for held in (*self._new, *self._gone)):
            return True
        return any(
            held.lens.cls in classes and held.has_changed()
            for held in (*self._kept.values(), *self._live.values())
        )

    def _send(self, writes: dict[str, list[Row]], expected: set[str]) -> None:
        self._sent += 1
        changed = self._write(writes)
        if any(changed[text] != len(writes[text]) for text in expected):
            raise Conflict(CHANGED)

    def _look_at_children(self) -> None:
        """What was put into a list of children is new, what was taken out is gone."""
        for held in list(self._live.values()):
            if held.lens.children is None:
                continue
            attribute, _cls, pointer = held.lens.children
            now = list(getattr(held.thing, attribute))
            for child in now:
                if child not in held.children:
                    setattr(child, pointer, getattr(held.thing, str(held.lens.key_name)))
                    self.add(child)
            for child in held.children:
                if child not in now:
                    self.delete(child)
            held.children = now

    # --- several commands in one transaction --------------------------------------------------

    def begin_commands(self) -> None:
        """What was read so far belongs to no command."""
        self._live.clear()
        self._safely_sent = self._sent

    def keep(self) -> None:
        """The command in hand is done: what it changed is written at the end, whatever follows."""
        for place, held in self._live.items():
            if held.keep():
                self._kept[place] = held
        self._live.clear()
        self._safely_new = len(self._new)
        self._safely_sent = self._sent

    def undo(self) -> bool:
        """Take back what the command in hand changed; False where it was written already."""
        if self._sent != self._safely_sent or self._gone:
            return False
        if any(id(held) in self._live for held in self._new[: self._safely_new]):
            return False  # of an earlier command, and nobody remembers how it was
        for held in self._new[self._safely_new :]:
            if held.lens.key_name is not None:
                self._known[held.lens.cls].pop(getattr(held.thing, held.lens.key_name), None)
            self._live.pop(id(held), None)
        del self._new[self._safely_new :]
        for held in self._live.values():
            held.undo()
        self._live.clear()
        return True


def _many(driver: Any, text: str, batch: Sequence[Row]) -> int:
    if len(batch) == 1:
        return int(driver.execute(text, batch[0]).rowcount)
    return int(driver.executemany(text, batch).rowcount)
