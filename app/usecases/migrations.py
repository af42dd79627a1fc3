"""Move running instances to another definition: planned, previewed, carried out one by one.

What keeps its identity is decided as Camunda 7 does: a user task keeps its id, name, assignee,
roles, due time and draft; only its form follows the new definition. Jobs, timers and
subscriptions keep their topic, due time, name and key. A called process keeps its own version.
An accepted case stays bound to the version it was accepted under (domain.md §3) unless the
administrator says otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.domain.cases import Case
from app.domain.definitions import ProcessDefinition
from app.domain.engine import JobCreated, Step
from app.domain.errors import InvalidInput, InvalidState
from app.domain.instances import InstanceState, ProcessInstance, SubjectKind
from app.domain.migrations import MigrationPlan, Pairing
from app.domain.permissions import Action, Actor, require
from app.domain.user_tasks import TaskState
from app.usecases.instances import require_reason
from app.usecases.ports import Work
from app.usecases.recording import Cause, advance


@dataclass(frozen=True)
class Migrate:
    """`rebind`: bind accepted cases to the service version of the target, too."""

    plan: MigrationPlan
    reason: str
    rebind: bool = False


@dataclass(frozen=True)
class Refusal:
    """An instance that cannot move as planned, and why."""

    instance_id: str
    code: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Preview:
    """What a migration would do: tokens by (element, where to), and who stays behind."""

    looked_at: int
    movable: int = 0
    moves: dict[tuple[str, str], int] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    accepted_cases: int = 0


def pairings(work: Work, plan: MigrationPlan, also: Iterable[str] = ()) -> list[Pairing]:
    """Pair the elements of the source with those of the target; `also`: where tokens stand now."""
    target = work.programs.get(plan.target_id)
    return work.programs.get(plan.source_id).pairings(target, also)


def check(work: Work, plan: MigrationPlan) -> None:
    """Raise InvalidInput, with a sentence for each element, where a mapping cannot be meant."""
    fields: dict[str, list[str]] = {}
    known = {one.element: one for one in pairings(work, plan, plan.mapping)}
    for element, target in plan.mapping.items():
        pairing = known.get(element)
        if pairing is None:
            fields[element] = ["Phiên bản đang chạy không có bước này."]
        elif target not in pairing.choices:
            name = pairing.name or element
            fields[element] = [f"“{name}” không chuyển sang “{target}” được: không cùng loại."]
    if fields:
        raise InvalidInput("Bảng ghép bước còn chỗ không hợp lệ.", fields=fields)


def preview(work: Work, plan: MigrationPlan, instances: Sequence[ProcessInstance]) -> Preview:
    """Try the plan on these instances without moving anything."""
    moves: Counter[tuple[str, str]] = Counter()
    refusals, accepted = [], 0
    for instance in instances:
        reasons = _reasons(work, plan, instance)
        if reasons:
            refusals.append(Refusal(instance.id, instance.business_key, reasons))
            continue
        accepted += _accepted_case(work, instance) is not None
        program = work.programs.get(instance.definition_id)
        for one in program.standing(instance.snapshot, programs=work.programs):
            if not one.holds:
                moves[one.element, plan.mapping.get(one.element, one.element)] += 1
    return Preview(
        looked_at=len(instances),
        movable=len(instances) - len(refusals),
        moves=dict(moves),
        refusals=tuple(refusals),
        accepted_cases=accepted,
    )


def _reasons(work: Work, plan: MigrationPlan, instance: ProcessInstance) -> tuple[str, ...]:
    if instance.ended_at is not None:
        return ("Quy trình đã kết thúc.",)
    if instance.definition_id != plan.source_id:
        return ("Quy trình này không còn chạy theo phiên bản nguồn.",)
    program = work.programs.get(plan.source_id)
    target = work.programs.get(plan.target_id)
    found = program.obstacles(instance.snapshot, target, plan.mapping, programs=work.programs)
    return tuple(dict.fromkeys(problem.message for problem in found))


def migrate(work: Work, actor: Actor, instance_id: str, command: Migrate) -> ProcessInstance:
    """Move one instance. Raises InvalidState with every reason why it cannot move."""
    reason = require_reason(command.reason)
    plan = command.plan
    instance = work.instances.get(instance_id)
    require(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id)
    instance = work.instances.lock(instance_id)
    check(work, plan)
    reasons = _reasons(work, plan, instance)
    if reasons:
        raise InvalidState(" ".join(reasons))
    source, target = (work.definitions.get(one) for one in (plan.source_id, plan.target_id))
    step = work.programs.get(source.id).migrate(
        instance.snapshot,
        work.programs.get(target.id),
        plan.mapping,
        at=work.now(),
        programs=work.programs,
    )
    _require_quiet(instance, step)
    instance.migrate(target.id, target.key)
    cause = Cause(actor, "migrate", "", reason, _told(plan, source, target))
    if command.rebind:
        cause.data["rebound"] = _rebind(work, instance, target)
    advance(work, instance, step, cause)
    _follow(work, instance)
    return instance


def _require_quiet(instance: ProcessInstance, step: Step) -> None:
    """A suspended instance must not be moved on by its own migration."""
    acts = any(isinstance(fact, JobCreated) for fact in step.facts)
    if acts and instance.state is InstanceState.SUSPENDED:
        raise InvalidState("Chuyển phiên bản làm quy trình chạy tiếp; hãy cho chạy tiếp trước đã.")


def _told(
    plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition
) -> dict[str, object]:
    return {
        "from": {"id": source.id, "key": source.key, "version": source.version},
        "to": {"id": target.id, "key": target.key, "version": target.version},
        "mapping": dict(plan.mapping),
    }


def _follow(work: Work, instance: ProcessInstance) -> None:
    """Open tasks are filled in with the forms of the new definition."""
    if instance.ended_at is not None:
        return
    program = work.programs.get(instance.definition_id)
    forms = program.form_keys(instance.snapshot, at=work.now(), programs=work.programs)
    for task in work.user_tasks.of_instance(instance.id):
        if task.state is TaskState.OPEN and task.token in forms:
            task.follow(instance.definition_key, forms[task.token])


# --- the law ------------------------------------------------------------------------------


def _accepted_case(work: Work, instance: ProcessInstance) -> Case | None:
    """The case of an instance, where it is bound to a version already."""
    if instance.subject_kind is not SubjectKind.CASE or instance.subject_id is None:
        return None
    case = work.cases.find(instance.subject_id)
    return case if case is not None and case.accepted_at is not None else None


def _rebind(work: Work, instance: ProcessInstance, target: ProcessDefinition) -> int | None:
    """Bind the accepted case to the service version that published `target`."""
    if _accepted_case(work, instance) is None:
        return None
    case = work.cases.lock(str(instance.subject_id))
    versions = work.services.versions(case.service_id)
    published = next((one for one in versions if one.definition_id == target.id), None)
    if published is None:
        raise InvalidState(
            "Phiên bản đích chưa được công bố cho dịch vụ của hồ sơ này, "
            "nên không gắn lại căn cứ pháp lý được."
        )
    case.rebind(published.version)
    return published.version
