"""Where tokens split and meet."""

import pytest

from app.domain.engine import ActivityEnded, SubscriptionOpened, TimerStarted
from tests.engine import diagrams as d


def two_branches(kind: str, *, first: str | None = None, second: str | None = None) -> bytes:
    return d.process(
        d.start(),
        d.node(kind, "g"),
        d.user("a"),
        d.user("b"),
        d.node(kind, "j"),
        d.user("c"),
        d.chain("s", "g"),
        d.flow("g", "a", first),
        d.flow("g", "b", second),
        d.chain("a", "j", "c"),
        d.chain("b", "j"),
    )


def test_exclusive_takes_the_first_that_holds(play):
    bpmn = d.process(
        d.start(),
        d.node("exclusiveGateway", "g", default="g-c"),
        d.user("a"),
        d.user("b"),
        d.user("c"),
        d.chain("s", "g"),
        d.flow("g", "a", "x > 5"),
        d.flow("g", "b", "x > 3"),
        d.flow("g", "c"),
    )
    assert play(bpmn, {"x": 9}).at == ["a"]
    assert play(bpmn, {"x": 4}).at == ["b"]
    assert play(bpmn, {"x": 1}).at == ["c"]


def test_exclusive_without_a_way_out_waits_for_help(play):
    bpmn = d.process(
        d.start(),
        d.node("exclusiveGateway", "g"),
        d.user("a"),
        d.user("b"),
        d.chain("s", "g"),
        d.flow("g", "a", "x = 1"),
        d.flow("g", "b", "x = 2"),
    )
    desk = play(bpmn, {"x": 3})
    assert "mặc định" in desk.incidents[0]
    desk.do("set_variables", {"x": 2})
    desk.resume("g")
    assert desk.at == ["b"]
    assert desk.path() == ["s", "g", "b"]


def test_parallel_waits_for_every_branch(play):
    desk = play(two_branches("parallelGateway"))
    assert desk.at == ["a", "b"]
    desk.finish("b")
    assert desk.at == ["a", "j"]
    desk.finish("a")
    assert desk.at == ["c"]
    assert desk.path().count("j") == 2


def test_lists_of_two_branches_do_not_overwrite_each_other(play):
    desk = play(two_branches("parallelGateway"), {"ds": []})
    desk.finish("a", {"a": [{"boi": "a"}]})
    desk.finish("b", {"b": [{"boi": "b"}]})
    assert desk.variables == {"ds": [], "a": [{"boi": "a"}], "b": [{"boi": "b"}]}


@pytest.mark.parametrize(("x", "begun"), [(1, ["a"]), (2, ["b"]), (3, ["a", "b"])])
def test_inclusive_waits_only_for_what_can_come(play, x, begun):
    desk = play(
        two_branches("inclusiveGateway", first="x = 1 or x = 3", second="x = 2 or x = 3"), {"x": x}
    )
    assert desk.at == begun
    for element in begun:
        assert "c" not in desk.at
        desk.finish(element)
    assert desk.at == ["c"]


def test_inclusive_opens_when_the_other_branch_ends_elsewhere(play):
    bpmn = d.process(
        d.start(),
        d.node("inclusiveGateway", "g"),
        d.user("a"),
        d.user("b"),
        d.node("exclusiveGateway", "x", default="x-e"),
        d.end(),
        d.node("inclusiveGateway", "j"),
        d.user("c"),
        d.chain("s", "g"),
        d.flow("g", "a", "true"),
        d.flow("g", "b", "true"),
        d.chain("a", "j", "c"),
        d.chain("b", "x"),
        d.flow("x", "j", "tiep = true"),
        d.flow("x", "e"),
    )
    desk = play(bpmn)
    desk.finish("a")
    assert desk.at == ["b", "j"]
    desk.finish("b", {"tiep": False})
    assert desk.at == ["c"]


