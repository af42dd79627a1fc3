"""Sub-processes that the new version has around a step, or no longer has: opened and dropped."""

import pytest

from app.domain.engine import (
    ActivityEnded,
    ActivityStarted,
    ClockTouched,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    TokenMigrated,
    UserTaskClosed,
    UserTaskOpened,
)
from app.domain.errors import InvalidState
from app.engine.state import State
from tests.engine import diagrams as d
from tests.engine.desk import Desk
from tests.engine.moving import moved, refused

AROUND = d.message() + d.message("m2") + d.signal() + d.error()


def plain(*steps: str) -> bytes:
    """Steps one after the other at the top."""
    return d.straight(*map(d.user, steps), identifiers=steps, around=AROUND)


def within(frame: str, *steps: str, more: str = "", after: str = "z", **attributes: str) -> bytes:
    """The same steps in a sub-process, and one after it."""
    inner = box(frame, *steps, more=more, **attributes)
    return d.process(d.start(), inner, d.user(after), d.chain("s", frame, after), around=AROUND)


def box(frame: str, *steps: str, more: str = "", **attributes: str) -> str:
    start, end = f"{frame}-s", f"{frame}-e"
    flows = d.chain(start, *steps, end)
    return d.sub(frame, d.start(start), d.end(end), *map(d.user, steps), flows, more, **attributes)


def around(frame: str, inner: str, identifier: str, more: str = "") -> bytes:
    """A sub-process that holds another one."""
    outer = d.sub(frame, d.start("o"), inner, d.chain("o", identifier), more)
    return d.process(d.start(), outer, d.user("z"), d.chain("s", frame, "z"), around=AROUND)


def state(desk: Desk) -> State:
    return desk.program.state_of(desk.snapshot, desk.shelf)


def tree(desk: Desk) -> list[str]:
    """Where each token stands, written from the outside in; listeners left out."""
    found = []
    for token in state(desk).tokens.values():
        if not token.is_listener and not (token.inner is not None and token.inner.live):
            path, scope = [token.node.id], token.scope
            while scope.owner is not None:
                path.insert(0, scope.owner.node.id)
                scope = scope.owner.scope
            found.append("/".join(path))
    return sorted(found)


# --- opened -------------------------------------------------------------------------------------


def test_a_step_that_was_wrapped_keeps_its_task_and_leaves_by_the_new_sub_process(play):
    desk = play(plain("a"))
    token = desk.token("a")
    moved(desk, within("t", "a"))
    assert tree(desk) == ["t/a"]
    assert desk.token("a") == token
    assert not desk.new(UserTaskOpened)
    assert not desk.new(UserTaskClosed)
    [begun] = desk.new(ActivityStarted)
    assert (begun.element, begun.scope) == ("t", "0")
    [told] = desk.new(TokenMigrated)
    assert (told.token, told.element, told.to_element, told.to_scope) == (
        token, "a", "a", begun.inner,
    )  # fmt: skip
    desk.finish("a")
    assert desk.at == ["z"]


def test_two_sub_processes_are_opened_one_in_the_other(play):
    desk = play(plain("a"))
    moved(desk, around("u", box("t", "a"), "t"))
    assert tree(desk) == ["u/t/a"]
    desk.finish("a")
    assert desk.at == ["z"]


def test_a_sub_process_is_opened_around_one_that_runs(play):
    desk = play(within("t", "a", "b"))
    moved(desk, around("u", box("t", "a", "b"), "t"))
    assert tree(desk) == ["u/t/a"]
    desk.finish("a")
    desk.finish("b")
    assert desk.at == ["z"]


def test_a_sub_process_is_opened_inside_one_that_runs(play):
    desk = play(within("t", "a"), {"x": 1})
    moved(desk, around("u", box("t", "a"), "t"), {"t": "u"})
    assert tree(desk) == ["u/t/a"]
    desk.finish("a")
    assert desk.at == ["z"]


