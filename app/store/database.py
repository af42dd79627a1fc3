"""The engine: one for a process, made by Flask-SQLAlchemy, set up for the database at hand."""

import sqlite3
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from app.store.schema import TENANT, metadata

READ_ONLY = "read_only"
BUSY_TIMEOUT = 15_000  # milliseconds a writer waits for SQLite's one write lock
POOL_SIZE = 10
POOL_TIMEOUT = 20  # seconds
IDLE = 3.0  # seconds after which a connection is asked whether it lives

PRAGMAS = (
    "synchronous = FULL",
    "foreign_keys = ON",
    "case_sensitive_like = ON",
    "wal_autocheckpoint = 4000",  # pages, 16 MB: what is written often goes into the file once
    "cache_size = -32768",  # KiB: the inner pages of the large tables stay in memory
)

db = SQLAlchemy(metadata=metadata)


def plain_url(url: str) -> URL:
    """Read a database address; a relative SQLite path is relative to where the process runs."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.database and parsed.database != ":memory:":
        return parsed.set(database=str(Path(parsed.database).absolute()))
    return parsed


def open_engine(url: str, tenant_id: str) -> Engine:
    """Make the engine. Every connection of it writes rows of `tenant_id`.

    Flask-SQLAlchemy keeps engines by application; this application has no pages, so that workers
    and the command line need none either.
    """
    address = plain_url(url)
    holder = Flask("app.store")
    holder.config["SQLALCHEMY_DATABASE_URI"] = address
    holder.config["SQLALCHEMY_ENGINE_OPTIONS"] = _options(address)
    db.init_app(holder)
    with holder.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
        _ping_the_idle(engine)
    return engine.execution_options(**{TENANT: tenant_id})


def _options(address: URL) -> dict[str, Any]:
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_SIZE,
        "pool_timeout": POOL_TIMEOUT,
    }
    if address.get_backend_name() == "postgresql":
        options["connect_args"] = {
            "options": "-c timezone=utc -c plan_cache_mode=force_generic_plan",
            "connect_timeout": 5,
            "prepare_threshold": None,  # we prepare ourselves (wire.py); psycopg would drop ours
        }
    return options


def _ping_the_idle(engine: Engine) -> None:
    """Ask a connection that nobody used for a while whether its server is still there."""

    def given_back(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["since"] = time.monotonic()

    def taken(connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - entry.info.get("since", time.monotonic()) < IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", given_back)
    event.listen(engine, "checkout", taken)


def _set_up_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")
    _use_wal(connection)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to WAL. SQLite does not wait here by itself for who switches it now."""
    deadline = time.monotonic() + BUSY_TIMEOUT / 1_000
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes the write lock first: what it then reads stays true until it commits."""
    driver: Any = connection.connection.driver_connection
    if driver.in_transaction:
        return  # a session of ours has begun it
    reading = connection.get_execution_options().get(READ_ONLY)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
