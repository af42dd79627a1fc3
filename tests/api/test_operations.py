"""Operations on running instances over the API: the same verbs, the same refusals."""

from collections.abc import Callable

import pytest

from app.domain.definitions import ProcessDefinition
from tests.api.conftest import Caller
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk

Call = Callable[[str], Caller]
WHO = {"camunda__candidateGroups": "specialist"}


def deploy(house: House, *steps: str) -> ProcessDefinition:
    drawn = [d.user(one, **WHO) for one in steps]
    return desk.deploy(house, d.straight(*drawn, identifiers=steps))


@pytest.fixture
def admin(caller: Call) -> Caller:
    return caller("viet.admin")


def test_steps_are_changed_after_a_preview(one_house: House, admin: Caller) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a", "b"))
    where = f"/process-instances/{instance_id}"
    [standing] = admin.get(f"{where}/tokens")
    assert (standing["element"], standing["holds"]) == ("a", False)
    body = {
        "cancel": [standing["token"]],
        "before": ["b"],
        "variables": {"0": {"phi": 5}},
        "reason": "Làm nhầm",
    }
    seen = admin.post(f"{where}/modification-preview", body)
    assert seen == {"active": ["b"], "at_once": [], "ends": False}
    assert admin.get(where)["active_elements"] == ["a"]
    admin.post(f"{where}/modification", body)
    assert admin.get(where)["active_elements"] == ["b"]
    assert desk.variables(one_house, instance_id)["phi"] == 5


def test_changes_that_make_no_sense_are_refused(one_house: House, admin: Caller) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a"))
    where = f"/process-instances/{instance_id}/modification"
    assert admin.post(where, {"reason": "Thử"}, 422)["code"] == "invalid_input"
    assert "reason" in admin.post(where, {"before": ["a"]}, 422)["fields"]
    gone = {"cancel": [999], "before": ["a"], "reason": "Thử"}
    assert admin.post(where, gone, 409)["code"] == "invalid_state"


def test_one_instance_is_planned_previewed_and_moved(one_house: House, admin: Caller) -> None:
    old = deploy(one_house, "a", "b")
    instance_id = desk.begin(one_house, old)
    new = deploy(one_house, "moi", "b")
    plan = {"source_id": old.id, "target_id": new.id, "mapping": {}}
    pairs = {one["element"]: one for one in admin.post("/migration-plans", plan)}
    assert (pairs["a"]["target"], pairs["b"]["target"]) == (None, "b")
    assert "moi" in pairs["a"]["choices"]
    seen = admin.post("/migration-previews", {**plan, "instance_ids": [instance_id]})
    assert seen["movable"] == 0
    assert "không có trong phiên bản mới" in seen["refusals"][0]["reasons"][0]
    plan["mapping"] = {"a": "moi"}
    seen = admin.post("/migration-previews", {**plan, "instance_ids": [instance_id]})
    assert seen["moves"] == [{"element": "a", "target": "moi", "count": 1}]
    where = f"/process-instances/{instance_id}/migration"
    body = {"target_id": new.id, "reason": "Văn bản mới"}
    assert admin.post(where, body, 409)["code"] == "invalid_state"
    moved = admin.post(where, {**body, "mapping": {"a": "moi"}})
    assert moved["definition_id"] == new.id
    wrong = {**plan, "mapping": {"a": "s"}}
    assert admin.post("/migration-plans", wrong, 422)["fields"]["a"]


def test_a_batch_is_given_followed_and_told(one_house: House, admin: Caller) -> None:
    old = deploy(one_house, "a")
    ids = [desk.begin(one_house, old, key=f"HS-{n}") for n in range(3)]
    new = deploy(one_house, "a")
    body = {
        "kind": "migrate",
        "title": "Chuyển",
        "reason": "Văn bản mới",
        "definition_id": old.id,
        "target_id": new.id,
    }
    made = admin.post("/batches", body, 202)
    assert (made["state"], made["left"]) == ("running", 3)
    one_house.work_off()
    told = admin.get(f"/batches/{made['id']}")
    assert (told["state"], told["done"], told["failed"]) == ("done", 3, 0)
    assert admin.get(f"/batches/{made['id']}/items", state="done")["total"] == 3
    assert admin.get("/batches")["items"][0]["id"] == made["id"]
    assert {desk.instance(one_house, one).definition_id for one in ids} == {new.id}
    assert admin.post(f"/batches/{made['id']}/cancellation", status=409)


def test_incidents_are_retried_as_a_batch(one_house: House, admin: Caller) -> None:
    task = d.node("serviceTask", "x", camunda__expression="${khong_co}")
    instance_id = desk.begin(
        one_house, desk.deploy(one_house, d.straight(task, identifiers=("x",)))
    )
    [incident] = desk.incidents(one_house, instance_id)
    body = {"kind": "retry", "title": "Thử lại", "incident_ids": [incident.id]}
    made = admin.post("/batches", body, 202)
    one_house.work_off()
    [item] = admin.get(f"/batches/{made['id']}/items")["items"]
    assert item["state"] == "failed"
    assert item["message"].startswith("Lại gặp sự cố")