def forked(frame: str = "", join: str = "j") -> bytes:
    """Two steps at the same time, then a join; perhaps all in a sub-process."""
    parts = (
        d.start("f-s"),
        d.node("parallelGateway", "g"),
        d.user("a"),
        d.user("b"),
        d.node("parallelGateway", join),
        d.end("f-e"),
        d.chain("f-s", "g", "a", join),
        d.chain("g", "b", join),
        d.flow(join, "f-e" if frame else "z"),
    )
    if not frame:
        return d.process(*parts, d.user("z"), d.flow("z", "f-e"), around=AROUND)
    return d.process(
        d.start(), d.sub(frame, *parts), d.user("z"), d.chain("s", frame, "z"), around=AROUND
    )


def test_what_runs_side_by_side_shares_one_new_sub_process(play):
    desk = play(forked())
    moved(desk, forked("t"))
    assert tree(desk) == ["t/a", "t/b"]
    assert [one.element for one in desk.new(ActivityStarted)] == ["t"]
    desk.finish("a")
    assert desk.at == ["b", "j"]
    desk.finish("b")
    assert desk.at == ["z"]


def test_a_branch_that_waits_at_a_join_waits_in_the_new_sub_process(play):
    desk = play(forked())
    desk.finish("a")
    moved(desk, forked("t"))
    assert tree(desk) == ["t/b", "t/j"]
    desk.finish("b")
    assert desk.at == ["z"]
    assert len(desk.waiting(UserTaskOpened)) == 1


def test_a_step_enters_a_sub_process_that_is_open(play):
    def version(*inside: str) -> bytes:
        outside = [one for one in "ab" if one not in inside]
        return d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            box("t", *inside),
            *map(d.user, outside),
            d.user("z"),
            d.chain("s", "g", "t", "z"),
            *(d.flow("g", one) + d.flow(one, "z") for one in outside),
        )

    desk = play(version("a"))
    moved(desk, version("a", "b"))
    assert tree(desk) == ["t/a", "t/b"]
    assert not desk.new(ActivityStarted)
    desk.finish("b")
    assert desk.at == ["a"]


def test_it_is_not_guessed_which_of_two_open_sub_processes_is_meant(play):
    def version(*inside: str) -> bytes:
        outside = [one for one in "ab" if one not in inside]
        return d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            box("t", *inside),
            *map(d.user, outside),
            d.chain("s", "g"),
            d.flow("g", "t", identifier="g1"),
            d.flow("g", "t", identifier="g2"),
            *(d.flow("g", one) for one in outside),
        )

    desk = play(version("a"))
    [message] = refused(desk, version("a", "b"))
    assert message == "“B” ở phiên bản mới nằm trong “t”, đang chạy 2 lượt; không rõ là lượt nào."


def test_input_mappings_of_an_opened_sub_process_are_evaluated(play):
    desk = play(plain("a"), {"x": 2})
    moved(desk, within("t", "a", more=d.mapping({"y": "=x + 1"}, {"ra": "=y"})))
    desk.finish("a")
    assert (desk.variables["ra"], "y" in desk.variables) == (3, False)


def test_what_cannot_be_evaluated_refuses_the_migration(play):
    desk = play(plain("a"))
    target = desk.shelf.add(within("t", "a", more=d.mapping({"y": "${khong_co}"})), "p", "p:2")
    before = desk.snapshot.tokens
    with pytest.raises(InvalidState, match="khong_co"):
        desk.do("migrate", target, {})
    assert desk.snapshot.tokens == before


def test_listeners_of_an_opened_sub_process_begin_to_wait(play):
    timer = d.boundary("x", "t", d.after(), interrupting=False)
    side = d.sub(
        "es", d.start("es-s", d.on_message()), d.user("q"), d.chain("es-s", "q"),
        triggeredByEvent="true",
    )  # fmt: skip
    written = within("t", "a", more=side).replace(
        b'<userTask id="z"', f'{timer}{d.flow("x", "z")}<userTask id="z"'.encode()
    )
    desk = play(plain("a"))
    moved(desk, written)
    assert [one.element for one in desk.new(TimerStarted)] == ["x"]
    assert [one.element for one in desk.new(SubscriptionOpened)] == ["es-s"]
    desk.fire("x")
    assert desk.at == ["a", "z"]
    desk.tell("es-s")
    assert tree(desk) == ["t/es/q", "z"]


