"""What Camunda's own tests say of running instances that migrate, in our words.

Where we differ on purpose, docs/bpmn.md says so; the tests of that are marked “ours”.
"""

from collections.abc import Callable

import pytest

from app.domain.engine import (
    StepsOffered,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    UserTaskClosed,
)
from tests.engine import diagrams as d
from tests.engine.desk import Desk
from tests.engine.moving import moved, refused
from tests.engine.test_migration_plans import CATCH, aside, box, diagram, one
from tests.engine.test_migration_scopes import tree


@pytest.mark.parametrize(
    "event",
    [d.on_message(), d.on_signal(), d.after(), d.on_condition("n = 1")],
    ids=["message", "signal", "timer", "condition"],
)
def test_a_sub_process_dropped_and_opened_again_waits_anew(play, event):
    """MigrationNestedEventSubProcessTest: only the step inside is mapped."""
    frame = d.sub("t", d.start("t-s"), d.user("a"), d.chain("t-s", "a"), aside(event))
    process = diagram(d.start(), frame, d.chain("s", "t"))
    desk = play(process, {"n": 0})
    token = desk.token("a")
    moved(desk, process, {"t": "", "es": "", "es-s": ""})
    assert desk.token("a") == token
    if "condition" not in event:
        assert desk.new(TimerStarted) or desk.new(SubscriptionOpened)
        assert desk.new(TimerClosed) or desk.new(SubscriptionClosed)
    _start_aside(desk)
    assert tree(desk) == ["t/es/es-q"]
    desk.finish("es-q")
    assert desk.ended is not None


def _start_aside(desk: Desk) -> None:
    if desk.waiting(TimerStarted):
        desk.fire("es-s")
    elif desk.waiting(SubscriptionOpened):
        desk.tell("es-s")
    else:
        desk.do("set_variables", {"n": 1})


@pytest.mark.parametrize(
    ("event", "thrown"), [(d.on_error(), d.on_error()), (d.on_escalation(), d.on_escalation())]
)
def test_an_event_sub_process_that_caught_something_goes_on(play, event, thrown):
    throwing = diagram(
        d.start(), d.end("e", thrown), aside(event), d.chain("s", "e")
    )  # fmt: skip
    desk = play(throwing)
    assert tree(desk) == ["es/es-q"]
    moved(desk, throwing.replace(b'id="es-q"', b'id="q2"').replace(b'Ref="es-q"', b'Ref="q2"'),
          {"es-q": "q2"})  # fmt: skip
    assert tree(desk) == ["es/q2"]
    desk.finish("q2")
    assert desk.ended is not None


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_step_of_an_event_sub_process_may_become_a_scope_and_back(play, interrupting):
    """MigrationEventSubProcessTest: shouldRemainActiveAfterUserTaskBecomesScope, …NoneScope."""
    flat = one(d.user("a"), aside(d.on_message(), interrupting=interrupting))
    watched = flat.replace(
        b"</subProcess>",
        d.boundary("x", "es-q", d.on_condition("n = 2")).encode() + b"</subProcess>",
    )
    desk = play(flat, {"n": 0})
    desk.tell("es-s")
    stands = tree(desk)
    moved(desk, watched)
    moved(desk, flat)
    assert tree(desk) == stands
    desk.finish("es-q")
    assert tree(desk) == ([] if interrupting else ["a"])


def test_the_rounds_of_a_sub_process_cannot_go_on_as_rounds_of_the_step_in_it(play):
    """MigrationMultiInstanceTest: the inner activity of a mapped loop is neither added nor lost."""
    inner = (d.start("t-s"), d.user("a"), d.chain("t-s", "a"))
    rounds = diagram(d.start(), d.sub("t", d.many("2"), *inner), d.chain("s", "t"))
    steps = one(d.user("a", d.many("2")))
    assert any("không cùng loại" in said for said in refused(play(rounds), steps, {"t": "a"}))
    assert any("không cùng loại" in said for said in refused(play(steps), rounds, {"a": "t"}))