def test_a_cancelled_batch_does_nothing_more(one_house: House, admin: Caller) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a"))
    body = {"kind": "cancel", "title": "Hủy", "reason": "Bỏ", "instance_ids": [instance_id]}
    made = admin.post("/batches", body, 202)
    assert admin.post(f"/batches/{made['id']}/cancellation")["state"] == "cancelled"
    one_house.work_off()
    assert desk.at(one_house, instance_id) == ["a"]


def test_who_may_not_operate_may_not_do_it_here(one_house: House, caller: Call) -> None:
    old = deploy(one_house, "a")
    instance_id = desk.begin(one_house, old)
    auditor = caller("uyen.auditor")
    assert auditor.get(f"/process-instances/{instance_id}/tokens")
    where = f"/process-instances/{instance_id}"
    auditor.post(f"{where}/modification", {"before": ["a"], "reason": "x"}, 403)
    auditor.post(f"{where}/migration", {"target_id": old.id, "reason": "x"}, 403)
    body = {"kind": "suspend", "title": "x", "instance_ids": [instance_id]}
    auditor.post("/batches", body, 403)
    caller("giang.specialist").get("/batches", 403)


def test_events_are_set_anew_and_sub_processes_left_out(one_house: House, admin: Caller) -> None:
    def version(length: str, frame: str) -> bytes:
        inner = d.sub(
            frame,
            d.start("ts"),
            d.node("intermediateCatchEvent", "x", d.after(length)),
            d.end("te"),
            d.chain("ts", "x", "te"),
        )
        return d.process(d.start(), inner, d.end(), d.chain("s", frame, "e"))

    old = desk.deploy(one_house, version("PT5H", "t"))
    instance_id = desk.begin(one_house, old)
    new = desk.deploy(one_house, version("PT9H", "u"))
    plan = {"source_id": old.id, "target_id": new.id, "mapping": {"t": ""}, "renew": ["x"]}
    pairs = {one["element"]: one for one in admin.post("/migration-plans", plan)}
    assert (pairs["t"]["frames"], pairs["x"]["waits"]) == (True, True)
    seen = admin.post("/migration-previews", {**plan, "instance_ids": [instance_id]})
    assert (seen["opened"], seen["dropped"]) == ({"u": 1}, {"t": 1})
    assert (seen["begun"], seen["closed"]) == ({"x": 1}, {"x": 1})
    assert admin.post("/migration-plans", {**plan, "renew": ["t"]}, 422)["fields"]["t"]
    body = {**plan, "reason": "Văn bản mới"}
    del body["source_id"]
    moved = admin.post(f"/process-instances/{instance_id}/migration", body)
    assert moved["definition_id"] == new.id
    assert admin.get(f"/process-instances/{instance_id}")["active_elements"] == ["x"]


def test_called_processes_are_listed_and_moved(one_house: House, admin: Caller) -> None:
    inner = d.body(d.start(), d.user("k", **WHO), d.end(), d.chain("s", "k", "e"), key="q")
    source = desk.deploy(one_house, d.definitions(inner))
    call = d.node("callActivity", "goi", calledElement="q")
    caller = desk.deploy(one_house, d.process(d.start(), call, d.end(), d.chain("s", "goi", "e")))
    ids = [desk.begin(one_house, caller, key=f"HS-{n}") for n in range(3)]
    target = desk.deploy(one_house, d.definitions(inner))
    [one] = admin.get(f"/process-instances/{ids[0]}/called-processes")
    assert (one["element"], one["definition_id"]) == ("goi", source.id)
    body = {"target_id": target.id, "reason": "Văn bản mới", "scope": one["scope"]}
    admin.post(f"/process-instances/{ids[0]}/migration", body)
    [one] = admin.get(f"/process-instances/{ids[0]}/called-processes")
    assert one["definition_id"] == target.id
    given = {"kind": "migrate", "title": "Chuyển", "reason": "Văn bản mới", "target_id": target.id}
    named = {**given, "source_id": source.id, "instance_ids": [ids[1]]}
    assert admin.post("/batches", named, 202)["total"] == 1
    assert admin.post("/batches", {**given, "definition_id": source.id}, 202)["total"] == 2
    one_house.work_off()
    for instance_id in ids:
        [one] = admin.get(f"/process-instances/{instance_id}/called-processes")
        assert one["definition_id"] == target.id


def test_what_a_batch_did_not_reach_is_done_again(one_house: House, admin: Caller) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a"))
    body = {"kind": "suspend", "title": "Dừng", "instance_ids": [instance_id]}
    made = admin.post("/batches", body, 202)
    assert admin.post(f"/batches/{made['id']}/repetition", {}, 409)["code"] == "invalid_state"
    admin.post(f"/batches/{made['id']}/cancellation")
    again = admin.post(f"/batches/{made['id']}/repetition", {"reason": "Làm tiếp"}, 202)
    assert (again["total"], again["reason"]) == (1, "Làm tiếp")
    one_house.work_off()
    assert admin.get(f"/batches/{again['id']}")["done"] == 1
