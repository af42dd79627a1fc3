"""Each route of the API on its happy way, and the ways in which it says no."""

from collections.abc import Callable
from typing import Any

import pytest

from app.domain.connectors import PermanentFailure
from tests.api.conftest import Caller
from tests.scenarios import flows
from tests.service import House

Call = Callable[[str], Caller]


def edit_of(made: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": made["version"],
        "level": "level_4",
        "document_number": "9/ĐK",
        "document_date": "2026-11-16",
        "announcement_number": "9/QĐ",
        "announcement_date": "2026-10-16",
        "process_approval_number": "8/QĐ",
        "process_approval_date": "2026-10-26",
        "procedure_data": made["procedure_data"],
    }


def test_a_service_goes_from_registration_to_a_finished_case(
    caller: Call, one_house: House
) -> None:
    """The whole of Điều 11 and 12 over the API, but for the upload of papers."""
    lan = caller("lan.analyst")
    made = lan.post("/registrations", {"agency_id": "stttt", "procedure_id": "P04"}, 201)
    where = f"/registrations/{made['id']}"
    for name, content in flows.files(one_house).items():
        problems = lan.ask("PUT", f"{where}/files/{name}", 200, data=content)
    assert problems == []
    made = lan.put(where, edit_of(lan.get(where)))
    sent = lan.post(f"{where}/submission")
    assert (sent["state"], sent["round"]) == ("submitted", 1)
    assert lan.get("/registrations", search=made["code"])["total"] == 1
    for element, username, values in (
        ("formal_check", "an.appraiser", {"formal_ok": "yes"}),
        ("appraise_content", "an.appraiser", {"content_ok": "yes"}),
        ("appraise_flow", "an.appraiser", {"flow_ok": "yes"}),
        ("conclude", "binh.leader", flows.APPROVAL),
        ("prepare", "lan.analyst", {"ready": "yes"}),
        ("publish", "binh.leader", {"publish_confirmed": True}),
    ):
        complete(caller(username), made["code"], element, values)
        one_house.work_off()
    published = lan.get(where)
    assert published["state"] == "published"
    [service] = [s for s in lan.get("/services")["items"] if s["procedure_id"] == "P04"]
    versions = lan.get(f"/services/{service['id']}/versions")
    live = [version for version in versions if version["live_to"] is None]
    assert [v["fileset_checksum"] for v in live] == [sent["fileset_checksum"]]

    with one_house.open_work() as work:
        values = flows.with_papers(work, "chi.reception", "stttt", flows.APPLICATION)
    case = caller("chi.reception").post(
        "/cases", {"service_id": service["id"], "values": values}, 201
    )
    assert (case["status"], case["national_status"]) == ("new", 1)
    assert case["masked_identity"] == "500••••456"
    complete(caller("chi.reception"), case["code"], "receive", {"decision": "accept"})
    one_house.work_off()
    now = caller("giang.specialist").get(f"/cases/{case['code']}")
    assert (now["status"], now["service_version"]) == ("processing", service["live_version"])
    assert caller("giang.specialist").get("/cases", search=case["code"])["total"] == 1


