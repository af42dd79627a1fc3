"""Instances that go on by another version: identity, drafts, due dates, the law, and refusals."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.errors import Forbidden, InvalidInput, InvalidState
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.migrations import MigrationPlan
from app.usecases import deployments, incidents, instances, migrations, user_tasks
from app.usecases.chronicle import THE_SYSTEM
from app.usecases.migrations import Migrate, Running
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk
from tests.web import trouble

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def version(key: str = "a", form: str = "f", *boundaries: str) -> bytes:
    step = d.user(key, camunda__formKey=form, camunda__dueDate='=now() + duration("P2D")', **WHO)
    ways = [d.flow(one.split('id="')[1].split('"')[0], "z") for one in boundaries]
    return d.process(
        d.start(),
        step,
        *boundaries,
        d.user("z", **WHO),
        d.end(),
        d.chain("s", key, "z", "e"),
        *ways,
    )


OLD_FORM = {"f": desk.form(desk.TEXT)}
NEW_FORM = {"f2": desk.form(desk.REQUIRED, key="f2")}


def migrate(house: House, instance_id: str, command: Migrate, who: str = ADMIN) -> ProcessInstance:
    with house.open_work() as work:
        return migrations.migrate(work, actor(work, who), instance_id, command)


def test_a_claimed_task_keeps_everything_but_its_form(house: House) -> None:
    old = desk.deploy(house, version(), **OLD_FORM)
    instance_id = desk.begin(house, old)
    before = desk.open_task(house, instance_id)
    with house.open_work() as work:
        clerk = actor(work, "giang.specialist")
        user_tasks.claim(work, clerk, before.id)
        user_tasks.keep_draft(work, clerk, before.id, {"finding": "đang viết dở"})
    new = desk.deploy(house, version("b", "f2"), **NEW_FORM)
    house.clock.pass_(hours=1)
    command = Migrate(MigrationPlan(old.id, new.id, {"a": "b"}), "Văn bản mới")
    assert migrate(house, instance_id, command).definition_id == new.id
    after = desk.open_task(house, instance_id, "b")
    assert (after.id, after.token, after.name) == (before.id, before.token, before.name)
    assert (after.due_at, after.roles, after.created_at) == (
        before.due_at,
        before.roles,
        before.created_at,
    )
    assert after.assignee_name
    assert after.draft == {"finding": "đang viết dở"}
    assert after.form_key == "f2"
    with pytest.raises(InvalidInput):  # the new form asks for what the old one did not
        desk.complete(house, after.id, "giang.specialist")
    desk.complete(house, after.id, "giang.specialist", finding="xong")
    assert desk.at(house, instance_id) == ["z"]


def test_history_tells_who_why_and_how(house: House) -> None:
    old = desk.deploy(house, version(), **OLD_FORM)
    instance_id = desk.begin(house, old)
    new = desk.deploy(house, version("b"), **OLD_FORM)
    migrate(house, instance_id, Migrate(MigrationPlan(old.id, new.id, {"a": "b"}), "Văn bản mới"))
    entry = desk.history(house, instance_id)[-1]
    assert (entry.kind, entry.name) == ("migrate", "Văn bản mới")
    assert entry.actor_name
    assert entry.data["from"]["version"] + 1 == entry.data["to"]["version"]
    assert entry.data["mapping"] == {"a": "b"}
    assert entry.data["facts"] == [["~", "a", "b"]]


def test_timers_and_jobs_keep_their_rows(house: House) -> None:
    def drawn(key: str, timer: str) -> bytes:
        return version(key, "f", d.boundary(timer, key, d.after("PT5H"), interrupting=False))

    old = desk.deploy(house, drawn("a", "x"), **OLD_FORM)
    instance_id = desk.begin(house, old)
    with house.open_work(read_only=True) as work:
        [before] = work.timers.of_instance(instance_id)
    house.clock.pass_(hours=1)
    new = desk.deploy(house, drawn("b", "y"), **OLD_FORM)
    plan = MigrationPlan(old.id, new.id, {"a": "b", "x": "y"})
    migrate(house, instance_id, Migrate(plan, "Đổi tên"))
    with house.open_work(read_only=True) as work:
        [after] = work.timers.of_instance(instance_id)
    assert (after.id, after.due_at, after.element) == (before.id, before.due_at, "y")
    house.clock.pass_(hours=4, minutes=1)
    house.work_off()
    assert desk.at(house, instance_id) == ["b", "z"]


def test_a_job_in_hand_answers_after_the_migration(house: House) -> None:
    old = desk.deploy(house, d.straight(desk.posting("call"), identifiers=("call",)))
    instance_id = desk.begin(house, old)
    before = desk.job(house, instance_id)
    written = d.straight(desk.posting("goi"), d.user("z", **WHO), identifiers=("goi", "z"))
    new = desk.deploy(house, written)
    migrate(
        house, instance_id, Migrate(MigrationPlan(old.id, new.id, {"call": "goi"}), "Thêm bước")
    )
    moved = desk.job(house, instance_id)
    assert (moved.id, moved.key, moved.element) == (before.id, before.key, "goi")
    house.work_off()
    assert desk.at(house, instance_id) == ["z"]


def test_an_incident_moves_along_and_is_resolved_by_the_repaired_version(house: House) -> None:
    def drawn(key: str, expression: str) -> bytes:
        task = d.node("serviceTask", key, camunda__expression=expression)
        return d.straight(task, d.user("z", **WHO), identifiers=(key, "z"))

    old = desk.deploy(house, drawn("x", "${khong_co}"))
    instance_id = desk.begin(house, old)
    assert desk.instance(house, instance_id).open_incidents == 1
    new = desk.deploy(house, drawn("y", "${1}"))
    migrate(house, instance_id, Migrate(MigrationPlan(old.id, new.id, {"x": "y"}), "Sửa lỗi"))
    [incident] = desk.incidents(house, instance_id)
    assert incident.element == "y"
    with house.open_work() as work:
        incidents.retry(work, actor(work, ADMIN), incident.id)
    assert desk.at(house, instance_id) == ["z"]
    assert desk.instance(house, instance_id).open_incidents == 0


def test_what_cannot_move_is_refused_and_stays_as_it_is(house: House) -> None:
    old = desk.deploy(house, version(), **OLD_FORM)
    instance_id = desk.begin(house, old)
    gone = desk.deploy(house, version("b"), **OLD_FORM)
    before = desk.instance(house, instance_id)
    with pytest.raises(InvalidState, match="không có trong phiên bản mới"):
        migrate(house, instance_id, Migrate(MigrationPlan(old.id, gone.id), "Thử"))
    after = desk.instance(house, instance_id)
    assert (after.definition_id, after.version) == (old.id, before.version)


def test_plans_that_mean_nothing_are_refused(one_house: House) -> None:
    old = desk.deploy(one_house, version(), **OLD_FORM)
    instance_id = desk.begin(one_house, old)
    new = desk.deploy(one_house, version("b"), **OLD_FORM)
    for mapping in ({"khong_co": "b"}, {"a": "khong_co"}, {"a": "s"}):
        with pytest.raises(InvalidInput) as told:
            migrate(one_house, instance_id, Migrate(MigrationPlan(old.id, new.id, mapping), "Thử"))
        assert list(told.value.fields) == list(mapping)
    with pytest.raises(InvalidInput):
        MigrationPlan(old.id, old.id)
    with pytest.raises(InvalidInput, match="lý do"):
        migrate(one_house, instance_id, Migrate(MigrationPlan(old.id, new.id, {"a": "b"}), " "))
    command = Migrate(MigrationPlan(old.id, new.id, {"a": "b"}), "Thử")
    with pytest.raises(Forbidden):
        migrate(one_house, instance_id, command, who="giang.specialist")


def test_a_suspended_instance_may_be_moved_and_stays_suspended(house: House) -> None:
    old = desk.deploy(house, version(), **OLD_FORM)
    instance_id = desk.begin(house, old)
    with house.open_work() as work:
        instances.suspend(work, actor(work, ADMIN), instance_id)
    new = desk.deploy(house, version("b"), **OLD_FORM)
    migrate(house, instance_id, Migrate(MigrationPlan(old.id, new.id, {"a": "b"}), "Đổi"))
    assert desk.instance(house, instance_id).state is InstanceState.SUSPENDED


def test_a_preview_counts_moves_and_names_who_stays(one_house: House) -> None:
    old = desk.deploy(one_house, version(), **OLD_FORM)
    ids = [desk.begin(one_house, old, key=f"HS-{n}") for n in range(3)]
    desk.complete(one_house, desk.open_task(one_house, ids[2]).id, "giang.specialist")
    new = desk.deploy(one_house, version("b"), **OLD_FORM)
    with one_house.open_work(read_only=True) as work:
        found = [Running(work.instances.get(one)) for one in ids]
        seen = migrations.preview(work, MigrationPlan(old.id, new.id), found)
        mapped = migrations.preview(work, MigrationPlan(old.id, new.id, {"a": "b"}), found)
    assert (seen.movable, [one.code for one in seen.refusals]) == (1, ["HS-0", "HS-1"])
    assert (mapped.movable, mapped.moves) == (3, {("a", "b"): 2, ("z", "z"): 1})
    assert desk.instance(one_house, ids[0]).definition_id == old.id


# --- the law --------------------------------------------------------------------------------------


def accepted_case(house: House) -> tuple[ProcessInstance, str, str]:
    """A case of the demo's service, accepted; and a newer version of its flow, not published."""
    instance = trouble.enter(house)
    case_id = str(instance.subject_id)
    with house.open_work() as work:
        case = work.cases.lock(case_id)
        case.accept(work.now(), work.now() + timedelta(days=10), 1)
        definition = work.definitions.get(instance.definition_id)
        deployment = work.definitions.deployment(definition.deployment_id)
        file_set = work.files.get_set(deployment.fileset_checksum)
        made = deployments.deploy(work, file_set, source="test", actor=THE_SYSTEM)
        [target] = [one for one in made if one.key == instance.definition_key]
    return instance, case_id, target.id


