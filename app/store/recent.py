"""What this process wrote last: rows that are probably still so, and need not be read again.

Whoever works with them assumes; the version in each UPDATE tells at the end whether it was true
(`Session.flush`), and where it was not, the command begins again with what the database says
(`Together`). So another process may write the same rows at any time.
"""

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Any, NamedTuple

from app.store.mapping import Lens, Values
from app.store.wire import Row

MOST = 4_096
"""Rows of a process; those that were not asked for longest go first."""

LARGEST = 16_384
"""Characters of a row; what it means takes several times that. Larger ones are read again."""

TEXTS = frozenset({str, bytes})


class Remembered(NamedTuple):
    """A row of one kind of object, and the attributes that it means."""

    lens: Lens[Any]
    row: Row
    values: Values


class Recent:
    def __init__(self) -> None:
        self._rows: OrderedDict[str, Remembered] = OrderedDict()
        self._door = Lock()

    def take(self, cls: type[Any], key: str) -> Remembered | None:
        """Hand a row over: nobody else gets it before it is kept again."""
        with self._door:
            found = self._rows.pop(key, None)
        return found if found is not None and found.lens.cls is cls else None

    def keep(self, rows: Iterable[tuple[str, Remembered]]) -> None:
        """Remember rows, by the keys of their objects, as a commit left them."""
        with self._door:
            for key, one in rows:
                if sum(len(value) for value in one.row if type(value) in TEXTS) <= LARGEST:
                    self._rows[key] = one
            while len(self._rows) > MOST:
                self._rows.popitem(last=False)

    def forget(self) -> None:
        with self._door:
            self._rows.clear()
