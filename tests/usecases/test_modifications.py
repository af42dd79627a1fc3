"""Steps changed by hand: as one step, with a reason, audited; refused where it makes no sense."""

import pytest

from app.domain.engine import Modification
from app.domain.errors import Conflict, Forbidden, InvalidInput, InvalidState
from app.domain.instances import ProcessInstance
from app.domain.user_tasks import TaskState
from app.usecases import instances, modifications
from app.usecases.modifications import Modify
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

ADMIN = "viet.admin"
WHO = {"camunda__candidateGroups": "specialist"}


def three(house: House) -> str:
    """An instance that waits at `a`, before `b` and `c`."""
    steps = [d.user(one, **WHO) for one in "abc"]
    return desk.begin(house, desk.deploy(house, d.straight(*steps, identifiers=("a", "b", "c"))))


def modify(
    house: House, instance_id: str, reason: str = "Làm nhầm", who: str = ADMIN, **more: object
) -> ProcessInstance:
    version = more.pop("version", None)
    variables = more.pop("variables", {})
    command = Modify(Modification(**more), variables, reason, version)  # type: ignore[arg-type]
    with house.open_work() as work:
        return modifications.modify(work, actor(work, who), instance_id, command)


def test_a_step_is_moved_and_its_rows_follow(house: House) -> None:
    instance_id = three(house)
    task = desk.open_task(house, instance_id)
    modify(house, instance_id, cancel=(task.token,), before=("c",), variables={"0": {"phi": 5}})
    assert desk.task(house, task.id).state is TaskState.CANCELLED
    assert desk.open_task(house, instance_id, "c").state is TaskState.OPEN
    assert desk.variables(house, instance_id)["phi"] == 5


def test_it_is_one_entry_of_the_history_with_reason_and_instructions(house: House) -> None:
    instance_id = three(house)
    token = desk.open_task(house, instance_id).token
    entries = len(desk.history(house, instance_id))
    modify(house, instance_id, cancel=(token,), after=("b",), variables={"0": {"phi": 5}})
    added = desk.history(house, instance_id)[entries:]
    assert [entry.kind for entry in added] == ["modify"]
    assert added[0].name == "Làm nhầm"
    assert added[0].data["cancel"] == [[token, "a"]]
    assert (added[0].data["before"], added[0].data["after"]) == ([], ["b"])
    assert added[0].data["variables"] == {"0": ["phi"]}


def test_all_or_nothing(house: House) -> None:
    instance_id = three(house)
    before = desk.instance(house, instance_id)
    with pytest.raises(InvalidInput):
        modify(house, instance_id, before=("c", "khong_co"), variables={"0": {"phi": 5}})
    after = desk.instance(house, instance_id)
    assert (after.version, after.tokens, after.variables) == (
        before.version,
        before.tokens,
        before.variables,
    )


def test_a_preview_keeps_nothing(one_house: House) -> None:
    instance_id = three(one_house)
    token = desk.open_task(one_house, instance_id).token
    with one_house.open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        command = Modify(Modification(cancel=(token,), before=("b", "c")))
        seen = modifications.preview(work, instance, command)
    assert sorted(seen.active) == ["b", "c"]
    assert not seen.ends
    assert seen.at_once == ()
    assert desk.at(one_house, instance_id) == ["a"]


def test_refusals(one_house: House) -> None:
    instance_id = three(one_house)
    token = desk.open_task(one_house, instance_id).token
    with pytest.raises(InvalidInput, match="ít nhất một bước"):
        modify(one_house, instance_id)
    with pytest.raises(InvalidInput, match="lý do"):
        modify(one_house, instance_id, reason=" ", before=("b",))
    with pytest.raises(InvalidInput, match="không còn bước nào"):
        modify(one_house, instance_id, cancel=(token,))
    with pytest.raises(Conflict):
        modify(one_house, instance_id, before=("b",), version=0)
    with pytest.raises(Forbidden):
        modify(one_house, instance_id, who="uyen.auditor", before=("b",))
    with pytest.raises(InvalidState):
        modify(one_house, instance_id, variables={"77": {"phi": 1}})
    with one_house.open_work() as work:
        instances.suspend(work, actor(work, ADMIN), instance_id)
    with pytest.raises(InvalidState, match="tạm dừng"):
        modify(one_house, instance_id, before=("b",))


def test_an_operation_of_the_house_that_refuses_refuses_the_whole_change(one_house: House) -> None:
    notify = d.external(
        "bao", d.mapping({"to": "provider", "title": "Chào"}), topic="lien_mach.notify"
    )
    written = d.straight(d.user("a", **WHO), notify, identifiers=("a", "bao"))
    instance_id = desk.begin(one_house, desk.deploy(one_house, written))
    token = desk.open_task(one_house, instance_id).token
    with pytest.raises(InvalidInput, match="không gắn với hồ sơ"):
        modify(one_house, instance_id, cancel=(token,), before=("bao",))
    assert desk.at(one_house, instance_id) == ["a"]
