"""What can be undone stays so when sub-processes are opened or dropped around it."""

import pytest

from app.domain.engine import JobCreated
from tests.engine import diagrams as d
from tests.engine.moving import moved, refused
from tests.engine.test_migration_scopes import tree

UNDO = "<compensateEventDefinition/>"


def undoable(step: str, handler: str = "huy") -> str:
    """A step that can be undone, and what undoes it."""
    return "".join(
        (
            d.user(step),
            d.boundary(f"{step}-x", step, UNDO),
            d.node("userTask", handler, isForCompensation="true"),
            f'<association id="{step}-as" sourceRef="{step}-x" targetRef="{handler}"/>',
        )
    )


def after(*parts: str, first: str, last: str = "") -> bytes:
    """Something, then a step, then everything is undone."""
    return d.process(
        d.start(),
        *parts,
        d.user("z"),
        d.end("e", UNDO),
        d.chain("s", first),
        d.chain(last or first, "z", "e"),
    )


def flat(step: str = "a", handler: str = "huy") -> bytes:
    return after(undoable(step, handler), first=step)


def framed(*frames: str, step: str = "a", more: str = "") -> bytes:
    """The step that can be undone lies in sub-processes, the outer one first."""
    inside, first = undoable(step), step
    for frame in reversed(frames):
        start, end = f"{frame}-s", f"{frame}-e"
        inner = d.start(start) + inside + d.end(end) + d.chain(start, first, end)
        inside, first = d.sub(frame, inner, more if frame == frames[0] else ""), frame
    return after(inside, first=first)


def test_what_was_done_is_undone_inside_the_new_sub_process(play):
    desk = play(flat())
    desk.finish("a", {"x": 1})
    moved(desk, framed("t"))
    desk.finish("z")
    assert tree(desk) == ["e", "t/huy"]
    desk.finish("huy")
    assert desk.ended is not None


def test_it_is_undone_where_the_sub_process_was_dropped(play):
    desk = play(framed("t", more=d.mapping({"rieng": "=1"})))
    desk.finish("a")
    assert any(key.endswith(".done") for key in desk.snapshot.variables)
    moved(desk, flat())
    assert not any(key.endswith(".done") for key in desk.snapshot.variables)
    desk.finish("z")
    assert tree(desk) == ["e", "huy"]
    desk.finish("huy")
    assert desk.ended is not None


def test_a_completed_sub_process_is_dropped_and_opened_again(play):
    desk = play(framed("t"))
    desk.finish("a")
    moved(desk, framed("t"), {"t": ""})
    desk.finish("z")
    assert tree(desk) == ["e", "t/huy"]


@pytest.mark.parametrize(
    ("old", "new", "mapping"),
    [
        (("t",), ("u", "t"), {}),
        (("t",), ("u", "v"), {"t": "u"}),
        (("u", "t"), ("t",), {}),
        (("u", "t"), ("v",), {"u": "v"}),
    ],
)
def test_completed_sub_processes_get_others_around_them_and_inside(play, old, new, mapping):
    desk = play(framed(*old, more=d.mapping({"rieng": "=7"})))
    desk.finish("a")
    moved(desk, framed(*new), mapping)
    desk.finish("z")
    assert tree(desk) == ["e", "/".join((*new, "huy"))]
    desk.finish("huy")
    assert desk.ended is not None


def test_variables_a_sub_process_ended_with_are_seen_when_it_is_undone(play):
    desk = play(framed("t", more=d.mapping({"rieng": "=7"})))
    desk.finish("a")
    moved(desk, framed("t", "v"))
    desk.finish("z")
    seen = [values for values in desk.snapshot.variables.values() if "rieng" in values]
    assert seen == [{"rieng": 7}]
    assert tree(desk) == ["e", "t/v/huy"]


def test_nothing_is_undone_from_inside_a_new_sub_process(play):
    """Compensation can be thrown from where it could be thrown before, not from further inside."""

    def version(frame: str) -> bytes:
        inner = d.sub(
            frame,
            d.start("f-s"),
            d.user("b"),
            d.end("f-e", UNDO),
            d.chain("f-s", "b", "f-e"),
        )
        return after(undoable("a"), inner, d.flow("a", frame), first="a", last=frame)

    desk = play(
        d.process(d.start(), undoable("a"), d.user("b"), d.user("z"), d.chain("s", "a", "b", "z"))
    )
    desk.finish("a")
    moved(desk, version("t"))
    desk.finish("b")
    assert tree(desk) == ["z"]
    desk.finish("z")
    assert tree(desk) == ["e", "huy"]


def test_what_was_done_in_a_running_sub_process_is_kept_when_that_is_dropped(play):
    def version(frame: str) -> bytes:
        parts = (undoable("a"), d.user("b"), d.flow("a", "b"))
        if not frame:
            return after(*parts, first="a", last="b")
        inner = d.sub(frame, d.start("f-s"), *parts, d.end("f-e"), d.chain("f-s", "a"),
                      d.chain("b", "f-e"))  # fmt: skip
        return after(inner, first=frame)

    desk = play(version("t"))
    desk.finish("a")
    moved(desk, version(""))
    assert tree(desk) == ["b"]
    desk.finish("b")
    desk.finish("z")
    assert tree(desk) == ["e", "huy"]


def test_undoing_goes_on_while_it_moves(play):
    desk = play(framed("t"))
    desk.finish("a")
    desk.finish("z")
    assert tree(desk) == ["e", "t/huy"]
    token = desk.token("huy")
    moved(desk, framed("u"), {"t": "u"})
    assert desk.token("huy") == token
    assert tree(desk) == ["e", "u/huy"]
    desk.finish("huy")
    assert desk.ended is not None


