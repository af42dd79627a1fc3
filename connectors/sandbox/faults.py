"""Switch on how the other side misbehaves: which way, how often, reproducibly."""

import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    """Where the effect takes place although the caller does not learn of it, it is said so."""

    SLOW = "slow"  # done, answered after `seconds`
    ERROR_500 = "error500"  # not done
    DUPLICATE = "duplicate"  # done, answered as if it had been done before
    NONSENSE = "nonsense"  # done, answered with something else
    DOWN = "down"  # not done, connection closed
    LOST_ANSWER = "lost_answer"  # done, connection closed
    CALLBACK_TWICE = "callback_twice"
    CALLBACK_OUT_OF_ORDER = "callback_out_of_order"


FAULT_LABELS: Final = {
    Fault.SLOW: "Trả lời chậm",
    Fault.ERROR_500: "Lỗi 500, chưa làm gì",
    Fault.DUPLICATE: "Làm rồi nhưng báo đã có",
    Fault.NONSENSE: "Làm rồi nhưng trả lời vô nghĩa",
    Fault.DOWN: "Ngắt kết nối, chưa làm gì",
    Fault.LOST_ANSWER: "Làm rồi nhưng mất câu trả lời",
    Fault.CALLBACK_TWICE: "Báo mỗi sự kiện hai lần",
    Fault.CALLBACK_OUT_OF_ORDER: "Báo sự kiện sai thứ tự",
}
ON_CALLBACK: Final = frozenset({Fault.CALLBACK_TWICE, Fault.CALLBACK_OUT_OF_ORDER})
ON_REQUEST: Final = frozenset(Fault) - ON_CALLBACK


@dataclass(frozen=True)
class Plan:
    """`count` strokes (None: until cleared), each with `probability`, drawn from `seed`."""

    fault: Fault
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float = 15.0

    @classmethod
    def read(cls, given: Mapping[str, object]) -> "Plan":
        """Read what a tester asks for. Raises ValueError with a Vietnamese sentence."""
        unknown = given.keys() - {"mode", "count", "probability", "seed", "seconds"}
        if unknown:
            raise ValueError(f"Không hiểu mục: {', '.join(sorted(unknown))}.")
        if given.get("mode") not in list(Fault):
            raise ValueError(f"mode phải là một trong: {', '.join(Fault)}.")
        count = given.get("count")
        return cls(
            fault=Fault(str(given["mode"])),
            count=None
            if count is None or count == ""
            else int(_number(given, "count", 0, 1, 1_000_000)),
            probability=_number(given, "probability", 1.0, 0, 1),
            seed=int(_number(given, "seed", 0, 0, 2**53)),
            seconds=_number(given, "seconds", 15.0, 0, 300),
        )


@dataclass
class Faults:
    """The plan in force. Thread-safe."""

    _plan: Plan | None = None
    _left: int | None = None
    _random: random.Random = field(default_factory=random.Random)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def plan(self, plan: Plan) -> None:
        with self._lock:
            self._plan, self._left = plan, plan.count
            self._random = random.Random(plan.seed)  # noqa: S311 (reproducible, not secret)

    def clear(self) -> None:
        with self._lock:
            self._plan = None

    def view(self) -> dict[str, object]:
        with self._lock:
            if self._plan is None:
                return {"mode": None}
            return {
                "mode": self._plan.fault.value,
                "count": self._left,
                "probability": self._plan.probability,
                "seed": self._plan.seed,
                "seconds": self._plan.seconds,
            }

    def draw(self, among: frozenset[Fault]) -> Plan | None:
        """Say whether to misbehave now; a stroke that falls is used up."""
        with self._lock:
            plan = self._plan
            if plan is None or plan.fault not in among or self._left == 0:
                return None
            if self._random.random() >= plan.probability:
                return None
            if self._left is not None:
                self._left -= 1
            return plan


def _number(
    given: Mapping[str, object], name: str, default: float, least: float, most: float
) -> float:
    value = given.get(name)
    if value is None or value == "":
        return default
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise ValueError(f"{name} phải là số từ {least:g} đến {most:g}.")
    return number
