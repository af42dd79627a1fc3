"""Undoing what was completed."""

from app.domain.engine import Outcome, UserTaskOpened
from tests.engine import diagrams as d

UNDO = "<compensateEventDefinition/>"


def undoable(identifier: str) -> str:
    """A task with a compensation handler `huy_<id>`."""
    return (
        d.user(identifier)
        + d.boundary(f"x_{identifier}", identifier, UNDO)
        + d.node("userTask", f"huy_{identifier}", isForCompensation="true")
        + f'<association id="as_{identifier}" sourceRef="x_{identifier}" targetRef="huy_{identifier}"/>'
    )


def throw(identifier: str = "bu", activity: str = "") -> str:
    reference = f' activityRef="{activity}"' if activity else ""
    return d.node("intermediateThrowEvent", identifier, f"<compensateEventDefinition{reference}/>")


def test_everything_done_in_the_scope_is_undone(play):
    desk = play(
        d.process(
            d.start(),
            undoable("a"),
            undoable("b"),
            d.user("z"),
            throw(),
            d.user("y"),
            d.chain("s", "a", "b", "z", "bu", "y"),
        )
    )
    desk.finish("a")
    desk.finish("b")
    desk.finish("z")
    assert desk.at == ["bu", "huy_a", "huy_b"]
    desk.finish("huy_a")
    assert desk.at == ["bu", "huy_b"]
    desk.finish("huy_b")
    assert desk.at == ["y"]
    desk.finish("y")
    assert desk.ended.outcome is Outcome.COMPLETED


def test_the_latest_is_undone_first(play):
    desk = play(
        d.process(d.start(), undoable("a"), undoable("b"), throw(), d.chain("s", "a", "b", "bu"))
    )
    desk.finish("a")
    desk.finish("b")
    assert desk.path()[-2:] == ["huy_b", "huy_a"]


def test_one_activity_may_be_named(play):
    desk = play(
        d.process(
            d.start(),
            undoable("a"),
            undoable("b"),
            throw(activity="a"),
            d.user("z"),
            d.chain("s", "a", "b", "bu", "z"),
        )
    )
    desk.finish("a")
    desk.finish("b")
    assert desk.at == ["bu", "huy_a"]
    desk.finish("huy_a")
    assert desk.at == ["z"]


def test_what_is_undone_is_not_undone_again(play):
    desk = play(
        d.process(
            d.start(),
            undoable("a"),
            throw("b1"),
            throw("b2"),
            d.user("z"),
            d.chain("s", "a", "b1", "b2", "z"),
        )
    )
    desk.finish("a")
    desk.finish("huy_a")
    assert desk.at == ["z"]
    assert desk.path().count("huy_a") == 1


def test_nothing_to_undo(play):
    desk = play(d.process(d.start(), throw(), d.user("z"), d.chain("s", "bu", "z")))
    assert desk.at == ["z"]


def test_the_inside_of_a_sub_process_is_undone_with_its_variables(play):
    inner = d.sub(
        "trong",
        d.mapping({"so": "=5"}),
        d.start("s2"),
        undoable("a").replace('id="huy_a"', 'id="huy_a" camunda:assignee="=string(so)"'),
        d.chain("s2", "a"),
    )
    desk = play(d.process(d.start(), inner, d.user("z"), throw(), d.chain("s", "trong", "z", "bu")))
    desk.finish("a")
    assert "so" not in desk.variables
    desk.finish("z")
    assert desk.at == ["bu", "huy_a"]
    assert desk.facts[-1].assignee == "5"
    desk.finish("huy_a")
    assert desk.ended is not None
    assert set(desk.snapshot.variables) <= {"0"}


def test_rounds_are_undone_one_by_one(play):
    inner = d.sub("trong", d.many("2"), d.start("s2"), undoable("a"), d.chain("s2", "a"))
    desk = play(d.process(d.start(), inner, throw(), d.user("z"), d.chain("s", "trong", "bu", "z")))
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["bu", "huy_a", "huy_a"]
    desk.finish("huy_a")
    desk.finish("huy_a")
    assert desk.at == ["z"]


def test_a_compensation_event_subprocess_says_how_to_undo(play):
    handler = d.sub(
        "ep",
        d.start("es", UNDO),
        d.user("tu_huy"),
        d.chain("es", "tu_huy"),
        triggeredByEvent="true",
    )
    inner = d.sub("trong", d.start("s2"), d.user("a"), d.chain("s2", "a"), handler)
    desk = play(d.process(d.start(), inner, throw(), d.user("z"), d.chain("s", "trong", "bu", "z")))
    desk.finish("a")
    assert desk.at == ["bu", "tu_huy"]
    desk.finish("tu_huy")
    assert desk.at == ["z"]


def test_what_was_done_last_is_undone_first_wherever_it_lies(play):
    """Done around the event sub-process after what was done in it, and undone before."""
    inner = d.node(
        "subProcess",
        "ep",
        d.start("es", d.on_message(), isInterrupting="false"),
        undoable("trong"),
        d.user("cho"),
        throw(),
        d.chain("es", "trong", "cho", "bu"),
        triggeredByEvent="true",
    )
    around = d.process(
        d.start(), undoable("a"), d.user("z"), inner, d.chain("s", "a", "z"), around=d.message()
    )
    desk = play(around)
    desk.tell("es")
    desk.finish("trong")
    desk.finish("a")
    desk.finish("cho")
    opened = [one.element for one in desk.new(UserTaskOpened)]
    assert opened[-2:] == ["huy_a", "huy_trong"]


def test_an_end_event_may_undo(play):
    desk = play(d.process(d.start(), undoable("a"), d.end("e", UNDO), d.chain("s", "a", "e")))
    desk.finish("a")
    assert desk.at == ["e", "huy_a"]
    desk.finish("huy_a")
    assert desk.ended is not None


def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event(play):
    inner = d.node(
        "transaction",
        "gd",
        d.start("s2"),
        undoable("a"),
        d.user("b"),
        d.user("c"),
        d.end("huy", "<cancelEventDefinition/>"),
        d.chain("s2", "a", "b", "huy"),
        d.chain("a", "c"),
    )
    desk = play(
        d.process(
            d.start(),
            inner,
            d.user("z"),
            d.user("y"),
            d.boundary("x", "gd", "<cancelEventDefinition/>"),
            d.chain("s", "gd", "y"),
            d.chain("x", "z"),
        )
    )
    desk.finish("a")
    desk.finish("b")
    assert desk.at == ["huy", "huy_a"]
    assert "c" in desk.cancelled()
    desk.finish("huy_a")
    assert desk.at == ["z"]


def test_a_transaction_that_succeeds_goes_on(play):
    inner = d.node("transaction", "gd", d.start("s2"), undoable("a"), d.chain("s2", "a"))
    desk = play(d.process(d.start(), inner, d.user("y"), d.chain("s", "gd", "y")))
    desk.finish("a")
    assert desk.at == ["y"]