def complete(who: Caller, code: str, element: str, values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = who.post(
        f"/user-tasks/{task_of(who, code, element)}/completion", {"values": values}
    )
    return found


def task_of(who: Caller, code: str, element: str) -> str:
    for queue in ("mine", "unassigned"):
        for task in who.get("/user-tasks", queue=queue, search=code)["items"]:
            if task["element"] == element:
                return str(task["id"])
    raise AssertionError(f"no {element} of {code}")


@pytest.fixture
def task(one_house: House) -> dict[str, str]:
    """A task of the desk: its id, and those of its case and instance."""
    case = flows.enter(one_house)
    found = one_house.task(case.code, "receive")
    return {"id": found.id, "code": case.code, "instance": found.instance_id}


def test_a_task_is_claimed_drafted_released_and_completed(
    caller: Call, task: dict[str, str]
) -> None:
    chi, where = caller("chi.reception"), f"/user-tasks/{task['id']}"
    assert chi.get(where)["assignee"] is None
    assert chi.put(f"{where}/assignment")["assignee_name"]
    chi.put(f"{where}/draft", {"values": {"decision": "accept"}}, 204)
    assert chi.delete(f"{where}/assignment")["assignee"] is None
    done = chi.post(f"{where}/completion", {"values": {"decision": "accept"}})
    assert (done["state"], done["completed_by_name"] != "") == ("completed", True)


def test_a_second_completion_is_409_and_says_by_whom(caller: Call, task: dict[str, str]) -> None:
    chi, where = caller("chi.reception"), f"/user-tasks/{task['id']}/completion"
    chi.post(where, {"values": {"decision": "accept"}})
    problem = chi.post(where, {"values": {"decision": "accept"}}, 409)
    assert problem["code"] == "invalid_state"
    assert "hoàn thành bởi" in problem["detail"]


def test_a_stale_version_is_409(caller: Call, task: dict[str, str]) -> None:
    chi = caller("chi.reception")
    body = {"values": {"decision": "accept"}, "version": 99}
    assert chi.post(f"/user-tasks/{task['id']}/completion", body, 409)["code"] == "conflict"


def test_missing_values_are_422_field_by_field(caller: Call, task: dict[str, str]) -> None:
    problem = caller("chi.reception").post(
        f"/user-tasks/{task['id']}/completion", {"values": {}}, 422
    )
    assert "decision" in problem["fields"]


def test_unknown_fields_of_a_body_are_422(caller: Call, task: dict[str, str]) -> None:
    chi = caller("chi.reception")
    where = f"/user-tasks/{task['id']}"
    for path, body in (
        (f"{where}/completion", {"values": {}, "as_user": "viet.admin"}),
        ("/cases", {"service_id": "x", "values": {}, "status": "done"}),
    ):
        assert chi.post(path, body, 422)["fields"]
    problem = caller("lan.analyst").post(
        "/registrations", {"agency_id": "stttt", "procedure_id": "P04", "state": "published"}, 422
    )
    assert "state" in problem["fields"]


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 422), (b'"x"', 422), (b"\xff", 400)]
)
def test_what_is_not_json_or_no_object_is_refused(caller: Call, body: bytes, status: int) -> None:
    caller("lan.analyst").ask(
        "POST", "/registrations", status, data=body, content_type="application/json"
    )


def test_pages_of_lists_are_bounded(caller: Call) -> None:
    lan = caller("lan.analyst")
    assert lan.get("/registrations", size=1)["size"] == 1
    for query in ({"size": 101}, {"page": 0}, {"size": 0}, {"page": "x"}, {"search": "x" * 101}):
        lan.get("/registrations", 422, **query)


def test_a_colleague_is_handed_a_task(caller: Call, one_house: House) -> None:
    case = flows.enter(one_house)
    one_house.complete(case.code, "receive", "chi.reception", decision="accept")
    one_house.complete(case.code, "assign", "dung.head")
    found = one_house.task(case.code, "assess")
    hai = one_house.actor("hai.specialist").id
    where = f"/user-tasks/{found.id}/assignment"
    assert caller("dung.head").put(where, {"user_id": hai})["assignee"] == hai
    giang = caller("giang.specialist")
    assert giang.put(where, status=409)["code"] == "conflict"
    assert giang.put(where, {"user_id": hai}, 403)["code"] == "forbidden"


def test_things_of_a_foreign_agency_are_404(caller: Call, task: dict[str, str]) -> None:
    quyen = caller("quyen.specialist")
    quyen.get(f"/user-tasks/{task['id']}", 404)
    quyen.get(f"/cases/{task['code']}", 404)
    quyen.get("/cases/khong-co", 404)
    assert quyen.get("/cases")["total"] == 0
    assert quyen.get("/user-tasks", search=task["code"])["total"] == 0