def test_a_boundary_event_and_its_timer_come_along_into_the_new_sub_process(play):
    def version(wrapped: bool) -> bytes:
        parts = (
            d.start("f-s"),
            d.user("a"),
            d.boundary("x", "a", d.after()),
            d.user("b"),
            d.chain("f-s", "a"),
            d.flow("x", "b"),
        )
        return d.process(*([d.start(), d.sub("t", *parts), d.flow("s", "t")] if wrapped else parts))

    desk = play(version(False))
    [timer] = desk.waiting(TimerStarted)
    for wrapped in (True, False):
        moved(desk, version(wrapped))
        assert desk.waiting(TimerStarted) == [timer]
        assert not desk.new(TimerStarted)
    moved(desk, version(True))
    desk.do("fire_timer", timer.token)
    assert tree(desk) == ["t/b"]


def test_a_called_process_goes_along_into_a_new_sub_process(play, shelf):
    shelf.add(
        d.definitions(d.body(d.start(), d.user("k"), d.end(), d.chain("s", "k", "e"), key="q")), "q"
    )
    call = d.node("callActivity", "goi", calledElement="q")
    desk = play(d.process(d.start(), call, d.chain("s", "goi")))
    token = desk.token("k")
    frame = d.sub("t", d.start("t-s"), call, d.chain("t-s", "goi"))
    moved(desk, d.process(d.start(), frame, d.user("z"), d.chain("s", "t", "z")))
    assert tree(desk) == ["t/goi/k"]
    assert desk.token("k") == token
    desk.finish("k")
    assert desk.at == ["z"]


def test_a_new_event_sub_process_may_be_where_a_step_goes_on(play):
    side = box("es", "a", triggeredByEvent="true").replace(
        '<startEvent id="es-s">', f'<startEvent id="es-s">{d.on_message()}'
    )
    desk = play(plain("a"))
    moved(desk, d.process(d.start(), d.user("b"), side, d.chain("s", "b"), around=AROUND))
    assert tree(desk) == ["es/a"]
    desk.finish("a")
    assert desk.ended is not None


# --- dropped --------------------------------------------------------------------------------------


def test_a_step_goes_on_without_the_sub_process_that_is_gone(play):
    desk = play(within("t", "a"))
    token = desk.token("a")
    moved(desk, plain("a", "z"))
    assert tree(desk) == ["a"]
    assert desk.token("a") == token
    assert [(one.element, one.cancelled) for one in desk.new(ActivityEnded)] == [("t", True)]
    assert not desk.new(UserTaskClosed)
    desk.finish("a")
    assert desk.at == ["z"]


def test_two_sub_processes_are_dropped_at_once(play):
    desk = play(around("u", box("t", "a"), "t"))
    moved(desk, plain("a", "z"))
    assert [one.element for one in desk.new(ActivityEnded)] == ["t", "u"]
    desk.finish("a")
    desk.finish("z")
    assert desk.ended is not None


@pytest.mark.parametrize("gone", ["u", "t"])
def test_one_of_two_is_dropped(play, gone):
    desk = play(around("u", box("t", "a"), "t"))
    left = "t" if gone == "u" else "u"
    moved(desk, within(left, "a"))
    assert tree(desk) == [f"{left}/a"]
    desk.finish("a")
    assert desk.at == ["z"]


def test_sub_processes_side_by_side_become_one_level(play):
    def version(*frames: str) -> bytes:
        return d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            *(box(one, f"{one}-a") if one in frames else d.user(f"{one}-a") for one in "tu"),
            d.user("z"),
            d.chain("s", "g"),
            *(
                d.flow("g", one if one in frames else f"{one}-a")
                + d.flow(one if one in frames else f"{one}-a", "z")
                for one in "tu"
            ),
        )

    desk = play(version("t", "u"))
    moved(desk, version("u"))
    assert tree(desk) == ["t-a", "u/u-a"]
    desk.finish("t-a")
    desk.finish("u-a")
    assert desk.at == ["z", "z"]


