"""Sign what leaves and verify what comes in: HMAC-SHA256 over `timestamp.body`."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from app.domain.errors import InvalidInput, Unauthenticated

KEY_HEADER = "X-LM-Key"
TIMESTAMP_HEADER = "X-LM-Timestamp"
SIGNATURE_HEADER = "X-LM-Signature"

TOLERANCE = timedelta(minutes=5)
_SHORTEST_SECRET = 32  # characters
_LONGEST_TIMESTAMP = 11  # digits of seconds since 1970: until the year 5138


@dataclass(frozen=True)
class Key:
    """A secret shared with one partner; `id` travels with each message so that keys can rotate."""

    id: str
    secret: bytes = field(repr=False)


class Flaw(StrEnum):
    """What was the matter with a signature."""

    MISSING = "missing"
    STALE = "stale"
    WRONG = "wrong"


_SENTENCES = {
    Flaw.MISSING: "Yêu cầu thiếu chữ ký. Hãy gửi kèm mã khóa, thời điểm và chữ ký.",
    Flaw.STALE: "Chữ ký đã quá thời gian cho phép. Hãy chỉnh lại đồng hồ máy chủ rồi ký và gửi lại.",
    Flaw.WRONG: "Chữ ký không đúng. Hãy kiểm tra khóa đang dùng rồi ký và gửi lại.",
}


class BadSignature(Unauthenticated):
    """The sender did not prove who it is; `flaw` says in what way."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(_SENTENCES[flaw])
        self.flaw = flaw
        self.code = f"signature_{flaw}"


@dataclass(frozen=True)
class Verified:
    """A message whose sender is known.

    `message_id` is the same whenever the very same bytes are played again, and never the same
    for two different messages: the inbox refuses what it has seen.
    """

    message_id: str
    key_id: str
    signed_at: datetime


def read_keys(text: str) -> tuple[Key, ...]:
    """Read `id:secret,id:secret`; the first key signs, all of them verify. Raises InvalidInput."""
    keys = tuple(_read_key(part.strip()) for part in text.split(",") if part.strip())
    if not keys:
        raise InvalidInput("Chưa có khóa ký. Hãy khai báo ít nhất một khóa dạng mã:bí-mật.")
    if len({key.id for key in keys}) < len(keys):
        raise InvalidInput("Hai khóa ký trùng mã. Hãy đặt cho mỗi khóa một mã riêng.")
    return keys


def sign(body: bytes, key: Key, now: datetime) -> dict[str, str]:
    """Return the headers that prove `body` comes from a holder of `key`."""
    timestamp = str(int(now.timestamp()))
    return {
        KEY_HEADER: key.id,
        TIMESTAMP_HEADER: timestamp,
        SIGNATURE_HEADER: _digest(timestamp, body, key),
    }


def verify(
    headers: Mapping[str, str],
    body: bytes,
    keys: Sequence[Key],
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Verified:
    """Check a signed message. Raises BadSignature; a replay is for the inbox to refuse."""
    by_name = {name.lower(): value for name, value in headers.items()}
    key_id = by_name.get(KEY_HEADER.lower(), "")
    timestamp = by_name.get(TIMESTAMP_HEADER.lower(), "")
    signature = by_name.get(SIGNATURE_HEADER.lower(), "")
    if not (key_id and timestamp and signature):
        raise BadSignature(Flaw.MISSING)
    key = next((key for key in keys if key.id == key_id), None)
    if key is None or not _is_timestamp(timestamp):
        raise BadSignature(Flaw.WRONG)
    expected = _digest(timestamp, body, key)
    if not hmac.compare_digest(expected.encode(), signature.lower().encode()):
        raise BadSignature(Flaw.WRONG)
    signed_at = datetime.fromtimestamp(int(timestamp), tz=now.tzinfo)
    if abs(now - signed_at) > tolerance:
        raise BadSignature(Flaw.STALE)
    return Verified(message_id=expected, key_id=key.id, signed_at=signed_at)


def _read_key(text: str) -> Key:
    key_id, _, secret = text.partition(":")
    if not key_id or len(secret) < _SHORTEST_SECRET:
        raise InvalidInput(
            f"Khóa ký phải có dạng mã:bí-mật, bí mật dài ít nhất {_SHORTEST_SECRET} ký tự."
        )
    return Key(key_id, secret.encode())


def _is_timestamp(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_TIMESTAMP


def _digest(timestamp: str, body: bytes, key: Key) -> str:
    return hmac.new(key.secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
