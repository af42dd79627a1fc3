"""Who sleeps misses nothing: what fell due meanwhile begins with the resumption, not with a tick."""

from collections.abc import Callable

import pytest

from app.domain.instances import InstanceState
from app.domain.waiting import JobState
from app.usecases import deployments, instances, jobs, messages
from app.worker import Worker
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def sleep(house: House, instance_id: str) -> None:
    with house.open_work() as work:
        instances.suspend(work, actor(work, ADMIN), instance_id)


def resume(house: House, instance_id: str) -> None:
    with house.open_work() as work:
        instances.resume(work, actor(work, ADMIN), instance_id)


def work_without_ticks(house: House) -> None:
    """What the queue holds now, and nothing that a tick would put there."""
    Worker(house.assembly.store, house.assembly.handlers, threads=1).drain(100)


def waiting_at(house: House, kind: str) -> str:
    """An instance whose first step waits for what `kind` says; then comes the task z."""
    first = {
        "call": desk.posting("first"),
        "later": d.user("first", camunda__asyncBefore="true", **WHO),
        "timer": d.node("intermediateCatchEvent", "first", d.after("PT1H")),
        "message": d.node("intermediateCatchEvent", "first", d.on_message()),
    }[kind]
    bpmn = d.straight(first, d.user("z", **WHO), identifiers=("first", "z"), around=d.message())
    return desk.begin(house, desk.deploy(house, bpmn))


def nothing(_house: House) -> None:
    """Nothing comes from outside."""


def say_m(house: House) -> None:
    with house.open_work() as work:
        messages.receive(work, "m", "HS-1", {}, dedup="m-1")


@pytest.mark.parametrize(
    ("kind", "meanwhile"),
    [("call", nothing), ("later", nothing), ("timer", nothing), ("message", say_m)],
)
def test_it_begins_at_once(house: House, kind: str, meanwhile: Callable[[House], None]) -> None:
    instance_id = waiting_at(house, kind)
    sleep(house, instance_id)
    house.clock.pass_(hours=2)
    meanwhile(house)
    house.work_off()
    assert desk.at(house, instance_id) == ["first"], "asleep"
    resume(house, instance_id)
    work_without_ticks(house)
    assert desk.at(house, instance_id) == (["first"] if kind == "later" else ["z"])
    assert bool(desk.open_tasks(house, instance_id, "first")) is (kind == "later")


def test_an_answer_that_came_to_a_sleeper_is_asked_for_again_at_once(one_house: House) -> None:
    instance_id = waiting_at(one_house, "call")
    job = desk.job(one_house, instance_id)

    class Slow:
        """Falls asleep while the other side answers."""

        def __getattr__(self, name: str) -> object:
            return getattr(one_house.assembly.service.connectors, name)

        def call(self, topic: str, call: object) -> dict[str, object]:
            sleep(one_house, instance_id)
            return {"item_code": "EB123456789VN", "accepted_at": "2026-11-16T09:00:00+07:00"}

    jobs.run(one_house.open_work, Slow(), job.id)  # type: ignore[arg-type] # only called
    one_house.work_off()
    assert desk.job(one_house, instance_id).state is JobState.PENDING
    assert one_house.outside["public_post"].calls == [], "asleep"
    resume(one_house, instance_id)
    work_without_ticks(one_house)
    assert desk.at(one_house, instance_id) == ["z"]
    [call] = one_house.outside["public_post"].calls
    assert call.key == job.key, "the other side can see that it was asked before"


def test_a_version_that_is_activated_begins_what_fell_due(house: House) -> None:
    bpmn = d.process(
        d.start("s", d.after("PT1H")), d.user("z", **WHO), d.end(), d.chain("s", "z", "e")
    )
    made = desk.deploy(house, bpmn)
    with house.open_work() as work:
        deployments.suspend_definition(work, actor(work, ADMIN), made.id)
    house.clock.pass_(hours=2)
    house.work_off()
    with house.open_work() as work:
        assert work.instances.count_running().get(made.id) is None
        deployments.activate_definition(work, actor(work, ADMIN), made.id)
    work_without_ticks(house)
    with house.open_work(read_only=True) as work:
        assert work.instances.count_running()[made.id] == (1, 0)


def test_nothing_wakes_a_sleeper(house: House) -> None:
    instance_id = waiting_at(house, "call")
    sleep(house, instance_id)
    house.work_off()
    assert house.outside["public_post"].calls == []
    assert desk.instance(house, instance_id).state is InstanceState.SUSPENDED
