"""Steps that people choose: look at what is offered, begin a step, end the choosing.

While steps can be chosen, an open user task stands at the ad-hoc sub-process itself: through it
the choosing is found in the task list, has a deadline, is claimed and handed over.
"""

from dataclasses import dataclass

from app.domain.ad_hoc import Candidates, Offer, OfferedStep
from app.domain.errors import Conflict, Forbidden, InvalidState, NotFound
from app.domain.instances import HistoryEntry, ProcessInstance
from app.domain.people import AgencyPart
from app.domain.permissions import Action, Actor, allows
from app.domain.user_tasks import UserTask
from app.usecases import user_tasks
from app.usecases.chronicle import Cause
from app.usecases.ports import Work
from app.usecases.recording import advance

NOT_YOURS = "Bạn không phải người được chọn bước này."
GONE = "Phần tự chọn này đã kết thúc. Hãy xem lại các bước của hồ sơ."
LOOKED_BACK = 20  # choices, when the same one comes a second time


@dataclass(frozen=True)
class ChooseStep:
    """`begun` is how often the page said the step was begun; None: begin it once more anyhow."""

    instance_id: str
    actor: Actor
    token: int
    element: str
    begun: int | None = None


@dataclass(frozen=True)
class FinishChoosing:
    """`begun` is how many steps the page said were begun; None: end it anyhow."""

    instance_id: str
    actor: Actor
    token: int
    begun: int | None = None


@dataclass(frozen=True)
class Offered:
    """An offer as one person sees it: which steps he may begin, and whether he may end it."""

    offer: Offer
    may_begin: frozenset[str]
    may_end: bool
    taken_by: str = ""  # the colleague who has claimed the choosing

    @property
    def concerns(self) -> bool:
        return self.may_end or bool(self.may_begin)


# --- who --------------------------------------------------------------------------------


def _among(
    work: Work, actor: Actor, instance: ProcessInstance, asked: tuple[Candidates, ...]
) -> bool:
    """Say whether a user task with these candidates would wait for the actor."""
    return any(
        actor.username in one.users
        or actor.id in one.users
        or allows(
            actor,
            Action.WORK_TASK,
            agency_id=_agency_of(work, instance, one.agency),
            roles=one.groups,
            unit=one.unit,
        )
        for one in asked
    )


def _agency_of(work: Work, instance: ProcessInstance, part: str | None) -> str:
    if part in {None, AgencyPart.PROVIDER}:
        return instance.agency_id
    return work.agencies.by_part(AgencyPart(part)).id


def _seen_by(work: Work, actor: Actor, instance: ProcessInstance, offer: Offer) -> Offered:
    """The one place that says who may choose what: its people, its assignee, the administrator."""
    task = work.user_tasks.at_token(instance.id, offer.token)
    free = allows(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id) or (
        task is not None and task.assignee == actor.id
    )
    may_begin = {
        step.element
        for step in offer.steps
        if free or _among(work, actor, instance, step.candidates)
    }
    may_end = free or _among(work, actor, instance, offer.candidates)
    return Offered(offer, frozenset(may_begin), may_end, "" if free else _taken_by(actor, task))


def _taken_by(actor: Actor, task: UserTask | None) -> str:
    if task is None or task.assignee in {None, actor.id}:
        return ""
    return task.assignee_name


# --- looking ----------------------------------------------------------------------------


def offered(
    work: Work, actor: Actor, instance: ProcessInstance, token: int | None = None
) -> list[Offered]:
    """What can be chosen in the instance now, or at one token, with what the actor may do."""
    if instance.ended_at is not None:
        return []
    program = work.programs.get(instance.definition_id)
    found = program.offered(instance.snapshot, at=work.now(), programs=work.programs, token=token)
    return [_seen_by(work, actor, instance, offer) for offer in found]


def visible(work: Work, actor: Actor, instance_id: str) -> list[Offered]:
    """As `offered`, for those who may watch instances; for others, what concerns them.

    Raises NotFound where nothing does.
    """
    instance = work.instances.get(instance_id)
    found = offered(work, actor, instance)
    if allows(actor, Action.VIEW_INSTANCES, agency_id=instance.agency_id):
        return found
    mine = [one for one in found if one.concerns]
    if not mine:
        raise NotFound("Không tìm thấy bước nào để bạn chọn.")
    return mine


def _at(work: Work, actor: Actor, instance: ProcessInstance, token: int) -> Offered:
    """The offer at a token. Raises InvalidState where it is over; NotFound for a stranger."""
    found = offered(work, actor, instance, token)
    if found and found[0].concerns:
        return found[0]
    if found:
        raise Forbidden(NOT_YOURS)
    if _knows(work, actor, instance, token):
        raise InvalidState(GONE)
    raise NotFound("Không tìm thấy bước nào để bạn chọn.")


