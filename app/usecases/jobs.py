"""Keep the promises in the outbox: claim, call, then record the answer."""

import random
from datetime import timedelta
from typing import Any

from app.domain.connectors import BusinessError, Call, Postponed, TemporaryFailure
from app.domain.engine import JobKind
from app.domain.errors import DomainError
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.waiting import Job, JobState
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.ports import Connectors, OpenWork, Work
from app.usecases.recorders import HOUSE, wake
from app.usecases.recording import advance

POSTPONED_FOR = 15.0  # seconds until an open breaker is asked again, where it does not say itself
SWEEP_BATCH = 200


def run(open_work: OpenWork, connectors: Connectors, job_id: str) -> None:
    """Try one job once: claim (transaction), call (none), record the answer (transaction).

    May be run any number of times for the same job: whoever comes too late finds it claimed or
    done. A temporary failure is tried again later; the last attempt leaves an incident.
    """
    with open_work() as work:
        claimed = _claim(work, job_id)
    if claimed is None:
        return
    job, fence = claimed
    if job.kind is JobKind.CONTINUATION or job.topic.startswith(HOUSE):
        _answer(open_work, job, fence, {})
        return
    try:
        call = Call(key=job.key, operation=job.topic.partition(".")[2], parameters=job.parameters)
        results = connectors.call(job.topic, call)
    except BusinessError as error:
        _refused(open_work, job, fence, error)
    except TemporaryFailure as error:
        _failed_for_now(open_work, job, fence, error)
    except DomainError as error:
        _failed_for_good(open_work, job, fence, error.message)
    else:
        _answer(open_work, job, fence, results)


def _claim(work: Work, job_id: str) -> tuple[Job, int] | None:
    job = work.jobs.lock(job_id)
    now = work.now()
    busy = job.lease_until is not None and job.lease_until > now
    if job.state is not JobState.PENDING or busy or job.run_at > now:
        return None
    if work.instances.get(job.instance_id).state is InstanceState.SUSPENDED:
        return None  # asleep: whoever lets the instance go on wakes the job
    if job.exhausted:  # every attempt ended with its worker: a job that kills is not tried again
        give_up(work, job, job.last_error or "Tiến trình xử lý dừng đột ngột ở mọi lần thử.")
        return None
    return job, job.claim(now)


def _held(work: Work, job: Job, fence: int) -> tuple[ProcessInstance, Job] | None:
    """Lock the instance, then the job; None where the answer comes too late to be used."""
    instance = work.instances.lock(job.instance_id)
    current = work.jobs.lock(job.id)
    if not current.holds(fence) or instance.state is InstanceState.CANCELLED:
        return None
    return instance, current


def _answer(open_work: OpenWork, job: Job, fence: int, results: dict[str, Any]) -> None:
    try:
        with open_work() as work:
            held = _held(work, job, fence)
            if held is None:
                return
            instance, current = held
            if instance.state is InstanceState.SUSPENDED:
                current.postpone(work.now(), "Quy trình tạm dừng", count=False)
                return  # whoever lets the instance go on wakes the job
            current.done(work.now())
            program = work.programs.get(instance.definition_id)
            move = program.resume if job.kind is JobKind.CONTINUATION else None
            step = (
                move(instance.snapshot, job.token, at=work.now(), programs=work.programs)
                if move
                else program.finish(
                    instance.snapshot, job.token, results, at=work.now(), programs=work.programs
                )
            )
            advance(work, instance, step, Cause(THE_SYSTEM, "job", job.element, job.topic))
    except DomainError as error:
        # An operation of the house behind this job refused: nothing of the step was kept.
        _failed_for_good(open_work, job, fence, error.message)


def _refused(open_work: OpenWork, job: Job, fence: int, error: BusinessError) -> None:
    """The other side said no: the diagram may catch it by its code."""
    with open_work() as work:
        held = _held(work, job, fence)
        if held is None:
            return
        instance, current = held
        current.done(work.now())
        step = work.programs.get(instance.definition_id).throw_error(
            instance.snapshot,
            job.token,
            error.error_code,
            error.message,
            {},
            at=work.now(),
            programs=work.programs,
        )
        advance(work, instance, step, Cause(THE_SYSTEM, "error", job.element, error.error_code))


def _failed_for_now(open_work: OpenWork, job: Job, fence: int, error: TemporaryFailure) -> None:
    with open_work() as work:
        held = _held(work, job, fence)
        if held is None:
            return
        _instance, current = held
        if isinstance(error, Postponed):
            pause = timedelta(seconds=error.retry_after or POSTPONED_FOR)
            current.postpone(work.now() + pause, error.message, count=False)
        elif current.exhausted:
            give_up(work, current, error.message)
            return
        else:
            pause = current.delay(random.random())  # noqa: S311 - spreads retries, guards nothing
            if error.retry_after is not None:
                pause = max(pause, timedelta(seconds=error.retry_after))
            current.postpone(work.now() + pause, error.message)
        wake(work, current)


def _failed_for_good(open_work: OpenWork, job: Job, fence: int, message: str) -> None:
    with open_work() as work:
        held = _held(work, job, fence)
        if held is not None:
            give_up(work, held[1], message)


def give_up(work: Work, job: Job, message: str) -> None:
    """Park the token with an incident: a person decides."""
    instance = work.instances.lock(job.instance_id)
    job.fail(message)
    step = work.programs.get(instance.definition_id).fail(
        instance.snapshot, job.token, message, programs=work.programs
    )
    advance(work, instance, step, Cause(THE_SYSTEM, "failure", job.element, job.topic))


def sweep(open_work: OpenWork) -> int:
    """Wake workers for due jobs that nobody works on (a lease lapsed, a wake-up was lost)."""
    with open_work() as work:
        stranded = work.jobs.stranded(work.now(), SWEEP_BATCH)
        for job in stranded:
            wake(work, job)
    return len(stranded)
