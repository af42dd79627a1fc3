"""Our fixed statements on a PostgreSQL connection, through libpq itself (`psycopg.pq`).

The same connection and transaction as everything else; only the way is shorter: each statement is
prepared once per connection, and each execution is one call and one round trip. Parameters and
results travel as text, as PostgreSQL writes it.
"""

import select
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import errors, pq
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary

from app.store.columns import Instant

Convert = Callable[[Any], Any]
Row = tuple[Any, ...]

Question = tuple[str, Iterable[Any]]
"""A text of ours and its parameters."""

IN_OUT = select.POLLIN | select.POLLOUT
NAMES = "prepared"  # in the notes that the pool keeps with a connection
OK = frozenset({pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK})


class Answer:
    """What a statement brought: rows, or the number of rows that it touched."""

    __slots__ = ("_result",)

    def __init__(self, result: Any) -> None:
        self._result = result

    @property
    def rowcount(self) -> int:
        return self._result.command_tuples or 0

    def rows(self, readers: Sequence[Convert]) -> list[Row]:
        value = self._result.get_value
        places = tuple(enumerate(readers))
        return [
            tuple([None if (text := value(row, at)) is None else read(text) for at, read in places])
            for row in range(self._result.ntuples)
        ]


class Wire:
    def __init__(self, driver: "psycopg.Connection[Any]", notes: dict[Any, Any]) -> None:
        self._driver = driver
        self._libpq = driver.pgconn
        self._names: dict[str, bytes] = notes.setdefault(NAMES, {})
        self._ready = select.poll()

    def commit(self) -> None:
        self._checked(self._libpq.exec_(b"COMMIT"))

    def rollback(self) -> bool:
        """Undo what is open; False where the connection is of no use any more."""
        libpq = self._libpq
        if libpq.pipeline_status != pq.PipelineStatus.OFF:
            return False
        if libpq.transaction_status == pq.TransactionStatus.IDLE:
            return True
        return bool(libpq.exec_(b"ROLLBACK").status == pq.ExecStatus.COMMAND_OK)

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Answer several statements in one round trip. Raises what the first failing one says."""
        named = [
            (self._names.get(text) or self._prepare(text), list(map(_sent, parameters)))
            for text, parameters in questions
        ]
        libpq = self._libpq
        if len(named) == 1:
            return [Answer(self._checked(libpq.exec_prepared(*named[0])))]
        libpq.enter_pipeline_mode()
        for name, parameters in named:
            libpq.send_query_prepared(name, parameters)
        libpq.pipeline_sync()
        results = []
        while (result := self._next()) is None or result.status != pq.ExecStatus.PIPELINE_SYNC:
            if result is not None:
                results.append(result)
        libpq.exit_pipeline_mode()
        return [Answer(self._checked(result)) for result in results]

    def _next(self) -> Any:
        """Wait for a result as other threads run on: one of them may hold the lock that we need."""
        libpq = self._libpq
        while libpq.is_busy():
            self._ready.register(libpq.socket, IN_OUT if libpq.flush() else select.POLLIN)
            self._ready.poll()
            libpq.consume_input()
        return libpq.get_result()

    def _prepare(self, text: str) -> bytes:
        name = b"lm_%d" % len(self._names)
        first, *others = text.split("%s")
        numbered = first + "".join(f"${place}{part}" for place, part in enumerate(others, 1))
        self._checked(self._libpq.prepare(name, numbered.encode()))
        self._names[text] = name
        return name

    def _checked(self, result: Any) -> Any:
        if result.status not in OK:
            if self._libpq.status == pq.ConnStatus.BAD:
                raise psycopg.OperationalError("the connection is lost")
            raise errors.error_from_result(result)
        return result


def _sent(value: Any) -> Any:
    """A parameter as text. Raises DataError for what text cannot hold."""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.encode()
        if b"\0" in text:
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return text
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, date):
        return value.isoformat().encode()
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, list):
        return _array(value)
    raise TypeError(f"no parameter of ours: {value!r}")


def _array(texts: Iterable[str]) -> bytes:
    """A text[] as PostgreSQL reads it."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    sent = _sent("{" + ",".join(f'"{text}"' for text in quoted) + "}")
    return sent or b"{}"


def reader(column: Column[Any]) -> Convert:
    """How a column's text becomes what the driver would have given."""
    kind = column.type
    if isinstance(kind, Integer):
        return int
    if isinstance(kind, Boolean):
        return b"t".__eq__
    if isinstance(kind, Date):
        return lambda text: date.fromisoformat(text.decode())
    if isinstance(kind, Instant):
        return lambda text: datetime.fromisoformat(text.decode())
    if isinstance(kind, LargeBinary):
        return lambda text: bytes.fromhex(text[2:].decode())
    return bytes.decode
