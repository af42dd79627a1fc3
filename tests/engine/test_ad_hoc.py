"""Ad-hoc sub-processes: what is offered to whom, who is asked when, and how it comes to an end."""

import pytest

from app.domain.ad_hoc import Candidates, Offer
from app.domain.engine import (
    IncidentCleared,
    Modification,
    StepsOffered,
    UserTaskClosed,
    UserTaskOpened,
)
from app.domain.errors import InvalidState
from app.engine.ad_hoc import MOST_AT_WORK
from app.engine.rehearsal import rehearse
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Desk

CHECK = d.user("a", camunda__candidateGroups="specialist", lm__unit="cntt")
ASK = d.user("b", camunda__candidateGroups="unit_head", camunda__candidateUsers="an, binh")


def tuy(*inner: str, completion: str = "", identifier: str = "tuy", **attributes: str) -> str:
    written = completion.replace("<", "&lt;")
    condition = f"<completionCondition>{written}</completionCondition>" if completion else ""
    return d.node(
        "adHocSubProcess",
        identifier,
        condition,
        *(inner or (CHECK, ASK)),
        **{"name": "Thẩm định", **attributes},
    )


def drawn(*inner: str, around: str = "", beside: str = "", **attributes: str) -> bytes:
    return d.process(
        d.start(), tuy(*inner, **attributes), beside, d.user("z"), d.chain("s", "tuy", "z"),
        around=around,
    )  # fmt: skip


def offers(desk: Desk) -> list[Offer]:
    return desk.program.offered(desk.snapshot, at=desk.now, programs=desk.shelf)


def offer(desk: Desk) -> Offer:
    [found] = offers(desk)
    return found


def choose(desk: Desk, element: str) -> None:
    desk.do("choose", offer(desk).token, element)


def end(desk: Desk) -> None:
    desk.do("finish", offer(desk).token, {})


def counted(desk: Desk) -> dict[str, tuple[int, int]]:
    """By step, how often it runs and how often it was done."""
    return {step.element: (step.running, step.done) for step in offer(desk).steps}


def asked(desk: Desk) -> bool:
    """Whether a user task asks what to do next."""
    return any(task.element == "tuy" for task in desk.waiting(UserTaskOpened))


# --- looking ------------------------------------------------------------------------------------


def test_what_is_offered_and_to_whom(play):
    desk = play(drawn())
    seen = offer(desk)
    assert (seen.element, seen.name, seen.ordered, seen.round) == ("tuy", "Thẩm định", False, None)
    assert [(step.element, step.name, step.kind) for step in seen.steps] == [
        ("a", "A", "userTask"),
        ("b", "B", "userTask"),
    ]
    check = Candidates(("specialist",), unit="cntt")
    ask = Candidates(("unit_head",), ("an", "binh"))
    assert [step.candidates for step in seen.steps] == [(check,), (ask,)]
    assert seen.candidates == (check, ask)
    assert (seen.closed, seen.unfinished, seen.at_work) == ("", "", ())


def test_a_user_task_asks_those_who_may_choose(play):
    desk = play(drawn(lm__dueDuration="2 working_day", camunda__priority="70"))
    [task] = desk.waiting(UserTaskOpened)
    assert (task.element, task.name) == ("tuy", "Chọn bước tiếp theo: Thẩm định")
    assert task.candidate_groups == ("specialist", "unit_head")
    assert task.candidate_users == ("an", "binh")
    assert (task.form_key, task.unit, task.agency, task.priority) == (None, None, "provider", 70)
    assert task.due.value == 2
    assert offer(desk).token == task.token


def test_those_named_at_the_sub_process_choose_alone(play):
    desk = play(drawn(camunda__candidateGroups="agency_leader", lm__agency="portal_manager"))
    leader = Candidates(("agency_leader",), agency="portal_manager")
    assert {step.candidates for step in offer(desk).steps} == {(leader,)}
    [task] = desk.waiting(UserTaskOpened)
    assert (task.candidate_groups, task.agency) == (("agency_leader",), "portal_manager")


def test_steps_of_the_system_are_begun_by_those_who_choose(play):
    work = d.script("tinh", "x = 1")
    desk = play(drawn(CHECK, work))
    assert offer(desk).step("tinh").candidates == (Candidates(("specialist",), unit="cntt"),)
    choose(desk, "tinh")
    assert counted(desk)["tinh"] == (0, 1)
    assert desk.variables["x"] == 1


