"""What a migration must not touch, on both databases: people's work, due times, locks, clocks.

Each test opens a sub-process around what runs, and drops one again: the hardest way to move.
"""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.connectors import PermanentFailure
from app.domain.definitions import ProcessDefinition
from app.domain.errors import InvalidState
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.migrations import MigrationPlan
from app.domain.waiting import JobState, TimerState
from app.usecases import external_tasks, incidents, instances, migrations, past, user_tasks
from app.usecases.external_tasks import Answer
from app.usecases.migrations import Migrate, Running
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk
from tests.usecases.test_migrations import accepted_case

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def flat(*inside: str, key: str = "a", more: str = "") -> bytes:
    return d.process(
        d.start(), *inside, more, d.user("z", **WHO), d.end(), d.chain("s", key, "z", "e"),
        around=d.message() + d.message("m2"),
    )  # fmt: skip


def boxed(*inside: str, key: str = "a", more: str = "") -> bytes:
    """The same in a sub-process."""
    frame = d.sub(
        "t", d.start("t-s"), *inside, more, d.end("t-e"), d.chain("t-s", key, "t-e")
    )  # fmt: skip
    return d.process(
        d.start(), frame, d.user("z", **WHO), d.end(), d.chain("s", "t", "z", "e"),
        around=d.message() + d.message("m2"),
    )  # fmt: skip


def move(
    house: House,
    instance_id: str,
    source: ProcessDefinition,
    target: ProcessDefinition,
    scope: str = "0",
    **more: Any,
) -> ProcessInstance:
    plan = MigrationPlan(
        source.id, target.id, more.get("mapping", {}), more.get("renew", frozenset())
    )
    with house.open_work() as work:
        command = Migrate(plan, "Văn bản mới")
        return migrations.migrate(work, actor(work, ADMIN), instance_id, command, scope)


def there_and_back(house: House, *inside: str, key: str = "a") -> tuple[str, Any]:
    """Start an instance; give a function that moves it into a sub-process and out of it again."""
    old = desk.deploy(house, flat(*inside, key=key))
    instance_id = desk.begin(house, old)
    new = desk.deploy(house, boxed(*inside, key=key))

    def go() -> None:
        move(house, instance_id, old, new)
        move(house, instance_id, new, old)
        move(house, instance_id, old, new)

    return instance_id, go


def test_a_claimed_task_with_its_draft_goes_into_a_sub_process(house: House) -> None:
    task = d.user("a", camunda__dueDate='=now() + duration("P2D")', camunda__priority="70", **WHO)
    instance_id, go = there_and_back(house, task)
    before = desk.open_task(house, instance_id)
    with house.open_work() as work:
        clerk = actor(work, "giang.specialist")
        user_tasks.claim(work, clerk, before.id)
        user_tasks.keep_draft(work, clerk, before.id, {"finding": "đang viết dở"})
    kept = vars(desk.task(house, before.id)) | {}
    house.clock.pass_(hours=3)
    go()
    after = vars(desk.open_task(house, instance_id))
    for name in (
        "id", "token", "name", "assignee", "assignee_name", "roles", "due_at", "priority",
        "draft", "draft_at", "created_at", "follow_up_at",
    ):  # fmt: skip
        assert after[name] == kept[name], name
    desk.complete(house, before.id, "giang.specialist")
    assert desk.at(house, instance_id) == ["z"]


def test_a_timer_keeps_its_row_and_due_time_and_fires_from_the_sub_process(house: House) -> None:
    late = d.boundary("x", "a", d.after("PT5H"), interrupting=False)
    parts = (d.user("a", **WHO), late, d.user("nhac", **WHO), d.flow("x", "nhac"))
    instance_id, go = there_and_back(house, *parts)
    with house.open_work(read_only=True) as work:
        [before] = work.timers.of_instance(instance_id)
    house.clock.pass_(hours=1)
    go()
    with house.open_work(read_only=True) as work:
        [after] = work.timers.of_instance(instance_id)
    assert (after.id, after.due_at, after.state) == (before.id, before.due_at, TimerState.PENDING)
    house.clock.pass_(hours=4, minutes=1)
    house.work_off()
    assert desk.at(house, instance_id) == ["a", "nhac"]


