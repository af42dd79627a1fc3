"""Workers outside, messages and signals over the API."""

from collections.abc import Callable

import pytest

from app.domain.instances import InstanceState
from tests.api.conftest import Caller
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

Call = Callable[[str], Caller]


@pytest.fixture
def admin(caller: Call) -> Caller:
    return caller("viet.admin")


def calling(house: House, key: str = "HS-1") -> str:
    call = d.external("call", topic="worker.sign")
    parts = [
        *(d.start(), call, d.end(), d.chain("s", "call", "e")),
        *(d.boundary("no", "call", d.on_error("LOI")), d.end("e2"), d.chain("no", "e2")),
    ]
    return desk.begin(house, desk.deploy(house, d.process(*parts, around=d.error("LOI"))), key=key)


def waiting(house: House, event: str, around: str) -> str:
    catch = d.node("intermediateCatchEvent", "c", event)
    return desk.begin(
        house, desk.deploy(house, d.straight(catch, identifiers=("c",), around=around))
    )


def state(house: House, instance_id: str) -> InstanceState:
    return desk.instance(house, instance_id).state


def test_a_worker_fetches_and_answers(one_house: House, admin: Caller) -> None:
    instance_id = calling(one_house)
    [task] = admin.post("/external-tasks/fetches", {"topics": ["worker.sign"]})
    assert (task["instance_id"], task["fence"]) == (instance_id, 1)
    where = f"/external-tasks/{task['id']}"
    longer = admin.put(f"{where}/lease", {"fence": 1, "lease_seconds": 600})
    assert longer["lease_until"] > task["lease_until"]
    admin.post(f"{where}/completion", {"fence": 9}, 409)
    done = admin.post(f"{where}/completion", {"fence": 1, "values": {"signed": True}})
    assert done["state"] == "done"
    assert desk.variables(one_house, instance_id)["signed"] is True


def test_a_worker_fails_and_refuses(one_house: House, admin: Caller) -> None:
    failing, refused = calling(one_house), calling(one_house, "HS-2")
    tasks = admin.post("/external-tasks/fetches", {"topics": ["worker.sign"], "limit": 2})
    first, second = (f"/external-tasks/{task['id']}" for task in tasks)
    told = {"fence": 1, "message": "bận", "retry_after_seconds": 60}
    assert admin.post(f"{first}/failure", told)["state"] == "pending"
    admin.post(f"{second}/error", {"fence": 1, "code": "LOI", "message": "sai"})
    assert state(one_house, refused) is InstanceState.COMPLETED
    one_house.clock.pass_(seconds=60)
    admin.post("/external-tasks/fetches", {"topics": ["worker.sign"]})
    admin.post(f"{first}/failure", {"fence": 2, "message": "hỏng", "for_good": True})
    assert [one.message for one in desk.incidents(one_house, failing)] == ["hỏng"]


def test_a_message_is_brought_to_one_or_to_all(one_house: House, admin: Caller) -> None:
    instance_id = waiting(one_house, d.on_message(), d.message())
    admin.post("/messages", {"name": "khac"}, 404)
    reached = admin.post("/messages", {"name": "m", "business_key": "HS-1"})
    assert reached == {"instance_ids": [instance_id]}
    assert state(one_house, instance_id) is InstanceState.COMPLETED
    assert admin.post("/messages", {"name": "m", "all": True}) == {"instance_ids": []}


def test_a_signal_is_thrown(one_house: House, admin: Caller) -> None:
    instance_id = waiting(one_house, d.on_signal(), d.signal())
    body = {"name": "sig", "agency_id": desk.AGENCY}
    assert admin.post("/signals", body, 202) == {"receivers": 1}
    one_house.work_off()
    assert state(one_house, instance_id) is InstanceState.COMPLETED


def test_conditions_are_asked(one_house: House, admin: Caller) -> None:
    start = d.start("s", d.on_condition("so = 1"))
    task = d.user("a", camunda__candidateGroups="specialist")
    desk.deploy(one_house, d.process(start, task, d.end(), d.chain("s", "a", "e")))
    body = {"values": {"so": 1}, "agency_id": desk.AGENCY, "business_key": "HS-3"}
    [begun] = admin.post("/conditions", body)["instance_ids"]
    assert desk.instance(one_house, begun).business_key == "HS-3"
    assert admin.post("/conditions", {**body, "values": {"so": 2}}) == {"instance_ids": []}


def test_a_step_is_triggered(one_house: House, admin: Caller) -> None:
    made = desk.deploy(one_house, d.straight(d.node("receiveTask", "r"), identifiers=("r",)))
    instance_id = desk.begin(one_house, made)
    where = f"/process-instances/{instance_id}"
    [standing] = admin.get(f"{where}/tokens")
    admin.post(f"{where}/triggers", {"token": standing["token"]}, 204)
    assert state(one_house, instance_id) is InstanceState.COMPLETED
