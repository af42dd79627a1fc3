"""Calls to outside systems: tried, tried again, given up, taken up again; each promise kept once."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.connectors import (
    BusinessError,
    Call,
    Descriptor,
    PermanentFailure,
    TemporaryFailure,
)
from app.domain.errors import Forbidden, InvalidState
from app.domain.instances import InstanceState
from app.domain.waiting import DEFAULT_ATTEMPTS, LEASE, JobState
from app.usecases import incidents, instances, jobs
from tests.engine import diagrams as d
from tests.service import ANSWERS, House, actor
from tests.usecases import desk

ANSWER = ANSWERS["public_post.create_order"]


def retry(house: House, incident_id: str) -> None:
    with house.open_work() as work:
        incidents.retry(work, actor(work, "viet.admin"), incident_id)


def fail_for_good(house: House) -> str:
    """An instance whose call was given up; returns its id."""
    instance_id = desk.one_call(house)
    house.outside["public_post"].script = [PermanentFailure("400: thiếu địa chỉ")]
    desk.try_once(house, instance_id)
    return instance_id


def test_a_silent_system_is_asked_again_later_each_time_longer(house: House) -> None:
    instance_id = desk.one_call(house)
    post = house.outside["public_post"]
    post.script = [TemporaryFailure("503")] * 3 + [ANSWER]
    waits = []
    for _ in range(3):
        tried = desk.try_once(house, instance_id)
        assert tried.state is JobState.PENDING
        assert tried.last_error == "503"
        waits.append(tried.run_at - house.clock.at)
    # base·2^n·U(0.5, 1.5): the shortest wait after three failures is the longest after one.
    assert timedelta(seconds=2.5) <= waits[0] <= timedelta(seconds=7.5)
    assert timedelta(seconds=5) <= waits[1] <= timedelta(seconds=15)
    assert timedelta(seconds=10) <= waits[2] <= timedelta(seconds=30)
    assert desk.try_once(house, instance_id).state is JobState.DONE
    assert len({call.key for call in post.calls}) == 1
    assert [dict(call.parameters) for call in post.calls] == [desk.PARAMETERS] * 4
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert desk.variables(house, instance_id)["item_code"] == ANSWER["item_code"]


def test_before_its_time_a_job_is_not_tried(one_house: House) -> None:
    instance_id = desk.one_call(one_house)
    one_house.outside["public_post"].script = [TemporaryFailure("503")]
    waiting = desk.try_once(one_house, instance_id)
    jobs.run(one_house.open_work, one_house.assembly.service.connectors, waiting.id)
    assert len(one_house.outside["public_post"].calls) == 1


def test_the_queue_itself_brings_it_back_when_the_time_comes(house: House) -> None:
    instance_id = desk.one_call(house)
    house.outside["public_post"].script = [TemporaryFailure("503"), ANSWER]
    house.work_off()
    assert desk.job(house, instance_id).attempts == 1
    house.work_off()
    assert len(house.outside["public_post"].calls) == 1
    house.clock.at = desk.job(house, instance_id).run_at
    house.work_off()
    assert desk.job(house, instance_id).state is JobState.DONE


def test_the_higher_priority_of_a_diagram_is_done_first(house: House) -> None:
    late = {"camunda__asyncBefore": "true", "camunda__candidateGroups": "specialist"}
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            *(d.user(f"t{n}", camunda__jobPriority=str(n), **late) for n in (10, 90, 50)),
            *(d.flow("s", f"t{n}") for n in (10, 90, 50)),
        ),
    )
    instance_id = desk.begin(house, made)
    house.work_off()
    with house.open_work(read_only=True) as work:
        opened = sorted(work.user_tasks.of_instance(instance_id), key=lambda one: one.id)
    assert [one.element for one in opened] == ["t90", "t50", "t10"]


def test_the_diagrams_own_retry_cycle_counts(one_house: House) -> None:
    instance_id = desk.one_call(one_house, retry="PT10S,PT1M")
    one_house.outside["public_post"].script = [TemporaryFailure("503")] * 9
    waits = []
    while desk.job(one_house, instance_id).state is JobState.PENDING:
        tried = desk.try_once(one_house, instance_id)
        if tried.state is JobState.PENDING:
            waits.append(tried.run_at - one_house.clock.at)
    assert waits == [timedelta(seconds=10), timedelta(minutes=1)]
    assert desk.job(one_house, instance_id).state is JobState.FAILED


def test_a_system_that_says_when_is_asked_then(one_house: House) -> None:
    instance_id = desk.one_call(one_house)
    one_house.outside["public_post"].script = [TemporaryFailure("429", retry_after=900)]
    tried = desk.try_once(one_house, instance_id)
    assert tried.run_at - one_house.clock.at == timedelta(seconds=900)


def test_an_open_breaker_uses_no_attempt(house: House) -> None:
    desk.breakers_by(house)
    post = house.outside["public_post"]
    post.script = [TemporaryFailure("503")] * DEFAULT_ATTEMPTS
    silent, waiting = desk.one_call(house), desk.one_call(house)
    for _ in range(DEFAULT_ATTEMPTS):
        desk.try_once(house, silent)
    asked = len(post.calls)
    tried = desk.try_once(house, waiting)
    assert (tried.attempts, tried.state) == (0, JobState.PENDING)
    assert "gián đoạn" in tried.last_error
    assert timedelta(0) < tried.run_at - house.clock.at <= timedelta(seconds=30)
    assert len(post.calls) == asked
    assert desk.try_once(house, waiting).state is JobState.DONE, "the probe after the pause"


def test_the_last_attempt_leaves_an_incident_and_a_person_lets_it_go_on(house: House) -> None:
    desk.breakers_by(house)
    instance_id = desk.one_call(house)
    post = house.outside["public_post"]
    post.script = [TemporaryFailure("503")] * DEFAULT_ATTEMPTS
    for _ in range(DEFAULT_ATTEMPTS):
        desk.try_once(house, instance_id)
    assert desk.job(house, instance_id).state is JobState.FAILED
    [incident] = desk.incidents(house, instance_id)
    assert (incident.message, incident.element) == ("503", "call")
    assert desk.instance(house, instance_id).open_incidents == 1
    house.work_off()
    assert len(post.calls) == DEFAULT_ATTEMPTS, "nothing calls by itself what a person must decide"

    retry(house, incident.id)
    again = desk.job(house, instance_id)
    assert (again.state, again.attempts) == (JobState.PENDING, 0)
    assert desk.instance(house, instance_id).open_incidents == 0
    house.clock.pass_(minutes=1)  # the breaker lets a probe through
    house.work_off()
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert len({call.key for call in post.calls}) == 1
    with house.open_work(read_only=True) as work:
        assert len(work.jobs.of_instance(instance_id)) == 1


def test_a_refusal_of_the_request_itself_is_not_tried_again(one_house: House) -> None:
    instance_id = fail_for_good(one_house)
    [incident] = desk.incidents(one_house, instance_id)
    assert incident.message == "400: thiếu địa chỉ"
    assert len(one_house.outside["public_post"].calls) == 1


def test_a_retry_that_fails_again_is_a_new_incident(one_house: House) -> None:
    instance_id = fail_for_good(one_house)
    [first] = desk.incidents(one_house, instance_id)
    one_house.outside["public_post"].script = [PermanentFailure("400 nữa")]
    retry(one_house, first.id)
    one_house.work_off()
    found = desk.incidents(one_house, instance_id)
    assert [i.message for i in found if i.resolved_at is None] == ["400 nữa"]
    assert desk.instance(one_house, instance_id).open_incidents == 1


def test_an_incident_is_resolved_once(house: House) -> None:
    instance_id = fail_for_good(house)
    [incident] = desk.incidents(house, instance_id)
    retry(house, incident.id)
    with pytest.raises(InvalidState, match="đã được xử lý"):
        retry(house, incident.id)
    assert desk.instance(house, instance_id).open_incidents == 0


def test_only_who_runs_the_house_retries(one_house: House) -> None:
    instance_id = fail_for_good(one_house)
    [incident] = desk.incidents(one_house, instance_id)
    for username in ("binh.leader", "uyen.auditor", "lan.analyst"):
        with one_house.open_work() as work, pytest.raises(Forbidden):
            incidents.retry(work, actor(work, username), incident.id)


def test_retrying_many_tells_the_truth_of_each(one_house: House) -> None:
    first, second = (desk.incidents(one_house, fail_for_good(one_house))[0] for _ in range(2))
    retry(one_house, second.id)
    outcomes = incidents.retry_many(
        one_house.open_work, one_house.actor("viet.admin"), [first.id, second.id, "khong-co"]
    )
    assert [outcome.result for outcome in outcomes] == ["trying", "gone", "gone"]
    assert [outcome.ok for outcome in outcomes] == [True, False, False]


def test_a_late_answer_with_an_old_fence_is_not_used(house: House) -> None:
    """The lease lapsed, another worker took over: only its answer counts."""
    instance_id = desk.one_call(house)
    post = house.outside["public_post"]
    connectors = house.assembly.service.connectors
    job_id = desk.job(house, instance_id).id
    inside: list[str] = []

    class Slow:
        """The first worker's call takes longer than its lease; meanwhile a second one works."""

        def call(self, topic: str, call: Call) -> dict[str, Any]:
            if not inside:
                inside.append(call.key)
                house.clock.at += LEASE + timedelta(seconds=1)
                jobs.run(house.open_work, connectors, job_id)
                return {**ANSWER, "item_code": "MUON"}
            raise AssertionError("called once too often")

        def descriptors(self) -> tuple[Descriptor, ...]:
            return connectors.descriptors()

    jobs.run(house.open_work, Slow(), job_id)
    assert desk.variables(house, instance_id)["item_code"] == ANSWER["item_code"]
    assert post.calls[0].key == inside[0]
    done = desk.job(house, instance_id)
    assert (done.state, done.fence) == (JobState.DONE, 2)
    steps = [e for e in desk.history(house, instance_id) if e.kind == "job"]
    assert len(steps) == 1


