"""A system that mirrors the province's dossiers is told of them; nobody waits for its answer."""

from datetime import datetime, timedelta

import pytest

from app.domain.cases import CaseStatus
from app.domain.connectors import Call, Postponed
from app.domain.instances import InstanceState, ProcessInstance
from tests.processes.sets import KEYS, Scenario, by_name, process, scenarios, topic
from tests.processes.story import Story
from tests.scenarios import flows
from tests.service import House

MIRRORS = frozenset({"one_stop_shop.report_status", "one_stop_shop.publish_service"})
END = "endEvent"


@pytest.mark.parametrize("key", KEYS)
def test_a_mirror_is_told_on_a_side_branch(key: str) -> None:
    """Behind the telling is an end and nothing else; what led to it goes on beside it."""
    nodes = process(key).nodes
    tellings = [node for node in nodes.values() if topic(node) in MIRRORS]
    assert tellings
    for telling in tellings:
        assert [flow.target.kind for flow in telling.outgoing] == [END], telling.id
        [before] = [
            node for node in nodes.values() if any(flow.target is telling for flow in node.outgoing)
        ]
        onward = [flow for flow in before.outgoing if flow.target is not telling]
        assert len(onward) == 1, telling.id
        assert all(flow.condition is None for flow in before.outgoing), telling.id


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.id)
def test_a_silent_mirror_holds_nobody_up(scenario: Scenario) -> None:
    story = Story(scenario, silent=MIRRORS)
    story.start()
    story.perform_all()
    assert story.places() == []
    assert (story.ended is None) == bool(story.unanswered)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.id)
def test_late_answers_in_any_order_end_the_instance(scenario: Scenario) -> None:
    story = Story(scenario, silent=MIRRORS)
    story.start()
    story.perform_all()
    status = story.status
    story.answer_late()
    assert story.ended is not None
    assert story.ended.value == scenario.content["ends"]
    assert story.status == status


def test_the_same_report_may_be_due_twice() -> None:
    """Guided a second time while the first report is still on its way."""
    scenario = by_name("02-huong-dan-roi-tiep-nhan")
    story = Story(scenario, silent=MIRRORS)
    story.start()
    guiding = [
        line
        for line in scenario.content["steps"]
        if line.get("complete") == "supplement_at_desk" or line.get("with", {}).get("guidance")
    ]
    for line in [*guiding, *guiding]:
        story.perform(line)
    assert story.reported == [5, 5]
    assert [job.element for job in story.unanswered] == ["report_guided", "report_guided"]
    assert story.places() == ["receive"]


def test_a_late_report_speaks_of_its_own_moment(one_house: House) -> None:
    """The one-stop system is down from acceptance to hand-over; then it hears each step as it was."""
    portal = one_house.outside["one_stop_shop"]
    portal.script = [Postponed("Hệ thống một cửa ngừng hoạt động.") for _ in range(3)]
    accepted = one_house.clock.at
    case = flows.enter(one_house)
    flows.process_case(one_house, case.code)
    one_house.clock.pass_(seconds=10)  # before the first reports come back to ask again
    flows.hand_over(one_house, case.code)

    assert flows.reread_case(one_house, case.code).status is CaseStatus.DONE
    waiting = instance_of(one_house, case.code)
    assert (waiting.state, waiting.open_incidents) == (InstanceState.ACTIVE, 0)

    assert portal.script == []
    refused = len(portal.calls)
    one_house.clock.pass_(hours=1)
    one_house.work_off()
    heard = [call for call in portal.calls[refused:] if is_about(call, case.code)]
    heard.sort(key=lambda call: int(call.parameters["status"]))
    assert [call.parameters["status"] for call in heard] == [2, 9, 10]
    returned = accepted + timedelta(seconds=10)
    moments = [datetime.fromisoformat(call.parameters["at"]) for call in heard]
    assert moments == [accepted, accepted, returned]
    for call in heard:
        tried = [one.parameters for one in portal.calls if one.key == call.key]
        assert tried == [call.parameters, call.parameters]
    assert instance_of(one_house, case.code).state is InstanceState.COMPLETED


def instance_of(house: House, code: str) -> ProcessInstance:
    with house.open_work(read_only=True) as work:
        found: ProcessInstance = work.instances.by_business_key(code)[-1]
    return found


def is_about(call: Call, code: str) -> bool:
    return call.operation == "report_status" and call.parameters["case_code"] == code
