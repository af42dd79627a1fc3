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
        candidate_users=_people(run, work.users, scope),
        candidate_groups=_people(run, work.groups, scope),
        agency=work.agency,
        unit=run.text(work.unit, scope),
        lane=node.lane,
        due=_moment(run, work.due, scope),
        follow_up=_moment(run, work.follow_up, scope),
        priority=whole_number(run.value(work.priority, scope)),
        public_name=work.public_name,
    )
    run.wait(token, TASK)
    run.facts.append(opened)


def _people(run: Run, written: tuple[Value, ...], scope: Scope) -> tuple[str, ...]:
    found: list[str] = []
    for one in written:
        value = run.value(one, scope)
        many = value if isinstance(value, list) else str(value or "").split(",")
        found.extend(str(name).strip() for name in many if str(name).strip())
    return tuple(found)


def _moment(run: Run, written: Value | None, scope: Scope) -> Any:
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
    created = JobCreated(
        token.id,
        node.id,
        JobKind.EXTERNAL,
        topic=topic,
        parameters=_parameters(run, token),
        retries=node.retry.retries,
        retry_every=node.retry.every,
        priority=whole_number(run.value(job.priority, token.home)),
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
        **extra,
    )
    if decision.result:
        run.set(token, scope, {decision.result: mapped_result(answer, decision.mapping, node)})
    run.push("leave", token)


def mapped_result(answer: Any, mapping: str, node: Node) -> Any:
    """Shape a decision's answer as `camunda:mapDecisionResult` asks."""
    rows = answer if isinstance(answer, list) else [] if answer is None else [answer]
    if mapping == "singleEntry":
        return _single_entry(_single(rows, node), node)
    if mapping == "singleResult":
        return _single(rows, node)
    if mapping == "collectEntries":
        return [_single_entry(row, node) for row in rows]
    if mapping == "resultList":
        return rows
    return answer


def _single(rows: list[Any], node: Node) -> Any:
    if len(rows) > 1:
        raise Fault(f"Quyết định của “{node.name or node.id}” cho {len(rows)} kết quả, cần một.")
    return rows[0] if rows else None


def _single_entry(row: Any, node: Node) -> Any:
    if not isinstance(row, Mapping):
        return row
    if len(row) > 1:
        raise Fault(f"Quyết định của “{node.name or node.id}” cho {len(row)} giá trị, cần một.")
    return next(iter(row.values()), None)


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
