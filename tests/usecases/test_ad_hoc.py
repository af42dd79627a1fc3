"""Steps that people choose: by whom, once for each click, on record, found in the task list."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import Conflict, Forbidden, InvalidState, NotFound
from app.domain.instances import InstanceState
from app.domain.user_tasks import TaskState, UserTask
from app.usecases import ad_hoc, instances, user_tasks
from app.usecases.ad_hoc import ChooseStep, FinishChoosing, Offered
from app.usecases.ports import Queue, TaskFilter
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

GIANG, HAI, DUNG, CHI, BINH = (
    "giang.specialist",
    "hai.specialist",
    "dung.head",
    "chi.reception",
    "binh.leader",
)
QUYEN, ADMIN, AUDITOR = "quyen.specialist", "viet.admin", "uyen.auditor"
CHECK = d.user("a", camunda__candidateGroups="specialist")
DECIDE = d.user("b", camunda__candidateGroups="unit_head")
AFTER = d.user("z", camunda__candidateGroups="clerk")


def choosing(house: House, *inner: str, **attributes: str) -> str:
    """An instance at Sở TT&TT that stands at an ad-hoc sub-process, before a clerk's task."""
    written = {"name": "Thẩm định", **attributes}
    box = d.node("adHocSubProcess", "tuy", *(inner or (CHECK, DECIDE)), **written)
    made = desk.deploy(house, d.process(d.start(), box, AFTER, d.chain("s", "tuy", "z")))
    return desk.begin(house, made)


def offered(house: House, instance_id: str, who: str = ADMIN) -> list[Offered]:
    with house.open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        return ad_hoc.offered(work, actor(work, who), instance)


def choose(
    house: House, who: str, instance_id: str, element: str = "a", begun: int | None = None
) -> None:
    token = asking(house, instance_id).token
    with house.open_work() as work:
        ad_hoc.choose(work, ChooseStep(instance_id, actor(work, who), token, element, begun))


def finish(
    house: House, who: str, instance_id: str, token: int | None = None, begun: int | None = None
) -> None:
    if token is None:
        token = offered(house, instance_id)[0].offer.token
    with house.open_work() as work:
        ad_hoc.finish(work, FinishChoosing(instance_id, actor(work, who), token, begun))


def asking(house: House, instance_id: str) -> UserTask:
    """The newest task that asks for a choice, open or not."""
    with house.open_work(read_only=True) as work:
        found = [one for one in work.user_tasks.of_instance(instance_id) if one.element == "tuy"]
    return found[-1]


def names_in(house: House, who: str, queue: Queue = Queue.UNASSIGNED) -> list[str]:
    with house.open_work(read_only=True) as work:
        wanted = TaskFilter(actor=actor(work, who), queue=queue, search="HS-1")
        return sorted(task.name for task in work.user_tasks.page(wanted, 1, 50, work.now()).items)


# --- found --------------------------------------------------------------------------------------


def test_it_is_found_in_the_task_lists_of_those_who_may_choose(house: House) -> None:
    choosing(house)
    for who in (GIANG, DUNG):
        assert names_in(house, who) == ["Chọn bước tiếp theo: Thẩm định"]
    for who in (CHI, QUYEN):
        assert names_in(house, who) == []


def test_a_chosen_step_opens_its_task(house: House) -> None:
    instance_id = choosing(house)
    choose(house, GIANG, instance_id)
    assert names_in(house, GIANG) == ["A", "Chọn bước tiếp theo: Thẩm định"]
    task = desk.open_task(house, instance_id, "a")
    desk.complete(house, task.id, GIANG)
    [seen] = offered(house, instance_id, GIANG)
    assert [(step.running, step.done) for step in seen.offer.steps] == [(0, 1), (0, 0)]


def test_one_at_a_time_asks_again_when_the_step_is_done(house: House) -> None:
    instance_id = choosing(house, ordering="Sequential")
    first = asking(house, instance_id)
    choose(house, GIANG, instance_id)
    answered = desk.task(house, first.id)
    assert (answered.state, answered.completed_by_name) == (TaskState.COMPLETED, "Hoàng Thu Giang")
    assert names_in(house, GIANG) == ["A"]
    with pytest.raises(InvalidState, match="lần lượt"):
        choose(house, DUNG, instance_id, "b")
    desk.complete(house, desk.open_task(house, instance_id, "a").id, GIANG)
    again = asking(house, instance_id)
    assert again.id != first.id
    assert (again.state, again.token) == (TaskState.OPEN, first.token)


# --- who ----------------------------------------------------------------------------------------


def test_each_may_begin_what_he_may_do(house: House) -> None:
    instance_id = choosing(house)
    may = {who: offered(house, instance_id, who)[0] for who in (GIANG, DUNG, CHI, QUYEN, ADMIN)}
    assert {who: sorted(seen.may_begin) for who, seen in may.items()} == {
        GIANG: ["a"],
        DUNG: ["b"],
        CHI: [],
        QUYEN: [],
        ADMIN: ["a", "b"],
    }
    assert [who for who, seen in may.items() if seen.may_end] == [GIANG, DUNG, ADMIN]


