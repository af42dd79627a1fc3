"""A transaction, and the objects that were read or made in it.

A small unit of work. An object is read once; before anything is asked that could miss a change, and
before the commit, it is compared with its row; what differs is written with as few statements as
there are kinds of change: on PostgreSQL in one round trip.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, CursorResult, Executable, Result, Select

from app.domain.errors import Conflict
from app.store.connections import Connections
from app.store.failures import CHANGED
from app.store.held import Held, Stale
from app.store.mapping import MAPPED, Lens
from app.store.recent import Recent, Remembered
from app.store.transaction import Transaction
from app.store.wire import Row

T = TypeVar("T")
Classes = Iterable[type[Any]]

About = tuple[str, Any]
"""An attribute, and the one value of it that is asked for."""


class Session(Transaction):
    """A transaction that knows its objects. `recent`: what it may assume instead of reading it."""

    def __init__(
        self,
        connections: Connections,
        tenant_id: str,
        at: datetime,
        *,
        read_only: bool = False,
        recent: Recent | None = None,
    ) -> None:
        super().__init__(connections, read_only=read_only)
        self.tenant_id = tenant_id
        self.at = at
        self._recent = recent
        self._assumed: list[Held] = []
        self._known: dict[type[Any], dict[str, Held]] = {}
        self._live: dict[int, Held] = {}  # what the command in hand may have changed
        self._kept: dict[int, Held] = {}  # what earlier commands changed, not written yet
        self._new: list[Held] = []
        self._safely_new = 0
        self._gone: list[Held] = []
        self._unwritten: set[type[Any]] = set()  # classes of what is new or gone
        self._sent = self._safely_sent = 0

    # --- statements of others ---------------------------------------------------------------

    def connection(self) -> Connection:
        """The same connection, for others to write on with SQLAlchemy."""
        self._sent += 1
        return self.core()

    def execute(self, statement: Executable, parameters: Any = None) -> Result[*tuple[Any, ...]]:
        """Execute; what changed so far is written first."""
        self.flush()
        if not isinstance(statement, Select):
            self._sent += 1
        return self.core().execute(statement, parameters)

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

    # --- finding ----------------------------------------------------------------------------

    def lens(self, cls: type[T]) -> Lens[T]:
        found: Lens[T] = MAPPED[cls].lens(self.dialect)
        return found

    def get(self, cls: type[T], key: str) -> T | None:
        """The object with this key, if it is of this province."""
        held = self._held(cls, key) or self._assume(cls, key)
        if held is not None:
            mine = getattr(held.thing, "tenant_id", self.tenant_id) == self.tenant_id
            return held.thing if mine else None
        lens = self.lens(cls)
        found = self._adopt(lens, self.rows(lens, lens.by_key, (key, self.tenant_id)))
        return found[0] if found else None

    def get_many(self, cls: type[T], keys: Iterable[str]) -> list[T]:
        """Those objects that there are, in no order."""
        lens = self.lens(cls)
        return self._adopt(lens, self.rows(lens, lens.by_keys, (self._list(keys), self.tenant_id)))

    def where(
        self, cls: type[T], ending: str, parameters: Sequence[Any], *, about: About | None = None
    ) -> list[T]:
        """Objects by a text of ours ("WHERE a = ? ORDER BY b") and plain parameters.

        `about`: only objects with this value of an attribute can be among them.
        """
        if self._concerns(cls, about):
            self.flush()
        lens = self.lens(cls)
        return self._adopt(lens, self.rows(lens, lens.select(ending), parameters))

    def read_together(self, *wanted: tuple[type[Any], str, Sequence[Any]]) -> None:
        """Read objects of several kinds, on PostgreSQL in one round trip; children before parents.

        Each is a class, a text of ours and its parameters, as for `where`. What is asked for by
        its key afterwards is known then.
        """
        lenses = [self.lens(cls) for cls, *_ in wanted]
        answers = self.ask_all(
            [
                (lens, lens.select(ending), parameters)
                for lens, (_, ending, parameters) in zip(lenses, wanted, strict=True)
            ]
        )
        read: dict[type[Any], list[Any]] = {}
        for lens, rows in zip(lenses, answers, strict=True):
            read[lens.cls] = self._adopt(lens, rows, read)

    def select(self, cls: type[T], statement: Select[Any]) -> list[T]:
        """Objects by a statement over the columns `Mapped.plain`."""
        return self._adopt(self.lens(cls), self.execute(statement).fetchall())

    def lock(self, cls: type[T], key: str) -> T | None:
        """Lock the row until commit, and read again what was read before.

        On SQLite the transaction has held the one write lock since its beginning. An assumed row
        is not locked: its UPDATE tells whether the assumption was true.
        """
        held = self._held(cls, key) or self._assume(cls, key)
        if held is not None and held.certain:
            return self.get(cls, key)
        if self.at_sqlite:
            found = self.get(cls, key)
            held = self._held(cls, key)
            if held is not None:
                held.ours = True
            return found
        self.flush()
        lens = self.lens(cls)
        locked = self._lock(lens, lens.locking, (key, self.tenant_id))
        return locked[0] if locked else None

    def lock_free(self, cls: type[T], keys: Iterable[str]) -> list[T]:
        """Lock those rows that nobody else holds, in the order of their keys, without waiting."""
        wanted = list(keys)
        assumed = [
            held
            for key in wanted
            if (held := self._held(cls, key) or self._assume(cls, key)) and held.assumed
        ]
        if not self.at_sqlite:
            self.flush()
            assumed = self._verified(self.lens(cls), assumed)
        found = [held.thing for held in assumed]
        known = {self.lens(cls).key_of(held.row or ()) for held in assumed}
        others = [key for key in wanted if key not in known]
        if not others:
            return found
        if self.at_sqlite:
            return found + self.get_many(cls, others)
        lens = self.lens(cls)
        return found + self._lock(lens, lens.locking_free, (self._list(others), self.tenant_id))

    def _verified(self, lens: Lens[Any], assumed: Sequence[Held]) -> list[Held]:
        """Those whose rows nobody holds and that are what was assumed; they are locked now."""
        if not assumed:
            return []
        keys = [lens.key_of(held.row or ()) for held in assumed]
        parameters = (self._list(keys), self.tenant_id)
        [answer] = self.ask([(lens.locking_versions, parameters)])
        now: dict[str, int] = dict(answer.rows(lens.version_readers))
        certain = []
        for key, held in zip(keys, assumed, strict=True):
            if now.get(key) == lens.version_of(held.row or ()):
                held.ours, held.assumed = True, False
                certain.append(held)
        return certain

    def _lock(self, lens: Lens[T], text: str, parameters: Sequence[Any]) -> list[T]:
        """Lock, and read again what was read before: the second statement sees what is true then."""
        again = self._stale(self._known, ours=False)
        first, *others = self.ask([(text, parameters), *(one.question for one in again)])
        for one, answer in zip(again, others, strict=True):
            self._renew(one, answer.rows(one.lens.readers))
        rows = first.rows(lens.readers)
        found = self._adopt(lens, rows)
        for row in rows:
            held = self._known[lens.cls][lens.key_of(row)]
            held.ours = True
            held.reset(row)
        return found

    def known(self, cls: type[T], key: str) -> T | None:
        """The object, if this transaction knows it."""
        held = self._held(cls, key)
        return held.thing if held is not None else None

    def recall(self, cls: type[Any], key: str) -> bool:
        """Say whether this object is known, or remembered from an earlier transaction."""
        return (self._held(cls, key) or self._assume(cls, key)) is not None

    def _assume(self, cls: type[Any], key: str) -> Held | None:
        """The object as this process left it, where it remembers it."""
        remembered = None if self._recent is None else self._recent.take(cls, key)
        if remembered is None:
            return None
        lens, row, values = remembered
        held = Held(lens, lens.thing(values), row, values)
        held.assumed = True
        self._assumed.append(held)
        self._known.setdefault(cls, {})[key] = self._live[id(held)] = held
        return held

    @property
    def has_assumed(self) -> bool:
        return bool(self._assumed)

    @property
    def command_assumes(self) -> bool:
        """The command in hand goes by something that is not certain yet."""
        return any(held.assumed for held in self._live.values())

    def require_verified(self) -> None:
        """Raise Conflict where something assumed was never compared with the database."""
        if any(held.assumed for held in self._assumed):
            raise Conflict(CHANGED)

    def remembered(self) -> Iterator[tuple[str, Remembered]]:
        """What is certain after the commit, and likely to be asked for again."""
        for cls, known in self._known.items():
            recent = MAPPED[cls].recent
            if recent is not None:
                for key, held in known.items():
                    if held.ours and held.row is not None and recent(held.thing):
                        yield key, Remembered(held.lens, held.row, held.values)

    def _list(self, keys: Iterable[str]) -> Any:
        wanted = list(keys)
        return orjson.dumps(wanted).decode() if self.at_sqlite else wanted

    def _held(self, cls: type[Any], key: str) -> Held | None:
        held = self._known.get(cls, {}).get(key)
        if held is not None:
            self._live[id(held)] = held
            if held.assumed:
                self._assumed.append(held)
        return held

    def _adopt(
        self,
        lens: Lens[T],
        rows: Sequence[Sequence[Any]],
        read: Mapping[type[Any], Sequence[Any]] | None = None,
    ) -> list[T]:
        """The objects of rows: the known ones as they are, the others made.

        Their children are among what was `read` before, or are read now.
        """
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
            self._read_children(lens, fresh, (read or {}).get(lens.children[1]))
        return found

    def _read_children(
        self, lens: Lens[Any], parents: Sequence[Held], read: Sequence[Any] | None = None
    ) -> None:
        attribute, cls, pointer = lens.children  # type: ignore[misc] # asked by the callers
        child = self.lens(cls)
        keys = [lens.key_of(held.row or ()) for held in parents]
        if read is None:
            ending = f'WHERE "{pointer}" {child.among} ORDER BY "{child.key_name}"'
            read = self._adopt(child, self.rows(child, child.select(ending), (self._list(keys),)))
        by_parent: dict[str, list[Any]] = {key: [] for key in keys}
        for thing in read:
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
            missing = self._renew(stale, self.rows(stale.lens, *stale.question))
            if ours:
                for key, held in missing.items():
                    self._forget(key, held)

    def _stale(self, classes: Classes, *, ours: bool) -> list["Stale"]:
        found = []
        for cls in classes:
            known = self._known.get(cls, {})
            old = {k: h for k, h in known.items() if ours or not h.certain}
            old = {k: h for k, h in old.items() if h.row is not None}
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
        self._unwritten.add(lens.cls)

    def add_unless_known(self, thing: Any) -> bool:
        """Write it now; False (and nothing changed) where a unique key of it is taken."""
        self.flush()
        lens = self.lens(type(thing))
        row = lens.new_row(thing, self.tenant_id)
        self._sent += 1
        text = f"{lens.insert} ON CONFLICT DO NOTHING"
        if self.write({text: [row]})[text] != 1:
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
            self._unwritten.add(lens.cls)

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

    def flush(self) -> None:
        """Write what has changed so far."""
        self._look_at_children()
        writes: dict[str, list[Row]] = {}
        expected: set[str] = set()
        for place, held in self._in_order({**self._kept, **self._live}):
            change = held.change(settled=place not in self._live)
            if change is not None:
                writes.setdefault(change.statement, []).append(change.parameters)
                expected.add(change.statement)
                held.written(change.row)
        for held in self._new:
            row = held.lens.new_row(held.thing, self.tenant_id)
            writes.setdefault(held.lens.insert, []).append(row)
            held.written(row)
        for held in self._gone:
            key = held.lens.key_of(held.row or ())
            writes.setdefault(held.lens.delete, []).append((key,))
            expected.add(held.lens.delete)
        self._new, self._gone, self._safely_new = [], [], 0
        self._unwritten.clear()
        self._kept.clear()
        if writes:
            self._send(writes, expected)

    def _in_order(self, held: dict[int, Held]) -> Iterable[tuple[int, Held]]:
        """What was not locked is locked as it is written: what leads first, by its keys."""
        if not self._assumed:
            return held.items()
        return sorted(held.items(), key=lambda item: item[1].place)

    def _concerns(self, cls: type[Any], about: About | None) -> bool:
        """Say whether something unwritten could be among objects that are asked for."""
        held: Iterable[Held] = self._known.get(cls, {}).values()
        if about is not None:
            name, value = about
            held = (one for one in held if vars(one.thing)[name] == value)
        if cls in self._unwritten and (
            about is None or any(one.lens.cls is cls for one in self._gone)
        ):
            return True
        return any(one.row is None or one.has_changed() for one in held)

    def _send(self, writes: dict[str, list[Row]], expected: set[str]) -> None:
        self._sent += 1
        changed = self.write(writes)
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
        self._assumed.clear()
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
        self._assumed = [held for held in self._assumed if id(held) not in self._live]
        self._live.clear()
        return True