def test_what_cannot_be_undone_any_more_is_named(play):
    desk = play(flat())
    desk.finish("a")
    [message] = refused(desk, flat("b"))
    assert message == "“A” còn phải hoàn tác được nhưng không có trong phiên bản mới."
    for plain in (after(d.user("a"), first="a"), after(d.user("a"), undoable("b"), first="b")):
        [message] = refused(desk, plain)
        assert message == (
            "“A” còn phải hoàn tác được nhưng phiên bản mới không còn bước hoàn tác ấy."
        )
    assert refused(desk, flat(handler="khac"), {"huy": "z"}) == [message]


@pytest.mark.parametrize("mapping", [{}, {"huy": "khac"}, {"huy": ""}])
def test_it_is_undone_by_what_the_new_version_has_drawn_for_it(play, mapping):
    desk = play(flat())
    desk.finish("a", {"x": 1})
    moved(desk, flat(handler="khac"), mapping)
    desk.finish("z")
    assert tree(desk) == ["e", "khac"]
    desk.finish("khac")
    assert desk.ended is not None


def test_what_undoes_a_step_may_be_of_another_kind(play):
    desk = play(flat())
    desk.finish("a")
    moved(desk, flat().replace(b'<userTask id="huy"', b'<serviceTask id="huy"').replace(
        b'isForCompensation="true"></userTask>',
        b'isForCompensation="true" camunda:type="external" camunda:topic="bo_noi.goi">'
        b"</serviceTask>",
    ))  # fmt: skip
    desk.finish("z")
    assert [one.element for one in desk.new(JobCreated)] == ["huy"]
    desk.finish("huy")
    assert desk.ended is not None


# --- undone by an event sub-process -------------------------------------------------------------


def by_event(frame: str = "t", *, key: str = "es", event: bool = True, wrapped: str = "") -> bytes:
    """A sub-process with a step that can be undone, undone by an event sub-process of its own."""
    starting = d.start(f"{key}-s", UNDO)
    undoing = d.sub(
        key, starting, d.user("go"), d.chain(f"{key}-s", "go"), triggeredByEvent="true"
    )  # fmt: skip
    inner = d.sub(
        frame, d.start("i"), undoable("a"), undoing if event else "", d.chain("i", "a")
    )  # fmt: skip
    if not wrapped:
        return after(inner, first=frame)
    outer = d.sub(wrapped, d.start("o"), inner, d.chain("o", frame))
    return after(outer, first=wrapped)


@pytest.mark.parametrize(
    ("new", "mapping", "place"),
    [
        (by_event(), {}, "t/es/go"),
        (by_event(key="khac"), {}, "t/khac/go"),
        (by_event("u"), {"t": "u"}, "u/es/go"),
        (by_event(wrapped="n"), {}, "n/t/es/go"),
    ],
    ids=["same", "event-renamed", "renamed", "wrapped"],
)
def test_a_sub_process_is_undone_by_its_event_sub_process_in_the_new_version(
    play, new, mapping, place
):
    desk = play(by_event())
    desk.finish("a")
    moved(desk, new, mapping)
    desk.finish("z")
    assert tree(desk) == ["e", place]
    desk.finish("go")
    assert desk.ended is not None


@pytest.mark.parametrize("new", [by_event(event=False), flat()], ids=["event-gone", "frame-gone"])
def test_an_event_sub_process_that_undoes_is_not_lost(play, new):
    desk = play(by_event())
    desk.finish("a")
    messages = refused(desk, new)
    assert messages == [
        "“t” còn phải hoàn tác được nhưng phiên bản mới không còn bước hoàn tác ấy."
    ]


def test_what_was_done_before_there_was_an_event_sub_process_is_undone_step_by_step(play):
    desk = play(by_event(event=False))
    desk.finish("a")
    moved(desk, by_event())
    moved(desk, by_event(key="khac"))
    desk.finish("z")
    assert tree(desk) == ["e", "t/huy"]
    desk.finish("huy")
    assert desk.ended is not None


def test_a_new_sub_process_does_not_undo_by_its_event_sub_process_what_was_done_before(play):
    desk = play(flat())
    desk.finish("a")
    moved(desk, by_event())
    desk.finish("z")
    assert tree(desk) == ["e", "t/huy"]


def test_a_transaction_is_opened_around_a_step_and_can_be_cancelled(play):
    def version(wrapped: bool) -> bytes:
        parts = (
            d.user("a"), d.node("exclusiveGateway", "g", default="g-z"), d.user("z"),
        )  # fmt: skip
        if not wrapped:
            return d.process(
                d.start(), *parts, d.chain("s", "a", "g"), d.flow("g", "z"),
            )  # fmt: skip
        inner = d.node(
            "transaction", "t", d.start("t-s"), *parts[:1], d.end("t-e", "<cancelEventDefinition/>"),
            d.chain("t-s", "a", "t-e"),
        )  # fmt: skip
        return d.process(
            d.start(), inner, d.boundary("x", "t", "<cancelEventDefinition/>"), d.user("y"),
            d.user("z"), d.chain("s", "t", "z"), d.flow("x", "y"),
        )  # fmt: skip

    desk = play(version(False))
    moved(desk, version(True))
    assert tree(desk) == ["t/a"]
    desk.finish("a")
    assert tree(desk) == ["y"]