def test_a_timer_is_set_anew_only_when_that_is_wanted(house: House) -> None:
    def version(length: str) -> bytes:
        return flat(d.node("intermediateCatchEvent", "a", d.after(length)))

    old = desk.deploy(house, version("PT5H"))
    instance_id = desk.begin(house, old)
    new = desk.deploy(house, version("PT9H"))
    newest = desk.deploy(house, version("PT9H"))
    with house.open_work(read_only=True) as work:
        [before] = work.timers.of_instance(instance_id)
    house.clock.pass_(hours=1)
    at = house.clock.at
    move(house, instance_id, old, new)
    with house.open_work(read_only=True) as work:
        assert [one.due_at for one in work.timers.of_instance(instance_id)] == [before.due_at]
    move(house, instance_id, new, newest, renew=frozenset({"a"}))
    with house.open_work(read_only=True) as work:
        found = {one.state: one for one in work.timers.of_instance(instance_id)}
    assert found[TimerState.CANCELLED].id == before.id
    assert found[TimerState.PENDING].due_at == at + timedelta(hours=9)
    assert found[TimerState.PENDING].token == before.token
    assert desk.history(house, instance_id)[-1].data["renew"] == ["a"]
    house.clock.pass_(hours=5)
    house.work_off()
    assert desk.at(house, instance_id) == ["a"]
    house.clock.pass_(hours=4, minutes=1)
    house.work_off()
    assert desk.at(house, instance_id) == ["z"]


def test_a_message_that_waits_already_is_heard_under_the_new_name(house: House) -> None:
    def version(name: str) -> bytes:
        return flat(d.node("intermediateCatchEvent", "a", d.on_message(name)))

    old = desk.deploy(house, version("m"))
    instance_id = desk.begin(house, old)
    new = desk.deploy(house, version("m2"))
    move(house, instance_id, old, new, renew=frozenset({"a"}))
    with house.open_work(read_only=True) as work:
        waiting = [one.name for one in work.subscriptions.of_instance(instance_id) if one.open]
    assert waiting == ["m2"]


def test_a_job_keeps_its_attempts_and_key(house: House) -> None:
    instance_id, go = there_and_back(house, desk.posting("call"), key="call")
    before = desk.job(house, instance_id)
    go()
    after = desk.job(house, instance_id)
    assert (after.id, after.key, after.attempts, after.max_attempts, after.parameters) == (
        before.id, before.key, before.attempts, before.max_attempts, before.parameters,
    )  # fmt: skip
    house.work_off()
    assert desk.at(house, instance_id) == ["z"]


def test_an_incident_and_its_failed_job_keep_their_rows(house: House) -> None:
    instance_id, go = there_and_back(house, desk.posting("call"), key="call")
    house.outside["public_post"].script = [PermanentFailure("Địa chỉ không đúng.")]
    house.work_off()
    [before] = desk.incidents(house, instance_id)
    job = desk.job(house, instance_id)
    assert job.state is JobState.FAILED
    go()
    [after] = desk.incidents(house, instance_id)
    assert (after.id, after.token, after.message, after.job_id) == (
        before.id, before.token, before.message, before.job_id,
    )  # fmt: skip
    kept = desk.job(house, instance_id)
    assert (kept.id, kept.attempts, kept.last_error) == (job.id, job.attempts, job.last_error)
    assert desk.instance(house, instance_id).open_incidents == 1
    with house.open_work() as work:
        incidents.retry(work, actor(work, ADMIN), after.id)
    house.work_off()
    assert desk.at(house, instance_id) == ["z"]
    assert desk.job(house, instance_id).id == job.id


def test_a_worker_outside_answers_with_the_lock_it_had(house: House) -> None:
    call = d.external("call", topic="worker.sign")
    instance_id, go = there_and_back(house, call, key="call")
    admin = house.actor(ADMIN)
    [held] = external_tasks.fetch(
        house.open_work, admin, ["worker.sign"], lease=timedelta(minutes=5)
    )
    go()
    moved = desk.job(house, instance_id)
    assert (moved.id, moved.fence, moved.lease_until) == (held.id, held.fence, held.lease_until)
    nothing = external_tasks.fetch(
        house.open_work, admin, ["worker.sign"], lease=timedelta(minutes=5)
    )
    assert nothing == []
    with house.open_work() as work:
        external_tasks.complete(work, admin, Answer(held.id, held.fence), {"ky": True})
    assert desk.at(house, instance_id) == ["z"]
    assert desk.variables(house, instance_id)["ky"] is True


