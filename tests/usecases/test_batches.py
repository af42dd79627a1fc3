"""One command for many instances: worked off by the queue, each item with its true outcome."""

import pytest

from app.domain.batches import Batch, BatchItem, BatchKind, BatchState, ItemState
from app.domain.definitions import ProcessDefinition
from app.domain.errors import Forbidden, InvalidInput, InvalidState, StorageUnavailable
from app.domain.instances import InstanceState
from app.domain.migrations import MigrationPlan
from app.usecases import batches, instances, migrations
from app.usecases.batches import Order
from app.usecases.ports import InstanceFilter
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def deploy(house: House, *steps: str) -> ProcessDefinition:
    drawn = [d.user(one, **WHO) for one in steps]
    return desk.deploy(house, d.straight(*drawn, identifiers=steps))


def begin(house: House, definition: ProcessDefinition, count: int) -> list[str]:
    return [desk.begin(house, definition, key=f"HS-{n:03}") for n in range(count)]


def order(
    house: House, kind: BatchKind, ids: list[str], who: str = ADMIN, reason: str = "Theo công văn"
) -> Batch:
    with house.open_work() as work:
        found = [work.instances.get(one) for one in ids]
        given = Order(kind, "Lô thử", reason, batches.of_instances(found), {})
        return batches.start(work, actor(work, who), given)


def order_migration(house: House, plan: MigrationPlan, ids: list[str]) -> Batch:
    with house.open_work() as work:
        found = [work.instances.get(one) for one in ids]
        command = migrations.Migrate(plan, "Theo công văn")
        return batches.start(
            work,
            actor(work, ADMIN),
            batches.migration(command, "Chuyển", batches.of_instances(found)),
        )


def batch(house: House, batch_id: str) -> Batch:
    with house.open_work(read_only=True) as work:
        return work.batches.get(batch_id)


def items(house: House, batch_id: str) -> list[BatchItem]:
    with house.open_work(read_only=True) as work:
        return work.batches.items(batch_id, None, 1, 100).items


def counts(house: House, batch_id: str) -> tuple[BatchState, int, int]:
    found = batch(house, batch_id)
    return found.state, found.done, found.failed


def test_a_bulk_migration_with_one_that_cannot_move(house: House) -> None:
    old = deploy(house, "a", "b")
    ids = begin(house, old, 5)
    desk.complete(house, desk.open_task(house, ids[2]).id, "giang.specialist")
    new = deploy(house, "a", "c")
    made = order_migration(house, MigrationPlan(old.id, new.id), ids)
    assert counts(house, made.id) == (BatchState.RUNNING, 0, 0)
    house.work_off()
    assert counts(house, made.id) == (BatchState.DONE, 4, 1)
    [failed] = [one for one in items(house, made.id) if one.state is ItemState.FAILED]
    assert failed.code == "HS-002"
    assert "không có trong phiên bản mới" in failed.message
    moved = [desk.instance(house, one).definition_id == new.id for one in ids]
    assert moved == [True, True, False, True, True]


def test_a_batch_goes_on_after_a_restart_in_its_middle(house: House) -> None:
    ids = begin(house, deploy(house, "a"), 30)
    made = order(house, BatchKind.SUSPEND, ids)
    taken = []

    def dies_after_seven(*, read_only: bool = False):
        if len(taken) == 14:  # two transactions for each item
            raise StorageUnavailable("máy chủ dừng")
        taken.append(1)
        return house.open_work(read_only=read_only)

    with pytest.raises(StorageUnavailable):
        batches.work_off(dies_after_seven, made.id)
    assert counts(house, made.id) == (BatchState.RUNNING, 7, 0)
    house.work_off()
    assert counts(house, made.id) == (BatchState.DONE, 30, 0)
    for one in ids:
        kinds = [entry.kind for entry in desk.history(house, one)]
        assert kinds.count("suspend") == 1


def test_an_item_that_always_kills_its_worker_is_given_up(house: House) -> None:
    ids = begin(house, deploy(house, "a"), 2)
    made = order(house, BatchKind.SUSPEND, ids)
    for _ in range(3):
        assert batches._begin(house.open_work, made.id) is not None  # … and the worker dies
    house.work_off()
    assert counts(house, made.id) == (BatchState.DONE, 1, 1)
    assert items(house, made.id)[0].message == batches.GAVE_UP


