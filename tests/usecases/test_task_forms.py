"""The form of a task is that of the diagram it stands in, and reads what is known there."""

import pytest

from app.domain.definitions import ProcessDefinition
from app.domain.errors import InvalidInput
from app.domain.migrations import MigrationPlan
from app.domain.user_tasks import UserTask
from app.usecases import migrations, user_tasks
from app.usecases.migrations import Migrate
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk
from tests.usecases.test_migrations_called import scope_of

ADMIN, CLERK = "viet.admin", "giang.specialist"
WHO = {"camunda__candidateGroups": "specialist"}
FORM = {**WHO, "camunda__formKey": "f"}


def labelled(label: str, key: str = "finding") -> bytes:
    return desk.form({**desk.REQUIRED, "key": key, "label": label})


def inner(*steps: str) -> bytes:
    nodes = "".join(d.user(one, **FORM) for one in steps)
    return d.definitions(d.body(d.start(), nodes, d.end(), d.chain("s", *steps, "e"), key="q"))


def outer(step: str = "z") -> bytes:
    passed = d.extensions(
        '<camunda:in source="so" target="so"/><camunda:out source="finding" target="finding"/>'
    )
    return d.process(
        d.start(),
        d.node("callActivity", "goi", passed, calledElement="q"),
        d.user(step, **FORM),
        d.end(),
        d.chain("s", "goi", step, "e"),
    )


def calling(house: House, *steps: str) -> tuple[ProcessDefinition, ProcessDefinition, str]:
    """Called process and caller, in deployments of their own with forms of one name; an instance."""
    source = desk.deploy(house, inner(*(steps or "k")), f=labelled("Của quy trình được gọi"))
    caller = desk.deploy(house, outer(), f=labelled("Của quy trình gọi", "outcome"))
    return source, caller, desk.begin(house, caller, {"so": 7, "kin": 1})


def labels(house: House, task: UserTask) -> list[str]:
    with house.open_work(read_only=True) as work:
        found = work.user_tasks.get(task.id)
        form = user_tasks.form_of(work, found, work.instances.get(found.instance_id))
        return [one.label for one in form.fields()] if form is not None else []


def readable(house: House, task: UserTask) -> dict[str, object]:
    """What the form of a task can read, people left out."""
    with house.open_work(read_only=True) as work:
        found = work.user_tasks.get(task.id)
        known = user_tasks.form_variables(work, found, work.instances.get(found.instance_id))
        return {name: value for name, value in known.items() if not name.startswith("people_")}


def test_a_called_process_uses_the_forms_of_its_own_deployment(house: House) -> None:
    _, _, instance_id = calling(house)
    task = desk.open_task(house, instance_id, "k")
    assert labels(house, task) == ["Của quy trình được gọi"]
    assert readable(house, task) == {"so": 7}
    with pytest.raises(InvalidInput):
        desk.complete(house, task.id, CLERK, outcome="của biểu mẫu khác")
    desk.complete(house, task.id, CLERK, finding="xong")
    after = desk.open_task(house, instance_id, "z")
    assert labels(house, after) == ["Của quy trình gọi"]
    assert readable(house, after) == {"so": 7, "kin": 1, "finding": "xong"}


def test_the_task_of_a_called_process_that_moves_gets_the_form_it_moves_to(house: House) -> None:
    source, _, instance_id = calling(house)
    before = desk.open_task(house, instance_id, "k")
    target = desk.deploy(house, inner("k", "them"), f=labelled("Của phiên bản mới", "opinion"))
    assert labels(house, before) == ["Của quy trình được gọi"]
    with house.open_work() as work:
        command = Migrate(MigrationPlan(source.id, target.id), "Văn bản mới")
        scope = scope_of(house, instance_id)
        migrations.migrate(work, actor(work, ADMIN), instance_id, command, scope)
    task = desk.open_task(house, instance_id, "k")
    assert task.id == before.id
    assert labels(house, task) == ["Của phiên bản mới"]
    desk.complete(house, task.id, CLERK, opinion="đồng ý")
    assert desk.at(house, instance_id) == ["them"]


def test_the_form_of_a_called_process_stays_when_its_caller_moves(house: House) -> None:
    _, caller, instance_id = calling(house)
    target = desk.deploy(house, outer("y"), f=labelled("Của phiên bản mới", "opinion"))
    with house.open_work() as work:
        command = Migrate(MigrationPlan(caller.id, target.id), "Văn bản mới")
        migrations.migrate(work, actor(work, ADMIN), instance_id, command)
    task = desk.open_task(house, instance_id, "k")
    assert labels(house, task) == ["Của quy trình được gọi"]
    desk.complete(house, task.id, CLERK, finding="xong")
    assert labels(house, desk.open_task(house, instance_id, "y")) == ["Của phiên bản mới"]


def test_a_task_that_is_over_shows_its_form_as_long_as_a_diagram_has_it(house: House) -> None:
    _, _, instance_id = calling(house, "k", "them")
    first = desk.open_task(house, instance_id, "k")
    desk.complete(house, first.id, CLERK, finding="một")
    assert labels(house, first) == ["Của quy trình được gọi"]
    second = desk.open_task(house, instance_id, "them")
    desk.complete(house, second.id, CLERK, finding="hai")
    assert labels(house, first) == []
    last = desk.open_task(house, instance_id, "z")
    desk.complete(house, last.id, CLERK, outcome="ba")
    assert labels(house, last) == ["Của quy trình gọi"]


def test_a_task_that_is_over_has_no_form_where_a_later_version_has_none(house: House) -> None:
    def two(first: str) -> bytes:
        return d.process(
            d.start(), d.user(first, **FORM), d.user("z", **WHO), d.end(),
            d.chain("s", first, "z", "e"),
        )  # fmt: skip

    old = desk.deploy(house, two("a"), f=labelled("Cũ"))
    instance_id = desk.begin(house, old)
    task = desk.open_task(house, instance_id)
    desk.complete(house, task.id, CLERK, finding="xong")
    new = desk.deploy(
        house,
        two("a").replace(b'formKey="f"', b'formKey="f2"'),
        f2=desk.form(desk.REQUIRED, key="f2"),
    )
    with house.open_work() as work:
        command = Migrate(MigrationPlan(old.id, new.id), "Văn bản mới")
        migrations.migrate(work, actor(work, ADMIN), instance_id, command)
    assert labels(house, task) == []


def test_the_form_of_a_round_reads_its_item(house: House) -> None:
    step = d.user("a", d.many(collection="=nguoi", element="ai"), **FORM)
    made = desk.deploy(house, d.straight(step, identifiers=("a",)), f=labelled("Ý kiến"))
    instance_id = desk.begin(house, made, {"nguoi": ["An", "Bình"]})
    tasks = desk.open_tasks(house, instance_id, "a")
    assert sorted(str(readable(house, one)["ai"]) for one in tasks) == ["An", "Bình"]
