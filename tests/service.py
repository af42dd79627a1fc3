"""The whole service for tests: real Flask, engine and SQL; only the clock and the outside are played."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import demo
from app.application import make_app
from app.bootstrap import Assembly, build
from app.domain.connectors import Call
from app.domain.permissions import Actor
from app.domain.user_tasks import TaskState, UserTask
from app.passwords import Argon2Passwords
from app.settings import Mode, Settings
from app.store.migrate import migrate
from app.usecases import clocks, jobs, sessions, start_events, timers, user_tasks
from app.usecases.ports import OpenWork, Work
from app.worker import Worker
from tests.cluster import Cluster

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)  # 09:00 at Tuyên Quang
HOOK_KEYS = (("test", "x" * 40),)


@dataclass
class FakeClock:
    at: datetime = MONDAY

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **length: float) -> None:
        self.at += timedelta(**length)


@dataclass
class Echo:
    """An outside system that answers as the test says.

    `script` is a list of answers and failures, used up first; `answers` are kept by topic.
    """

    name: str
    script: list[Any] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=lambda: dict(ANSWERS))

    def call(self, call: Call) -> dict[str, Any]:
        self.calls.append(call)
        topic = f"{self.name}.{call.operation}"
        answer = self.script.pop(0) if self.script else self.answers[topic]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)


ANSWERS: dict[str, dict[str, Any]] = {
    "one_stop_shop.publish_service": {
        "service_id": "MC-1",
        "accepted_at": "2026-11-16T09:00:00+07:00",
    },
    "one_stop_shop.report_status": {
        "receipt_id": "BN-1",
        "accepted_at": "2026-11-16T09:00:00+07:00",
    },
    "public_post.create_order": {
        "item_code": "EB123456789VN",
        "accepted_at": "2026-11-16T09:00:00+07:00",
    },
}


def settings(url: str, folder: Path) -> Settings:
    return Settings(
        mode=Mode.DEMO,
        database_url=url,
        data_dir=folder,
        host="127.0.0.1",
        port=8000,
        public_url="http://127.0.0.1:8000",
        secret_key="s" * 40,
        hook_keys=HOOK_KEYS,
    )


@dataclass
class House:
    """A running service in a test's hands."""

    assembly: Assembly
    clock: FakeClock
    outside: dict[str, Echo]

    @property
    def open_work(self) -> OpenWork:
        return self.assembly.service.open_work

    def actor(self, username: str) -> Actor:
        with self.open_work(read_only=True) as work:
            return actor(work, username)

    def work_off(self) -> int:
        """Do everything that is due now: clocks, timers, jobs, messages."""
        clocks.tick(self.open_work)
        timers.enqueue_due(self.open_work)
        start_events.enqueue_due(self.open_work)
        jobs.sweep(self.open_work)
        return Worker(self.assembly.store, self.assembly.handlers, threads=1).drain(1_000)

    def task(self, code: str, element: str) -> UserTask:
        """The open task at an element of the (newest) instance that people call `code`."""
        with self.open_work(read_only=True) as work:
            instance = work.instances.by_business_key(code)[-1]
            found = [
                task
                for task in work.user_tasks.of_instance(instance.id)
                if task.element == element and task.state is TaskState.OPEN
            ]
        assert found, f"no open task at {element} of {code}"
        return found[0]

    def complete(self, code: str, element: str, username: str, **values: Any) -> UserTask:
        task = self.task(code, element)
        with self.open_work() as work:
            command = user_tasks.CompleteTask(task.id, actor(work, username), values)
            done = user_tasks.complete(work, command)
        self.work_off()
        return done


def actor(work: Work, username: str) -> Actor:
    user = work.users.by_username(username)
    assert user is not None, username
    return sessions.as_actor(work, user)


def make_house(url: str, folder: Path, clock: FakeClock | None = None) -> House:
    clock = clock or FakeClock()
    outside = {name: Echo(name) for name in ("one_stop_shop", "public_post")}
    quick = Argon2Passwords(memory_kib=64, rounds=1)
    assembly = build(settings(url, folder), now=clock, outside=outside, passwords=quick)
    return House(assembly, clock, outside)


def _load(url: str, folder: Path) -> None:
    house = make_house(url, folder)
    demo.deploy_house_flows(house.assembly.service)
    demo.load(house.assembly)
    house.work_off()
    house.assembly.store.close()


@pytest.fixture(scope="session")
def province_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """The demo province in an SQLite file; tests get a copy."""
    folder = tmp_path_factory.mktemp("province")
    path = folder / "province.db"
    shutil.copyfile(sqlite_template, path)
    _load(f"sqlite:///{path}", folder)
    return path


@pytest.fixture(scope="session")
def province_database(tmp_path_factory: pytest.TempPathFactory, cluster: Cluster) -> Iterator[str]:
    """Name of a PostgreSQL database that holds the demo province; tests use it in turn."""
    name = cluster.create()
    migrate(cluster.url(name))
    _load(cluster.url(name), tmp_path_factory.mktemp("province"))
    cluster.remember(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def sqlite_province(province_file: Path, tmp_path: Path) -> str:
    path = tmp_path / "province.db"
    shutil.copyfile(province_file, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_province(cluster: Cluster, province_database: str) -> Iterator[str]:
    yield cluster.url(province_database)
    cluster.restore(province_database)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """The demo province, running, on both kinds of database."""
    url = request.getfixturevalue(f"{request.param}_province")
    made = make_house(url, tmp_path)
    yield made
    made.assembly.store.close()


@pytest.fixture
def one_house(sqlite_province: str, tmp_path: Path) -> Iterator[House]:
    """The demo province on SQLite alone: for pages and routes, whose SQL is tested elsewhere."""
    made = make_house(sqlite_province, tmp_path)
    yield made
    made.assembly.store.close()


@pytest.fixture
def client(one_house: House) -> FlaskClient:
    """A browser without a session; CSRF is off here and tested on its own."""
    app = make_app(one_house.assembly)
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False
    return app.test_client()


def sign_in(client: FlaskClient, username: str, password: str = demo.PASSWORD) -> None:
    answer = client.post("/sign-in", data={"username": username, "password": password})
    assert answer.status_code in {302, 303}, answer.status_code