def test_output_mappings_of_a_dropped_sub_process_are_evaluated_and_its_own_data_goes(play):
    desk = play(within("t", "a", more=d.mapping({"y": "=3"}, {"ra": "=y + 1"})))
    moved(desk, plain("a"))
    assert desk.variables == {"ra": 4}
    assert list(desk.snapshot.variables) == ["0"]


def test_listeners_of_a_dropped_sub_process_are_closed(play):
    side = d.sub(
        "es", d.start("es-s", d.on_message()), d.user("q"), d.chain("es-s", "q"),
        triggeredByEvent="true",
    )  # fmt: skip
    timer = d.boundary("x", "t", d.after())
    desk = play(
        d.process(
            d.start(), box("t", "a", more=side), timer, d.user("z"),
            d.chain("s", "t", "z"), d.flow("x", "z"), around=AROUND,
        )
    )  # fmt: skip
    moved(desk, plain("a"))
    assert desk.new(TimerClosed)
    assert desk.new(SubscriptionClosed)
    assert desk.waiting(TimerStarted) == [] == desk.waiting(SubscriptionOpened)


def test_an_event_sub_process_that_runs_becomes_an_embedded_one_and_back(play):
    side = box("es", "q", triggeredByEvent="true").replace(
        '<startEvent id="es-s">', f'<startEvent id="es-s">{d.on_message()}'
    )
    desk = play(d.process(d.start(), d.user("a"), side, d.chain("s", "a"), around=AROUND))
    desk.tell("es-s")
    moved(desk, within("t", "q"), {"es": "t"})
    assert tree(desk) == ["t/q"]
    moved(
        desk, d.process(d.start(), d.user("a"), side, d.chain("s", "a"), around=AROUND), {"t": "es"}
    )
    assert tree(desk) == ["es/q"]
    desk.finish("q")
    assert desk.ended is not None


def test_a_step_cannot_leave_a_sub_process_that_goes_on(play):
    def version(*inside: str) -> bytes:
        outside = [one for one in "ab" if one not in inside]
        return d.process(
            d.start(), box("t", *inside), *map(d.user, outside), d.chain("s", "t", *outside)
        )

    desk = play(version("a", "b"))
    [message] = refused(desk, version("b"))
    assert message == (
        "“A” ở phiên bản mới nằm ngoài “t”, mà “t” vẫn tiếp tục; "
        "hãy ghép lại, hoặc không chuyển “t”."
    )  # fmt: skip
    moved(desk, version("b"), {"t": ""})
    assert tree(desk) == ["a"]


def test_sub_processes_cannot_change_places(play):
    desk = play(around("u", box("t", "a"), "t"))
    messages = refused(desk, around("u", box("t", "a"), "t"), {"u": "t", "t": "u"})
    assert len(messages) == 1
    assert messages[0].startswith("“u”, nơi “t” chuyển sang, nằm ngoài “t”, mà “u” chuyển sang đó")


def test_steps_cannot_change_sub_processes(play):
    def version() -> bytes:
        return d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            box("t", "a"),
            box("u", "b"),
            d.chain("s", "g", "t"),
            d.flow("g", "u"),
        )

    desk = play(version())
    messages = refused(desk, version(), {"a": "b", "b": "a"})
    assert [one.split(";")[0] for one in messages] == [
        "“B”, nơi “A” chuyển sang, nằm ngoài “t”, mà “t” vẫn tiếp tục",
        "“A”, nơi “B” chuyển sang, nằm ngoài “u”, mà “u” vẫn tiếp tục",
    ]


def test_a_sub_process_can_be_dropped_and_opened_again(play):
    desk = play(within("t", "a"))
    moved(desk, within("t", "a"), {"t": ""})
    assert tree(desk) == ["t/a"]
    assert [one.element for one in desk.new(ActivityStarted)] == ["t"]
    desk.finish("a")
    assert desk.at == ["z"]


def test_a_step_where_work_waits_cannot_be_left_out(play):
    desk = play(plain("a"))
    [message] = refused(desk, plain("a"), {"a": ""})
    assert message == "“A” đang có việc nên không bỏ được; hãy chọn bước thay thế."