@pytest.mark.parametrize(
    ("who", "element"), [(GIANG, "b"), (CHI, "a"), (QUYEN, "a"), (AUDITOR, "a")]
)
def test_others_are_refused(one_house: House, who: str, element: str) -> None:
    instance_id = choosing(one_house)
    with pytest.raises(Forbidden):
        choose(one_house, who, instance_id, element)
    if who != GIANG:
        with pytest.raises(Forbidden):
            finish(one_house, who, instance_id)
    assert desk.at(one_house, instance_id) == ["tuy"]


def test_those_named_by_the_diagram_choose_for_the_others(one_house: House) -> None:
    instance_id = choosing(one_house, camunda__candidateGroups="unit_head")
    with pytest.raises(Forbidden):
        choose(one_house, GIANG, instance_id)
    choose(one_house, DUNG, instance_id)
    assert desk.open_task(one_house, instance_id, "a").roles == ["specialist"]


def test_another_agency_s_part_is_asked_at_that_agency(one_house: House) -> None:
    ours = d.user("a", camunda__candidateGroups="specialist", lm__agency="portal_manager")
    made = desk.deploy(
        one_house,
        d.process(
            d.start(), d.node("adHocSubProcess", "tuy", ours), AFTER, d.chain("s", "tuy", "z")
        ),
    )
    instance_id = desk.begin(one_house, made, agency="sgtvt")
    assert offered(one_house, instance_id, GIANG)[0].may_begin == {"a"}
    assert not offered(one_house, instance_id, QUYEN)[0].concerns
    assert asking(one_house, instance_id).agency_id == "stttt"


def test_a_person_named_by_username_may_choose(one_house: House) -> None:
    instance_id = choosing(one_house, d.user("a", camunda__candidateUsers=CHI))
    assert offered(one_house, instance_id, CHI)[0].concerns
    choose(one_house, CHI, instance_id)
    assert desk.at(one_house, instance_id) == ["a"]


def test_what_a_colleague_has_taken_is_his(one_house: House) -> None:
    instance_id = choosing(one_house)
    with one_house.open_work() as work:
        user_tasks.claim(work, actor(work, GIANG), asking(one_house, instance_id).id)
    assert offered(one_house, instance_id, HAI)[0].taken_by == "Hoàng Thu Giang"
    for act in (choose, finish):
        with pytest.raises(Conflict, match="Giang"):
            act(one_house, HAI, instance_id)
    choose(one_house, GIANG, instance_id)
    choose(one_house, GIANG, instance_id, "b")  # who is answerable for it chooses for all
    finish(one_house, ADMIN, instance_id)


def test_only_those_whom_it_concerns_see_it(one_house: House) -> None:
    instance_id = choosing(one_house)
    with one_house.open_work(read_only=True) as work:
        for who in (GIANG, ADMIN, AUDITOR):
            [seen] = ad_hoc.visible(work, actor(work, who), instance_id)
            assert seen.offer.element == "tuy"
        for who in (CHI, QUYEN):
            with pytest.raises(NotFound):
                ad_hoc.visible(work, actor(work, who), instance_id)


# --- once ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_a_second_click_changes_nothing(house: House, ordering: str) -> None:
    instance_id = choosing(house, ordering=ordering)
    for _ in range(2):
        choose(house, GIANG, instance_id, begun=0)
    assert desk.at(house, instance_id) == ["a"]
    assert [entry.kind for entry in desk.history(house, instance_id)].count("choose") == 1


def test_the_same_choice_of_two_people_is_carried_out_once(house: House) -> None:
    instance_id = choosing(house)
    choose(house, GIANG, instance_id, begun=0)
    with pytest.raises(Conflict, match="Hoàng Thu Giang vừa bắt đầu bước “A”"):
        choose(house, HAI, instance_id, begun=0)
    choose(house, HAI, instance_id, begun=1)
    assert desk.at(house, instance_id) == ["a", "a"]


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_two_people_at_the_same_moment_begin_it_once(house: House, ordering: str) -> None:
    instance_id = choosing(house, ordering=ordering)
    token = asking(house, instance_id).token

    def press(who: str) -> str:
        try:
            with house.open_work() as work:
                command = ChooseStep(instance_id, actor(work, who), token, "a", 0)
                ad_hoc.choose(work, command)
        except Conflict:
            return "late"
        return "begun"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(press, [GIANG, HAI, GIANG, HAI]))
    assert sorted(outcomes) == ["begun", "begun", "late", "late"], "each by one and the same"
    assert desk.at(house, instance_id) == ["a"]


def test_a_page_that_knows_more_than_happened_is_refused(one_house: House) -> None:
    instance_id = choosing(one_house)
    with pytest.raises(Conflict, match="đã thay đổi"):
        choose(one_house, GIANG, instance_id, begun=7)