def publish(house: House, definition_id: str) -> None:
    """Put a definition in force as version 2 of the demo's service."""
    with house.open_work() as work:
        [service] = work.services.live_at(desk.AGENCY)
        first = work.services.version(service.id, 1)
        assert first is not None
        work.services.add_version(
            replace(
                first,
                id=work.new_id(),
                version=2,
                definition_id=definition_id,
                registration_id="them",
            )
        )


def test_an_accepted_case_stays_bound_to_its_version(one_house: House) -> None:
    instance, case_id, target_id = accepted_case(one_house)
    plan = MigrationPlan(instance.definition_id, target_id)
    with one_house.open_work(read_only=True) as work:
        found = [Running(work.instances.get(instance.id))]
        assert migrations.preview(work, plan, found).accepted_cases == 1
    migrate(one_house, instance.id, Migrate(plan, "Sửa lỗi sơ đồ"))
    with one_house.open_work(read_only=True) as work:
        assert work.cases.get(case_id).service_version == 1


def test_an_administrator_may_bind_it_anew_to_what_was_published(one_house: House) -> None:
    instance, case_id, target_id = accepted_case(one_house)
    plan = MigrationPlan(instance.definition_id, target_id)
    with pytest.raises(InvalidState, match="chưa được công bố"):
        migrate(one_house, instance.id, Migrate(plan, "Theo luật mới", rebind=True))
    publish(one_house, target_id)
    migrate(one_house, instance.id, Migrate(plan, "Theo luật mới", rebind=True))
    with one_house.open_work(read_only=True) as work:
        assert work.cases.get(case_id).service_version == 2
        assert work.instances.history(instance.id)[-1].data["rebound"] == 2
