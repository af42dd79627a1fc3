"""Timers at the beginning: an instance whenever one is due, of the newest version only."""

from datetime import timedelta

import pytest

from app.domain.definitions import ProcessDefinition
from app.domain.errors import InvalidInput
from app.domain.instances import ProcessInstance
from app.usecases import deployments, start_events
from app.usecases.ports import InstanceFilter
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

WHO = {"camunda__candidateGroups": "specialist"}


def begun_by(house: House, *events: str) -> ProcessDefinition:
    starts = [d.start(f"s{number}", event) for number, event in enumerate(events)]
    ways = [d.chain(f"s{number}", "a") for number in range(len(events))]
    return desk.deploy(
        house, d.process(*starts, d.user("a", **WHO), d.end(), *ways, d.chain("a", "e"))
    )


def running(house: House) -> list[ProcessInstance]:
    with house.open_work(read_only=True) as work:
        return work.instances.page(InstanceFilter(definition_key="p"), 1, 50).items


def pass_time(house: House, **length: float) -> int:
    """Let time pass, work off what is due, and say how many instances there are."""
    house.clock.pass_(**length)
    house.work_off()
    return len(running(house))


def test_a_cycle_begins_an_instance_each_time(house: House) -> None:
    made = begun_by(house, d.every("R2/PT1H"))
    assert pass_time(house, minutes=59) == 0
    assert pass_time(house, minutes=1) == 1
    assert pass_time(house, minutes=1) == 1
    assert pass_time(house, hours=1) == 2
    assert pass_time(house, hours=5) == 2, "R2: twice and no more"
    first = running(house)[0]
    assert first.definition_id == made.id
    with house.open_work(read_only=True) as work:
        assert work.agencies.get(first.agency_id).part == "portal_manager"
        assert work.start_events.of_key("p") == []


def test_a_duration_counts_from_the_deployment_and_comes_once(house: House) -> None:
    begun_by(house, d.after("PT2H"))
    assert pass_time(house, hours=1) == 0
    assert pass_time(house, hours=1) == 1
    assert pass_time(house, hours=9) == 1


def test_working_time_is_measured_by_the_calendar(one_house: House) -> None:
    begun_by(one_house, d.after("1 working_day"))
    assert pass_time(one_house, hours=12) == 0, "the working day ends tomorrow"
    assert pass_time(one_house, hours=24) == 1


def test_a_new_version_takes_the_place_of_the_old_one(house: House) -> None:
    begun_by(house, d.after("PT1H"))
    newest = begun_by(house, d.after("PT1H"), d.after("PT2H"))
    assert pass_time(house, hours=1) == 1
    assert pass_time(house, hours=1) == 2
    assert {one.definition_id for one in running(house)} == {newest.id}


def test_a_suspended_definition_begins_nothing_until_it_is_active(house: House) -> None:
    made = begun_by(house, d.after("PT1H"))
    admin = house.actor("viet.admin")
    with house.open_work() as work:
        deployments.suspend_definition(work, admin, made.id)
        [waiting] = work.start_events.of_key("p")
    assert pass_time(house, hours=2) == 0
    start_events.fire(house.open_work, waiting.id)
    assert running(house) == []
    with house.open_work() as work:
        deployments.activate_definition(work, admin, made.id)
    assert pass_time(house, seconds=1) == 1


def test_the_queue_may_call_twice_or_too_early(house: House) -> None:
    begun_by(house, d.after("PT1H"))
    with house.open_work(read_only=True) as work:
        [waiting] = work.start_events.of_key("p")
    start_events.fire(house.open_work, waiting.id)
    assert running(house) == []
    house.clock.at += timedelta(hours=1)
    start_events.fire(house.open_work, waiting.id)
    start_events.fire(house.open_work, waiting.id)
    assert len(running(house)) == 1


def test_a_timer_that_says_no_instant_is_refused_at_deployment(one_house: House) -> None:
    with pytest.raises(InvalidInput):
        begun_by(one_house, d.after("${khong_co}"))