def _knows(work: Work, actor: Actor, instance: ProcessInstance, token: int) -> bool:
    """Say whether the actor could have chosen there, now that it is over."""
    if allows(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id):
        return True
    return any(
        task.token == token and user_tasks.may_work(actor, task)
        for task in work.user_tasks.of_instance(instance.id)
    )


# --- doing ------------------------------------------------------------------------------


def choose(work: Work, command: ChooseStep) -> OfferedStep:
    """Begin a step, and return it as it was offered. The same choice sent a second time changes nothing.

    Raises NotFound, Forbidden, Conflict (the page is old, or a colleague has taken it),
    InvalidState (over; or the steps come one at a time and one is at work).
    """
    actor = command.actor
    instance = _locked(work, command.instance_id)
    seen = _at(work, actor, instance, command.token)
    step = seen.offer.step(command.element)
    if step is None:
        raise InvalidState("Bước này không còn trong các bước được chọn.")
    if step.element not in seen.may_begin:
        raise Forbidden(NOT_YOURS)
    if _said_before(work, command, step):
        return step
    _require_free(seen)
    instance.require_active()
    data = {"token": command.token, "begun": step.begun}
    moved = work.programs.get(instance.definition_id).choose(
        instance.snapshot, command.token, step.element, at=work.now(), programs=work.programs
    )
    if seen.offer.ordered:
        _complete(work, actor, instance, command.token)
    advance(work, instance, moved, Cause(actor, "choose", step.element, step.name, data))
    return step


def finish(work: Work, command: FinishChoosing) -> ProcessInstance:
    """End the choosing; what is still at work is cancelled, where the diagram allows that.

    The same command sent a second time changes nothing. Raises as `choose`.
    """
    actor, token = command.actor, command.token
    instance = _locked(work, command.instance_id)
    if _ended_before(work, command):
        return instance
    seen = _at(work, actor, instance, token)
    if not seen.may_end:
        raise Forbidden("Bạn không phải người được kết thúc phần tự chọn này.")
    _require_free(seen)
    if command.begun not in {None, seen.offer.begun}:
        raise Conflict("Có bước đã bắt đầu sau khi bạn mở trang. Hãy xem lại rồi kết thúc.")
    instance.require_active()
    moved = work.programs.get(instance.definition_id).finish(
        instance.snapshot, token, {}, at=work.now(), programs=work.programs
    )
    _complete(work, actor, instance, token)
    cause = Cause(actor, "finish", seen.offer.element, seen.offer.name, {"token": token})
    advance(work, instance, moved, cause)
    return instance


def _locked(work: Work, instance_id: str) -> ProcessInstance:
    """Lock first, then trust what is read. Raises NotFound."""
    return work.instances.lock(work.instances.get(instance_id).id)


def _require_free(seen: Offered) -> None:
    if seen.taken_by:
        raise Conflict(f"Việc chọn bước này đã có {seen.taken_by} nhận.")


def _complete(work: Work, actor: Actor, instance: ProcessInstance, token: int) -> None:
    """The task that asked is done, by whoever answered."""
    task = work.user_tasks.at_token(instance.id, token)
    if task is not None:
        task.complete(actor.id, actor.name, work.now())


# --- twice ------------------------------------------------------------------------------


def _said_before(work: Work, command: ChooseStep, step: OfferedStep) -> bool:
    """Say whether this very choice was carried out already. Raises Conflict for an old page."""
    if command.begun is None or step.begun == command.begun:
        return False
    told = {"token": command.token, "begun": command.begun}
    for entry in reversed(_history(work, command.instance_id, "choose")):
        if entry.element == step.element and told.items() <= entry.data.items():
            if entry.actor == command.actor.id:
                return True
            raise Conflict(f"{entry.actor_name} vừa bắt đầu bước “{step.name}”. Hãy xem lại.")
    raise Conflict(f"Bước “{step.name}” đã thay đổi sau khi bạn mở trang. Hãy xem lại.")


def _ended_before(work: Work, command: FinishChoosing) -> bool:
    return any(
        entry.data.get("token") == command.token and entry.actor == command.actor.id
        for entry in _history(work, command.instance_id, "finish")
    )


def _history(work: Work, instance_id: str, kind: str) -> list[HistoryEntry]:
    return work.instances.history(instance_id, kinds=(kind,), limit=LOOKED_BACK)
