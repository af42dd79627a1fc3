"""Claim, release, assign, fill in, complete: who may, who was faster, what was typed."""

import threading

import pytest

from app.domain.errors import Conflict, DomainError, Forbidden, InvalidInput, InvalidState, NotFound
from app.domain.user_tasks import TaskState
from app.usecases import user_tasks
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk


def claim(house: House, task_id: str, username: str) -> None:
    with house.open_work() as work:
        user_tasks.claim(work, actor(work, username), task_id)


def release(house: House, task_id: str, username: str) -> None:
    with house.open_work() as work:
        user_tasks.release(work, actor(work, username), task_id)


def test_two_officers_complete_one_task_and_one_of_them_is_told(house: House) -> None:
    task_id = desk.one_task(house)
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def work_on_it(username: str) -> None:
        gate.wait(10)
        try:
            desk.complete(house, task_id, username, finding=username)
            outcomes.append(username)
        except DomainError as error:
            outcomes.append(error.code)

    people = ("giang.specialist", "hai.specialist")
    threads = [threading.Thread(target=work_on_it, args=(name,)) for name in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    winners = [outcome for outcome in outcomes if outcome in people]
    assert len(outcomes) == 2
    assert len(winners) == 1
    assert set(outcomes) - set(winners) <= {"invalid_state", "conflict", "storage_unavailable"}
    done = desk.task(house, task_id)
    assert desk.variables(house, done.instance_id)["finding"] == winners[0]
    completions = [e for e in desk.history(house, done.instance_id) if e.kind == "complete"]
    assert len(completions) == 1


def test_the_same_click_twice_completes_once_and_says_who_did(house: House) -> None:
    task_id = desk.one_task(house)
    desk.complete(house, task_id, "giang.specialist", finding="đủ")
    with pytest.raises(InvalidState, match="đã được hoàn thành bởi"):
        desk.complete(house, task_id, "giang.specialist", finding="đủ")


def test_a_page_drawn_before_a_change_is_refused_and_nothing_is_lost(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    seen = desk.task(one_house, task_id).version
    claim(one_house, task_id, "giang.specialist")
    with pytest.raises(Conflict):
        desk.complete(one_house, task_id, "giang.specialist", finding="đủ", version=seen)
    assert desk.task(one_house, task_id).state is TaskState.OPEN
    now = desk.task(one_house, task_id).version
    assert now != seen
    done = desk.complete(one_house, task_id, "giang.specialist", finding="đủ", version=now)
    assert done.state is TaskState.COMPLETED


def test_a_task_another_holds_is_not_taken_from_him(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    claim(one_house, task_id, "giang.specialist")
    with pytest.raises(Conflict, match="nhận"):
        claim(one_house, task_id, "hai.specialist")
    with pytest.raises(Conflict, match="nhận"):
        desk.complete(one_house, task_id, "hai.specialist", finding="x")
    with pytest.raises(Forbidden):
        release(one_house, task_id, "hai.specialist")
    release(one_house, task_id, "giang.specialist")
    claim(one_house, task_id, "hai.specialist")
    assert desk.task(one_house, task_id).assignee == one_house.actor("hai.specialist").id


def test_claiming_what_one_holds_already_changes_nothing(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    claim(one_house, task_id, "giang.specialist")
    before = desk.task(one_house, task_id)
    claim(one_house, task_id, "giang.specialist")
    after = desk.task(one_house, task_id)
    assert after.version == before.version
    kinds = [e.kind for e in desk.history(one_house, after.instance_id)]
    assert kinds.count("claim") == 1


def test_a_head_hands_a_task_to_a_colleague_of_the_right_role_only(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    ids = {name: one_house.actor(name).id for name in ("hai.specialist", "khanh.clerk")}
    with one_house.open_work() as work:
        user_tasks.assign(work, actor(work, "dung.head"), task_id, ids["hai.specialist"])
    assert desk.task(one_house, task_id).assignee == ids["hai.specialist"]
    with one_house.open_work() as work, pytest.raises(InvalidInput) as refusal:
        user_tasks.assign(work, actor(work, "dung.head"), task_id, ids["khanh.clerk"])
    assert "user_id" in refusal.value.fields
    with one_house.open_work() as work, pytest.raises(Forbidden):
        user_tasks.assign(work, actor(work, "giang.specialist"), task_id, ids["hai.specialist"])


def test_a_head_hands_nothing_to_a_locked_account(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    with one_house.open_work() as work:
        user = work.users.by_username("hai.specialist")
        assert user is not None
        user.active = False
        user_id = user.id
    with one_house.open_work() as work, pytest.raises(InvalidInput):
        user_tasks.assign(work, actor(work, "dung.head"), task_id, user_id)


@pytest.mark.parametrize(
    "username", ["quyen.specialist", "phuc.head", "khanh.clerk", "uyen.auditor"]
)
def test_a_task_of_others_does_not_exist(one_house: House, username: str) -> None:
    task_id = desk.one_task(one_house)
    for verb in (claim, release):
        with pytest.raises(NotFound):
            verb(one_house, task_id, username)
    with pytest.raises(NotFound):
        desk.complete(one_house, task_id, username, finding="x")


def test_a_head_sees_the_task_but_does_not_do_it(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    with pytest.raises(Forbidden):
        desk.complete(one_house, task_id, "dung.head", finding="x")
    assert desk.task(one_house, task_id).state is TaskState.OPEN


def test_missing_and_wrong_fields_are_named_one_by_one(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    with pytest.raises(InvalidInput) as missing:
        desk.complete(one_house, task_id, "giang.specialist")
    assert list(missing.value.fields) == ["finding"]
    with pytest.raises(InvalidInput) as wrong:
        desk.complete(one_house, task_id, "giang.specialist", finding="đủ", fee="nhiều")
    assert list(wrong.value.fields) == ["fee"]
    open_still = desk.task(one_house, task_id)
    assert open_still.state is TaskState.OPEN
    assert desk.variables(one_house, open_still.instance_id) == {}


def test_only_what_the_form_asks_becomes_a_variable(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    done = desk.complete(
        one_house, task_id, "giang.specialist", finding="đủ", fee="12", role="admin"
    )
    assert desk.variables(one_house, done.instance_id) == {"finding": "đủ", "fee": 12}


def test_a_task_without_a_form_takes_no_values(one_house: House) -> None:
    made = desk.deploy(
        one_house,
        d.straight(d.user("a", camunda__candidateGroups="specialist"), identifiers=("a",)),
    )
    instance_id = desk.begin(one_house, made, {"fee": 10})
    task_id = desk.open_task(one_house, instance_id).id
    desk.complete(one_house, task_id, "giang.specialist", fee=99, admin=True)
    assert desk.variables(one_house, instance_id) == {"fee": 10}


def test_a_draft_survives_release_and_goes_with_completion(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    claim(one_house, task_id, "giang.specialist")
    with one_house.open_work() as work:
        user_tasks.keep_draft(
            work, actor(work, "giang.specialist"), task_id, {"finding": "dở dang", "lạ": 1}
        )
    release(one_house, task_id, "giang.specialist")
    kept = desk.task(one_house, task_id)
    assert kept.assignee is None
    assert kept.draft == {"finding": "dở dang", "lạ": 1}
    desk.complete(one_house, task_id, "hai.specialist", finding="xong")
    assert desk.task(one_house, task_id).draft is None


def test_a_head_may_not_write_a_draft_into_others_work(one_house: House) -> None:
    task_id = desk.one_task(one_house)
    with one_house.open_work() as work, pytest.raises(Forbidden):
        user_tasks.keep_draft(work, actor(work, "dung.head"), task_id, {"finding": "x"})


def test_a_unit_narrows_who_may_take_a_task(one_house: House) -> None:
    inside = desk.one_task(one_house, lm__unit="Phòng Bưu chính - Viễn thông")
    outside = desk.one_task(one_house, lm__unit="Phòng khác")
    claim(one_house, inside, "giang.specialist")
    with pytest.raises(NotFound):
        claim(one_house, outside, "giang.specialist")


def test_a_person_named_in_the_diagram_gets_the_task(one_house: House) -> None:
    task_id = desk.one_task(one_house, camunda__assignee="hai.specialist")
    assert desk.task(one_house, task_id).assignee == one_house.actor("hai.specialist").id
    with pytest.raises(Conflict):
        desk.complete(one_house, task_id, "giang.specialist", finding="x")


def test_a_candidate_named_in_the_diagram_may_take_it_whatever_his_role(one_house: House) -> None:
    task_id = desk.one_task(
        one_house, camunda__candidateUsers="khanh.clerk", camunda__candidateGroups="unit_head"
    )
    desk.complete(one_house, task_id, "khanh.clerk", finding="x")
    assert desk.task(one_house, task_id).completed_by == one_house.actor("khanh.clerk").id
