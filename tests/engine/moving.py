"""Instances on a desk that move to another version."""

import pytest

from app.domain.errors import InvalidState
from tests.engine.desk import Desk


def moved(desk: Desk, bpmn: bytes, mapping: dict[str, str] | None = None) -> Desk:
    target = desk.shelf.add(bpmn, definition_id="p:2")
    desk.do("migrate", target, mapping or {})
    desk.program = target
    return desk


def refused(desk: Desk, bpmn: bytes, mapping: dict[str, str] | None = None) -> list[str]:
    """What is said about each element that cannot move; nothing has moved then."""
    target = desk.shelf.add(bpmn, definition_id="p:2")
    found = desk.program.obstacles(desk.snapshot, target, mapping or {}, programs=desk.shelf)
    assert found
    before = desk.snapshot.tokens
    with pytest.raises(InvalidState):
        desk.do("migrate", target, mapping or {})
    assert desk.snapshot.tokens == before
    return [one.message for one in found]
