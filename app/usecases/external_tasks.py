"""Service tasks that programs outside fetch, do and answer: `Vocabulary.fetched` says which.

An answer carries the fence of the fetch that it belongs to. Whoever comes after his time, when the
task was given to another, is refused: two workers never complete the same task.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.engine import JobClosed, JobKind
from app.domain.errors import Conflict, InvalidInput, NotFound
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, Actor, require
from app.domain.waiting import LEASE, Job
from app.usecases import jobs
from app.usecases.chronicle import Cause
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import advance

MOST = 100  # tasks in one fetch
LONGEST_LEASE = timedelta(hours=24)


@dataclass(frozen=True)
class Answer:
    """Which task, and the fence of the fetch that handed it out."""

    job_id: str
    fence: int


def fetch(
    open_work: OpenWork,
    actor: Actor,
    topics: Sequence[str],
    *,
    limit: int = 1,
    lease: timedelta = LEASE,
) -> list[Job]:
    """Take up to `limit` tasks of these topics for the time of `lease`; each counts as an attempt.

    A task whose every attempt ended in silence becomes an incident instead. Raises InvalidInput.
    """
    require(actor, Action.DO_EXTERNAL_TASKS)
    if not topics or not 1 <= limit <= MOST:
        raise InvalidInput(f"Cần ít nhất một chủ đề, và lấy từ 1 đến {MOST} công việc.")
    _require_lease(lease)
    taken: list[Job] = []
    spent: list[str] = []
    with open_work() as work:
        now = work.now()
        for candidate in work.jobs.fetchable(list(topics), now, limit):
            job = work.jobs.lock(candidate.id)
            if not job.free(now):
                continue
            if job.exhausted:
                spent.append(job.id)
            else:
                job.claim(now, lease)
                taken.append(job)
    for job_id in spent:
        with open_work() as work:
            _give_up(work, job_id)
    return taken


def _require_lease(lease: timedelta) -> None:
    if not timedelta() < lease <= LONGEST_LEASE:
        raise InvalidInput("Thời gian giữ công việc phải lớn hơn 0 và không quá 24 giờ.")


def _give_up(work: Work, job_id: str) -> None:
    instance = work.instances.lock(work.jobs.get(job_id).instance_id)
    instance.require_active()
    job = work.jobs.lock(job_id)
    if job.free(work.now()) and job.exhausted:
        jobs.give_up(work, job, job.last_error or "Không ai trả lời ở mọi lần thử.")


def _held(work: Work, actor: Actor, answer: Answer) -> tuple[ProcessInstance, Job]:
    """Lock the instance, then the task. Raises NotFound, InvalidState, Conflict."""
    job = work.jobs.get(answer.job_id)
    require(actor, Action.DO_EXTERNAL_TASKS, agency_id=job.agency_id)
    if job.kind is not JobKind.FETCHED:
        raise NotFound("Không tìm thấy công việc này.")
    instance = work.instances.lock(job.instance_id)
    instance.require_active()
    job = work.jobs.lock(answer.job_id)
    if job.lease_until is None or not job.holds(answer.fence):
        raise Conflict("Công việc này đã xong, đã hết hạn giữ hoặc đã giao cho nơi khác.")
    return instance, job


def complete(
    work: Work,
    actor: Actor,
    answer: Answer,
    values: dict[str, Any],
    local: dict[str, Any] | None = None,
) -> Job:
    """The task is done; `values` become process variables, `local` only feed its mappings."""
    instance, job = _held(work, actor, answer)
    job.done(work.now())
    step = work.programs.get(instance.definition_id).finish(
        instance.snapshot, job.token, values, at=work.now(), programs=work.programs, local=local
    )
    advance(work, instance, step, Cause(actor, "job", job.element, job.topic))
    return job


def throw_error(
    work: Work,
    actor: Actor,
    answer: Answer,
    code: str,
    *,
    message: str = "",
    values: dict[str, Any] | None = None,
) -> Job:
    """The work ended in a BPMN error, which the diagram may catch by its code."""
    instance, job = _held(work, actor, answer)
    job.done(work.now())
    step = work.programs.get(instance.definition_id).throw_error(
        instance.snapshot,
        job.token,
        code,
        message,
        values or {},
        at=work.now(),
        programs=work.programs,
    )
    advance(work, instance, step, Cause(actor, "error", job.element, code))
    return job


def fail(
    work: Work,
    actor: Actor,
    answer: Answer,
    message: str,
    *,
    retry_after: timedelta | None = None,
    for_good: bool = False,
    details: str = "",
    values: dict[str, Any] | None = None,
    local: dict[str, Any] | None = None,
) -> Job:
    """It did not work: again after a pause (the diagram's retry cycle, unless said otherwise).

    Without an attempt left, or `for_good`, the task becomes an incident; where a rule of the task
    knows the failure, it ends in a BPMN error instead. `values` and `local` as for `complete`.
    """
    instance, job = _held(work, actor, answer)
    step = work.programs.get(instance.definition_id).attempt_failed(
        instance.snapshot,
        job.token,
        message,
        details,
        values,
        at=work.now(),
        programs=work.programs,
        local=local,
    )
    over = any(isinstance(fact, JobClosed) and fact.token == job.token for fact in step.facts)
    if over:
        job.done(work.now())
    if step.facts:
        advance(work, instance, step, Cause(actor, "failure", job.element, job.topic))
    if over:
        return job
    if for_good or job.exhausted:
        jobs.give_up(work, job, message)
    else:
        pause = job.delay(0.5) if retry_after is None else retry_after
        job.postpone(work.now() + pause, message)
    return job


def extend(work: Work, actor: Actor, answer: Answer, lease: timedelta) -> Job:
    """Keep the task for another `lease` from now."""
    _require_lease(lease)
    _instance, job = _held(work, actor, answer)
    job.extend(work.now() + lease)
    return job
