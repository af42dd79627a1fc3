"""Bring a database to the newest schema; any number of processes may try at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from app.store import tables
from app.store.database import open_engine

FOLDER = Path(__file__).parent / "migrations"
OTHERS = ("procrastinate_", "alembic_")
LOCK = 7_021_904_115  # an advisory lock of this service: "somebody migrates"


def migrate(url: str, revision: str = "head") -> None:
    """Upgrade to `revision`, under a lock: who comes second finds the work done."""
    with _alone(url) as connection:
        command.upgrade(config(connection), revision)


def downgrade(url: str, revision: str) -> None:
    """Go back to `revision` ("base": to nothing). What the newer tables held is gone."""
    with _alone(url) as connection:
        command.downgrade(config(connection), revision)


def drift(url: str) -> list[object]:
    """Differences between the database and the tables of this code; empty when all is well."""
    with _alone(url) as connection:
        found = MigrationContext.configure(
            connection,
            opts={"include_name": ours, "compare_type": True},
        )
        return list(compare_metadata(found, tables.metadata))


def config(connection: Connection) -> Config:
    """An Alembic configuration that needs no file and no current directory."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Tables of the libraries are their own affair."""
    return not (kind == "table" and name is not None and name.startswith(OTHERS))


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """One transaction that excludes every other migration."""
    engine = open_engine(url, tenant_id="")
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            yield connection
    finally:
        engine.dispose()
