"""How any system of the other side takes a request: signature, key, then its own rules."""

import hashlib
import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from app.outbound.http import ALREADY_EXISTS, IDEMPOTENCY_HEADER
from app.outbound.signatures import BadSignature, Key, verify
from connectors.sandbox.faults import Faults
from connectors.sandbox.ledger import Ledger

_LONGEST_KEY = 255


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]


class Refusal(Exception):
    """The request is understood or not, but nothing is done."""

    def __init__(self, status: int, error_code: str, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"error_code": error_code, "message": message})


@dataclass(frozen=True)
class Request:
    """A request whose sender is known, inside the transaction that answers it."""

    key: str
    message: Mapping[str, Any]
    at: str
    db: sqlite3.Connection

    def text(self, name: str) -> str:
        value = self.message.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Refusal(400, "bad_field", f"{name} phải là chuỗi không rỗng")
        return value

    def number(self, name: str) -> int:
        value = self.message.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Refusal(400, "bad_field", f"{name} phải là số nguyên không âm")
        return value

    def group(self, name: str) -> Mapping[str, Any]:
        value = self.message.get(name)
        if not isinstance(value, dict):
            raise Refusal(400, "bad_field", f"{name} phải là một đối tượng")
        return value


Operation = Callable[[Request], dict[str, Any]]


@dataclass(frozen=True)
class Table:
    """Rows for the page of this system; `actions` offers a button for each row."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    actions: Sequence[Mapping[str, str]] = ()  # label → address, one for each row


def wall_clock(at: object) -> str:
    """Show an instant of the ledger as people here read it; nothing for no instant."""
    if at is None:
        return ""
    local = datetime.fromisoformat(str(at)).astimezone(ZoneInfo("Asia/Ho_Chi_Minh"))
    return f"{local:%H:%M:%S %d/%m/%Y}"


class System(ABC):
    """One outside system. `TABLES` is what it keeps beside the ledger's own."""

    name: ClassVar[str]
    title: ClassVar[str]
    TABLES: ClassVar[str]
    calls_back: ClassVar[bool] = False

    def __init__(self, ledger: Ledger, faults: Faults, keys: tuple[Key, ...]) -> None:
        self.ledger = ledger
        self.faults = faults
        self.keys = keys

    def start(self) -> None:  # noqa: B027 (most systems have nothing to begin)
        """Begin what goes on beside the requests."""

    def close(self) -> None:
        """Stop it, and close the ledger."""
        self.ledger.close()

    @abstractmethod
    def operations(self) -> Mapping[str, tuple[str, Operation]]:
        """Map each path to the name of its operation and the function that does it."""

    @abstractmethod
    def tables(self) -> list[Table]:
        """What a person who looks at this system wants to see."""

    @abstractmethod
    def state(self) -> dict[str, list[dict[str, object]]]:
        """What this system holds now, for the ledger."""

    def advance(self, subject: str, kind: str | None) -> dict[str, Any]:
        """Let the next thing happen to `subject`. Raises Refusal where nothing can."""
        raise Refusal(404, "not_found", f"Không có gì để {subject} đi tiếp ({kind or 'mặc định'})")

    def answer(self, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Do what is asked once for each key, and answer the same each time it is asked again.

        The names of `headers` are in lower case.
        """
        try:
            name, do = self._operation(path)
            verify(headers, body, self.keys, datetime.now(UTC))
            message = _message(body)
            return self._once(name, do, _key(headers, message), message)
        except BadSignature as error:
            return Answer(401, {"error_code": error.code, "message": error.message})
        except Refusal as refusal:
            return refusal.answer

    def already_exists(self, headers: Mapping[str, str], answer: Answer) -> Answer:
        """Say of a thing just done that it had been done, as partners without replay do."""
        return Answer(
            409,
            {
                "error_code": ALREADY_EXISTS,
                "message": "Yêu cầu này đã được thực hiện",
                "request_id": headers.get(IDEMPOTENCY_HEADER.lower(), ""),
                "answer": answer.body,
            },
        )

    def _operation(self, path: str) -> tuple[str, Operation]:
        operation = self.operations().get(path)
        if operation is None:
            raise Refusal(404, "not_found", f"Không có {path}")
        return operation

    def _once(self, name: str, do: Operation, key: str, message: Mapping[str, Any]) -> Answer:
        fingerprint = _fingerprint(name, message)
        at = datetime.now(UTC).isoformat()
        with self.ledger.transaction() as db:
            known = db.execute("SELECT * FROM requests WHERE key = ?", (key,)).fetchone()
            if known is not None:
                db.execute(
                    "UPDATE requests SET received = received + 1, last_at = ? WHERE key = ?",
                    (at, key),
                )
                if known["status"] == 200:
                    return _repeat(known, fingerprint)
            answer = _attempt(do, Request(key, message, at, db))
            db.execute(
                "INSERT INTO requests VALUES (?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT (key) DO UPDATE"
                " SET operation = excluded.operation, fingerprint = excluded.fingerprint,"
                " status = excluded.status, answer = excluded.answer",
                (key, name, fingerprint, answer.status, json.dumps(answer.body), at, at),
            )
            return answer


def record(request: Request, operation: str, subject: str) -> None:
    """Write down that `request` had an effect on `subject`."""
    request.db.execute(
        "INSERT INTO effects (key, operation, subject, content, at) VALUES (?, ?, ?, ?, ?)",
        (
            request.key,
            operation,
            subject,
            json.dumps(dict(request.message), ensure_ascii=False),
            request.at,
        ),
    )


def _attempt(do: Operation, request: Request) -> Answer:
    """A refusal changes nothing, so the same key may be tried again with a better body."""
    request.db.execute("SAVEPOINT attempt")
    try:
        answer = Answer(200, do(request))
    except Refusal as refusal:
        request.db.execute("ROLLBACK TO attempt")
        answer = refusal.answer
    request.db.execute("RELEASE attempt")
    return answer


def _repeat(known: sqlite3.Row, fingerprint: str) -> Answer:
    if known["fingerprint"] != fingerprint:
        return Answer(
            409,
            {"error_code": "key_reused", "message": "Khóa này đã dùng cho một yêu cầu khác"},
        )
    return Answer(known["status"], json.loads(known["answer"]))


def _message(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Refusal(400, "bad_json", "Nội dung phải là một đối tượng JSON")
    return message


def _key(headers: Mapping[str, str], message: Mapping[str, Any]) -> str:
    """The key stands in the header; the signed body must name the same one."""
    key = headers.get(IDEMPOTENCY_HEADER.lower(), "")
    if not key or len(key) > _LONGEST_KEY or message.get("request_id") != key:
        raise Refusal(400, "bad_key", f"{IDEMPOTENCY_HEADER} thiếu hoặc khác request_id")
    return key


def _fingerprint(name: str, message: Mapping[str, Any]) -> str:
    text = json.dumps([name, message], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