def test_the_legal_clock_runs_on_as_it_did(house: House) -> None:
    instance, case_id, target_id = accepted_case(house)
    before = clocks_of(house, case_id)
    assert before
    house.clock.pass_(hours=2)
    with house.open_work() as work:
        plan = MigrationPlan(instance.definition_id, target_id)
        migrations.migrate(work, actor(work, ADMIN), instance.id, Migrate(plan, "Sửa sơ đồ"))
    assert clocks_of(house, case_id) == before


def clocks_of(house: House, case_id: str) -> list[dict[str, Any]]:
    with house.open_work(read_only=True) as work:
        return [dict(vars(one)) for one in work.clocks.of_subject("case", case_id)]


def test_a_suspended_instance_moves_into_a_sub_process_and_stays_suspended(house: House) -> None:
    instance_id, go = there_and_back(house, d.user("a", **WHO))
    with house.open_work() as work:
        instances.suspend(work, actor(work, ADMIN), instance_id)
    go()
    assert desk.instance(house, instance_id).state is InstanceState.SUSPENDED
    with house.open_work() as work:
        instances.resume(work, actor(work, ADMIN), instance_id)
    desk.complete(house, desk.open_task(house, instance_id).id, "giang.specialist")
    assert desk.at(house, instance_id) == ["z"]


def test_the_past_tells_where_it_stood_before_and_after(house: House) -> None:
    old = desk.deploy(house, flat(d.user("a", **WHO)))
    instance_id = desk.begin(house, old)
    new = desk.deploy(house, boxed(d.user("a", **WHO)))
    move(house, instance_id, old, new)
    desk.complete(house, desk.open_task(house, instance_id).id, "giang.specialist")
    with house.open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        states = [past.state_at(work, instance, seq) for seq in range(1, instance.history_seq + 1)]
        ran_by = [past.definition_at(work, instance, one.seq) for one in states]
    assert [one.active for one in states] == [{"a": 1}, {"a": 1}, {"z": 1}]
    assert ran_by == [old.id, new.id, new.id]
    assert states[-1].done >= {"a", "t"}


def test_what_cannot_be_evaluated_is_told_by_the_preview_and_nothing_moves(house: House) -> None:
    old = desk.deploy(house, flat(d.user("a", **WHO)))
    instance_id = desk.begin(house, old)
    written = boxed(d.user("a", **WHO), more=d.mapping({"y": "${khong_co}"}))
    new = desk.deploy(house, written)
    with house.open_work(read_only=True) as work:
        found = [Running(work.instances.get(instance_id))]
        seen = migrations.preview(work, MigrationPlan(old.id, new.id), found)
    assert "khong_co" in seen.refusals[0].reasons[0]
    with pytest.raises(InvalidState, match="khong_co"):
        move(house, instance_id, old, new)
    assert desk.instance(house, instance_id).definition_id == old.id


def test_a_preview_tells_what_is_opened_and_what_begins_to_wait(one_house: House) -> None:
    old = desk.deploy(
        one_house, flat(d.user("a", **WHO), d.boundary("x", "a", d.after()), d.flow("x", "z"))
    )
    instance_id = desk.begin(one_house, old)
    new = desk.deploy(one_house, boxed(d.user("a", **WHO)))
    with one_house.open_work(read_only=True) as work:
        found = [Running(work.instances.get(instance_id))]
        there = migrations.preview(work, MigrationPlan(old.id, new.id), found)
    assert (there.opened, there.closed, there.begun, there.dropped) == ({"t": 1}, {"x": 1}, {}, {})
    move(one_house, instance_id, old, new)
    with one_house.open_work(read_only=True) as work:
        found = [Running(work.instances.get(instance_id))]
        back = migrations.preview(work, MigrationPlan(new.id, old.id), found)
    assert (back.opened, back.dropped, back.begun) == ({}, {"t": 1}, {"x": 1})
