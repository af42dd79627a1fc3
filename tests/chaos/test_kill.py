"""The service is killed twenty times while people work; then nothing is lost, nothing done twice.

`CHAOS_SEED=… pytest tests/chaos` kills at the moments of an earlier run, which printed its seed.
"""

import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from app import settings
from app.bootstrap import build
from app.domain.engine import JobKind
from app.domain.instances import IncidentState, InstanceState
from app.domain.procedures import RegistrationState
from app.domain.user_tasks import TaskState
from app.domain.waiting import JobState
from tests.chaos.driver import STEPS, Driver, without_papers
from tests.chaos.processes import Server, free_port, outside_systems, settings_of
from tests.processes.sets import files
from tests.scenarios import flows
from tests.service import FakeClock, House

KILLS = 20
LATER = 600  # seconds after the last kill: every lease has lapsed by then
FINISH_SECONDS = 90
CODE = "1.004470"  # national code of P04


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database that a killed process may leave behind in any state."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'chaos.db'}"
        return
    cluster = request.getfixturevalue("cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


def registered_files() -> dict[str, bytes]:
    chosen = {name: data for name, data in files(flows.P04).items() if not name.endswith(".yaml")}
    form = "postal-activity-application.form"
    return {**chosen, form: without_papers(chosen[form])}


def test_nothing_is_lost_and_nothing_is_done_twice(
    empty_url: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    record_property("CHAOS_SEED", seed)
    sys.stderr.write(f"CHAOS_SEED={seed}\n")
    chance = random.Random(seed)
    port = free_port()
    hook = f"http://127.0.0.1:{port}/hooks/public-post"
    with outside_systems(tmp_path, hook) as addresses:
        environment = settings_of(empty_url, tmp_path, port, addresses)
        server = Server(environment, tmp_path / "server.log")
        driver = Driver(server.address, registered_files())
        try:
            server.start()
            _kill_again_and_again(server, driver, chance)
            assert server.stop() == 0
        finally:
            server.end()
        house = _later(environment)
        try:
            _finish(house, driver)
            _check(house, driver, _ledger(addresses["one_stop_shop"]))
        finally:
            house.assembly.store.close()


def _kill_again_and_again(server: Server, driver: Driver, chance: random.Random) -> None:
    working = threading.Thread(target=driver.run, name="driver", daemon=True)
    working.start()
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.05, 1.2))
        server.kill()
        server.start()
        if driver.fault is not None:
            raise driver.fault
    _until_something_is_under_way(driver)
    driver.enough.set()
    working.join(60)
    assert not working.is_alive()
    if driver.fault is not None:
        raise driver.fault


def _until_something_is_under_way(driver: Driver) -> None:
    """On a slow machine the kills may be over before the first case: let some come."""
    deadline = time.monotonic() + FINISH_SECONDS
    while len(driver.cases) < 2 and driver.fault is None and time.monotonic() < deadline:
        time.sleep(0.1)


def _later(environment: dict[str, str]) -> House:
    """The same service in this process, when the leases of the dead have lapsed."""
    read = settings.read(environment)
    return House(build(read, now=_set_ahead), FakeClock(), {})


def _set_ahead() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=LATER)


def _finish(house: House, driver: Driver) -> None:
    """Let people and workers bring everything to its end."""
    deadline = time.monotonic() + FINISH_SECONDS
    codes = [driver.registration, *_entered(house)]
    while _under_way(house, codes):
        assert time.monotonic() < deadline, _under_way(house, codes)
        house.work_off()
        sweep = getattr(house.assembly.store.queue, "sweep", None)
        if sweep is not None:
            sweep()
        for code, elements in _under_way(house, codes).items():
            for element in elements:
                if element in STEPS:
                    username, values = STEPS[element]
                    house.complete(code, element, username, **values)
        codes = [driver.registration, *_entered(house)]
        time.sleep(0.05)
    house.work_off()


def _entered(house: House) -> list[str]:
    with house.open_work(read_only=True) as work:
        return [case.code for case in work.cases.page(None, "Khách hàng số", 1, 200).items]