def test_while_one_worker_holds_a_job_another_leaves_it(one_house: House) -> None:
    instance_id = desk.one_call(one_house)
    with desk.claimed(one_house, instance_id) as held:
        jobs.run(one_house.open_work, one_house.assembly.service.connectors, held.id)
    assert one_house.outside["public_post"].calls == []


def test_a_worker_that_died_is_noticed_and_its_job_done_again(house: House) -> None:
    instance_id = desk.one_call(house)
    with desk.claimed(house, instance_id):
        pass
    house.work_off()
    assert house.outside["public_post"].calls == []
    house.clock.at += LEASE + timedelta(seconds=1)
    house.work_off()
    assert desk.job(house, instance_id).state is JobState.DONE
    assert desk.job(house, instance_id).attempts == 2


def test_a_job_that_kills_every_worker_ends_as_an_incident(house: House) -> None:
    instance_id = desk.one_call(house)
    for _ in range(DEFAULT_ATTEMPTS):
        with desk.claimed(house, instance_id):
            house.clock.at += LEASE + timedelta(seconds=1)
    house.work_off()
    [incident] = desk.incidents(house, instance_id)
    assert "dừng đột ngột" in incident.message
    assert house.outside["public_post"].calls == []


def test_a_business_refusal_goes_the_way_the_diagram_drew_for_it(house: House) -> None:
    made = desk.deploy(
        house,
        d.process(
            d.start(),
            desk.posting(),
            d.boundary("no", "call", d.on_error("address_unserved")),
            d.user("desk", camunda__candidateGroups="reception_officer"),
            d.end(),
            d.end("e2"),
            d.chain("s", "call", "e"),
            d.chain("no", "desk", "e2"),
            around=d.error("address_unserved"),
        ),
    )
    instance_id = desk.begin(house, made)
    house.outside["public_post"].script = [BusinessError("address_unserved", "Không phát ở đây.")]
    house.work_off()
    assert desk.at(house, instance_id) == ["desk"]
    assert desk.incidents(house, instance_id) == []
    assert desk.job(house, instance_id).state is JobState.DONE