def test_who_does_a_step_is_asked_anew_each_time(play):
    later = d.user("c", camunda__assignee="=nguoi", camunda__candidateGroups="${khong_co.x}")
    desk = play(drawn(CHECK, later), {"nguoi": None})
    assert offer(desk).step("c").candidates == offer(desk).candidates
    plain = d.user("c", camunda__assignee="=nguoi")
    desk = play(drawn(CHECK, plain), {"nguoi": "an"})
    assert offer(desk).step("c").candidates == (Candidates((), ("an",)),)
    desk.do("set_variables", {"nguoi": "binh"})
    assert offer(desk).step("c").candidates == (Candidates((), ("binh",)),)


def test_looking_changes_nothing_and_one_token_can_be_asked(play):
    desk = play(drawn())
    before = desk.snapshot.tokens
    token = offer(desk).token
    look = desk.program.offered
    assert len(look(desk.snapshot, at=NOON, programs=desk.shelf, token=token)) == 1
    assert look(desk.snapshot, at=NOON, programs=desk.shelf, token=999) == []
    choose(desk, "a")
    assert desk.snapshot.tokens != before
    task = desk.token("a")
    assert look(desk.snapshot, at=NOON, programs=desk.shelf, token=task) == []


def test_nothing_is_offered_before_and_after(play):
    desk = play(
        d.process(d.start(), d.user("x"), tuy(), d.user("z"), d.chain("s", "x", "tuy", "z"))
    )
    assert offers(desk) == []
    desk.finish("x")
    end(desk)
    assert offers(desk) == []
    with pytest.raises(InvalidState):
        desk.do("choose", desk.seen(StepsOffered)[0].token, "a")


# --- choosing -----------------------------------------------------------------------------------


def test_steps_run_side_by_side_and_are_counted(play):
    desk = play(drawn())
    for element in ("a", "a", "b"):
        choose(desk, element)
    assert counted(desk) == {"a": (2, 0), "b": (1, 0)}
    assert offer(desk).at_work == ("A", "B")
    desk.finish("a")
    assert counted(desk) == {"a": (1, 1), "b": (1, 0)}
    assert asked(desk)
    assert len(desk.seen(StepsOffered)) == 1


def test_in_order_one_is_asked_only_between_the_steps(play):
    desk = play(drawn(ordering="Sequential"))
    choose(desk, "a")
    assert not asked(desk)
    assert [fact.cancelled for fact in desk.new(UserTaskClosed)] == [False]
    assert "bước trước chưa xong: A" in offer(desk).closed
    with pytest.raises(InvalidState, match="lần lượt"):
        choose(desk, "a")
    desk.finish("a")
    assert asked(desk)
    assert offer(desk).closed == ""
    choose(desk, "b")
    assert counted(desk) == {"a": (0, 1), "b": (1, 0)}


def test_what_follows_a_step_belongs_to_it(play):
    desk = play(drawn(CHECK, d.user("sau"), d.chain("a", "sau"), ordering="Sequential"))
    assert [step.element for step in offer(desk).steps] == ["a"]
    choose(desk, "a")
    desk.finish("a")
    assert counted(desk) == {"a": (0, 1)}
    assert not asked(desk)
    assert offer(desk).at_work == ("SAU",)
    desk.finish("sau")
    assert asked(desk)


def test_events_beside_the_steps_do_not_hold_up_an_order(play):
    listener = d.sub(
        "su_kien",
        d.node("startEvent", "bat", d.on_message(), isInterrupting="false"),
        d.user("tra_loi"),
        d.chain("bat", "tra_loi"),
        triggeredByEvent="true",
    )
    desk = play(drawn(CHECK, listener, around=d.message(), ordering="Sequential"))
    assert [step.element for step in offer(desk).steps] == ["a"]
    desk.tell("bat")
    assert asked(desk)
    choose(desk, "a")
    desk.finish("tra_loi")
    assert not asked(desk)
    desk.finish("a")
    assert asked(desk)


def test_too_many_at_once_are_refused(play):
    desk = play(drawn())
    desk.restored = False
    for _ in range(MOST_AT_WORK):
        choose(desk, "a")
    with pytest.raises(InvalidState, match=str(MOST_AT_WORK)):
        choose(desk, "a")
    assert str(MOST_AT_WORK) in offer(desk).closed


# --- the end ------------------------------------------------------------------------------------


def test_people_end_it_and_the_question_is_answered(play):
    desk = play(drawn())
    choose(desk, "a")
    end(desk)
    assert desk.at == ["z"]
    closed = {fact.element: fact.cancelled for fact in desk.new(UserTaskClosed)}
    assert closed == {"tuy": False, "a": True}


def test_it_ends_by_its_condition_and_the_question_with_it(play):
    desk = play(drawn(completion="du = true"))
    assert "Chưa đạt" in offer(desk).unfinished
    with pytest.raises(InvalidState, match="Chưa đạt"):
        end(desk)
    choose(desk, "a")
    choose(desk, "b")
    desk.finish("b", {"du": True})
    assert desk.at == ["z"]
    closed = {fact.element: fact.cancelled for fact in desk.new(UserTaskClosed)}
    assert closed == {"b": False, "tuy": True, "a": True}


