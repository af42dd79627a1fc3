"""What one step changed, as the difference between the states before and after it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.usecases.replay import PastState, Wait
from app.web import variables
from app.web.variables import VariableRow

MISSING = object()
WAITS = {
    "timer": "hẹn giờ",
    "message": "thông điệp",
    "signal": "tín hiệu",
    "condition": "điều kiện",
}


@dataclass(frozen=True)
class ValueChange:
    """A variable that was written (`before` is None: it is new) or went with its scope."""

    name: str
    scope: str
    before: VariableRow | None
    after: VariableRow | None


@dataclass(frozen=True)
class Changes:
    arrived: list[str]  # steps where something stands that did not stand there before
    left: list[str]
    values: list[ValueChange]
    begun: list[str]  # what is waited for since this step
    over: list[str]

    @property
    def is_nothing(self) -> bool:
        return not (self.arrived or self.left or self.values or self.begun or self.over)


def between(before: PastState | None, after: PastState, names: Mapping[str, str]) -> Changes:
    """The difference; `before` is None for the first step."""
    stood = Counter(before.active if before else {})
    stands = Counter(after.active)
    waited = dict(before.waits) if before else {}
    return Changes(
        arrived=_steps(stands - stood, names),
        left=_steps(stood - stands, names),
        values=_values(before.variables if before else {}, after.variables),
        begun=[wait_text(w, names) for token, w in after.waits.items() if token not in waited],
        over=[wait_text(w, names) for token, w in waited.items() if token not in after.waits],
    )


def _steps(counted: Counter[str], names: Mapping[str, str]) -> list[str]:
    return [
        f"{names.get(element, element)} ×{count}" if count > 1 else names.get(element, element)
        for element, count in sorted(counted.items())
    ]


def _values(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> list[ValueChange]:
    changes = []
    for scope in sorted({*before, *after}):
        old, new = before.get(scope, {}), after.get(scope, {})
        for name in sorted({*old, *new}):
            was, now = old.get(name, MISSING), new.get(name, MISSING)
            if was is MISSING or now is MISSING or was != now:
                title = variables.scope_title(scope)
                changes.append(ValueChange(name, title, _row(name, was), _row(name, now)))
    return changes


def _row(name: str, value: Any) -> VariableRow | None:
    return None if value is MISSING else variables.row(name, value)


def wait_text(wait: Wait, names: Mapping[str, str]) -> str:
    """Where is waited, and for what."""
    what = WAITS.get(wait.kind, wait.kind)
    about = f"{what} “{wait.name}”" if wait.name else what
    return f"{names.get(wait.element, wait.element)}: {about}"
