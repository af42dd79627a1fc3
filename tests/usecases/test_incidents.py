"""Incidents found by where they come from; retried in bulk, with the truth about each."""

from datetime import timedelta

from app.domain.connectors import PermanentFailure
from app.domain.engine import Modification
from app.domain.instances import IncidentState
from app.usecases import incidents, instances
from app.usecases.incidents import Result
from app.usecases.modifications import Modify, modify
from app.usecases.ports import IncidentFilter
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def broken_call(house: House) -> str:
    """An instance whose call the other side does not want; returns the incident."""
    house.outside["public_post"].script = [PermanentFailure("Sai địa chỉ")]
    instance_id = desk.one_call(house)
    house.work_off()
    return desk.incidents(house, instance_id)[0].id


def broken_rule(house: House, key: str = "HS-2") -> str:
    """An instance whose condition is neither true nor false; returns the incident."""
    bpmn = d.process(
        d.start(),
        d.node("exclusiveGateway", "g", default="g-e"),
        d.user("z", **WHO),
        d.end(),
        d.chain("s", "g", "e"),
        d.flow("g", "z", "=fee", identifier="paid"),
        d.chain("z", "e"),
    )
    instance_id = desk.begin(house, desk.deploy(house, bpmn), {"fee": "không phải số"}, key=key)
    return desk.incidents(house, instance_id)[0].id


def found(house: House, **narrow: object) -> list[str]:
    with house.open_work(read_only=True) as work:
        wanted = IncidentFilter(**narrow)  # type: ignore[arg-type] # each test knows its types
        return [
            one.id for one in work.incidents.page(IncidentState.OPEN, 1, 50, narrow=wanted).items
        ]


def retry(house: House, *ids: str, by: str = ADMIN) -> list[Result]:
    outcomes = incidents.retry_many(house.open_work, house.actor(by), ids)
    return [outcome.result for outcome in outcomes]


def test_they_are_found_by_kind_process_place_agency_and_age(house: House) -> None:
    others = set(found(house))
    call = broken_call(house)
    house.clock.pass_(days=2)
    rule = broken_rule(house)
    now = house.clock.at

    def ours(**narrow: object) -> set[str]:
        return set(found(house, **narrow)) - others

    assert ours() == {call, rule}
    assert ours(calls=True) == {call}
    assert ours(calls=False) == {rule}
    assert ours(element="g") == {rule}
    assert ours(before=now - timedelta(days=1)) == {call}
    assert ours(definition_key="p") == {call, rule}
    assert ours(definition_key="khac") == set()
    assert ours(agency_id=desk.AGENCY) == {call, rule}
    assert ours(agency_id="khac") == set()
    with house.open_work(read_only=True) as work:
        mine = [one for one in work.incidents.counts() if one.definition_key == "p"]
        total = sum(one.count for one in work.incidents.counts())
    assert {(one.agency_id, one.calls, one.count) for one in mine} == {
        (desk.AGENCY, True, 1),
        (desk.AGENCY, False, 1),
    }
    assert total == len(others) + 2


def test_the_truth_about_each(one_house: House) -> None:
    mended, broken, call = (
        broken_rule(one_house, "HS-3"),
        broken_rule(one_house, "HS-4"),
        broken_call(one_house),
    )
    with one_house.open_work() as work:
        instance_id = work.incidents.get(mended).instance_id
        change = Modify(Modification(), {"0": {"fee": True}}, "Sửa phí", None)
        modify(work, actor(work, ADMIN), instance_id, change)
    assert retry(one_house, mended, broken, call) == [
        Result.RESUMED,
        Result.FAILED_AGAIN,
        Result.TRYING,
    ]
    assert retry(one_house, mended, "khong-co") == [Result.GONE, Result.GONE]


def test_who_may_not_and_what_sleeps(one_house: House) -> None:
    broken = broken_rule(one_house)
    assert retry(one_house, broken, by="uyen.auditor") == [Result.REFUSED]
    with one_house.open_work() as work:
        instance_id = work.incidents.get(broken).instance_id
        instances.suspend(work, actor(work, ADMIN), instance_id)
    assert retry(one_house, broken) == [Result.REFUSED]
    assert broken in found(one_house)