def test_a_registration_is_edited_by_one_page_at_a_time(caller: Call) -> None:
    lan = caller("lan.analyst")
    made = lan.post("/registrations", {"agency_id": "stttt", "procedure_id": "P04"}, 201)
    where = f"/registrations/{made['id']}"
    lan.put(where, edit_of(made))
    assert lan.put(where, edit_of(made), 409)["code"] == "conflict"
    assert "document_number" not in lan.post(f"{where}/submission", status=422)["fields"]


def test_files_are_checked_as_they_come_and_can_be_taken_out(caller: Call) -> None:
    lan = caller("lan.analyst")
    made = lan.post("/registrations", {"agency_id": "stttt", "procedure_id": "P04"}, 201)
    where = f"/registrations/{made['id']}/files"
    problems = lan.ask("PUT", f"{where}/p.bpmn", 200, data=b"<definitions")
    assert [p["severity"] for p in problems] == ["error"]
    lan.ask("PUT", f"{where}/p.exe", 422, data=b"MZ")
    lan.ask("PUT", f"{where}/p.form", 422, data=b"")
    assert lan.delete(f"{where}/p.bpmn") == []
    lan.delete(f"{where}/p.bpmn", 404)


# --- for those who run the house --------------------------------------------------------


def test_an_administrator_finds_suspends_resumes_and_cancels(
    caller: Call, task: dict[str, str]
) -> None:
    viet, where = caller("viet.admin"), f"/process-instances/{task['instance']}"
    [found] = viet.get("/process-instances", search=task["code"])["items"]
    assert found["id"] == task["instance"]
    assert viet.get(where)["active_elements"] == ["receive"]
    assert viet.put(f"{where}/suspension")["state"] == "suspended"
    viet.put(f"{where}/suspension", status=409)
    assert viet.delete(f"{where}/suspension")["state"] == "active"
    viet.post(f"{where}/cancellation", {"reason": ""}, 422)
    assert viet.post(f"{where}/cancellation", {"reason": "Rút hồ sơ"})["end_reason"] == "Rút hồ sơ"
    viet.post(f"{where}/cancellation", {"reason": "Rút hồ sơ"}, 409)
    kinds = [entry["kind"] for entry in viet.get(f"{where}/history")]
    assert kinds == ["start", "suspend", "resume", "cancel"]
    viet.get("/process-instances/khong-co", 404)
    assert {d["key"] for d in viet.get("/process-definitions")} >= {flows.P04, flows.FLOW}
    assert viet.get("/process-instances", state="cancelled", search=task["code"])["total"] == 1


def test_incidents_are_listed_and_retried(caller: Call, one_house: House) -> None:
    viet = caller("viet.admin")
    ids = [incident_of(one_house) for _ in range(3)]
    listed = {item["id"] for item in viet.get("/incidents", size=100)["items"]}
    assert set(ids) <= listed
    assert viet.post(f"/incidents/{ids[0]}/resolution")["state"] == "resolved"
    viet.post(f"/incidents/{ids[0]}/resolution", status=409)
    outcomes = viet.post("/incidents/resolutions", {"incident_ids": ids})
    assert {outcome["incident_id"]: outcome["ok"] for outcome in outcomes} == {
        ids[0]: False,
        ids[1]: True,
        ids[2]: True,
    }
    viet.post("/incidents/resolutions", {"incident_ids": []}, 422)
    viet.post("/incidents/resolutions", {"incident_ids": ["x"] * 501}, 422)
    assert caller("binh.leader").get("/incidents", 403)["code"] == "forbidden"


def incident_of(house: House) -> str:
    case = flows.enter(house)
    house.outside["one_stop_shop"].script = [PermanentFailure("400: từ chối")]
    house.complete(case.code, "receive", "chi.reception", decision="accept")
    with house.open_work(read_only=True) as work:
        [instance] = work.instances.by_business_key(case.code)
        [incident] = work.incidents.of_instance(instance.id)
    return incident.id
