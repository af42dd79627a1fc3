"""Connections that wait for the next transaction of this process.

They come from SQLAlchemy's pool and go back to it with the store. In between, handing one over is
one step of a queue, where the pool would look at it, roll back and count each time.
"""

import time
from collections import deque
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.pool import PoolProxiedConnection

from app.store.database import IDLE

MOST = 4
"""Waiting connections of a process. What is more is given back to the pool."""


class Connections:
    """`database` is what they lead to."""

    def __init__(self, database: Engine) -> None:
        self.database = database
        self._needs_ping = database.dialect.name != "sqlite"
        self._waiting: deque[tuple[PoolProxiedConnection, float]] = deque()

    def take(self) -> PoolProxiedConnection:
        """A connection outside any transaction; one that waited for long is asked whether it lives."""
        while True:
            try:
                pooled, since = self._waiting.pop()
            except IndexError:
                return self.database.raw_connection()
            if not self._needs_ping or time.monotonic() - since < IDLE or self._answers(pooled):
                return pooled
            self.lost(pooled)

    def _answers(self, pooled: PoolProxiedConnection) -> bool:
        driver: Any = pooled.driver_connection
        try:
            return self.database.dialect.do_ping(driver)
        except self.database.dialect.loaded_dbapi.Error:
            return False

    def give(self, pooled: PoolProxiedConnection) -> None:
        """Take back a connection whose transaction has ended."""
        if len(self._waiting) < MOST:
            self._waiting.append((pooled, time.monotonic()))
        else:
            pooled.close()

    def lost(self, pooled: PoolProxiedConnection) -> None:
        """Its server is gone, and so are those of all others."""
        pooled.invalidate()
        self.close()
        self.database.dispose()

    def close(self) -> None:
        """Give all that wait back to the pool."""
        with suppress(IndexError):
            while True:
                self._waiting.pop()[0].close()
