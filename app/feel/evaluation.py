"""One evaluation: its clock and what it may still spend."""

from datetime import UTC, datetime

from app.feel.errors import FeelEvaluationError
from app.feel.limits import MAX_CALLS, MAX_STEPS


class Purse:
    """Steps for several evaluations together: each may spend its own, and no more than is left."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        """Begin with so many steps."""
        self.left = left


class Evaluation:
    """A budget of steps, shared by everything that one evaluation calls.

    A step is about one part of an expression, one list item or sixteen characters touched.
    """

    __slots__ = ("calls", "given", "left", "now", "purse")

    def __init__(
        self, now: datetime | None = None, left: int = MAX_STEPS, purse: Purse | None = None
    ) -> None:
        """Begin with a full budget, or what the purse has; `now` None means the present."""
        self.left = left if purse is None else max(min(left, purse.left), 0)
        self.given = self.left
        self.purse = purse
        self.now = now
        self.calls = 0

    def spend(self, steps: int) -> None:
        """Take from the budget; raise `FeelEvaluationError` when it is used up."""
        self.left -= steps
        if self.left < 0:
            raise FeelEvaluationError("Biểu thức tính quá nhiều bước nên bị dừng")

    def settle(self) -> None:
        """Take from the purse what was spent."""
        if self.purse is not None:
            self.purse.left -= self.given - self.left

    def enter(self, weight: int) -> None:
        """Begin a user-defined function of `weight` parts."""
        self.spend(weight)
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise FeelEvaluationError("Hàm gọi lồng nhau quá sâu")

    def instant(self) -> datetime:
        """Tell the present; the same for the whole evaluation."""
        if self.now is None:
            self.now = datetime.now(UTC)
        return self.now