def waiting_at(kind: str) -> Callable[[str, str], bytes]:
    attribute = {"before": "asyncBefore", "after": "asyncAfter"}[kind]

    def version(asynchronous: str, frame: str) -> bytes:
        marked = {f"camunda__{attribute}": "true"} if asynchronous else {}
        steps = (d.user("a", **marked), d.user("b"), d.flow("a", "b"))
        if not frame:
            return diagram(d.start(), *steps, d.chain("s", "a"))
        return diagram(
            d.start(), d.sub(frame, d.start("i"), *steps, d.chain("i", "a")), d.chain("s", frame)
        )

    return version


@pytest.mark.parametrize("kind", ["before", "after"])
@pytest.mark.parametrize("asynchronous", ["ja", ""], ids=["still", "no-longer"])
@pytest.mark.parametrize("frame", ["", "t"], ids=["flat", "wrapped"])
def test_a_job_before_or_after_a_step_goes_on(play, kind, asynchronous, frame):
    """MigrationTransitionInstancesTest; ours: the job is kept where the boundary is gone, too."""
    version = waiting_at(kind)
    desk = play(version("ja", ""))
    if kind == "after":
        desk.finish("a")
    moved(desk, version(asynchronous, frame))
    desk.resume("a")
    assert [one.rpartition("/")[2] for one in tree(desk)] == ["a" if kind == "before" else "b"]


def test_a_job_after_a_step_takes_the_flows_of_the_new_version(play):
    """Ours: Camunda has chosen the flow before the job, and refuses where it is gone."""

    def version(*ways: str) -> bytes:
        steps = (d.user("a", camunda__asyncAfter="true"), *map(d.user, ways))
        return diagram(d.start(), *steps, d.flow("s", "a"), *(d.flow("a", one) for one in ways))

    desk = play(version("b"))
    desk.finish("a")
    moved(desk, version("c", "k"))
    desk.resume("a")
    assert tree(desk) == ["c", "k"]


def test_a_start_event_before_which_a_job_waits_goes_into_a_sub_process(play):
    """Ours: Camunda refuses it, since the instance itself begins by that job there."""
    waits = {"camunda__asyncBefore": "true"}
    desk = play(diagram(d.start("s", **waits), d.user("a"), d.chain("s", "a")))
    inner = d.sub("t", d.start("s2", **waits), d.user("a"), d.chain("s2", "a"))
    moved(desk, diagram(d.start("s0"), inner, d.chain("s0", "t")), {"s": "s2"})
    desk.resume("s2")
    assert tree(desk) == ["t/a"]


def test_variables_of_a_step_go_with_it(play):
    """MigrationVariablesTest: inner ones hide outer ones as before, also under a new scope."""
    local = d.mapping({"x": "=1"})
    step = d.user("a", local)
    desk = play(one(step), {"x": 0})
    inner = d.sub(
        "t", d.mapping({"x": "=2"}), d.start("t-s"), d.user("a"), d.boundary("b", "a", d.after()),
        d.chain("t-s", "a"),
    )  # fmt: skip
    moved(desk, diagram(d.start(), inner, d.chain("s", "t")))
    around = desk.program.surroundings(desk.snapshot, desk.token("a"), programs=desk.shelf)
    assert around is not None
    assert around.variables == {"x": 1}
    assert sorted(one["x"] for one in desk.snapshot.variables.values()) == [0, 1, 2]


def test_an_incident_of_a_called_process_stays_when_its_caller_moves(play, shelf):
    """MigrationIncidentTest: it is told of the process it happened in, not of each around it."""
    failing = d.external("k")
    shelf.add(d.definitions(d.body(d.start(), failing, d.chain("s", "k"), key="q")), "q")
    desk = play(one(d.node("callActivity", "a", calledElement="q")))
    desk.fail("k")
    moved(desk, one(d.node("callActivity", "b", calledElement="q"), identifier="b"), {"a": "b"})
    assert desk.at == ["k"]
    desk.resume("k")
    desk.finish("k")
    assert desk.ended is not None


