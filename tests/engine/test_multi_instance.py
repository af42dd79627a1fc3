"""Activities that run several times."""

import pytest

from app.domain.engine import JobCreated, UserTaskOpened, VariablesSet
from tests.engine import diagrams as d


def repeated(loop: str, *, kind: str = "task") -> bytes:
    activity = (
        d.user("a", loop)
        if kind == "task"
        else d.sub("a", loop, d.start("s2"), d.user("b"), d.chain("s2", "b"))
    )
    return d.process(d.start(), activity, d.user("z"), d.chain("s", "a", "z"))


def test_parallel_rounds_are_open_together(play):
    desk = play(repeated(d.many("3")))
    assert desk.at == ["a", "a", "a"]
    for left in (2, 1):
        desk.finish("a")
        assert desk.at == ["a"] * left
    desk.finish("a")
    assert desk.at == ["z"]


def test_sequential_rounds_come_one_after_the_other(play):
    loop = d.many(sequential=True, collection="ds", element="ten")
    activity = d.user("a", loop, camunda__assignee="=ten")
    desk = play(
        d.process(d.start(), activity, d.user("z"), d.chain("s", "a", "z")), {"ds": ["x", "y"]}
    )
    assert [one.assignee for one in desk.seen(UserTaskOpened)] == ["x"]
    desk.finish("a")
    assert [one.assignee for one in desk.seen(UserTaskOpened)] == ["x", "y"]
    desk.finish("a")
    assert desk.at == ["z"]
    assert desk.variables == {"ds": ["x", "y"]}


def test_counters_are_those_of_camunda(play):
    desk = play(repeated(d.many("3")))
    desk.finish("a")
    counters = [
        one.values for one in desk.new(VariablesSet) if "nrOfCompletedInstances" in one.values
    ]
    assert counters == [{"nrOfCompletedInstances": 1, "nrOfActiveInstances": 2}]


@pytest.mark.parametrize("sequential", [False, True])
def test_a_completion_condition_ends_the_rest(play, sequential):
    loop = d.many("5", sequential=sequential, until="nrOfCompletedInstances &gt;= 2")
    desk = play(repeated(loop))
    desk.finish("a")
    assert "z" not in desk.at
    desk.finish("a")
    assert desk.at == ["z"]
    assert len(desk.cancelled()) == (0 if sequential else 3)


@pytest.mark.parametrize("count", ["0", "=số"])
def test_no_round_at_all(play, count):
    desk = play(repeated(d.many(count)), {"số": 0})
    assert desk.at == ["z"]


@pytest.mark.parametrize(
    ("loop", "values"),
    [
        (d.many("${n}"), {"n": -1}),
        (d.many("${n}"), {"n": "ba"}),
        (d.many("${n}"), {"n": 1_000_000}),
        (d.many("1.5"), {}),
        (d.many(collection="ds"), {}),
        (d.many(collection="ds"), {"ds": "không phải danh sách"}),
    ],
)
def test_nonsense_counts_are_incidents(play, loop, values):
    desk = play(repeated(loop), values)
    assert len(desk.incidents) == 1
    assert desk.at == ["a"]


def test_rounds_of_a_sub_process_have_their_own_variables(play):
    loop = d.many(collection="ds", element="ten")
    inner = d.sub(
        "a",
        loop,
        d.start("s2"),
        d.user("b", camunda__assignee="=ten + string(loopCounter)"),
        d.chain("s2", "b"),
    )
    desk = play(d.process(d.start(), inner, d.chain("s", "a")), {"ds": ["x", "y"]})
    assert [one.assignee for one in desk.seen(UserTaskOpened)] == ["x0", "y1"]
    desk.finish("b")
    desk.finish("b")
    assert desk.ended is not None
    assert desk.variables == {"ds": ["x", "y"]}


