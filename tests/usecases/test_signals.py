"""Signals: everybody who waits hears each once; start events begin instances; own tokens at once."""

import pytest

from app.domain.definitions import ProcessDefinition
from app.domain.errors import Forbidden, InvalidInput
from app.domain.instances import InstanceState, ProcessInstance
from app.usecases import broadcasts, instances
from app.usecases.ports import InstanceFilter
from app.usecases.signals import Signal
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

WHO = {"camunda__candidateGroups": "specialist"}
PAYLOAD = '<extensionElements><camunda:in source="fee" target="told"/></extensionElements>'


def listener(house: House) -> ProcessDefinition:
    catch = d.node("intermediateCatchEvent", "c", d.on_signal())
    return desk.deploy(house, d.straight(catch, identifiers=("c",), around=d.signal()))


def thrower(house: House, event: str, *before: str) -> ProcessDefinition:
    throw = d.node("intermediateThrowEvent", "t", event)
    parts = [*(d.user(one, **WHO) for one in before), throw]
    drawn = d.straight(*parts, identifiers=(*before, "t"), around=d.signal())
    return desk.deploy(house, drawn.replace(b'id="p"', b'id="q"'))


def begun_by_signal(house: House, key: str = "r") -> ProcessDefinition:
    drawn = d.process(
        d.start("s", d.on_signal()),
        d.user("a", **WHO),
        d.end(),
        d.chain("s", "a", "e"),
        around=d.signal(),
    )
    return desk.deploy(house, drawn.replace(b'id="p"', f'id="{key}"'.encode()))


def running(house: House, key: str) -> list[ProcessInstance]:
    with house.open_work(read_only=True) as work:
        return work.instances.page(InstanceFilter(definition_key=key), 1, 50).items


@pytest.mark.parametrize("later", ["", ' camunda:async="true"'])
def test_a_signal_carries_its_payload_to_those_who_wait(house: House, later: str) -> None:
    waiting = [desk.begin(house, listener(house), key=f"HS-{i}") for i in (1, 2)]
    event = d.on_signal("sig", PAYLOAD).replace(" signalRef", f"{later} signalRef")
    desk.begin(house, thrower(house, event), {"fee": 5}, key="HS-9")
    assert [desk.at(house, one) for one in waiting] == [["c"], ["c"]], "not within that transaction"
    house.work_off()
    for one in waiting:
        assert desk.instance(house, one).state is InstanceState.COMPLETED
        assert desk.variables(house, one)["told"] == 5


def test_only_who_waited_when_it_was_thrown_hears_it(house: House) -> None:
    made = listener(house)
    desk.begin(house, thrower(house, d.on_signal()), key="HS-9")
    late = desk.begin(house, made)
    house.work_off()
    assert desk.at(house, late) == ["c"]


def test_the_thrower_hears_itself_within_the_same_transaction(house: House) -> None:
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            d.node("intermediateCatchEvent", "c", d.on_signal()),
            d.user("a", **WHO),
            d.node("intermediateThrowEvent", "t", d.on_signal()),
            d.end(),
            d.end("e2"),
            d.chain("s", "c", "e"),
            d.chain("s", "a", "t", "e2"),
            around=d.signal(),
        ),
    )
    instance_id = desk.begin(house, made)
    desk.complete(house, desk.open_task(house, instance_id).id, "giang.specialist")
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert desk.history(house, instance_id)[-1].kind == "complete", "one step: nothing between"


