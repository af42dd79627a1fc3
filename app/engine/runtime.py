"""The turn of the engine: operations are taken from the stack until every token waits."""

from app.domain.errors import DomainError, InvalidState
from app.engine import (
    activities,
    ad_hoc,
    catching,
    compensation,
    events,
    gateways,
    moves,
    multi_instance,
    subprocesses,
    throws,
)
from app.engine.faults import Fault
from app.engine.run import OPERATIONS, Run, operation
from app.engine.state import GONE, Token

CHAPTERS = (
    activities,
    ad_hoc,
    catching,
    compensation,
    events,
    gateways,
    moves,
    multi_instance,
    subprocesses,
    throws,
)
"""The modules whose operations are in the table."""
MAX_OPERATIONS = 150_000
"""Operations of one step: a diagram that turns in circles without waiting stops here."""
MAX_PARKED = 1_000
MAX_TOKENS = 20_000
"""With more tokens to be parked, or in all, a step that has had too many operations is refused."""
BREEDING = "Bước này sinh ra các nhánh không dứt trong sơ đồ, nên không được thực hiện."


def drain(run: Run) -> None:
    """Move tokens until every one of them waits.

    Raises InvalidState for a step that breeds tokens without end (a way back to a parallel
    gateway, a condition that its own path makes true again): it has not happened.
    """
    left = MAX_OPERATIONS
    stack = run.stack
    _notice(run)
    while True:
        while stack:
            name, token = stack.pop()
            if token.status == GONE:
                continue
            left -= 1
            if left < 0 and (len(stack) > MAX_PARKED or len(run.state.tokens) > MAX_TOKENS):
                raise InvalidState(BREEDING)
            _do(run, name, token, exhausted=left < 0)
        if not run.state.joins or not gateways.open_joins(run):
            return


@operation
def give_up(_: Run, __: Token) -> None:
    """Instead of any further operation, once the step has had too many."""
    raise Fault("Quy trình chạy vòng quá nhiều bước mà không dừng ở việc nào.")


def _do(run: Run, name: str, token: Token, *, exhausted: bool) -> None:
    try:
        OPERATIONS["give_up" if exhausted else name](run, token)
    except (Fault, DomainError) as fault:
        begun = name == "enter" and token.node.plain
        run.park(token, "execute" if begun else name, fault.message)
    if run.variables.changes:
        _notice(run)


def _notice(run: Run) -> None:
    """Variables may have changed: let conditional events look at them."""
    if run.state.conditions and run.variables.changes:
        catching.test_conditions(run)
    run.variables.changes.clear()
