"""What could be undone: a record for every completed activity that has a compensation handler.

A record lies in the scope of its activity:

    {"a": activity, "h": handler}                     the handler undoes the activity
    {"a": activity, "in": [records], "k": kind of scope}
                                                      a sub-process: what was done inside it

`n` numbers the records of an instance as they were written: what was done last is undone first,
wherever it lies. `v` is the place where the variables are kept that the activity ended with. `plain` says that it
was completed before its diagram had an event sub-process for undoing it: that one does not begin.
"""

from typing import Any

from app.engine.run import Run
from app.engine.state import BODY, Token

PLAIN = "plain"


def remember(run: Run, token: Token) -> None:
    """Write the record of an activity that has just been completed."""
    node, inner = token.node, token.inner
    is_body = inner is not None and inner.kind == BODY
    compensator = None if is_body else node.compensator
    undoable = inner is not None and (
        inner.records or (inner.container is not None and inner.container.compensation_handler)
    )
    if compensator is None and not undoable:
        return
    if undoable and inner is not None:
        record = {"a": node.id, "k": inner.kind, "in": inner.records}
        inner.records = []
        _write(run, token, record)
    if compensator is not None:
        _write(run, token, {"a": node.id, "h": compensator.id})


def _write(run: Run, token: Token, record: dict[str, Any]) -> None:
    variables = run.variables.of.get(token.inner.id) if token.inner is not None else None
    if variables:
        record["v"] = f"{run.state.number()}.done"
        run.variables.keep(record["v"], variables)
    record["n"] = run.state.number()
    token.scope.records.append(record)
