"""One connection and one transaction on it: begun with the first statement, written with few trips."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.pool import PoolProxiedConnection

from app.store.connections import Connections
from app.store.mapping import Lens
from app.store.wire import Answer, Question, Row, Wire


class Transaction:
    """Everything or nothing.

    On PostgreSQL one that only reads says no BEGIN for statements of ours: none of them writes, and
    each sees what is committed by then, with BEGIN or without.
    """

    def __init__(self, connections: Connections, *, read_only: bool) -> None:
        self.connections = connections
        self.dialect = connections.database.dialect
        self.at_sqlite = self.dialect.name == "sqlite"
        self.read_only = read_only
        self._pooled: PoolProxiedConnection | None = None
        self._driver: Any = None
        self._wire: Wire | None = None  # to PostgreSQL
        self._unsent: list[Question] = []  # goes with the next statement, to save a round trip
        self._core: Connection | None = None

    @property
    def driver(self) -> Any:
        """The connection as its driver knows it, within the transaction."""
        if self._driver is None:
            self._pooled = self.connections.take()
            driver: Any = self._pooled.driver_connection
            if self.at_sqlite:
                driver.execute("BEGIN" if self.read_only else "BEGIN IMMEDIATE")
            else:
                self._wire = Wire(driver, self._pooled.info)
                self._unsent = [] if self.read_only else [("BEGIN", ())]
            self._driver = driver
        return self._driver

    def core(self) -> Connection:
        """The same connection as SQLAlchemy knows it."""
        if self._core is None:
            _ = self.driver
            if self._wire is not None and self.read_only:
                self.ask([("BEGIN READ ONLY", ())])
            elif self._wire is not None and self._unsent:
                self.ask([])
            self._core = Connection(self.connections.database, self._pooled)
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
        driver, core, pooled, wire = self._driver, self._core, self._pooled, self._wire
        self._driver = self._core = self._pooled = self._wire = None
        if pooled is None:
            return
        if wire is not None and driver.closed:
            self.connections.lost(pooled)
        elif core is not None:
            core.close()  # which rolls back, and gives it to the pool
        elif wire.rollback() if wire is not None else _rolled_back(driver):
            self.connections.give(pooled)
        else:
            pooled.invalidate()

    def rows(self, lens: Lens[Any], text: str, parameters: Sequence[Any]) -> list[Row]:
        """Rows by a text of ours and plain parameters, from the driver itself."""
        driver = self.driver
        if self._wire is not None:
            return self.ask([(text, parameters)])[0].rows(lens.readers)
        found: list[Row] = driver.execute(text, parameters).fetchall()
        return found

    def ask_all(self, questions: Sequence[tuple[Lens[Any], str, Sequence[Any]]]) -> list[list[Row]]:
        """Rows of several questions, on PostgreSQL in one round trip."""
        _ = self.driver
        if self._wire is None:
            return [self.rows(*question) for question in questions]
        answers = self.ask([(text, parameters) for _, text, parameters in questions])
        asked = zip(questions, answers, strict=True)
        return [answer.rows(lens.readers) for (lens, *_), answer in asked]

    def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Answers of PostgreSQL, in one round trip."""
        _ = self.driver
        if self._wire is None:
            raise RuntimeError("only PostgreSQL has a wire")
        before, self._unsent = self._unsent, []
        return self._wire.ask([*before, *questions])[len(before) :]

    def write(self, writes: Mapping[str, Sequence[Row]]) -> dict[str, int]:
        """Execute statements, each for all its parameters; say how many rows each changed."""
        if self.read_only:
            raise RuntimeError("a read-only transaction writes nothing")
        driver = self.driver
        if self._wire is None:
            return {text: _many(driver, text, batch) for text, batch in writes.items()}
        asked = [(text, row) for text, batch in writes.items() for row in batch]
        changed = dict.fromkeys(writes, 0)
        for (text, _), answer in zip(asked, self.ask([*asked]), strict=True):
            changed[text] += answer.rowcount
        return changed


def _rolled_back(driver: sqlite3.Connection) -> bool:
    """Undo what is open; False where the connection is of no use any more."""
    try:
        if driver.in_transaction:
            driver.rollback()
    except sqlite3.Error:
        return False
    return True


def _many(driver: Any, text: str, batch: Sequence[Row]) -> int:
    if len(batch) == 1:
        return int(driver.execute(text, batch[0]).rowcount)
    return int(driver.executemany(text, batch).rowcount)
