"""Databases for tests, and the promise that no test talks to the network."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket

from app.store.migrate import migrate
from tests.cluster import Cluster, binaries, leave_out, throw_away

pytest_plugins = ["tests.service"]

NEEDS = {"postgres": "PostgreSQL", "browser": "Chromium"}


def pytest_runtest_setup() -> None:
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what this run left out."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = Counter(need for test in skipped for need in NEEDS if need in test.keywords)
    if missing:
        parts = [f"{number} tests that need {NEEDS[need]}" for need, number in missing.items()]
        terminalreporter.write_line(f"left out: {', '.join(parts)}", yellow=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file; tests get a copy."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "lien-mach.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL of TEST_DATABASE_URL, else a throw-away one."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Cluster(given)
        return
    folder = binaries()
    if folder is None:
        leave_out("PostgreSQL is not installed")
        return
    with throw_away(folder) as started:
        yield started


@pytest.fixture(scope="session")
def postgres_database(cluster: Cluster) -> Iterator[str]:
    """Name of the migrated, empty database that all tests of this process use in turn."""
    name = cluster.create()
    migrate(cluster.url(name))
    cluster.remember(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def postgres_url(cluster: Cluster, postgres_database: str) -> Iterator[str]:
    yield cluster.url(postgres_database)
    cluster.restore(postgres_database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database: every test that asks for one runs on both kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
