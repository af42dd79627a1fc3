"""The service that plays recordings: its own engine, use cases and tables, and a clock of ours.

Recordings name groups, topics and called processes of a house that is not ours, so this service
takes any. All that would run wrong is refused as everywhere.
"""

import copy
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.domain.connectors import Call, Descriptor, PermanentFailure
from app.domain.engine import Problem, Severity, Vocabulary
from app.domain.people import Agency, AgencyLevel, AgencyPart, User
from app.engine.decisions import compile_decision
from app.engine.lint import check_decisions
from app.engine.program import CompiledProgram
from app.engine.reading import read
from app.engine.room import EngineRoom
from app.forms import FormRoom
from app.passwords import Argon2Passwords
from app.store.migrate import migrate
from app.store.schema import TENANT
from app.store.work import Rooms, Shared, Store, queue_for
from app.usecases.house import TheHouse
from tests.conformance.host import BEGINNING


class Clock:
    """Moves when a recording says so."""

    def __init__(self) -> None:
        self.at = BEGINNING

    def __call__(self) -> datetime:
        return self.at


class AnyTopic(Vocabulary):
    def fetched(self, topic: str) -> bool:
        return True


class OpenRoom(EngineRoom):
    """Refuses what cannot run, and asks for nothing that only our house has."""

    def check(self, files: Mapping[str, bytes], vocabulary: Vocabulary) -> list[Problem]:
        problems: list[Problem] = []
        keys: set[str] = set()
        for file, source in files.items():
            if file.endswith(".dmn"):
                problems.extend(check_decisions(file, source)[1])
            else:
                reading = read(source, file)
                problems.extend(reading.report.problems)
                problems.extend(
                    Problem(Severity.ERROR, "same-process", key, file, key)
                    for key in keys & reading.processes.keys()
                )
                keys |= reading.processes.keys()
        return sorted(problems, key=lambda one: one.severity is not Severity.ERROR)

    def compile(self, definition_id: str, key: str, bpmn: bytes) -> CompiledProgram:
        """An error that nobody catches ends its token here, as in Operaton."""
        program = super().compile(definition_id, key, bpmn)
        program.process.ends_uncaught = True
        return program


class NobodyOutside:
    """No connector is plugged in."""

    def call(self, topic: str, call: Call) -> dict[str, Any]:
        raise PermanentFailure(f"no connector for {topic}: {call.operation}")

    def descriptors(self) -> tuple[Descriptor, ...]:
        return ()


def rooms(clock: Clock) -> Rooms:
    forms = FormRoom(now=clock)
    return Rooms(
        engine=OpenRoom(forms.check),
        compile_decision=compile_decision,
        forms=forms,
        passwords=Argon2Passwords(memory_kib=64, rounds=1),
        house=TheHouse(),
        vocabulary=AnyTopic(frozenset(), frozenset(), {}, frozenset()),
    )


class Premises:
    """One database for a whole run; each scenario moves into a province of its own there."""

    def __init__(self, url: str) -> None:
        migrate(url)
        clock = Clock()
        self.store = Store(url, now=clock, tenant_id="", rooms=rooms(clock))
        self.run = secrets.token_hex(4)
        self.taken = 0

    @contextmanager
    def province(self, people: frozenset[str]) -> Iterator[tuple[Store, Clock]]:
        """A province that nobody has used, where these people work."""
        self.taken += 1
        clock = Clock()
        store = self._store_of(f"conformance-{self.run}-{self.taken}", clock)
        _settle(store, people)
        yield store, clock

    def _store_of(self, province: str, clock: Clock) -> Store:
        """A store as `Store` makes it, on connections and compiled statements that all share."""
        store = copy.copy(self.store)
        store.tenant_id, store.now, store.rooms = province, clock, rooms(clock)
        store.shared = Shared()
        store.database = self.store.database.execution_options(**{TENANT: province})
        store.queue = queue_for(store.database, clock)
        return store

    def close(self) -> None:
        self.store.close()


def _settle(store: Store, people: frozenset[str]) -> None:
    with store.open_work() as work:
        work.agencies.add(
            Agency(
                id=work.new_id(),
                tenant_id=work.tenant_id,
                name="Nơi chạy lại",
                short_name="NCL",
                level=AgencyLevel.DEPARTMENT,
                part=AgencyPart.PORTAL_MANAGER,
            )
        )
        for username in sorted(people):
            work.users.add(
                User(
                    id=work.new_id(),
                    tenant_id=work.tenant_id,
                    username=username,
                    full_name=username,
                    password_hash="",
                    created_at=work.now(),
                )
            )


@contextmanager
def premises(url: str | None) -> Iterator[Premises]:
    """The database at `url`; without one, an SQLite file that goes when the run is over."""
    if url:
        with closing(Premises(url)) as place:
            yield place
        return
    memory = "/dev/shm"
    where = memory if os.access(memory, os.W_OK) else None
    with (
        TemporaryDirectory(prefix="conformance-", dir=where) as folder,
        closing(Premises(f"sqlite:///{Path(folder) / 'conformance.db'}")) as place,
    ):
        yield place
