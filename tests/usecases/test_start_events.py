"""Timers at the beginning: an instance whenever one is due, of the newest version only."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.definitions import ProcessDefinition
from app.domain.errors import Forbidden, InvalidInput
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


def evaluated(house: House, values: dict[str, Any], **more: str) -> list[str]:
    with house.open_work() as work:
        who = house.actor("viet.admin")
        return start_events.evaluate(work, who, values, agency_id=desk.AGENCY, **more)


def test_a_condition_begins_an_instance_where_it_is_true(house: House) -> None:
    begun_by(house, d.on_condition("${so == 1}"), d.on_condition("so > 0"), d.on_condition("x"))
    assert evaluated(house, {"so": 0}) == []
    assert evaluated(house, {"khac": 1}) == [], "doubt is no"
    both = evaluated(house, {"so": 1}, business_key="HS-7")
    assert len(both) == 2
    assert [one.business_key for one in running(house)] == ["HS-7", "HS-7"]
    assert [desk.at(house, one) for one in both] == [["a"], ["a"]]
    assert desk.variables(house, both[0]) == {"so": 1}


def test_conditions_of_older_versions_and_of_suspended_ones_are_not_asked(house: House) -> None:
    older = begun_by(house, d.on_condition("so = 1"))
    newer = begun_by(house, d.on_condition("so = 2"))
    assert evaluated(house, {"so": 1}) == []
    assert evaluated(house, {"so": 2}, definition_id=older.id) == []
    assert len(evaluated(house, {"so": 2}, definition_id=newer.id)) == 1
    with house.open_work() as work:
        deployments.suspend_definition(work, house.actor("viet.admin"), newer.id)
    assert evaluated(house, {"so": 2}) == []


def test_who_asks_for_conditions_is_an_administrator_and_names_an_agency(house: House) -> None:
    begun_by(house, d.on_condition("so = 1"))
    who = house.actor("giang.specialist")
    with house.open_work() as work, pytest.raises(Forbidden):
        start_events.evaluate(work, who, {"so": 1}, agency_id=desk.AGENCY)
    with house.open_work() as work, pytest.raises(InvalidInput):
        start_events.evaluate(work, house.actor("viet.admin"), {"so": 1}, agency_id="không có")


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


def without_rows(house: House) -> None:
    """As a database was before the start events had a table."""
    with house.assembly.store.database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM start_events")


def test_versions_from_before_there_were_rows_are_healed_once(house: House) -> None:
    begun_by(house, d.every("R/PT1H"))
    without_rows(house)
    pass_time(house, hours=2)
    assert running(house) == []
    assert start_events.heal(house.open_work) == ["p"]
    assert start_events.heal(house.open_work) == []
    pass_time(house, hours=1)
    assert len(running(house)) == 1


def test_what_has_fired_or_was_replaced_is_not_healed(house: House) -> None:
    begun_by(house, d.after("PT1H"))
    pass_time(house, hours=1)
    assert len(running(house)) == 1
    assert start_events.heal(house.open_work) == []
    desk.deploy(house, d.straight(d.user("a", **WHO), identifiers=("a",)))
    without_rows(house)
    assert start_events.heal(house.open_work) == []