def test_a_condition_that_became_true_from_outside_lets_people_end_it(play):
    desk = play(drawn(completion="du = true"))
    desk.do("set_variables", {"du": True})
    assert offer(desk).unfinished == ""
    end(desk)
    assert desk.at == ["z"]


def test_what_must_be_finished_first_is_not_cancelled(play):
    desk = play(drawn(cancelRemainingInstances="false"))
    choose(desk, "a")
    assert offer(desk).unfinished == "Còn bước chưa xong: A."
    with pytest.raises(InvalidState, match="Còn bước chưa xong: A"):
        end(desk)
    desk.finish("a")
    end(desk)
    assert desk.at == ["z"]
    assert desk.cancelled() == []


def test_a_condition_that_cannot_be_told_is_an_incident_and_may_be_tried_again(play):
    desk = play(drawn(completion="so"), {"so": None})
    choose(desk, "a")
    desk.finish("a", {"so": 5})
    assert len(desk.incidents) == 1
    assert offers(desk) == []
    desk.do("set_variables", {"so": False})
    desk.do("resume", desk.seen(StepsOffered)[0].token)
    assert desk.new(IncidentCleared)
    assert counted(desk)["a"] == (0, 1)
    assert len([task for task in desk.waiting(UserTaskOpened) if task.element == "tuy"]) == 1


def test_a_step_that_ends_while_it_is_parked_tries_the_condition_again(play):
    desk = play(drawn(completion="so"), {"so": None})
    for element in ("a", "b", "a"):
        choose(desk, element)
    desk.finish("a", {"so": 5})
    desk.finish("a", {"so": 6})
    assert offers(desk) == []
    desk.finish("b", {"so": True})
    assert desk.new(IncidentCleared)
    assert desk.at == ["z"]


def test_a_condition_that_cannot_be_told_holds_up_people_too(play):
    desk = play(drawn(completion="so"), {"so": None})
    desk.do("set_variables", {"so": 5})
    assert "đúng hoặc sai" in offer(desk).unfinished
    with pytest.raises(InvalidState, match="đúng hoặc sai"):
        end(desk)


def test_a_deadline_that_cannot_be_told_is_an_incident_of_the_asking(play):
    desk = play(drawn(camunda__dueDate="=han"), {"han": "mai"})
    assert len(desk.incidents) == 1
    assert offers(desk) == []
    desk.do("set_variables", {"han": None})
    desk.do("resume", desk.token("tuy"))
    assert asked(desk)


def test_a_terminate_end_event_ends_it(play):
    stop = d.end("het", "<terminateEventDefinition/>")
    desk = play(drawn(CHECK, ASK, stop, d.chain("b", "het")))
    choose(desk, "a")
    choose(desk, "b")
    desk.finish("b")
    assert desk.at == ["z"]
    assert desk.cancelled() == ["a"]


def test_a_boundary_event_takes_it_away_with_its_question(play):
    bound = d.boundary("huy", "tuy", d.on_message()) + d.user("y") + d.chain("huy", "y")
    desk = play(drawn(around=d.message(), beside=bound))
    choose(desk, "a")
    desk.tell("huy")
    assert desk.at == ["y"]
    closed = {fact.element: fact.cancelled for fact in desk.new(UserTaskClosed)}
    assert closed == {"tuy": True, "a": True}
    assert offers(desk) == []


def test_an_interrupting_event_inside_is_the_last_thing_done(play):
    listener = d.sub(
        "su_kien",
        d.start("bat", d.on_message()),
        d.user("don_dep"),
        d.chain("bat", "don_dep"),
        triggeredByEvent="true",
    )
    desk = play(drawn(CHECK, listener, around=d.message()))
    choose(desk, "a")
    desk.tell("bat")
    assert desk.at == ["don_dep"]
    assert not asked(desk)
    assert "sự kiện" in offer(desk).closed
    for act in (lambda: choose(desk, "a"), lambda: end(desk)):
        with pytest.raises(InvalidState):
            act()
    desk.finish("don_dep")
    assert desk.at == ["z"]


# --- inside each other --------------------------------------------------------------------------


def test_a_sub_process_is_a_step_and_asks_for_those_inside(play):
    inner = d.sub(
        "ho_so",
        d.start("s2"),
        d.user("kiem_tra", camunda__candidateGroups="clerk"),
        d.end("e2"),
        d.chain("s2", "kiem_tra", "e2"),
        name="Hồ sơ",
    )
    desk = play(drawn(CHECK, inner))
    assert offer(desk).step("ho_so").candidates == (Candidates(("clerk",)),)
    choose(desk, "ho_so")
    assert counted(desk)["ho_so"] == (1, 0)
    desk.finish("kiem_tra")
    assert counted(desk)["ho_so"] == (0, 1)