def test_inclusive_in_a_loop(play):
    bpmn = d.process(
        d.start(),
        d.node("inclusiveGateway", "j"),
        d.user("a"),
        d.node("exclusiveGateway", "x", default="x-e"),
        d.end(),
        d.chain("s", "j", "a", "x"),
        d.flow("x", "j", "lai = true"),
        d.flow("x", "e"),
    )
    desk = play(bpmn)
    for _ in range(3):
        desk.finish("a", {"lai": True})
        assert desk.at == ["a"]
    desk.finish("a", {"lai": False})
    assert desk.ended is not None


def test_event_based_the_first_event_wins(play):
    bpmn = d.process(
        d.start(),
        d.node("eventBasedGateway", "g"),
        d.node("intermediateCatchEvent", "tin", d.on_message()),
        d.node("intermediateCatchEvent", "som", d.after("PT1H")),
        d.node("intermediateCatchEvent", "muon", d.after("PT2H")),
        d.user("a"),
        d.user("b"),
        d.user("c"),
        d.chain("s", "g", "tin", "a"),
        d.chain("g", "som", "b"),
        d.chain("g", "muon", "c"),
        around=d.message(),
    )
    desk = play(bpmn)
    assert desk.at == ["g"]
    assert len(desk.waiting(TimerStarted)) == 2
    desk.fire("som")
    assert desk.at == ["b"]
    assert not desk.waiting(TimerStarted)
    assert not desk.waiting(SubscriptionOpened)
    other = play(bpmn)
    other.tell("tin", {"x": 1})
    assert other.at == ["a"]
    assert other.variables == {"x": 1}


def test_event_based_with_a_receive_task(play):
    bpmn = d.process(
        d.start(),
        d.node("eventBasedGateway", "g"),
        d.node("receiveTask", "nhan", messageRef="m"),
        d.node("intermediateCatchEvent", "han", d.after()),
        d.chain("s", "g", "nhan"),
        d.chain("g", "han"),
        around=d.message(),
    )
    desk = play(bpmn)
    desk.tell("nhan")
    assert desk.ended is not None
    assert desk.path() == ["s", "g", "nhan"]


def complex_join(condition: str) -> bytes:
    return d.process(
        d.start(),
        d.node("parallelGateway", "g"),
        d.user("a"),
        d.user("b"),
        d.user("c"),
        d.node("complexGateway", "j", f"<activationCondition>{condition}</activationCondition>"),
        d.user("z"),
        d.chain("s", "g", "a", "j", "z"),
        d.chain("g", "b", "j"),
        d.chain("g", "c", "j"),
    )


def test_complex_opens_at_two_of_three_and_swallows_the_third(play):
    desk = play(complex_join("activationCount >= 2"))
    desk.finish("a")
    assert desk.at == ["b", "c", "j"]
    desk.finish("b")
    assert desk.at == ["c", "z"]
    desk.finish("c")
    assert desk.at == ["z"]
    desk.finish("z")
    assert desk.ended is not None


def test_complex_that_can_never_open_waits_for_help(play):
    desk = play(complex_join("activationCount >= 9"))
    for element in ("a", "b", "c"):
        desk.finish(element)
    assert "không đạt" in desk.incidents[0]


def test_implicit_split_and_implicit_merge(play):
    bpmn = d.process(
        d.start(),
        d.user("a"),
        d.user("b"),
        d.user("c"),
        d.chain("s", "a", "b"),
        d.chain("a", "c"),
        d.chain("b", "c"),
    )
    desk = play(bpmn)
    desk.finish("a")
    assert desk.at == ["b", "c"]
    desk.finish("b")
    assert desk.at == ["c", "c"]


def test_gateways_end_what_they_begin(play):
    desk = play(two_branches("parallelGateway"))
    desk.finish("a")
    desk.finish("b")
    desk.finish("c")
    begun, ended = len(desk.path()), len(desk.seen(ActivityEnded))
    assert begun == ended