def _under_way(house: House, codes: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with house.open_work(read_only=True) as work:
        for code in codes:
            for instance in work.instances.by_business_key(code):
                if instance.state is InstanceState.ACTIVE:
                    program = work.programs.get(instance.definition_id)
                    found[code] = program.active_elements(instance.snapshot)
    return found


def _ledger(address: str) -> dict[str, Any]:
    content: dict[str, Any] = requests.get(f"{address}/_sandbox/ledger", timeout=10).json()
    return content


# --- what must be so --------------------------------------------------------------------


def _check(house: House, driver: Driver, ledger: dict[str, Any]) -> None:
    codes = _entered(house)
    assert set(driver.cases) <= set(codes), "a case that was answered is lost"
    assert len(codes) == len(set(codes))
    _check_publication(house, driver, ledger)
    for code in codes:
        _check_case(house, code)
    with house.open_work(read_only=True) as work:
        owners = Counter(case.owner_name for case in work.cases.page(None, "Khách", 1, 200).items)
        assert not work.incidents.page(IncidentState.OPEN, 1, 10).items
    assert set(owners.values()) == {1}, owners
    told = {row["case_code"]: row["status"] for row in ledger["case_statuses"]}
    assert {code: told.get(code) for code in codes} == dict.fromkeys(codes, 10)
    twice = [row for row in ledger["requests"] if row["effects"] != 1]
    assert not twice, "one key, one effect"


def _check_publication(house: House, driver: Driver, ledger: dict[str, Any]) -> None:
    with house.open_work(read_only=True) as work:
        ours = [
            made
            for made in work.registrations.of_procedure("P04", "stttt")
            if made.code == driver.registration
        ]
        [made] = ours
        assert made.state is RegistrationState.PUBLISHED
        service = work.services.of_procedure("P04", "stttt")
        assert service is not None
        versions = work.services.versions(service.id)
        assert len([v for v in versions if v.registration_id == made.id]) == 1
        assert sorted(v.version for v in versions) == list(range(1, len(versions) + 1))
        assert [v.version for v in versions if v.live_to is None] == [service.live_version]
        assert len(work.definitions.versions(flows.P04)) == len(versions)
    _check_instance(house, driver.registration)
    published = [
        effect["content"]["version"] if "version" in effect["content"] else effect["content"]
        for effect in ledger["effects"]
        if effect["operation"] == "publish_service" and effect["subject"] == CODE
    ]
    assert len(published) == len(versions), "each version is published once, outside too"
    [shown] = [row for row in ledger["services"] if row["service_code"] == CODE]
    assert (shown["version"], shown["checksum"]) == (service.live_version, made.fileset_checksum)


def _check_case(house: House, code: str) -> None:
    with house.open_work(read_only=True) as work:
        case = work.cases.by_code(code)
        assert case is not None
        clocks = work.clocks.of_subject("case", case.id)
    assert case.status == "done"
    assert not [clock for clock in clocks if clock.is_open]
    _check_instance(house, code)


def _check_instance(house: House, code: str) -> None:
    with house.open_work(read_only=True) as work:
        *left, last = work.instances.by_business_key(code)
        tasks = work.user_tasks.of_instance(last.id)
        jobs = work.jobs.of_instance(last.id)
        told = work.instances.history(last.id, limit=1_000)
    assert all(one.state is InstanceState.CANCELLED for one in left), "only a rebinding restarts"
    assert last.state is InstanceState.COMPLETED
    assert [entry.seq for entry in told] == list(range(1, len(told) + 1)), "history has a gap"
    done = Counter(task.element for task in tasks)
    assert set(done.values()) == {1}, f"a step was opened twice: {done}"
    assert {task.state for task in tasks} == {TaskState.COMPLETED}
    completions = Counter(entry.element for entry in told if entry.kind == "complete")
    assert completions == done, "one completion for each task"
    assert {job.state for job in jobs} == {JobState.DONE}
    external = [job.element for job in jobs if job.kind is JobKind.EXTERNAL]
    assert len(external) == len(set(external)), "a promise was made twice"