def test_working_it_off_twice_does_nothing_twice(house: House) -> None:
    ids = begin(house, deploy(house, "a"), 3)
    made = order(house, BatchKind.CANCEL, ids)
    house.work_off()
    batches.work_off(house.open_work, made.id)
    assert counts(house, made.id) == (BatchState.DONE, 3, 0)


def test_a_cancelled_batch_leaves_out_the_rest(house: House) -> None:
    ids = begin(house, deploy(house, "a"), 3)
    made = order(house, BatchKind.CANCEL, ids)
    first = batches._begin(house.open_work, made.id)
    assert first is not None
    batches._do(house.open_work, made.id, first)
    with house.open_work() as work:
        batches.cancel(work, actor(work, ADMIN), made.id)
    house.work_off()
    assert counts(house, made.id) == (BatchState.CANCELLED, 1, 0)
    assert batch(house, made.id).ended_by_name
    assert [one.state for one in items(house, made.id)] == [
        ItemState.DONE,
        ItemState.LEFT_OUT,
        ItemState.LEFT_OUT,
    ]
    states = [desk.instance(house, one).state for one in ids]
    assert states == [InstanceState.CANCELLED, InstanceState.ACTIVE, InstanceState.ACTIVE]
    with pytest.raises(InvalidState), house.open_work() as work:
        batches.cancel(work, actor(work, ADMIN), made.id)


def test_suspend_and_resume_tell_who_was_not_in_the_right_state(one_house: House) -> None:
    ids = begin(one_house, deploy(one_house, "a"), 2)
    order(one_house, BatchKind.SUSPEND, ids[:1])
    one_house.work_off()
    made = order(one_house, BatchKind.RESUME, ids)
    one_house.work_off()
    assert counts(one_house, made.id) == (BatchState.DONE, 1, 1)
    assert "không ở trạng thái tạm dừng" in items(one_house, made.id)[1].message


def test_a_retry_that_fails_again_is_told_as_a_failure(one_house: House) -> None:
    task = d.node("serviceTask", "x", camunda__expression="${khong_co}")
    made = desk.deploy(one_house, d.straight(task, identifiers=("x",)))
    broken, mended = (desk.begin(one_house, made, key=f"HS-{n}") for n in range(2))
    with one_house.open_work() as work:
        from_one = work.incidents.of_instance(broken)
        from_other = work.incidents.of_instance(mended)
        instance = work.instances.lock(mended)
        program = work.programs.get(made.id)
        step = program.set_variables(
            instance.snapshot, {"khong_co": 1}, at=work.now(), programs=work.programs
        )
        instance.move(step.snapshot, work.now())
        subjects = batches.of_incidents(work, [*from_one, *from_other])
        given = Order(BatchKind.RETRY, "Thử lại", "", subjects, {})
        started = batches.start(work, actor(work, ADMIN), given)
    one_house.work_off()
    assert counts(one_house, started.id) == (BatchState.DONE, 1, 1)
    assert items(one_house, started.id)[0].message.startswith("Lại gặp sự cố")
    assert desk.instance(one_house, broken).open_incidents == 1


def test_rights_are_asked_again_when_an_item_is_done(one_house: House) -> None:
    ids = begin(one_house, deploy(one_house, "a"), 1)
    made = order(one_house, BatchKind.SUSPEND, ids)
    with one_house.open_work() as work:
        user = work.users.by_username(ADMIN)
        assert user is not None
        user.active = False
    one_house.work_off()
    assert counts(one_house, made.id) == (BatchState.DONE, 0, 1)
    assert "không còn hoạt động" in items(one_house, made.id)[0].message


def test_commands_that_are_refused(one_house: House) -> None:
    ids = begin(one_house, deploy(one_house, "a"), 1)
    with pytest.raises(Forbidden):
        order(one_house, BatchKind.SUSPEND, ids, who="uyen.auditor")
    with pytest.raises(InvalidInput, match="lý do"):
        order(one_house, BatchKind.CANCEL, ids, reason=" ")
    with pytest.raises(InvalidInput, match="Không có hồ sơ"):
        order(one_house, BatchKind.SUSPEND, [])


