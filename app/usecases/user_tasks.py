"""Claim, release, assign, fill in and complete user tasks."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from app.domain.engine import Surroundings
from app.domain.errors import InvalidInput, NotFound
from app.domain.forms import Submission
from app.domain.instances import ProcessInstance
from app.domain.people import Role
from app.domain.permissions import Action, Actor, allows, require
from app.domain.user_tasks import UserTask
from app.usecases import uploads
from app.usecases.chronicle import Cause, note
from app.usecases.ports import Form, Work
from app.usecases.recording import advance


@dataclass(frozen=True)
class CompleteTask:
    """`version` is that of the page it was typed on; None from the API means: whatever it is."""

    task_id: str
    actor: Actor
    typed: Mapping[str, Any]
    version: int | None = None


def may_work(actor: Actor, task: UserTask) -> bool:
    """Say whether the actor is one of those the task waits for."""
    return (
        task.assignee == actor.id
        or actor.username in task.candidates
        or allows(
            actor,
            Action.WORK_TASK,
            agency_id=task.agency_id,
            roles=task.roles,
            unit=task.unit,
        )
    )


def may_assign(actor: Actor, task: UserTask) -> bool:
    return allows(actor, Action.ASSIGN_TASK, agency_id=task.agency_id)


def visible(work: Work, actor: Actor, task_id: str) -> UserTask:
    """Return the task, if the actor may see it. Raises NotFound otherwise: it is not his business."""
    task = work.user_tasks.get(task_id)
    if not may_work(actor, task) and not may_assign(actor, task):
        raise NotFound("Không tìm thấy việc này, hoặc bạn không được giao.")
    return task


def workable(work: Work, actor: Actor, task_id: str) -> tuple[UserTask, ProcessInstance]:
    """Lock the instance, then read the task as it is now (style.md, rule 10)."""
    task = visible(work, actor, task_id)
    instance = work.instances.lock(task.instance_id)
    task.require_open()
    instance.require_active()
    return task, instance


def require_worker(actor: Actor, task: UserTask) -> None:
    if not may_work(actor, task):
        require(
            actor,
            Action.WORK_TASK,
            agency_id=task.agency_id,
            roles=task.roles,
            unit=task.unit,
        )


def form_of(work: Work, task: UserTask, instance: ProcessInstance) -> Form | None:
    """Return the task's form, from the very files that were deployed with its diagram.

    That is the diagram of the process that was called, where the task is of one. A task that is
    over has no form any more where no diagram that runs now has it.
    """
    if task.form_key is None:
        return None
    around = _around(work, task, instance)
    if around is None:
        return _form_left(work, task, instance)
    return form_in(work, around.definition_id, task.form_key)


def _form_left(work: Work, task: UserTask, instance: ProcessInstance) -> Form | None:
    program = work.programs.get(instance.definition_id)
    running = program.called(instance.snapshot, programs=work.programs)
    for definition_id in (instance.definition_id, *(one.definition_id for one in running)):
        elements = {one.id for one in work.programs.get(definition_id).elements()}
        if task.element in elements and task.form_key is not None:
            with suppress(NotFound):  # of the same id, by chance or in a later version
                return form_in(work, definition_id, task.form_key)
    return None


def form_in(work: Work, definition_id: str, form_key: str) -> Form:
    return work.programs.form(definition_id, form_key)


def _around(work: Work, task: UserTask, instance: ProcessInstance) -> Surroundings | None:
    program = work.programs.get(instance.definition_id)
    return program.surroundings(instance.snapshot, task.token, programs=work.programs)


def claim(work: Work, actor: Actor, task_id: str) -> UserTask:
    task, instance = workable(work, actor, task_id)
    require_worker(actor, task)
    if task.assignee != actor.id:
        task.claim(actor.id, actor.name)
        note(work, instance, Cause(actor, "claim", task.element, task.name))
    return task


def release(work: Work, actor: Actor, task_id: str) -> UserTask:
    """Give the task back to its group; the draft stays."""
    task, instance = workable(work, actor, task_id)
    if task.assignee != actor.id:
        require(actor, Action.ASSIGN_TASK, agency_id=task.agency_id)
    if task.assignee is not None:
        task.release()
        note(work, instance, Cause(actor, "release", task.element, task.name))
    return task


def assign(work: Work, actor: Actor, task_id: str, user_id: str) -> UserTask:
    """Hand the task to a colleague who may work it."""
    task, instance = workable(work, actor, task_id)
    require(actor, Action.ASSIGN_TASK, agency_id=task.agency_id)
    colleague = work.users.get(user_id)
    held = {b.role for b in colleague.bindings if b.agency_id == task.agency_id}
    if not colleague.active or not held & {Role(r) for r in task.roles}:
        raise InvalidInput(
            f"{colleague.full_name} không có vai trò làm việc này ở cơ quan.",
            fields={"user_id": ["Hãy chọn người có vai trò phù hợp."]},
        )
    task.assign(colleague.id, colleague.full_name)
    note(
        work, instance, Cause(actor, "assign", task.element, task.name), {"to": colleague.full_name}
    )
    return task


def colleagues(work: Work, task: UserTask) -> list[tuple[str, str]]:
    """(id, name) of those to whom the task can be handed."""
    people = {
        user.id: user.full_name
        for role in task.roles
        for user in work.users.holding(Role(role), task.agency_id, task.unit)
        if user.active
    }
    return sorted(people.items(), key=lambda pair: pair[1])


def keep_draft(work: Work, actor: Actor, task_id: str, typed: Mapping[str, Any]) -> UserTask:
    """Keep what was typed, unchecked."""
    task, _instance = workable(work, actor, task_id)
    require_worker(actor, task)
    task.keep_draft(dict(typed), work.now())
    return task


def form_variables(
    work: Work, task: UserTask, instance: ProcessInstance, form: Form | None = None
) -> dict[str, Any]:
    """What a task's form may read: the variables that it sees, and who could do the next work.

    A task sees what its own round, sub-process or called process knows, inner before outer.

    `people_<role>` lists the people of the task's agency who hold a role, for a select or radio
    by `valuesKey` (value: the username that camunda:assignee understands). Where `form` is
    given, only the lists that it reads are asked for.
    """
    people = {
        f"people_{role.value}": [
            {"label": user.full_name, "value": user.username}
            for user in work.users.holding(role, task.agency_id, task.unit)
            if user.active
        ]
        for role in ASSIGNABLE
        if form is None or f"people_{role.value}" in form.reads
    }
    around = _around(work, task, instance)
    return {**(around.variables if around is not None else instance.snapshot.root), **people}


ASSIGNABLE = (Role.SPECIALIST, Role.UNIT_HEAD)


def check(
    work: Work, task: UserTask, instance: ProcessInstance, typed: Mapping[str, Any]
) -> Submission:
    """Check a submission against the task's form; a task without a form takes no values."""
    form = form_of(work, task, instance)
    if form is None:
        return Submission(values={}, typed=typed)
    return form.validate(typed, form_variables(work, task, instance, form))


