"""Every behaviour is played twice: with the living state, and restored before each step."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.engine.desk import Desk, Shelf


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture(params=["living", "restored"])
def play(request: pytest.FixtureRequest, shelf: Shelf) -> Callable[..., Desk]:
    """Compile a diagram, start an instance of it and put it on a desk."""

    def start(bpmn: bytes, variables: dict[str, Any] | None = None, **more: Any) -> Desk:
        program = shelf.add(bpmn)
        desk = Desk(shelf, program, restored=request.param == "restored")
        return desk.start(variables, **more)

    return start