def test_a_boundary_event_that_does_not_interrupt_hears_each_signal_once(house: House) -> None:
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            d.user("a", **WHO),
            d.boundary("x", "a", d.on_signal(), interrupting=False),
            d.user("b", **WHO),
            d.end(),
            d.chain("s", "a", "e"),
            d.chain("x", "b", "e"),
            around=d.signal(),
        ),
    )
    instance_id = desk.begin(house, made)
    throwing = thrower(house, d.on_signal())
    for number in (7, 8):
        desk.begin(house, throwing, key=f"HS-{number}")
    house.work_off()
    assert desk.at(house, instance_id) == ["a", "b", "b"], "two signals, none of them lost"
    with house.open_work(read_only=True) as work:
        [subscription] = [one for one in work.subscriptions.of_instance(instance_id) if one.open]
    signal = Signal("sig", {}, source="twice", agency_id="stttt")
    for _ in range(2):
        broadcasts.deliver(house.open_work, subscription.id, signal)
    assert desk.at(house, instance_id) == ["a", "b", "b", "b"], "the queue may call twice"


def test_a_signal_begins_the_newest_version_of_each_process_that_waits(house: House) -> None:
    begun_by_signal(house)
    newest, other = begun_by_signal(house), begun_by_signal(house, "r2")
    desk.begin(house, thrower(house, d.on_signal("sig", PAYLOAD)), {"fee": 5}, key="HS-9")
    house.work_off()
    house.work_off()
    [first], [second] = running(house, "r"), running(house, "r2")
    assert (first.definition_id, second.definition_id) == (newest.id, other.id)
    assert first.agency_id == desk.AGENCY
    assert first.snapshot.root["told"] == 5


def test_the_queue_may_ask_twice_to_begin(house: House) -> None:
    begun_by_signal(house)
    with house.open_work(read_only=True) as work:
        [start] = work.start_events.of_key("r")
    signal = Signal("sig", {}, source="twice", agency_id=desk.AGENCY, business_key="HS-5")
    for _ in range(2):
        broadcasts.begin(house.open_work, start.id, signal)
    assert [one.business_key for one in running(house, "r")] == ["HS-5"]


def test_an_administrator_throws_a_signal(house: House) -> None:
    made = listener(house)
    ids = [desk.begin(house, made, key=f"HS-{i}") for i in (1, 2)]
    begun_by_signal(house)
    admin = house.actor("viet.admin")

    def throw(**more: str) -> int:
        with house.open_work() as work:
            return broadcasts.broadcast(
                work, admin, "sig", {"told": 1}, agency_id=desk.AGENCY, **more
            )

    assert throw(instance_id=ids[0]) == 1
    house.work_off()
    assert [desk.instance(house, one).state.value for one in ids] == ["completed", "active"]
    assert throw() == 2
    house.work_off()
    assert desk.variables(house, ids[1])["told"] == 1
    assert len(running(house, "r")) == 1


def test_a_suspended_instance_hears_the_signal_once_it_is_resumed(house: House) -> None:
    instance_id = desk.begin(house, listener(house))
    admin = house.actor("viet.admin")
    with house.open_work() as work:
        instances.suspend(work, admin, instance_id)
        broadcasts.broadcast(work, admin, "sig", {"told": 1}, agency_id=desk.AGENCY)
    house.work_off()
    house.clock.pass_(minutes=2)
    house.work_off()
    assert desk.at(house, instance_id) == ["c"], "nothing moves while it is suspended"
    with house.open_work() as work:
        instances.resume(work, admin, instance_id)
    house.clock.pass_(minutes=2)
    house.work_off()
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert desk.variables(house, instance_id)["told"] == 1


def test_what_makes_no_sense_or_is_not_allowed_is_refused(one_house: House) -> None:
    with one_house.open_work() as work, pytest.raises(InvalidInput):
        broadcasts.broadcast(work, one_house.actor("viet.admin"), " ", {}, agency_id="stttt")
    clerk = one_house.actor("giang.specialist")
    with one_house.open_work() as work, pytest.raises(Forbidden):
        broadcasts.broadcast(work, clerk, "sig", {}, agency_id="stttt")


def test_an_entry_of_an_older_release_is_read() -> None:
    assert Signal.read({"subscription_id": "1", "name": "sig"}) == Signal("sig", {}, "", "")