def test_branches_of_two_sub_processes_do_not_meet_at_one_join(play):
    def inner(frame: str) -> str:
        return d.sub(
            frame,
            d.start(f"{frame}-s"),
            d.node("parallelGateway", f"{frame}-g"),
            d.user(f"{frame}-a"),
            d.user(f"{frame}-b"),
            d.node("parallelGateway", f"{frame}-j"),
            d.end(f"{frame}-e"),
            d.chain(f"{frame}-s", f"{frame}-g", f"{frame}-a", f"{frame}-j", f"{frame}-e"),
            d.chain(f"{frame}-g", f"{frame}-b", f"{frame}-j"),
        )

    old = d.process(
        d.start(), d.node("parallelGateway", "g0"), inner("t"), inner("u"),
        d.chain("s", "g0", "t"), d.flow("g0", "u"),
    )  # fmt: skip
    desk = play(old)
    desk.finish("t-a")
    desk.finish("u-a")
    joins = {"t-j": "j", "u-j": "j", "t-b": "b", "u-b": "b"}
    messages = refused(desk, forked(), joins)
    assert any("dùng chung một cổng" in message for message in messages)


def test_a_branch_that_waits_goes_on_without_its_sub_process(play):
    desk = play(forked("t"))
    desk.finish("a")
    moved(desk, forked())
    assert tree(desk) == ["b", "j"]
    desk.finish("b")
    assert desk.at == ["z"]


def test_the_legal_clock_is_neither_started_nor_left_behind(play):
    clock = d.extensions('<lm:clock kind="case" action="pause" on="enter"/>'
                         '<lm:clock kind="case" action="resume" on="leave"/>')  # fmt: skip
    desk = play(plain("a"))
    moved(desk, within("t", "a", more=clock))
    assert not desk.new(ClockTouched)
    [message] = refused(desk, plain("a"))
    assert "đồng hồ thời hạn" in message
    moved(desk, within("u", "a"), {"t": "u"})
    assert not desk.new(ClockTouched)


# --- rounds -----------------------------------------------------------------------------------------


def many(*loop: str, more: str = "", frame: bool = False) -> bytes:
    if frame:
        inner = d.sub("t", *loop, d.start("t-s"), d.user("a"), d.chain("t-s", "a"), more)
        return d.process(d.start(), inner, d.user("z"), d.chain("s", "t", "z"))
    return d.process(
        d.start(), d.user("a", *loop, more), d.user("z"), d.chain("s", "a", "z"), around=AROUND
    )


def test_rounds_side_by_side_go_on_as_steps_of_their_own(play):
    desk = play(many(d.many(collection="ds", element="n")), {"ds": [1, 2, 3]})
    desk.finish("a")
    tasks = [one.token for one in desk.waiting(UserTaskOpened)]
    moved(desk, many())
    assert [one.token for one in desk.waiting(UserTaskOpened)] == tasks
    assert tree(desk) == ["a", "a"]
    kept = [values for key, values in desk.snapshot.variables.items() if key != "0"]
    assert sorted((one["n"], one["loopCounter"]) for one in kept) == [(1, 0), (2, 1)]
    assert not any("nrOfInstances" in one for one in desk.snapshot.variables.values())
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["z", "z"]


def test_the_round_of_a_loop_goes_on_with_its_item_and_its_timer(play):
    loop = d.many(collection="ds", element="n", sequential=True)

    def version(*more: str) -> bytes:
        return d.process(
            d.start(), d.user("a", *more), d.boundary("x", "a", d.after()), d.user("z"),
            d.chain("s", "a", "z"), d.flow("x", "z"),
        )  # fmt: skip

    desk = play(version(loop), {"ds": ["một", "hai"]})
    [timer] = desk.waiting(TimerStarted)
    desk.finish("a")
    moved(desk, version())
    assert tree(desk) == ["a"]
    assert desk.waiting(TimerStarted) == [timer]
    assert not desk.new(TimerStarted)
    [own] = [values for key, values in desk.snapshot.variables.items() if key != "0"]
    assert own == {"n": "hai", "loopCounter": 1}
    desk.finish("a")
    assert desk.at == ["z"]
    assert desk.waiting(TimerStarted) == []


