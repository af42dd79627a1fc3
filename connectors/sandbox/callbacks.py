"""Tell the other side what happened: signed webhooks, repeated until they are taken."""

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import requests

from app.outbound.signatures import Key, sign
from connectors.sandbox.faults import ON_CALLBACK, Fault, Faults
from connectors.sandbox.ledger import Ledger

TABLES: Final = """
CREATE TABLE IF NOT EXISTS callbacks (
    event_id TEXT PRIMARY KEY,
    subject TEXT NOT NULL,
    body TEXT NOT NULL,
    due REAL NOT NULL,
    times INTEGER NOT NULL,
    delivered INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0,
    waits_for TEXT
);
"""

_FIRST_PAUSE: Final = 0.25  # seconds; doubles with each attempt
_LONGEST_PAUSE: Final = 30.0  # seconds
_IDLE: Final = 1.0  # seconds between looks when nothing is due

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Due:
    event_id: str
    body: bytes
    attempts: int


class Callbacks:
    """Keeps what must be told in the ledger, so that a restart forgets nothing.

    `before` runs at each look, for what happens by itself as time goes by; it returns the instant
    (seconds since 1970) at which the next such thing is due, if any.
    """

    def __init__(
        self,
        ledger: Ledger,
        faults: Faults,
        key: Key,
        url: str | None,
        before: Callable[[], float | None],
    ) -> None:
        self._ledger = ledger
        self._faults = faults
        self._key = key
        self._url = url
        self._before = before
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="callbacks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def wake(self) -> None:
        self._wake.set()

    def add(
        self, db: sqlite3.Connection, subject: str, event: Mapping[str, Any], *, last: bool
    ) -> None:
        """Promise to tell `event`; `last` says that nothing will follow about `subject`."""
        plan = self._faults.draw(ON_CALLBACK)
        fault = plan.fault if plan is not None else None
        held = fault is Fault.CALLBACK_OUT_OF_ORDER and not last
        event_id = str(event["event_id"])
        db.execute(
            "INSERT INTO callbacks (event_id, subject, body, due, times, held)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                event_id,
                subject,
                json.dumps(event, ensure_ascii=False),
                time.time(),
                2 if fault is Fault.CALLBACK_TWICE else 1,
                held,
            ),
        )
        if not held:  # whatever was held back comes after this one
            db.execute(
                "UPDATE callbacks SET held = 0, waits_for = ? WHERE subject = ? AND held",
                (event_id, subject),
            )

    def _run(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while not self._stopping:
                self._wake.clear()
                happens_at = self._before()
                due = self._next_due()
                if due is None:
                    self._wake.wait(self._pause(happens_at))
                else:
                    self._settle(due, taken=self._send(session, due.body))

    def _next_due(self) -> _Due | None:
        if self._url is None:
            return None
        rows = self._ledger.rows(
            "SELECT event_id, body, attempts FROM callbacks AS waiting"
            " WHERE delivered < times AND NOT held AND due <= ? AND (waits_for IS NULL OR EXISTS"
            " (SELECT 1 FROM callbacks AS first WHERE first.event_id = waiting.waits_for"
            " AND first.delivered > 0)) ORDER BY due, rowid LIMIT 1",
            (time.time(),),
        )
        if not rows:
            return None
        row = rows[0]
        return _Due(str(row["event_id"]), str(row["body"]).encode(), int(str(row["attempts"])))

    def _pause(self, happens_at: float | None) -> float:
        rows = self._ledger.rows(
            "SELECT min(due) AS due FROM callbacks WHERE delivered < times AND NOT held AND due > ?",
            (time.time(),),
        )
        instants = [float(str(at)) for at in (happens_at, rows[0]["due"]) if at is not None]
        return max(0.0, min([_IDLE, *(at - time.time() for at in instants)]))

    def _send(self, session: requests.Session, body: bytes) -> bool:
        headers = {"Content-Type": "application/json"}
        headers |= sign(body, self._key, datetime.now(UTC))
        try:
            answer = session.post(
                str(self._url), data=body, headers=headers, timeout=(3, 10), allow_redirects=False
            )
        except requests.RequestException as error:
            log.info("callback not taken", extra={"reason": type(error).__name__})
            return False
        return 200 <= answer.status_code < 300

    def _settle(self, due: _Due, *, taken: bool) -> None:
        pause = 0.0 if taken else min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**due.attempts)
        with self._ledger.transaction() as db:
            db.execute(
                "UPDATE callbacks SET attempts = attempts + 1, delivered = delivered + ?, due = ?"
                " WHERE event_id = ?",
                (int(taken), time.time() + pause, due.event_id),
            )
