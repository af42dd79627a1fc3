"""Move running processes to another definition: planned, previewed, carried out one by one.

What keeps its identity is decided as Camunda 7 does: a user task keeps its id, name, assignee,
roles, due time and draft; only its form follows the new definition. Jobs, timers and
subscriptions keep their topic, due time, name and key, unless the plan says that they wait anew.
Clocks of the law are not touched. A process that was called is moved by itself: it keeps its
version when its caller moves, and its caller waits on when it moves. An accepted case stays
bound to the version it was accepted under (domain.md §3) unless the administrator says otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.domain import engine as facts
from app.domain.cases import Case
from app.domain.definitions import ProcessDefinition
from app.domain.engine import ROOT_SCOPE, JobCreated, Step
from app.domain.errors import InvalidInput, InvalidState
from app.domain.instances import InstanceState, ProcessInstance, SubjectKind
from app.domain.migrations import DROPPED, CalledProcess, MigrationPlan, Pairing
from app.domain.permissions import Action, Actor, require
from app.domain.user_tasks import TaskState
from app.usecases.chronicle import Cause
from app.usecases.instances import require_reason
from app.usecases.ports import Work
from app.usecases.recording import advance


@dataclass(frozen=True)
class Migrate:
    """`rebind`: bind accepted cases to the service version of the target, too."""

    plan: MigrationPlan
    reason: str
    rebind: bool = False


@dataclass(frozen=True)
class Running:
    """A process that can be moved: that of an instance itself, or one that it has called."""

    instance: ProcessInstance
    scope: str = ROOT_SCOPE

    @property
    def is_called(self) -> bool:
        return self.scope != ROOT_SCOPE


@dataclass(frozen=True)
class Refusal:
    """A process that cannot move as planned, and why."""

    instance_id: str
    code: str
    reasons: tuple[str, ...]
    scope: str = ROOT_SCOPE


@dataclass(frozen=True)
class Preview:
    """What a migration would do: tokens by (element, where to), and who stays behind.

    `opened` and `dropped` count sub-processes around what runs; `begun` and `closed` count events
    that begin to wait, or no longer do; those that are waited for anew are in both. All by element.
    """

    looked_at: int
    movable: int = 0
    moves: dict[tuple[str, str], int] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    begun: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    accepted_cases: int = 0


def pairings(work: Work, plan: MigrationPlan, also: Iterable[str] = ()) -> list[Pairing]:
    """Pair the elements of the source with those of the target; `also`: where tokens stand now."""
    target = work.programs.get(plan.target_id)
    return work.programs.get(plan.source_id).pairings(target, also)


def check(work: Work, plan: MigrationPlan) -> None:
    """Raise InvalidInput, with a sentence for each element, where a mapping cannot be meant."""
    fields: dict[str, list[str]] = {}
    known = {one.element: one for one in pairings(work, plan, {*plan.mapping, *plan.renew})}
    for element, target in plan.mapping.items():
        pairing = known.get(element)
        if pairing is None:
            fields[element] = ["Phiên bản đang chạy không có bước này."]
        elif target not in (DROPPED, *pairing.choices):
            name = pairing.name or element
            fields[element] = [f"“{name}” không chuyển sang “{target}” được: không cùng loại."]
    for element in plan.renew:
        pairing = known.get(element)
        if pairing is None or not pairing.waits:
            name = (pairing.name if pairing else "") or element
            fields[element] = [f"“{name}” không chờ sự kiện nào nên không đặt lại được."]
    if fields:
        raise InvalidInput("Bảng ghép bước còn chỗ không hợp lệ.", fields=fields)


# --- which processes there are ------------------------------------------------------------------


def called_in(work: Work, instance: ProcessInstance) -> list[CalledProcess]:
    """The processes that run inside an instance, from the outside in."""
    program = work.programs.get(instance.definition_id)
    return program.called(instance.snapshot, programs=work.programs)


def running_in(work: Work, instance: ProcessInstance, definition_id: str) -> list[Running]:
    """Every process of a definition in an instance; the instance's own where there is none."""
    own = [Running(instance)] if instance.definition_id == definition_id else []
    if instance.ended_at is not None:
        return own or [Running(instance)]
    found = [
        Running(instance, one.scope)
        for one in called_in(work, instance)
        if one.definition_id == definition_id
    ]
    return [*own, *found] or [Running(instance)]


def definition_of(work: Work, running: Running) -> str:
    """By which definition a process runs. Raises InvalidState when it was called and has ended."""
    return _called(work, running).definition_id if running.is_called else _own(running)


def _own(running: Running) -> str:
    return running.instance.definition_id


def _called(work: Work, running: Running) -> CalledProcess:
    found = [one for one in called_in(work, running.instance) if one.scope == running.scope]
    if not found:
        raise InvalidState("Quy trình được gọi này không còn chạy.")
    return found[0]


# --- looking ------------------------------------------------------------------------------------


