"""What the other side remembers: requests by key, and what each of them brought about."""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_TABLES = """
CREATE TABLE IF NOT EXISTS requests (
    key TEXT PRIMARY KEY,
    operation TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    received INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS effects (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    content TEXT NOT NULL,
    at TEXT NOT NULL
);
"""


class Ledger:
    """One SQLite file, or memory. A transaction holds the lock: one request at a time."""

    def __init__(self, path: str | None, tables: str) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_TABLES + tables)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, also when this process is killed in between."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, query: str, values: Sequence[object] = ()) -> list[dict[str, object]]:
        with self._lock:
            return [dict(row) for row in self._connection.execute(query, values)]

    def requests(self) -> list[dict[str, object]]:
        """Each key: how often it came, and how often it had an effect (never more than once)."""
        return self.rows(
            "SELECT key, operation, status, received, first_at, last_at,"
            " (SELECT count(*) FROM effects WHERE effects.key = requests.key) AS effects"
            " FROM requests ORDER BY first_at, key"
        )

    def effects(self) -> list[dict[str, object]]:
        rows = self.rows(
            "SELECT number, key, operation, subject, content, at FROM effects ORDER BY number"
        )
        return [{**row, "content": json.loads(str(row["content"]))} for row in rows]