def test_ending_twice_is_ending_once(house: House) -> None:
    instance_id = choosing(house)
    token = asking(house, instance_id).token
    for _ in range(2):
        finish(house, GIANG, instance_id, token, begun=0)
    assert desk.at(house, instance_id) == ["z"]
    answered = asking(house, instance_id)
    assert (answered.state, answered.completed_by_name) == (TaskState.COMPLETED, "Hoàng Thu Giang")
    with pytest.raises(InvalidState, match="đã kết thúc"):
        finish(house, DUNG, instance_id, token)
    with pytest.raises(InvalidState, match="đã kết thúc"):
        choose(house, ADMIN, instance_id)
    with pytest.raises(NotFound):
        choose(house, QUYEN, instance_id)


def test_an_order_may_be_ended_while_a_step_is_at_work(one_house: House) -> None:
    instance_id = choosing(one_house, ordering="Sequential")
    choose(one_house, GIANG, instance_id)
    finish(one_house, DUNG, instance_id, begun=1)
    assert desk.at(one_house, instance_id) == ["z"]
    assert asking(one_house, instance_id).completed_by_name == "Hoàng Thu Giang"


def test_what_began_meanwhile_is_not_swept_away(one_house: House) -> None:
    instance_id = choosing(one_house)
    choose(one_house, DUNG, instance_id, "b")
    with pytest.raises(Conflict, match="sau khi bạn mở trang"):
        finish(one_house, GIANG, instance_id, begun=0)
    finish(one_house, GIANG, instance_id, begun=1)
    assert desk.at(one_house, instance_id) == ["z"]


# --- refused, and on record -----------------------------------------------------------------------


def test_what_is_not_offered_cannot_be_chosen(one_house: House) -> None:
    instance_id = choosing(one_house)
    with pytest.raises(InvalidState, match="không còn trong các bước"):
        choose(one_house, ADMIN, instance_id, "z")


def test_a_suspended_instance_waits(one_house: House) -> None:
    instance_id = choosing(one_house)
    with one_house.open_work() as work:
        instances.suspend(work, actor(work, ADMIN), instance_id)
    for act in (choose, finish):
        with pytest.raises(InvalidState, match="tạm dừng"):
            act(one_house, GIANG, instance_id)


def test_what_must_be_finished_first_holds_up_the_end(one_house: House) -> None:
    instance_id = choosing(one_house, cancelRemainingInstances="false")
    choose(one_house, GIANG, instance_id)
    with pytest.raises(InvalidState, match="Còn bước chưa xong: A"):
        finish(one_house, GIANG, instance_id)
    with pytest.raises(InvalidState, match="Còn bước chưa xong: A"):
        desk.complete(one_house, asking(one_house, instance_id).id, GIANG)


def test_the_history_says_who_chose_what(one_house: House) -> None:
    instance_id = choosing(one_house)
    choose(one_house, GIANG, instance_id)
    finish(one_house, DUNG, instance_id)
    entries = {entry.kind: entry for entry in desk.history(one_house, instance_id)}
    chosen, ended = entries["choose"], entries["finish"]
    assert (chosen.element, chosen.name, chosen.actor_name) == ("a", "A", "Hoàng Thu Giang")
    assert ["+", "a", "userTask", "A"] in [fact[:4] for fact in chosen.data["facts"]]
    assert (ended.element, ended.name) == ("tuy", "Thẩm định")
    assert ["x", "a"] in ended.data["facts"]


def test_completing_the_task_that_asks_ends_it(house: House) -> None:
    instance_id = choosing(house)
    choose(house, GIANG, instance_id)
    desk.complete(house, asking(house, instance_id).id, GIANG)
    assert desk.at(house, instance_id) == ["z"]


def test_nothing_is_left_when_the_instance_is_cancelled(one_house: House) -> None:
    instance_id = choosing(one_house)
    choose(one_house, GIANG, instance_id)
    with one_house.open_work() as work:
        instances.cancel(work, actor(work, ADMIN), instance_id, "Rút")
    assert desk.instance(one_house, instance_id).state is InstanceState.CANCELLED
    assert asking(one_house, instance_id).state is TaskState.CANCELLED
    assert offered(one_house, instance_id) == []


def test_steps_of_a_called_process_are_chosen_too(house: House) -> None:
    box = d.node("adHocSubProcess", "tuy", CHECK, name="Thẩm định")
    desk.deploy(
        house,
        d.definitions(d.body(d.start(), box, d.end(), d.chain("s", "tuy", "e"), key="con")),
    )
    call = d.node("callActivity", "goi", calledElement="con")
    made = desk.deploy(house, d.process(d.start(), call, AFTER, d.chain("s", "goi", "z")))
    instance_id = desk.begin(house, made)
    choose(house, GIANG, instance_id)
    assert desk.open_task(house, instance_id, "a").name == "A"
    finish(house, GIANG, instance_id)
    assert desk.at(house, instance_id) == ["z"]