def test_boundary_events_begin_to_wait_for_each_of_several_rounds(play):
    def version(*loop: str) -> bytes:
        return d.process(
            d.start(), d.user("a", *loop), d.boundary("x", "a", d.after()), d.user("z"),
            d.chain("s", "a", "z"), d.flow("x", "z"),
        )  # fmt: skip

    desk = play(version(d.many("2")))
    moved(desk, version())
    assert len(desk.new(TimerClosed)) == 1
    assert len(desk.waiting(TimerStarted)) == 2
    desk.fire("x")
    assert desk.at == ["a", "z"]


def test_rounds_of_a_sub_process_go_on_in_sub_processes_of_their_own(play):
    desk = play(many(d.many("2"), frame=True))
    moved(desk, many(frame=True))
    assert tree(desk) == ["t/a", "t/a"]
    assert len({one.scope.id for one in state(desk).tokens.values() if one.node.id == "a"}) == 2
    desk.finish("a")
    assert desk.at == ["a", "z"]


def test_rounds_and_their_sub_process_are_dropped(play):
    desk = play(many(d.many("2"), frame=True))
    moved(desk, many())
    assert tree(desk) == ["a", "a"]
    assert desk.snapshot.variables == {}
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["z", "z"]


def test_what_rounds_have_gathered_is_handed_out(play):
    gather = '<loopDataOutputRef>ds</loopDataOutputRef><outputDataItem name="kq"/>'
    desk = play(many(d.many("2", inner=gather)))
    desk.finish("a", {"kq": 7})
    moved(desk, many())
    assert desk.variables["ds"] == [None, 7]


def test_a_step_does_not_become_a_round(play):
    desk = play(many())
    [message] = refused(desk, many(d.many("2")))
    assert "không lặp cùng cách" in message
    [message] = refused(desk, many(d.many("2"), frame=True))
    assert message == "“A” ở phiên bản mới nằm trong “t” là bước lặp; không rõ thuộc lượt nào."


def test_a_step_that_has_not_begun_may_be_repeated_in_the_new_version(play):
    def version(*loop: str) -> bytes:
        return d.straight(d.user("a", *loop, camunda__asyncBefore="true"), identifiers=("a",))

    desk = play(version())
    moved(desk, version(d.many("2")))
    desk.resume("a")
    assert desk.at == ["a", "a"]


def test_a_loop_that_could_not_be_counted_is_repaired(play):
    desk = play(many(d.many(collection="khong_co", element="n")))
    assert desk.incidents
    moved(desk, many())
    desk.resume("a")
    assert not desk.incidents
    desk.finish("a")
    assert desk.at == ["z"]


def test_a_round_that_waits_for_its_job_goes_on_alone(play):
    def version(*loop: str) -> bytes:
        return d.process(d.start(), d.user("a", *loop), d.user("z"), d.chain("s", "a", "z"))

    later = d.many("2").replace("isSequential", 'camunda:asyncAfter="true" isSequential')
    desk = play(version(later))
    desk.finish("a")
    moved(desk, version())
    assert tree(desk) == ["a", "a"]
    desk.resume("a")
    assert desk.at == ["a", "z"]


def test_a_new_sub_process_around_rounds(play):
    desk = play(many(d.many("2")))
    inner = d.sub("u", d.start("u-s"), d.user("a", d.many("2")), d.chain("u-s", "a"))
    moved(desk, d.process(d.start(), inner, d.user("z"), d.chain("s", "u", "z")))
    assert tree(desk) == ["u/a/a", "u/a/a"]
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["z"]


def test_a_new_sub_process_in_each_round(play):
    desk = play(many(d.many("2"), frame=True))
    box_ = box("v", "a")
    inner = d.sub("t", d.many("2"), d.start("t-s"), box_, d.chain("t-s", "v"))
    moved(desk, d.process(d.start(), inner, d.user("z"), d.chain("s", "t", "z")))
    assert tree(desk) == ["t/t/v/a", "t/t/v/a"]
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["z"]
