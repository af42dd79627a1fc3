"""Tasks for workers outside: fetched once, answered by whoever holds them, given up in the end."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.errors import Conflict, Forbidden, InvalidInput, InvalidState, NotFound
from app.domain.instances import InstanceState
from app.domain.permissions import Actor
from app.domain.waiting import Job, JobState
from app.usecases import external_tasks, incidents, instances, jobs
from app.usecases.external_tasks import Answer
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

TOPIC = "worker.sign"
LEASE = timedelta(minutes=1)


def signing(house: House, *, retry: str = "", caught: bool = False, key: str = "HS-1") -> str:
    """An instance that waits for a signing program."""
    cycle = f"<camunda:failedJobRetryTimeCycle>{retry}</camunda:failedJobRetryTimeCycle>"
    inputs = '<camunda:inputOutput><camunda:inputParameter name="file">a</camunda:inputParameter></camunda:inputOutput>'
    call = d.external("call", d.extensions(cycle if retry else "", inputs), topic=TOPIC)
    parts = [d.start(), call, d.end(), d.chain("s", "call", "e")]
    if caught:
        parts += [
            d.boundary("refused", "call", d.on_error("LOI")),
            d.user("a", camunda__candidateGroups="specialist"),
            d.end("e2"),
            d.chain("refused", "a", "e2"),
        ]
    made = desk.deploy(house, d.process(*parts, around=d.error("LOI") if caught else ""))
    return desk.begin(house, made, key=key)


def admin(house: House) -> Actor:
    return house.actor("viet.admin")


def fetch(house: House, **more: Any) -> list[Job]:
    return external_tasks.fetch(house.open_work, admin(house), [TOPIC], lease=LEASE, **more)


def answer_of(job: Job) -> Answer:
    return Answer(job.id, job.fence)


def test_a_task_is_fetched_done_and_the_flow_goes_on(house: House) -> None:
    instance_id = signing(house)
    house.work_off()
    assert desk.at(house, instance_id) == ["call"], "no connector is asked"
    [job] = fetch(house)
    assert (job.instance_id, job.parameters, job.fence) == (instance_id, {"file": "a"}, 1)
    assert fetch(house) == [], "somebody is at it"
    with house.open_work() as work:
        external_tasks.complete(work, admin(house), answer_of(job), {"signed": True})
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert desk.variables(house, instance_id)["signed"] is True
    with house.open_work() as work, pytest.raises(InvalidState):
        external_tasks.complete(work, admin(house), answer_of(job), {})


def test_the_highest_priority_comes_first_and_no_more_than_asked_for(house: House) -> None:
    for number in range(3):
        signing(house, key=f"HS-{number}")
    first = fetch(house, limit=2)
    assert len(first) == 2
    assert [job.id for job in first] == sorted(job.id for job in first)
    assert len(fetch(house, limit=2)) == 1


def test_who_comes_after_his_time_is_refused(house: House) -> None:
    instance_id = signing(house)
    [slow] = fetch(house)
    house.clock.pass_(minutes=1)
    [quick] = fetch(house)
    assert (quick.id, quick.fence) == (slow.id, 2)
    with house.open_work() as work, pytest.raises(Conflict):
        external_tasks.complete(work, admin(house), answer_of(slow), {"by": "slow"})
    with house.open_work() as work:
        external_tasks.complete(work, admin(house), answer_of(quick), {"by": "quick"})
    assert desk.variables(house, instance_id)["by"] == "quick"


def test_a_longer_lease_keeps_others_away(house: House) -> None:
    signing(house)
    [job] = fetch(house)
    with house.open_work() as work:
        external_tasks.extend(work, admin(house), answer_of(job), timedelta(hours=1))
    house.clock.pass_(minutes=30)
    assert fetch(house) == []
    house.clock.pass_(minutes=31)
    assert len(fetch(house)) == 1


def test_a_failure_comes_back_after_the_pause_and_ends_as_an_incident(house: House) -> None:
    instance_id = signing(house, retry="R2/PT10S")
    [job] = fetch(house)
    with house.open_work() as work:
        external_tasks.fail(work, admin(house), answer_of(job), "chưa được")
    assert fetch(house) == []
    house.clock.pass_(seconds=10)
    [again] = fetch(house)
    with house.open_work() as work:
        external_tasks.fail(work, admin(house), answer_of(again), "vẫn chưa được")
    [incident] = desk.incidents(house, instance_id)
    assert incident.message == "vẫn chưa được"
    with house.open_work() as work:
        incidents.retry(work, admin(house), incident.id)
    [third] = fetch(house)
    assert third.key == job.key, "the same promise"


def test_what_fails_for_good_is_not_tried_again(house: House) -> None:
    instance_id = signing(house)
    [job] = fetch(house)
    with house.open_work() as work:
        external_tasks.fail(work, admin(house), answer_of(job), "hỏng", for_good=True)
    assert [one.message for one in desk.incidents(house, instance_id)] == ["hỏng"]
    assert desk.job(house, instance_id).state is JobState.FAILED


def test_a_pause_that_the_worker_names_is_kept(one_house: House) -> None:
    signing(one_house)
    [job] = fetch(one_house)
    with one_house.open_work() as work:
        external_tasks.fail(
            work, admin(one_house), answer_of(job), "bận", retry_after=timedelta(hours=1)
        )
    one_house.clock.pass_(minutes=59)
    assert fetch(one_house) == []
    one_house.clock.pass_(minutes=1)
    assert len(fetch(one_house)) == 1


def test_silence_at_every_attempt_becomes_an_incident(house: House) -> None:
    instance_id = signing(house, retry="R2/PT10S")
    for _ in range(2):
        assert len(fetch(house)) == 1
        house.clock.pass_(minutes=1)
    assert fetch(house) == []
    assert [one.message for one in desk.incidents(house, instance_id)] == [
        "Không ai trả lời ở mọi lần thử."
    ]


def test_an_error_is_caught_by_the_diagram(house: House) -> None:
    instance_id = signing(house, caught=True)
    [job] = fetch(house)
    with house.open_work() as work:
        external_tasks.throw_error(
            work, admin(house), answer_of(job), "LOI", message="sai chữ ký", values={"why": 1}
        )
    assert desk.at(house, instance_id) == ["a"]
    assert desk.variables(house, instance_id)["why"] == 1


def test_a_suspended_instance_gives_no_tasks_and_takes_no_answers(house: House) -> None:
    instance_id = signing(house)
    [job] = fetch(house)
    with house.open_work() as work:
        instances.suspend(work, admin(house), instance_id)
    with house.open_work() as work, pytest.raises(InvalidState):
        external_tasks.complete(work, admin(house), answer_of(job), {})
    house.clock.pass_(minutes=1)
    assert fetch(house) == []


def test_nobody_sweeps_what_waits_for_a_worker_outside(one_house: House) -> None:
    signing(one_house)
    one_house.clock.pass_(hours=1)
    assert jobs.sweep(one_house.open_work) == 0


def test_what_makes_no_sense_or_is_not_allowed_is_refused(one_house: House) -> None:
    called = desk.one_call(one_house)
    with pytest.raises(InvalidInput):
        external_tasks.fetch(one_house.open_work, admin(one_house), [])
    with pytest.raises(InvalidInput):
        fetch(one_house, limit=0)
    with pytest.raises(InvalidInput):
        external_tasks.fetch(one_house.open_work, admin(one_house), [TOPIC], lease=timedelta())
    with pytest.raises(Forbidden):
        external_tasks.fetch(one_house.open_work, one_house.actor("giang.specialist"), [TOPIC])
    job = desk.job(one_house, called)
    with one_house.open_work() as work, pytest.raises(NotFound):
        external_tasks.complete(work, admin(one_house), Answer(job.id, 1), {})
    signing(one_house, key="HS-2")
    [held] = fetch(one_house)
    with one_house.open_work() as work, pytest.raises(Conflict):
        external_tasks.complete(work, admin(one_house), Answer(held.id, 7), {})
