"""Processes that were called: found in lists, previewed, moved alone and in bulk."""

from app.domain.batches import BatchState, ItemState
from app.domain.definitions import ProcessDefinition
from app.domain.migrations import MigrationPlan
from app.usecases import batches, instances, migrations, past
from app.usecases.migrations import Migrate, Running
from app.usecases.ports import InstanceFilter
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def inner(*steps: str) -> bytes:
    nodes = "".join(d.user(one, **WHO) for one in steps)
    return d.definitions(d.body(d.start(), nodes, d.end(), d.chain("s", *steps, "e"), key="q"))


OUTER = d.process(
    d.start(),
    d.node("callActivity", "goi", calledElement="q"),
    d.user("z", **WHO),
    d.end(),
    d.chain("s", "goi", "z", "e"),
)


def calling(house: House, count: int = 1) -> tuple[ProcessDefinition, list[str]]:
    """Instances that have called a process; gives its definition, and their ids."""
    source = desk.deploy(house, inner("k"))
    caller = desk.deploy(house, OUTER)
    return source, [desk.begin(house, caller, key=f"HS-{n}") for n in range(count)]


def scope_of(house: House, instance_id: str) -> str:
    with house.open_work(read_only=True) as work:
        [one] = migrations.called_in(work, work.instances.get(instance_id))
        return one.scope


def called(house: House, definition: ProcessDefinition) -> list[str]:
    with house.open_work(read_only=True) as work:
        wanted = InstanceFilter(definition_id=definition.id, running=True)
        found = work.instances.called(wanted, 10)
        assert work.instances.count_called(wanted) == len(found)
        return sorted(code for _, _, code in found)


def test_a_called_process_moves_and_its_caller_waits_on(house: House) -> None:
    source, [instance_id] = calling(house)
    caller_id = desk.instance(house, instance_id).definition_id
    before = desk.open_task(house, instance_id, "k")
    target = desk.deploy(house, inner("moi", "them"))
    plan = MigrationPlan(source.id, target.id, {"k": "moi"})
    scope = scope_of(house, instance_id)
    with house.open_work() as work:
        command = Migrate(plan, "Văn bản mới")
        migrations.migrate(work, actor(work, ADMIN), instance_id, command, scope)
    after = desk.open_task(house, instance_id, "moi")
    assert (after.id, after.token) == (before.id, before.token)
    assert desk.instance(house, instance_id).definition_id == caller_id
    assert (called(house, source), called(house, target)) == ([], ["HS-0"])
    entry = desk.history(house, instance_id)[-1]
    assert entry.data["called"] == {"scope": scope, "element": "goi"}
    with house.open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        assert past.definition_at(work, instance, 1) == caller_id
    for step in ("moi", "them"):
        desk.complete(house, desk.open_task(house, instance_id, step).id, "giang.specialist")
    assert desk.at(house, instance_id) == ["z"]
    assert called(house, target) == []


def test_every_process_of_a_definition_moves_in_one_batch(house: House) -> None:
    """Instances of their own, and those that others have called; each with its true outcome."""
    source, ids = calling(house, 3)
    own = desk.begin(house, source, key="RIENG-1")
    desk.complete(house, desk.open_task(house, ids[1], "k").id, "giang.specialist")
    assert called(house, source) == ["HS-0", "HS-2"]
    target = desk.deploy(house, inner("moi"))
    command = Migrate(MigrationPlan(source.id, target.id, {"k": "moi"}), "Văn bản mới")
    with house.open_work() as work:
        subjects = batches.processes(work, InstanceFilter(definition_id=source.id))
        made = batches.start(
            work, actor(work, ADMIN), batches.migration(command, "Chuyển", subjects)
        )
    assert sorted(one.code for one in subjects) == ["HS-0", "HS-2", "RIENG-1"]
    desk.complete(house, desk.open_task(house, ids[2], "k").id, "giang.specialist")
    house.work_off()
    with house.open_work(read_only=True) as work:
        told = {one.code: one for one in work.batches.items(made.id, None, 1, 10).items}
        assert work.batches.get(made.id).state is BatchState.DONE
    assert [told[code].state for code in ("HS-0", "HS-2", "RIENG-1")] == [
        ItemState.DONE,
        ItemState.FAILED,
        ItemState.DONE,
    ]
    assert told["HS-0"].message == "Đã chuyển quy trình được gọi."
    assert told["HS-2"].message == "Quy trình được gọi này không còn chạy."
    assert desk.at(house, own) == ["moi"]
    assert called(house, target) == ["HS-0"]


def test_a_preview_looks_at_called_processes_too(one_house: House) -> None:
    source, ids = calling(one_house, 2)
    target = desk.deploy(one_house, inner("moi"))
    plan = MigrationPlan(source.id, target.id)
    with one_house.open_work(read_only=True) as work:
        found = [
            running
            for one in ids
            for running in migrations.running_in(work, work.instances.get(one), source.id)
        ]
        refused = migrations.preview(work, plan, found)
        mapped = migrations.preview(work, MigrationPlan(source.id, target.id, {"k": "moi"}), found)
        gone = migrations.preview(work, plan, [Running(work.instances.get(ids[0]), "999")])
    assert [one.reasons for one in refused.refusals] == [
        ("“K” không có trong phiên bản mới; hãy chọn bước thay thế.",)
    ] * 2
    assert (mapped.movable, mapped.moves) == (2, {("k", "moi"): 2})
    assert gone.refusals[0].reasons == ("Quy trình được gọi này không còn chạy.",)


def test_a_cancelled_instance_leaves_no_called_process_behind(house: House) -> None:
    source, [instance_id] = calling(house)
    with house.open_work() as work:
        instances.cancel(work, actor(work, ADMIN), instance_id, "Rút hồ sơ")
    assert called(house, source) == []
