"""The turn of the engine: operations are taken from the stack until every token waits."""

from app.domain.errors import DomainError
from app.engine import (
    activities,
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


def drain(run: Run) -> None:
    """Move tokens until every one of them waits."""
    left = MAX_OPERATIONS
    stack = run.stack
    _notice(run)
    while True:
        while stack:
            name, token = stack.pop()
            if token.status == GONE:
                continue
            left -= 1
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