def test_a_boundary_belongs_to_all_rounds(play):
    bpmn = d.process(
        d.start(),
        d.user("a", d.many("3")),
        d.user("b"),
        d.boundary("x", "a", d.after()),
        d.chain("s", "a"),
        d.chain("x", "b"),
    )
    desk = play(bpmn)
    desk.fire("x")
    assert desk.at == ["b"]
    assert desk.cancelled() == ["a"] * 4


def test_an_error_in_one_round_ends_all(play):
    bpmn = d.process(
        d.start(),
        d.external("a", d.many("2")),
        d.user("b"),
        d.boundary("x", "a", d.on_error()),
        d.chain("s", "a"),
        d.chain("x", "b"),
        around=d.error(),
    )
    desk = play(bpmn)
    desk.do("throw_error", desk.token("a"), "LOI", "", {})
    assert desk.at == ["b"]


def test_results_are_gathered_in_order(play):
    loop = (
        '<multiInstanceLoopCharacteristics camunda:collection="ds" camunda:elementVariable="ten">'
        '<loopDataOutputRef>kq</loopDataOutputRef><outputDataItem id="o" name="ra"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    inner = d.sub(
        "a",
        d.mapping({"ra": "=null"}),
        loop,
        d.start("s2"),
        d.user("b"),
        d.script("t", "ra = ten + dau"),
        d.chain("s2", "b", "t"),
    )
    desk = play(d.process(d.start(), inner, d.chain("s", "a")), {"ds": ["x", "y"], "dau": "!"})
    state = desk.program.state_of(desk.snapshot, desk.shelf)
    later, sooner = sorted(one.id for one in state.tokens.values() if one.node.id == "b")[::-1]
    desk.do("finish", later, {})
    desk.do("finish", sooner, {})
    assert desk.variables["kq"] == ["x!", "y!"]


def test_async_boundaries_of_body_and_rounds(play):
    loop = d.many("2").replace(
        "<multiInstanceLoopCharacteristics",
        '<multiInstanceLoopCharacteristics camunda:asyncBefore="true"',
    )
    desk = play(repeated(loop))
    assert len(desk.seen(JobCreated)) == 2
    body = play(
        d.process(
            d.start(), d.user("a", d.many("2"), camunda__asyncBefore="true"), d.chain("s", "a")
        )
    )
    assert len(body.seen(JobCreated)) == 1
    body.resume("a")
    assert body.at == ["a", "a"]


def test_a_fault_in_the_completion_condition_counts_the_round_once(play):
    loop = d.many("2", until="${dung}")
    desk = play(repeated(loop))
    desk.finish("a")
    assert desk.incidents
    desk.do("set_variables", {"dung": False})
    desk.do("resume", _parked(desk))
    desk.finish("a")
    assert desk.at == ["z"]


def _parked(desk):
    state = desk.program.state_of(desk.snapshot, desk.shelf)
    return next(one.id for one in state.tokens.values() if one.status == "x")


# --- standard loops -------------------------------------------------------------------------------


def looped(*, before: bool = False, maximum: str = "", condition: str = "") -> bytes:
    written = f"<loopCondition>{condition}</loopCondition>" if condition else ""
    limit = f' loopMaximum="{maximum}"' if maximum else ""
    loop = (
        f'<standardLoopCharacteristics testBefore="{str(before).lower()}"{limit}>{written}'
        "</standardLoopCharacteristics>"
    )
    return repeated(loop)


def test_a_loop_goes_on_while_its_condition_holds(play):
    desk = play(looped(condition="lai = true"))
    desk.finish("a", {"lai": True})
    desk.finish("a", {"lai": True})
    assert desk.at == ["a"]
    desk.finish("a", {"lai": False})
    assert desk.at == ["z"]


def test_a_loop_may_be_tested_before(play):
    assert play(looped(before=True, condition="lai = true"), {"lai": False}).at == ["z"]
    assert play(looped(before=True, condition="lai = true"), {"lai": True}).at == ["a"]


def test_a_loop_has_a_maximum(play):
    desk = play(looped(maximum="2"))
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["z"]
