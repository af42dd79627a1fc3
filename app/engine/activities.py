"""Tasks: what each kind does when a token has begun it."""

from collections.abc import Mapping
from typing import Any

from app.domain.engine import (
    JobCreated,
    JobKind,
    SubscriptionKind,
    SubscriptionOpened,
    UserTaskOpened,
)
from app.engine.events import listen_for
from app.engine.expressions import Value
from app.engine.faults import Fault, present
from app.engine.graph import Job, Node
from app.engine.passing import throw
from app.engine.run import Run, whole_number
from app.engine.scopes import process_scope
from app.engine.state import JOB, MESSAGE, TASK, Scope, Token
from app.engine.timing import due


def user_task(run: Run, token: Token) -> None:
    """A person has to act."""
    node, scope = token.node, token.home
    work = present(node.work, "phần việc")
    opened = UserTaskOpened(
        token.id,
        node.id,
        node.name,
        form_key=run.text(work.form_key, scope),
        assignee=run.text(work.assignee, scope) or None,
        candidate_users=people(run, work.users, scope),
        candidate_groups=people(run, work.groups, scope),
        agency=work.agency,
        unit=run.text(work.unit, scope),
        lane=node.lane,
        due=moment(run, work.due, scope),
        follow_up=moment(run, work.follow_up, scope),
        priority=whole_number(run.value(work.priority, scope)),
        public_name=work.public_name,
    )
    run.wait(token, TASK)
    run.facts.append(opened)


def people(run: Run, written: tuple[Value, ...], scope: Scope) -> tuple[str, ...]:
    """Names of people or groups: lists, and texts with commas between names."""
    found: list[str] = []
    for one in written:
        value = run.value(one, scope)
        many = value if isinstance(value, list) else str(value or "").split(",")
        found.extend(str(name).strip() for name in many if str(name).strip())
    return tuple(found)


def moment(run: Run, written: Value | None, scope: Scope) -> Any:
    """An instant, or a length that the calendar has to measure; None where nothing is said."""
    value = run.value(written, scope)
    return None if value is None or value == "" else due(value, run.at)


def pass_through(run: Run, token: Token) -> None:
    """Manual and undefined tasks: nobody has to be told."""
    run.push("leave", token)


def service_task(run: Run, token: Token) -> None:
    """A job for a connector, or an expression."""
    node = token.node
    if node.job is not None:
        create_job(run, token, node.job)
        return
    if node.formula is not None:
        result = run.value(node.formula, token.home)
        if node.result:
            run.set(token, token.home, {node.result: result})
    run.push("leave", token)


def create_job(run: Run, token: Token, job: Job) -> None:
    """Promise a call to a connector; `finish` will bring the answer."""
    node = token.node
    topic = run.text(job.topic, token.home)
    if not topic:
        raise Fault(f"“{node.name or node.id}” không có tên công việc (topic) để gọi.")
    retry = run.retry(node.retry, token.home)
    created = JobCreated(
        token.id,
        node.id,
        JobKind.EXTERNAL,
        topic=topic,
        parameters=_parameters(run, token),
        retries=retry.retries,
        retry_every=retry.every,
        priority=run.priority(job.priority, token.home),
    )
    run.wait(token, JOB)
    run.facts.append(created)


def _parameters(run: Run, token: Token) -> dict[str, Any]:
    if not token.node.inputs or token.inner is None:
        return {}
    names = [name for name, _ in token.node.inputs]
    return run.variables.find(token.inner, names)


def script_task(run: Run, token: Token) -> None:
    """Assign variables, one after the other; each sees the ones before it."""
    for name, formula in token.node.script:
        run.set(token, token.home, {name: run.value(formula, token.home)})
    run.push("leave", token)


def business_rule_task(run: Run, token: Token) -> None:
    """Ask a deployed decision; or a job, or an expression, like a service task."""
    node, decision = token.node, token.node.decision
    if decision is None:
        service_task(run, token)
        return
    scope = token.home
    reference = run.text(decision.reference, scope) or ""
    version = run.value(decision.version, scope)
    extra: dict[str, Any] = {}
    tag = run.text(decision.version_tag, scope)
    if tag is not None:
        extra["version_tag"] = tag
    answer = run.programs.decide(
        reference,
        run.variables.seen_from(scope),
        by=process_scope(token.scope).definition or run.definition_id,
        at=run.at,
        binding=decision.binding,
        version=None if version is None else whole_number(version),
        spend=run.spend,
        **extra,
    )
    if decision.result:
        run.set(token, scope, {decision.result: mapped_result(answer, decision.mapping, node)})
    run.push("leave", token)


MAPPINGS = frozenset(("singleEntry", "singleResult", "collectEntries", "resultList"))
"""What `camunda:mapDecisionResult` may say."""


def mapped_result(answer: Any, mapping: str, node: Node) -> Any:
    """Shape a decision's answer as `camunda:mapDecisionResult` asks; cells left empty count not."""
    if mapping not in MAPPINGS:
        return answer
    rows = answer if isinstance(answer, list) else [] if answer is None else [answer]
    rows = [_filled(row) for row in rows]
    if mapping == "singleEntry":
        return next(iter(_entries(_single(rows, node), node)), None)
    if mapping == "singleResult":
        return next(iter(_single(rows, node)), None)
    if mapping == "collectEntries":
        return _entries(rows, node)
    return rows


def _filled(row: Any) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {name: value for name, value in row.items() if value is not None}


def _single(rows: list[Any], node: Node) -> list[Any]:
    if len(rows) > 1:
        raise Fault(f"Quyết định của “{node.name or node.id}” cho {len(rows)} kết quả, cần một.")
    return rows


def _entries(rows: list[Any], node: Node) -> list[Any]:
    """The only value of each row; every row speaks of the same one."""
    names = {name for row in rows if isinstance(row, Mapping) for name in row}
    if len(names) > 1:
        raise Fault(f"Quyết định của “{node.name or node.id}” cho {len(names)} giá trị, cần một.")
    return [next(iter(row.values()), None) if isinstance(row, Mapping) else row for row in rows]


def send_task(run: Run, token: Token) -> None:
    """Throw a message, or have a connector send it."""
    node = token.node
    if node.job is not None or node.formula is not None:
        service_task(run, token)
        return
    for event in node.events:
        throw(run, token, event)
    run.push("leave", token)


def receive_task(run: Run, token: Token) -> None:
    """Wait for a message; without one, for whoever says that it has come."""
    events = token.node.events
    if events:
        listen_for(run, token, events[0])
        return
    run.wait(token, MESSAGE)
    run.facts.append(SubscriptionOpened(token.id, token.node.id, SubscriptionKind.MESSAGE, ""))
