"""A process that was called moves by itself; its caller goes on waiting for it."""

import pytest

from app.domain.engine import (
    ActivityStarted,
    CalledInstanceEnded,
    CalledInstanceMigrated,
    IncidentCleared,
    TimerStarted,
    TokenMigrated,
    UserTaskOpened,
)
from app.domain.errors import InvalidState
from tests.engine import diagrams as d
from tests.engine.desk import Desk, Shelf
from tests.engine.test_migration_scopes import tree

OUTPUT = d.extensions('<camunda:out variables="all"/>')


def inner(*steps: str, key: str = "q", more: str = "") -> bytes:
    nodes = "".join(map(d.user, steps))
    return d.definitions(
        d.body(d.start(), nodes, more, d.end(), d.chain("s", *steps, "e"), key=key)
    )


def outer(*loop: str, step: str = "z") -> bytes:
    call = d.node("callActivity", "goi", OUTPUT, *loop, calledElement="q")
    return d.process(d.start(), call, d.user(step), d.chain("s", "goi", step))


def called(desk: Desk) -> list[str]:
    return [one.scope for one in desk.program.called(desk.snapshot, programs=desk.shelf)]


def move(desk: Desk, scope: str, bpmn: bytes, mapping: dict[str, str] | None = None) -> None:
    target = desk.shelf.add(bpmn, "q", "q:2")
    desk.do("migrate", target, mapping or {}, scope=scope)


def test_a_called_process_moves_and_its_caller_waits_on(play, shelf):
    shelf.add(inner("k"), "q")
    desk = play(outer())
    [scope] = called(desk)
    token, caller = desk.token("k"), desk.program
    move(desk, scope, inner("moi", "them"), {"k": "moi"})
    [told] = desk.new(CalledInstanceMigrated)
    assert (told.element, told.scope, told.definition_id) == ("goi", scope, "q:2")
    assert desk.new(TokenMigrated) == [TokenMigrated(token, "k", "moi")]
    assert desk.token("moi") == token
    assert desk.program is caller
    [one] = desk.program.called(desk.snapshot, programs=desk.shelf)
    assert (one.scope, one.definition_id, one.element) == (scope, "q:2", "goi")
    desk.finish("moi", {"ra": 1})
    assert desk.at == ["them"]
    desk.finish("them")
    assert desk.at == ["z"]
    assert desk.new(CalledInstanceEnded)
    assert desk.variables["ra"] == 1


def test_the_caller_moves_without_what_it_has_called_and_the_other_way_round(play, shelf):
    shelf.add(inner("k"), "q")
    desk = play(outer())
    [scope] = called(desk)
    target = shelf.add(outer(step="y"), "p", "p:2")
    desk.do("migrate", target, {})
    desk.program = target
    move(desk, scope, inner("moi"), {"k": "moi"})
    desk.finish("moi")
    assert desk.at == ["y"]


def test_one_of_several_called_processes_moves_alone(play, shelf):
    shelf.add(inner("k"), "q")
    desk = play(outer(d.many("2")))
    first, second = called(desk)
    move(desk, first, inner("moi"), {"k": "moi"})
    assert tree(desk) == ["goi/goi/k", "goi/goi/moi"]
    assert [
        one.definition_id for one in desk.program.called(desk.snapshot, programs=desk.shelf)
    ] == ["q:2", "q:1"]
    move(desk, second, inner("moi"), {"k": "moi"})
    desk.finish("moi")
    desk.finish("moi")
    assert desk.at == ["z"]


def test_sub_processes_are_opened_inside_a_called_process(play, shelf):
    shelf.add(inner("k"), "q")
    desk = play(outer())
    [scope] = called(desk)
    side = d.boundary("x", "t", d.after(), interrupting=False)
    frame = d.sub("t", d.start("t-s"), d.user("k"), d.chain("t-s", "k"))
    written = d.definitions(
        d.body(
            d.start(), frame, side, d.user("nhac"), d.chain("s", "t"), d.flow("x", "nhac"), key="q"
        )
    )
    move(desk, scope, written)
    assert tree(desk) == ["goi/t/k"]
    assert [one.element for one in desk.new(ActivityStarted)] == ["t"]
    desk.fire("x")
    assert tree(desk) == ["goi/nhac", "goi/t/k"]
    assert desk.waiting(TimerStarted) == []


def test_a_called_process_with_an_incident_is_repaired(play, shelf):
    task = d.node("serviceTask", "k", camunda__expression="${khong_co}")
    shelf.add(inner("k").replace(d.user("k").encode(), task.encode()), "q")
    desk = play(outer())
    assert desk.incidents
    [scope] = called(desk)
    task = d.node("serviceTask", "k", camunda__expression="${1}")
    move(desk, scope, inner("k").replace(d.user("k").encode(), task.encode()))
    desk.resume("k")
    assert desk.new(IncidentCleared)
    assert desk.at == ["z"]


def test_what_cannot_move_is_told_and_the_caller_does_not_matter(play, shelf):
    shelf.add(inner("k"), "q")
    desk = play(outer())
    [scope] = called(desk)
    target = shelf.add(inner("moi"), "q", "q:2")
    found = desk.program.obstacles(desk.snapshot, target, {}, programs=shelf, scope=scope)
    assert [one.element_id for one in found] == ["k"]
    with pytest.raises(InvalidState, match="“K” không có trong phiên bản mới"):
        desk.do("migrate", target, {}, scope=scope)
    with pytest.raises(InvalidState, match="không còn chạy"):
        desk.do("migrate", target, {"k": "moi"}, scope="999")


def test_it_is_told_what_stands_in_a_called_process(play, shelf: Shelf):
    shelf.add(inner("k"), "q")
    desk = play(outer())
    [scope] = called(desk)
    [one] = desk.program.standing(desk.snapshot, programs=shelf, scope=scope)
    assert (one.element, one.scope) == ("k", scope)
    assert len(desk.waiting(UserTaskOpened)) == 1
    assert desk.program.form_keys(desk.snapshot, at=desk.now, programs=shelf, scope=scope) == {
        desk.token("k"): None
    }