def test_a_business_refusal_that_nobody_drew_is_an_incident(one_house: House) -> None:
    instance_id = desk.one_call(one_house)
    one_house.outside["public_post"].script = [
        BusinessError("address_unserved", "Không phát ở đây.")
    ]
    one_house.work_off()
    [incident] = desk.incidents(one_house, instance_id)
    assert incident.element == "call"
    retry(one_house, incident.id)
    one_house.work_off()
    assert desk.instance(one_house, instance_id).state is InstanceState.COMPLETED


def test_an_answer_for_a_cancelled_instance_is_dropped(house: House) -> None:
    instance_id = desk.one_call(house)
    job_id = desk.job(house, instance_id).id
    connectors = house.assembly.service.connectors

    class Late:
        def call(self, topic: str, call: Call) -> dict[str, Any]:
            with house.open_work() as work:
                instances.cancel(work, actor(work, "viet.admin"), instance_id, "Rút hồ sơ")
            return ANSWER

        def descriptors(self) -> tuple[Descriptor, ...]:
            return connectors.descriptors()

    jobs.run(house.open_work, Late(), job_id)
    ended = desk.instance(house, instance_id)
    assert (ended.state, ended.end_reason) == (InstanceState.CANCELLED, "Rút hồ sơ")
    assert "item_code" not in desk.variables(house, instance_id)
    assert desk.job(house, instance_id).state is JobState.CANCELLED


def test_an_answer_for_a_suspended_instance_waits_for_its_resumption(house: House) -> None:
    instance_id = desk.one_call(house)
    with house.open_work() as work:
        instances.suspend(work, actor(work, "viet.admin"), instance_id)
    desk.try_once(house, instance_id)
    assert desk.at(house, instance_id) == ["call"]
    with house.open_work() as work:
        instances.resume(work, actor(work, "viet.admin"), instance_id)
    house.clock.at = desk.job(house, instance_id).run_at
    house.work_off()
    assert desk.instance(house, instance_id).state is InstanceState.COMPLETED
    assert len({call.key for call in house.outside["public_post"].calls}) == 1


def test_an_unknown_connector_becomes_an_incident_not_a_crash(one_house: House) -> None:
    desk.unplug(one_house)
    instance_id = desk.one_call(one_house)
    one_house.work_off()
    assert [i.element for i in desk.incidents(one_house, instance_id)] == ["call"]
