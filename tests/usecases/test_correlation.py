"""Messages brought to the one who waits at once, and what is said where there is none or several."""

from typing import Any

import pytest

from app.domain.errors import Conflict, Forbidden, InvalidInput, InvalidState, NotFound
from app.domain.instances import InstanceState
from app.usecases import correlation
from app.usecases.correlation import Correlation
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk


def waiting(house: House, key: str = "HS-1", **variables: Any) -> str:
    catch = d.node("intermediateCatchEvent", "c", d.on_message())
    made = desk.deploy(house, d.straight(catch, identifiers=("c",), around=d.message()))
    return desk.begin(house, made, variables, key=key)


def correlate(house: House, **wanted: Any) -> str:
    with house.open_work() as work:
        return correlation.correlate(work, house.actor("viet.admin"), Correlation(**wanted))


def correlate_all(house: House, **wanted: Any) -> list[str]:
    with house.open_work() as work:
        return correlation.correlate_all(work, house.actor("viet.admin"), Correlation(**wanted))


def done(house: House, instance_id: str) -> bool:
    return desk.instance(house, instance_id).state is InstanceState.COMPLETED


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "m", "business_key": "HS-2"},
        {"business_key": "HS-2"},
        {"name": "m", "keys": {"fee": 2}},
        {"keys": {"fee": 2}},
    ],
)
def test_one_is_found_among_many(house: House, wanted: dict[str, Any]) -> None:
    first, second = waiting(house, fee=1), waiting(house, "HS-2", fee=2)
    assert correlate(house, **wanted, payload={"seen": True}) == second
    assert done(house, second)
    assert desk.variables(house, second)["seen"] is True
    assert not done(house, first)


def test_a_round_is_found_by_its_own_variables(house: House) -> None:
    rounds = d.many(collection="tinh", element="ma")
    catch = d.node("receiveTask", "c", rounds, messageRef="m")
    made = desk.deploy(house, d.straight(catch, identifiers=("c",), around=d.message()))
    instance_id = desk.begin(house, made, {"tinh": [1, 2, 3]})
    assert correlate(house, name="m", local_keys={"ma": 2}) == instance_id
    with pytest.raises(NotFound):
        correlate(house, name="m", local_keys={"ma": 2})
    with pytest.raises(NotFound):
        correlate(house, local_keys={"tinh": [1, 2, 3]})
    assert correlate(house, local_keys={"ma": 3, "loopCounter": 2}) == instance_id
    assert desk.at(house, instance_id) == ["c"]


def test_an_instance_and_a_token_are_named(house: House) -> None:
    catch = [d.node("intermediateCatchEvent", one, d.on_message()) for one in ("c1", "c2")]
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            *catch,
            d.end(),
            d.chain("s", "c1", "e"),
            d.chain("s", "c2", "e"),
            around=d.message(),
        ),
    )
    instance_id = desk.begin(house, made)
    with pytest.raises(Conflict):
        correlate(house, name="m", instance_id=instance_id)
    with house.open_work(read_only=True) as work:
        [token] = [
            one.token for one in work.subscriptions.of_instance(instance_id) if one.element == "c2"
        ]
    correlate(house, name="m", instance_id=instance_id, token=token)
    assert desk.at(house, instance_id) == ["c1"]


def test_all_who_wait_are_reached(house: House) -> None:
    ids = [waiting(house, f"HS-{number}", fee=number % 2) for number in range(4)]
    assert correlate_all(house, name="m", keys={"fee": 1}) == [ids[1], ids[3]]
    assert [done(house, one) for one in ids] == [False, True, False, True]


def test_nobody_or_several_is_said(house: House) -> None:
    with pytest.raises(NotFound):
        correlate(house, name="m")
    assert correlate_all(house, name="m") == []
    waiting(house)
    waiting(house, "HS-2")
    with pytest.raises(Conflict):
        correlate(house, name="m")
    with pytest.raises(NotFound):
        correlate(house, name="m", starts_only=True)
    with pytest.raises(InvalidInput):
        correlate(house)


def test_a_message_begins_a_process(house: House) -> None:
    diagram = d.process(
        d.start("s", d.on_message("moi")),
        d.user("a", camunda__candidateGroups="specialist"),
        d.end(),
        d.chain("s", "a", "e"),
        around=d.message("moi"),
    )
    old, new = desk.deploy(house, diagram), desk.deploy(house, diagram)
    begun = correlate(house, name="moi", business_key="HS-5", payload={"fee": 1}, agency_id="stttt")
    assert desk.instance(house, begun).definition_id == new.id
    assert desk.instance(house, begun).business_key == "HS-5"
    assert desk.variables(house, begun)["fee"] == 1
    older = correlate(house, name="moi", definition_id=old.id, agency_id="stttt")
    assert desk.instance(house, older).definition_id == old.id
    with pytest.raises(InvalidInput, match="cơ quan"):
        correlate(house, name="moi")


def test_what_waits_without_a_message_is_triggered(house: House) -> None:
    made = desk.deploy(
        house, d.straight(d.node("receiveTask", "r", name="Chờ"), identifiers=("r",))
    )
    instance_id = desk.begin(house, made)
    with house.open_work(read_only=True) as work:
        [found] = work.subscriptions.of_instance(instance_id)
    with house.open_work() as work, pytest.raises(InvalidState):
        correlation.trigger(work, house.actor("viet.admin"), instance_id, found.token + 1, {})
    with house.open_work() as work:
        correlation.trigger(
            work, house.actor("viet.admin"), instance_id, found.token, {"seen": True}
        )
    assert done(house, instance_id)
    assert desk.variables(house, instance_id)["seen"] is True


def test_not_everybody_sends(one_house: House) -> None:
    waiting(one_house)
    clerk = one_house.actor("giang.specialist")
    with one_house.open_work() as work, pytest.raises(Forbidden):
        correlation.correlate(work, clerk, Correlation(name="m"))