def _bind_papers(
    work: Work, actor: Actor, instance: ProcessInstance, values: Mapping[str, Any]
) -> None:
    """Make uploaded files papers of the case or registration that the task is about."""
    if instance.subject_kind is not None and instance.subject_id is not None:
        uploads.bind(work, actor, values, instance.subject_kind, instance.subject_id)


def complete(work: Work, command: CompleteTask) -> UserTask:
    """Check what was typed, complete the task and move the instance on.

    Raises NotFound, Forbidden, InvalidState (somebody was faster), Conflict (stale page),
    InvalidInput with the errors of each field.
    """
    task, instance = workable(work, command.actor, command.task_id)
    require_worker(command.actor, task)
    task.require_version(command.version)
    if task.assignee not in {None, command.actor.id}:
        task.claim(command.actor.id, command.actor.name)  # refuses with the other's name
    submission = check(work, task, instance, command.typed)
    if not submission.ok:
        raise InvalidInput("Biểu mẫu còn chỗ cần sửa.", fields=submission.errors)
    _bind_papers(work, command.actor, instance, submission.values)
    finish(work, command.actor, (task, instance), submission.values)
    return task


def finish(
    work: Work, actor: Actor, found: tuple[UserTask, ProcessInstance], values: Mapping[str, Any]
) -> None:
    """Complete what `workable` gave with values that are checked, and move the instance on."""
    task, instance = found
    task.complete(actor.id, actor.name, work.now())
    step = work.programs.get(instance.definition_id).finish(
        instance.snapshot, task.token, values, at=work.now(), programs=work.programs
    )
    advance(work, instance, step, Cause(actor, "complete", task.element, task.name))