@pytest.mark.parametrize("dropped", [True, False], ids=["dropped", "opened"])
def test_a_condition_sees_what_a_sub_process_around_it_changes(play, dropped):
    """MigrationWithoutTriggerConditionTest; ours: it fires with the migration."""
    catch = d.node(CATCH, "x", d.on_condition("n = 1"))
    flat = diagram(d.start(), catch, d.user("z"), d.chain("s", "x", "z"))
    mapping = d.mapping(outputs={"n": "=1"}) if dropped else d.mapping({"n": "=1"})
    frame = d.sub("t", mapping, d.start("i"), catch, d.user("z"), d.chain("i", "x", "z"))
    framed = diagram(d.start(), frame, d.chain("s", "t"))
    desk = play(framed if dropped else flat, {"n": 0})
    assert desk.at == ["x"]
    moved(desk, flat if dropped else framed)
    assert desk.at == ["z"]


WHO = {"camunda__candidateGroups": "specialist"}


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_an_ad_hoc_sub_process_is_opened_around_what_runs(play, ordering):
    """MigrationAdHocOwnerChangeTest; ours: several may be at work in an ordered one, and finish."""
    fork = d.node("parallelGateway", "f") + d.user("a") + d.user("b")
    desk = play(diagram(d.start(), fork, d.chain("s", "f", "a"), d.chain("f", "b")))
    steps = (d.user("a", **WHO), d.user("b", **WHO))
    chosen = d.node("adHocSubProcess", "t", *steps, ordering=ordering, **WHO)
    moved(desk, diagram(d.start(), chosen, d.user("z"), d.chain("s", "t", "z")))
    assert tree(desk) == ["t/a", "t/b"]
    [offer] = desk.program.offered(desk.snapshot, at=desk.now, programs=desk.shelf)
    assert bool(offer.closed) == (ordering == "Sequential")
    desk.finish("a")
    desk.finish("b")
    [offer] = desk.program.offered(desk.snapshot, at=desk.now, programs=desk.shelf)
    assert not offer.closed
    assert desk.variables == {}
    desk.do("finish", offer.token, {})
    assert desk.at == ["z"]


@pytest.mark.parametrize("ordering", ["Parallel", "Sequential"])
def test_an_ad_hoc_sub_process_is_dropped_around_what_runs(play, ordering):
    steps = (d.user("a", **WHO), d.user("b", **WHO))
    chosen = d.node("adHocSubProcess", "t", *steps, ordering=ordering, **WHO)
    desk = play(diagram(d.start(), chosen, d.chain("s", "t")))
    assert any("không có trong phiên bản mới" in said for said in refused(desk, one(d.user("a"))))
    [offer] = desk.program.offered(desk.snapshot, at=desk.now, programs=desk.shelf)
    desk.do("choose", offer.token, "a")
    assert any("không cùng loại" in said for said in refused(desk, one(box(), identifier="t")))
    moved(desk, one(d.user("a")))
    assert tree(desk) == ["a"]
    asked = [closed for closed in desk.new(UserTaskClosed) if closed.element == "t"]
    assert [closed.cancelled for closed in asked] == ([True] if ordering == "Parallel" else [])
    assert not desk.new(StepsOffered)
    desk.finish("a")
    assert desk.ended is not None


def reminded(*boundaries: tuple[str, str]) -> bytes:
    """A step with reminders: the boundary event, and the step that follows it."""
    listed = [
        d.boundary(name, "a", d.after("PT5H"), interrupting=False) + d.user(step)
        for name, step in boundaries
    ]
    ways = (d.flow(name, step) for name, step in boundaries)
    return one(d.user("a"), *listed, *ways)


def test_two_reminders_become_one(play):
    """MigrationTimerBoundryEventTest: the one that has fired arms nothing."""
    desk = play(reminded(("x", "b"), ("y", "c")))
    [before] = [timer for timer in desk.waiting(TimerStarted) if timer.element == "y"]
    desk.fire("x")
    moved(desk, reminded(("y", "c")), {"x": "y", "b": "c"})
    assert desk.waiting(TimerStarted) == [before]
    assert tree(desk) == ["a", "c"]


def test_one_reminder_becomes_two(play):
    desk = play(reminded(("y", "c")))
    [before] = desk.waiting(TimerStarted)
    desk.pass_(hours=1)
    moved(desk, reminded(("x", "b"), ("y", "c")))
    assert before in desk.waiting(TimerStarted)
    assert [timer.element for timer in desk.new(TimerStarted)] == ["x"]