def test_a_batch_has_a_largest_size(one_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = begin(one_house, deploy(one_house, "a"), 3)
    monkeypatch.setattr(batches, "MOST_ITEMS", 2)
    with pytest.raises(InvalidInput, match="tối đa 2"):
        order(one_house, BatchKind.SUSPEND, ids)


def test_every_running_instance_of_a_filter_is_found(one_house: House) -> None:
    made = deploy(one_house, "a")
    ids = begin(one_house, made, 4)
    order(one_house, BatchKind.CANCEL, ids[:1])
    one_house.work_off()
    with one_house.open_work(read_only=True) as work:
        wanted = InstanceFilter(definition_id=made.id)
        assert {one.id for one in batches.running(work, wanted)} == set(ids[1:])


def test_jobs_and_timers_of_suspended_instances_wait(house: House) -> None:
    called = desk.one_call(house)
    timed = desk.begin(
        house,
        desk.deploy(
            house,
            d.straight(
                d.node("intermediateCatchEvent", "t", d.after("PT1H")),
                d.user("z", **WHO),
                identifiers=("t", "z"),
            ),
        ),
        key="HS-2",
    )
    made = order(house, BatchKind.SUSPEND, [called, timed])
    batches.work_off(house.open_work, made.id)
    house.clock.pass_(hours=2)
    house.work_off()
    assert house.outside["public_post"].calls == []
    assert (desk.at(house, called), desk.at(house, timed)) == (["call"], ["t"])
    order(house, BatchKind.RESUME, [called, timed])
    house.work_off()
    house.work_off()  # the next ticks
    assert len(house.outside["public_post"].calls) == 1
    assert desk.at(house, timed) == ["z"]


def test_what_failed_or_was_left_out_is_done_again_in_a_new_batch(house: House) -> None:
    old = deploy(house, "a", "b")
    ids = begin(house, old, 3)
    desk.complete(house, desk.open_task(house, ids[1]).id, "giang.specialist")
    new = deploy(house, "a", "c")
    made = order_migration(house, MigrationPlan(old.id, new.id), ids)
    with house.open_work() as work, pytest.raises(InvalidState, match="đang chạy"):
        batches.again(work, actor(work, ADMIN), made.id)
    house.work_off()
    assert counts(house, made.id) == (BatchState.DONE, 2, 1)
    with house.open_work() as work:
        again = batches.again(work, actor(work, ADMIN), made.id)
    assert (again.total, again.reason, again.parameters) == (1, made.reason, made.parameters)
    house.work_off()
    assert counts(house, again.id) == (BatchState.DONE, 0, 1)
    with house.open_work() as work:
        third = batches.again(work, actor(work, ADMIN), again.id, "Lần ba")
        batches.cancel(work, actor(work, ADMIN), third.id)
        assert batches.again(work, actor(work, ADMIN), third.id).reason == "Lần ba"
    with house.open_work() as work, pytest.raises(Forbidden):
        batches.again(work, actor(work, "giang.specialist"), made.id)


def test_a_retry_that_failed_is_tried_again_at_the_incident_that_is_there_now(
    one_house: House,
) -> None:
    task = d.node("serviceTask", "x", camunda__expression="${khong_co}")
    instance_id = desk.begin(
        one_house, desk.deploy(one_house, d.straight(task, identifiers=("x",)))
    )
    [first] = desk.incidents(one_house, instance_id)
    with one_house.open_work() as work:
        given = Order(BatchKind.RETRY, "Lại", "", batches.of_incidents(work, [first]), {})
        made = batches.start(work, actor(work, ADMIN), given)
    one_house.work_off()
    assert counts(one_house, made.id) == (BatchState.DONE, 0, 1)
    with one_house.open_work() as work:
        again = batches.again(work, actor(work, ADMIN), made.id)
    one_house.work_off()
    [item] = items(one_house, again.id)
    assert item.subject_id != first.id
    assert item.message.startswith("Lại gặp sự cố")
    with one_house.open_work() as work:
        instances.cancel(work, actor(work, ADMIN), instance_id, "Bỏ")
    with one_house.open_work() as work, pytest.raises(InvalidState, match="đã làm được"):
        batches.again(work, actor(work, ADMIN), again.id)