def preview(work: Work, plan: MigrationPlan, found: Sequence[Running]) -> Preview:
    """Try the plan on these processes without moving anything."""
    seen = _Seen()
    refusals, accepted = [], 0
    for running in found:
        instance = running.instance
        reasons, step = _tried(work, plan, running)
        if step is None:
            refusals.append(Refusal(instance.id, instance.business_key, reasons, running.scope))
            continue
        accepted += not running.is_called and _accepted_case(work, instance) is not None
        seen.look(step)
        for element in _leaves(work, running):
            seen.moves[element, plan.mapping.get(element, element)] += 1
    return Preview(
        looked_at=len(found),
        movable=len(found) - len(refusals),
        moves=dict(seen.moves),
        opened=dict(seen.opened),
        dropped=dict(seen.dropped),
        begun=dict(seen.begun),
        closed=dict(seen.closed),
        refusals=tuple(refusals),
        accepted_cases=accepted,
    )


def _leaves(work: Work, running: Running) -> list[str]:
    """Where the tokens stand that no other stands within."""
    program = work.programs.get(running.instance.definition_id)
    standing = program.standing(
        running.instance.snapshot, programs=work.programs, scope=running.scope
    )
    holders = {owner for one in standing for owner in one.within}
    return [one.element for one in standing if one.token not in holders]


@dataclass
class _Seen:
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    opened: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    begun: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)

    def look(self, step: Step) -> None:
        counted = {
            facts.ActivityStarted: self.opened,
            facts.ActivityEnded: self.dropped,
            facts.TimerStarted: self.begun,
            facts.SubscriptionOpened: self.begun,
            facts.TimerClosed: self.closed,
            facts.SubscriptionClosed: self.closed,
        }
        for fact in step.facts:
            if type(fact) in counted:
                counted[type(fact)][fact.element] += 1


def _tried(
    work: Work, plan: MigrationPlan, running: Running
) -> tuple[tuple[str, ...], Step | None]:
    """The step that would move it; or why there is none."""
    reasons = _reasons(work, plan, running)
    if reasons:
        return reasons, None
    try:
        return (), _step(work, plan, running)
    except InvalidState as error:
        return (error.message,), None


def _reasons(work: Work, plan: MigrationPlan, running: Running) -> tuple[str, ...]:
    """Why a process cannot move as planned."""
    instance = running.instance
    if instance.ended_at is not None:
        return ("Quy trình đã kết thúc.",)
    try:
        source_id = definition_of(work, running)
    except InvalidState as error:
        return (error.message,)
    if source_id != plan.source_id:
        return ("Quy trình này không còn chạy theo phiên bản nguồn.",)
    program, target = (work.programs.get(one) for one in (instance.definition_id, plan.target_id))
    found = program.obstacles(
        instance.snapshot, target, plan.mapping, programs=work.programs, scope=running.scope
    )
    return tuple(dict.fromkeys(problem.message for problem in found))


def _step(work: Work, plan: MigrationPlan, running: Running) -> Step:
    """The step that moves it. Raises InvalidState where a mapping cannot be evaluated."""
    instance = running.instance
    step = work.programs.get(instance.definition_id).migrate(
        instance.snapshot,
        work.programs.get(plan.target_id),
        plan.mapping,
        at=work.now(),
        programs=work.programs,
        scope=running.scope,
        renew=plan.renew,
    )
    _require_quiet(instance, step)
    return step


def _require_quiet(instance: ProcessInstance, step: Step) -> None:
    """A suspended instance must not be moved on by its own migration."""
    acts = any(isinstance(fact, JobCreated) for fact in step.facts)
    if acts and instance.state is InstanceState.SUSPENDED:
        raise InvalidState("Chuyển phiên bản làm quy trình chạy tiếp; hãy cho chạy tiếp trước đã.")


# --- moving -------------------------------------------------------------------------------------


def migrate(
    work: Work, actor: Actor, instance_id: str, command: Migrate, scope: str = ROOT_SCOPE
) -> ProcessInstance:
    """Move one process. Raises InvalidState with every reason why it cannot move."""
    reason = require_reason(command.reason)
    plan = command.plan
    instance = work.instances.get(instance_id)
    require(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id)
    instance = work.instances.lock(instance_id)
    running = Running(instance, scope)
    check(work, plan)
    reasons = _reasons(work, plan, running)
    if reasons:
        raise InvalidState(" ".join(reasons))
    step = _step(work, plan, running)
    source, target = (work.definitions.get(one) for one in (plan.source_id, plan.target_id))
    told = _told(plan, source, target)
    if running.is_called:
        one = _called(work, running)
        told["called"] = {"scope": scope, "element": one.element}
    else:
        instance.migrate(target.id, target.key)
        if command.rebind:
            told["rebound"] = _rebind(work, instance, target)
    advance(work, instance, step, Cause(actor, "migrate", "", reason, told))
    _follow(work, running)
    return instance


def _told(
    plan: MigrationPlan, source: ProcessDefinition, target: ProcessDefinition
) -> dict[str, object]:
    told: dict[str, object] = {
        "from": {"id": source.id, "key": source.key, "version": source.version},
        "to": {"id": target.id, "key": target.key, "version": target.version},
        "mapping": dict(plan.mapping),
    }
    return told | ({"renew": sorted(plan.renew)} if plan.renew else {})


def _follow(work: Work, running: Running) -> None:
    """Open tasks are filled in with the forms of the new definition."""
    instance = running.instance
    if instance.ended_at is not None:
        return
    program = work.programs.get(instance.definition_id)
    forms = program.form_keys(
        instance.snapshot, at=work.now(), programs=work.programs, scope=running.scope
    )
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
