"""What a database may say, and the refusal it becomes."""

import sqlite3

import psycopg
from psycopg.errors import ProgramLimitExceeded
from sqlalchemy.exc import DataError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.domain.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    StorageFull,
    StorageUnavailable,
)

CHANGED = "Nội dung này vừa được người khác thay đổi. Hãy tải lại trang rồi thử lại."
BUSY = "Hệ thống đang bận. Chưa có gì được lưu; hãy thử lại sau ít phút."
FULL = "Bộ nhớ lưu trữ đã đầy nên chưa lưu được gì. Hãy báo quản trị hệ thống."
AWAY = "Không kết nối được cơ sở dữ liệu. Chưa chắc thao tác đã được lưu; hãy tải lại để kiểm tra."
UNREADABLE = "Nội dung có ký tự hoặc giá trị không lưu được. Hãy kiểm tra lại rồi gửi."

RETRY = frozenset({"40001", "40P01", "55P03"})  # serialization, deadlock, lock not available
NO_ROOM = frozenset({"53100", "53200"})  # disk full, out of memory
SQLITE_NO_ROOM = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE})
SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
PRIMARY_CODE = 0xFF  # the low byte of an extended SQLite result code


FAILURES = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
"""What a database may raise: through SQLAlchemy, or its driver itself."""


def refusal(error: BaseException) -> DomainError | None:
    """The domain error that `error` means; None where it is a mistake in our own statements."""
    match error:
        case PoolTimeout():
            return StorageUnavailable(BUSY)
        case DataError():
            return InvalidInput(UNREADABLE)
        case DBAPIError():
            lost = StorageUnavailable(AWAY) if error.connection_invalidated else None
            return refusal(error.orig) or lost if error.orig is not None else lost
        case sqlite3.IntegrityError() | psycopg.IntegrityError():
            return Conflict(CHANGED)
        case sqlite3.DataError() | psycopg.DataError() | ProgramLimitExceeded():
            return InvalidInput(UNREADABLE)
        case sqlite3.Error():
            return _from_sqlite(error)
        case psycopg.Error():
            return _from_postgresql(error)
        case _:
            return None


def _from_sqlite(cause: sqlite3.Error) -> DomainError | None:
    code = getattr(cause, "sqlite_errorcode", 0)
    if code in SQLITE_NO_ROOM or code & PRIMARY_CODE == sqlite3.SQLITE_FULL:
        return StorageFull(FULL)
    if code & PRIMARY_CODE in SQLITE_BUSY:
        return StorageUnavailable(BUSY)
    if code & PRIMARY_CODE in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        return StorageUnavailable(AWAY)
    return None


def _from_postgresql(cause: psycopg.Error) -> DomainError | None:
    state = cause.sqlstate or ""
    if state in RETRY:
        return Conflict(CHANGED)
    if state in NO_ROOM:
        return StorageFull(FULL)
    # 08: connection, 57P: shut down or crashed, 53: no connection left, 58: the server's disk
    gone = state.startswith(("08", "57P", "53", "58"))
    if gone or (not state and isinstance(cause, psycopg.OperationalError)):
        return StorageUnavailable(AWAY)
    return None
