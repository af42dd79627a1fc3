"""A store for tests: the real database, a clock that stands still, and the smallest rooms."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from app.domain.engine import Vocabulary
from app.store.work import Rooms, Store, queue_for
from app.usecases import ports

MORNING = datetime(2025, 11, 25, 1, 0, tzinfo=UTC)  # 8:00 in Hà Nội, a Tuesday; long past


class StandingClock:
    def __init__(self, at: datetime = MORNING) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **length: float) -> None:
        self.at += timedelta(**length)


class CountingEngine:
    """Compiles to a tuple that says what was compiled, and counts."""

    def __init__(self) -> None:
        self.compiled: list[str] = []

    def compile(self, definition_id: str, key: str, bpmn: bytes) -> Any:
        self.compiled.append(definition_id)
        return (definition_id, key, bpmn)


def compile_decision(decision_id: str, dmn: bytes) -> Any:
    def decide(variables: Mapping[str, Any], at: datetime, spend: Any = None) -> Any:
        del spend
        return {"decision": decision_id, "file": dmn.decode(), "saw": dict(variables), "at": at}

    return decide


def rooms() -> Rooms:
    return Rooms(
        engine=cast("ports.Engine", CountingEngine()),
        compile_decision=compile_decision,
        forms=cast("ports.Forms", object()),
        passwords=cast("ports.Passwords", object()),
        house=cast("ports.House", object()),
        vocabulary=Vocabulary(frozenset(), frozenset(), {}, frozenset()),
    )


def a_store(
    url: str, now: Any, *, tenant_id: str = "lao-cai", make_queue: Any = queue_for
) -> Store:
    return Store(url, now=now, tenant_id=tenant_id, rooms=rooms(), make_queue=make_queue)
