"""Turn the facts of a step into rows, in the transaction of the step.

`advance` is the one way in which an instance moves: it records what the engine brought about and,
where a token stands at an operation of the house itself (publish, accept, notify …), performs it
and goes on, until nobody but people, clocks and other systems can move the token.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

from app.domain import engine as facts
from app.domain.definitions import DefinitionState
from app.domain.engine import Step
from app.domain.errors import InvalidInput, InvalidState
from app.domain.instances import InstanceState, ProcessInstance, SubjectKind
from app.domain.permissions import Actor
from app.usecases.chronicle import Cause, compact, note
from app.usecases.ports import Work
from app.usecases.recorders import RECORDERS, Recorder

INLINE_LIMIT = 100  # operations of the house in one step: more is a loop without an exit


def advance(work: Work, instance: ProcessInstance, step: Step, cause: Cause) -> None:
    """Record `step` and the operations of the house that it leads to at once.

    A refusal of such an operation refuses the whole move: the transaction is the caller's.
    """
    recorder = Recorder(work, instance, cause, work.now(), deque())
    _record(recorder, step)
    performed = 0
    while recorder.following and instance.state is InstanceState.ACTIVE:
        performed += 1
        if performed > INLINE_LIMIT:
            raise InvalidState("Quy trình lặp vô hạn qua các bước tự động. Hãy báo quản trị.")
        _perform(recorder, recorder.following.popleft(), cause.actor)


def _perform(recorder: Recorder, job: facts.JobCreated, actor: Actor) -> None:
    work, instance = recorder.work, recorder.instance
    results = work.house.perform(work, instance, job.topic, job.parameters, actor)
    program = work.programs.get(instance.definition_id)
    step = program.finish(
        instance.snapshot, job.token, results, at=recorder.at, programs=work.programs
    )
    recorder.cause = Cause(actor, "operation", job.element, job.topic)
    _record(recorder, step)


def _record(recorder: Recorder, step: Step) -> None:
    known = recorder.instance.variables
    recorder.instance.move(step.snapshot, recorder.at)
    for fact in step.facts:
        RECORDERS[type(fact)](recorder, fact)
    cause = recorder.cause
    note(recorder.work, recorder.instance, cause, {**cause.data, **compact(step, known)})


def start(
    work: Work,
    definition_id: str,
    variables: dict[str, Any],
    cause: Cause,
    *,
    agency_id: str,
    business_key: str,
    subject: tuple[SubjectKind, str] | None = None,
    message: str | None = None,
    start_event: str | None = None,
    before: Sequence[str] = (),
) -> ProcessInstance:
    """Start an instance of a definition, at its none start event or where it is said.

    `message` and `start_event` (an id) name another start event; `before` puts the tokens before
    these elements instead. Raises NotFound, InvalidInput, InvalidState (suspended definition).
    """
    definition = work.definitions.get(definition_id)
    if definition.state is DefinitionState.SUSPENDED:
        raise InvalidState(f"Quy trình “{definition.name}” đang tạm dừng nhận hồ sơ mới.")
    if not business_key:
        raise InvalidInput("Thiếu mã của hồ sơ hoặc việc cần khởi tạo quy trình.")
    at = work.now()
    kind, subject_id = subject or (None, None)
    instance = ProcessInstance(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=agency_id,
        definition_id=definition.id,
        definition_key=definition.key,
        business_key=business_key,
        subject_kind=kind,
        subject_id=subject_id,
        started_at=at,
        started_by=cause.actor.id,
    )
    work.instances.add(instance)
    step = work.programs.get(definition.id).start(
        variables,
        at=at,
        programs=work.programs,
        business_key=business_key,
        message=message,
        start_event=start_event,
        before=before,
        started_by=cause.actor.username or None,
    )
    advance(work, instance, step, cause)
    return instance
