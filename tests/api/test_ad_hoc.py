"""Steps that people choose, over the API: what is offered, one begun, the choosing ended."""

from collections.abc import Callable

import pytest

from tests.api.conftest import Caller
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

Call = Callable[[str], Caller]


@pytest.fixture
def instance_id(one_house: House) -> str:
    """It stands at an ad-hoc sub-process with a step for specialists and one for heads."""
    box = d.node(
        "adHocSubProcess",
        "tuy",
        d.user("a", camunda__candidateGroups="specialist"),
        d.user("b", camunda__candidateGroups="unit_head"),
        name="Thẩm định",
    )
    after = d.user("z", camunda__candidateGroups="clerk")
    made = desk.deploy(one_house, d.process(d.start(), box, after, d.chain("s", "tuy", "z")))
    return desk.begin(one_house, made)


def test_a_specialist_sees_what_he_may_begin(caller: Call, instance_id: str) -> None:
    [offer] = caller("giang.specialist").get(f"/process-instances/{instance_id}/offered-steps")
    assert {name: offer[name] for name in offer if name not in {"steps", "token"}} == {
        "element": "tuy",
        "name": "Thẩm định",
        "round": None,
        "ordered": False,
        "begun": 0,
        "at_work": [],
        "closed": "",
        "unfinished": "",
        "taken_by": "",
        "may_end": True,
    }
    nobody_else = {"users": [], "agency": None, "unit": None}
    assert offer["steps"] == [
        {
            "element": element,
            "name": element.upper(),
            "kind": "userTask",
            "running": 0,
            "begun": 0,
            "done": 0,
            "candidates": [{"groups": [role], **nobody_else}],
            "may_begin": mine,
        }
        for element, role, mine in (("a", "specialist", True), ("b", "unit_head", False))
    ]


def test_a_step_is_begun_once_for_each_number(caller: Call, instance_id: str) -> None:
    giang = caller("giang.specialist")
    where = f"/process-instances/{instance_id}/offered-steps"
    [offer] = giang.get(where)
    choices = f"{where}/{offer['token']}/choices"
    for _ in range(2):
        [after] = giang.post(choices, {"element": "a", "begun": 0})
        assert [step["running"] for step in after["steps"]] == [1, 0]
    old = caller("hai.specialist").post(choices, {"element": "a", "begun": 0}, 409)
    assert old["code"] == "conflict"
    [after] = giang.post(choices, {"element": "a"})
    assert after["steps"][0]["running"] == 2


def test_it_is_ended_once(caller: Call, instance_id: str, one_house: House) -> None:
    giang = caller("giang.specialist")
    where = f"/process-instances/{instance_id}/offered-steps"
    [offer] = giang.get(where)
    completion = f"{where}/{offer['token']}/completion"
    assert giang.post(completion, {"begun": 3}, 409)["code"] == "conflict"
    assert giang.post(completion, {"begun": 0}) == []
    assert giang.post(completion) == []
    assert desk.at(one_house, instance_id) == ["z"]
    assert caller("dung.head").post(completion, status=409)["code"] == "invalid_state"


def test_refusals(caller: Call, instance_id: str) -> None:
    where = f"/process-instances/{instance_id}/offered-steps"
    [offer] = caller("viet.admin").get(where)
    choices = f"{where}/{offer['token']}/choices"
    caller("quyen.specialist").get(where, 404)
    caller("yen.citizen").get(where, 403)
    assert caller("giang.specialist").post(choices, {"element": "b"}, 403)["code"] == "forbidden"
    assert "element" in caller("giang.specialist").post(choices, {}, 422)["fields"]
    assert caller("viet.admin").post(choices, {"element": "z"}, 409)["code"] == "invalid_state"
    caller("giang.specialist").post(f"{where}/999/choices", {"element": "a"}, 404)


def test_the_document_describes_it(caller: Call) -> None:
    paths = caller("viet.admin").get("/openapi.json")["paths"]
    root = "/api/v1/process-instances/{instance_id}/offered-steps"
    found = {path.removeprefix(root): sorted(paths[path]) for path in paths if root in path}
    assert {path: verbs for path, verbs in found.items() if path} == {
        "/{token}/choices": ["parameters", "post"],
        "/{token}/completion": ["parameters", "post"],
    }
    assert "get" in found[""]