def test_one_inside_another_is_offered_when_it_is_chosen(play):
    nested = tuy(d.user("trong", camunda__candidateGroups="clerk"), identifier="trong_nua")
    desk = play(drawn(CHECK, nested))
    choose(desk, "trong_nua")
    outer, inner = offers(desk)
    assert (outer.element, inner.element) == ("tuy", "trong_nua")
    desk.do("choose", inner.token, "trong")
    desk.finish("trong")
    desk.do("finish", inner.token, {})
    assert counted(desk)["trong_nua"] == (0, 1)


def test_every_round_of_a_loop_offers_for_itself(play):
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="false">'
        "<loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    )
    desk = play(drawn(loop, CHECK, ASK))
    first, second = offers(desk)
    assert (first.round, second.round) == (1, 2)
    desk.do("choose", first.token, "a")
    assert [step.running for step in offers(desk)[0].steps] == [1, 0]
    assert [step.running for step in offers(desk)[1].steps] == [0, 0]
    body = desk.program.state_of(desk.snapshot, desk.shelf).tokens[first.token].scope.owner
    for command, arguments in (("choose", ("a",)), ("finish", ({},))):
        with pytest.raises(InvalidState):
            desk.do(command, body.id, *arguments)
    desk.do("finish", second.token, {})
    end(desk)
    assert desk.at == ["z"]


# --- by hand, and in another version -------------------------------------------------------------


def test_a_place_inside_begins_it_and_asks(play):
    desk = play(
        d.process(d.start(), d.user("x"), tuy(), d.user("z"), d.chain("s", "x", "tuy", "z"))
    )
    desk.do("modify", Modification(cancel=(desk.token("x"),), before=("a",)))
    assert counted(desk) == {"a": (1, 0), "b": (0, 0)}
    assert asked(desk)


def test_a_step_taken_away_by_hand_lets_people_choose_again(play):
    desk = play(drawn(ordering="Sequential"))
    choose(desk, "a")
    desk.do("modify", Modification(cancel=(desk.token("a"),)))
    assert asked(desk)
    choose(desk, "b")
    assert counted(desk)["b"] == (1, 0)


def test_it_moves_to_another_version_with_its_counts(play, shelf):
    desk = play(drawn())
    choose(desk, "a")
    desk.finish("a")
    target = shelf.add(drawn(d.user("a2"), ASK), definition_id="p:2")
    desk.do("migrate", target, {"a": "a2"})
    desk.program = target
    assert counted(desk) == {"a2": (0, 1), "b": (0, 0)}
    assert asked(desk)
    forms = target.form_keys(desk.snapshot, at=NOON, programs=shelf)
    assert forms == {offer(desk).token: None}


def test_where_the_new_version_lets_people_choose_now_they_are_asked(play, shelf):
    desk = play(drawn(ordering="Sequential"))
    choose(desk, "a")
    assert not asked(desk)
    target = shelf.add(drawn(), definition_id="p:2")
    desk.do("migrate", target, {})
    desk.program = target
    assert asked(desk)
    choose(desk, "a")
    assert counted(desk)["a"] == (2, 0)


# --- rehearsal ----------------------------------------------------------------------------------


def test_a_walk_does_every_step_once():
    [run] = rehearse({"p.bpmn": drawn()}, NOON)
    assert (run.ok, run.message) == (True, "")
    assert run.steps[:2] == ("Chọn “A”", "Chọn “B”")
    assert sorted(run.steps[2:4]) == ["A", "B"]
    assert run.steps[4:] == ("Chọn bước tiếp theo: Thẩm định", "Z")


def test_a_walk_of_ordered_steps():
    [run] = rehearse({"p.bpmn": drawn(ordering="Sequential")}, NOON)
    assert run.ok
    assert run.steps[:4] == ("Chọn “A”", "A", "Chọn “B”", "B")


def test_a_walk_that_never_fulfils_the_condition_says_so():
    [run] = rehearse({"p.bpmn": drawn(completion="du = true")}, NOON)
    assert not run.ok
    assert "Chưa đạt điều kiện hoàn thành" in run.message


SCENARIO = """
steps:
  - choose: b
  - complete: b
  - at: [tuy]
  - complete: tuy
  - complete: z
ends: completed
"""


def test_a_scenario_chooses():
    [run] = rehearse({"p.bpmn": drawn(), "x.yaml": SCENARIO.encode()}, NOON)
    assert (run.ok, run.message) == (True, "")
    [run] = rehearse({"p.bpmn": drawn(), "x.yaml": b"steps:\n- choose: khong_co"}, NOON)
    assert not run.ok
    assert "khong_co" in run.message
