"""Every scenario is played as written, and names only what exists."""

import pytest

from app.domain.cases import CaseStatus
from app.domain.clocks import ClockKind, ClockState
from app.domain.procedures import RegistrationState
from tests.processes.sets import (
    CASES,
    KEYS,
    PROVIDERS,
    Scenario,
    by_name,
    people,
    process,
    scenarios,
    topic,
    written,
)
from tests.processes.story import Story

WORDS = {"complete", "by", "with", "message", "advance", "at", "clocks", "status"}
HEAD = {"name", "process", "start", "answers", "steps", "ends"}
PARTS = {"portal_manager": "stttt", "vendor": "vnpt"}


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.id)
def test_played_as_written(scenario: Scenario) -> None:
    Story(scenario).play()


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.id)
def test_names_only_what_exists(scenario: Scenario) -> None:
    content, nodes = scenario.content, process(scenario.key).nodes
    assert set(content) == HEAD
    assert content["process"] == scenario.key
    topics = {topic(node) for node in nodes.values()}
    assert set(content["answers"]) <= topics
    states = set(CaseStatus) if scenario.key in CASES else set(RegistrationState)
    for line in content["steps"]:
        assert set(line) <= WORDS
        assert {line["complete"]} <= set(nodes) if "complete" in line else True
        assert set(line.get("at", ())) <= set(nodes)
        assert line.get("status", "new" if scenario.key in CASES else "draft") in states
        for kind, state in line.get("clocks", {}).items():
            assert kind in set(ClockKind)
            assert state in set(ClockState)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.id)
def test_everybody_may_do_what_he_does(scenario: Scenario) -> None:
    """Role, agency and unit of each step are those of the person who completes it."""
    users = {user["username"]: user["bindings"] for user in people()}
    nodes = process(scenario.key).nodes
    for line in scenario.content["steps"]:
        if "complete" not in line:
            continue
        work = nodes[line["complete"]].work
        assert work is not None
        roles = {written(group) for group in work.groups}
        agency = PARTS.get(work.agency or "", PROVIDERS[scenario.key])
        unit = written(work.unit) if work.unit is not None else None
        fitting = [
            binding
            for binding in users[line["by"]]
            if binding["role"] in roles
            and binding["agency"] == agency
            and (unit is None or binding.get("unit") in {None, unit})
        ]
        assert fitting, line


@pytest.mark.parametrize("key", KEYS)
def test_between_them_they_visit_every_task_of_people(key: str) -> None:
    visited = {
        line["complete"]
        for scenario in scenarios(key)
        for line in scenario.content["steps"]
        if "complete" in line
    }
    tasks = {node.id for node in process(key).nodes.values() if node.work is not None}
    least = tasks if key != "transport_business_licence" else {"receive", "assess", "hand_over"}
    assert least <= visited <= tasks


def test_the_portal_hears_every_status_once_and_in_order() -> None:
    story = Story(by_name("04-bo-sung-mot-lan"))
    story.play()
    assert story.reported == [2, 5, 9, 10]
    assert story.case.supplement_count == 1


def test_guidance_is_no_supplement() -> None:
    story = Story(by_name("02-huong-dan-roi-tiep-nhan"))
    story.play()
    assert story.reported == [5, 2, 9, 10]
    assert story.case.supplement_count == 0


def test_a_second_supplement_cannot_be_asked() -> None:
    """NĐ 61/2018 Đ11.2: once, in full. The choice is not offered a second time."""
    story = Story(by_name("04-bo-sung-mot-lan"))
    story.start()
    asked = 0
    for line in story.content["steps"]:
        if line.get("complete") == "assess":
            asked += 1
            if asked == 2:
                break
        story.perform(line)
    again = {"findings": "Còn thiếu.", "proposal": "supplement", "reasons": "Thiếu hợp đồng."}
    with pytest.raises(AssertionError, match="proposal"):
        story.complete("assess", "giang.specialist", again)


def test_the_parcel_is_sent_by_the_agency_of_the_case() -> None:
    scenario = by_name("07-tra-qua-buu-chinh")
    story = Story(scenario, silent={"public_post.create_order"})
    story.start()
    for line in scenario.content["steps"]:
        if line.get("at") == ["post_wait"]:
            break
        story.perform(line)
    [order] = story.unanswered
    told = scenario.content["answers"]["lien_mach.case_accept"]
    sender = [order.parameters[f"sender_{name}"] for name in ("name", "phone", "address")]
    assert sender == [told["agency_name"], told["agency_phone"], told["agency_address"]]
    assert order.parameters["order_number"] == told["case_code"]


def test_an_address_unknown_to_the_post_is_served_at_the_desk() -> None:
    sentence = "Bưu chính không phát tới địa chỉ người nhận."
    story = Story(
        by_name("07-tra-qua-buu-chinh"),
        refuse={"public_post.create_order": ("address_unknown", sentence)},
    )
    story.start()
    for line in story.content["steps"]:
        if line.get("at") == ["post_wait"]:
            break
        story.perform(line)
    story.perform({"at": ["hand_over"]})
    story.perform({"status": "releasing"})
    assert story.snapshot.root["post_error"] == sentence
    handed = {"fee_paid": True, "handover_receiver": "Nguyễn Văn Hòa"}
    story.complete("hand_over", "chi.reception", handed)
    assert story.status == "done"


def test_a_new_round_starts_with_clean_forms() -> None:
    story = Story(by_name("02-chinh-sua-hai-lan"))
    story.start()
    for line in story.content["steps"][:9]:
        story.perform(line)
    root = story.snapshot.root
    assert root["formal_ok"] is None
    assert root["outcome"] is None
    assert root["previous_reasons"] == "Thiếu mức phí của từng trường hợp."


def test_the_conclusion_starts_from_both_opinions() -> None:
    story = Story(by_name("02-chinh-sua-hai-lan"))
    story.start()
    story.complete("formal_check", "an.appraiser", {"formal_ok": "yes"})
    story.complete("appraise_flow", "an.appraiser", {"flow_ok": "no", "flow_notes": "Sai vai trò."})
    story.complete(
        "appraise_content", "an.appraiser", {"content_ok": "no", "content_notes": "Thiếu phí."}
    )
    assert story.snapshot.root["reasons"] == "Thiếu phí.\nSai vai trò."
