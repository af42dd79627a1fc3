"""Moving instances to another version: the mapping, what it would do, and who cannot move."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.domain.definitions import ProcessDefinition
from app.domain.engine import ROOT_SCOPE
from app.domain.errors import InvalidInput
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.migrations import MigrationPlan, Pairing
from app.domain.permissions import Actor
from app.usecases import migrations
from app.usecases.migrations import Migrate, Preview, Refusal, Running
from app.usecases.ports import InstanceFilter, Work
from app.web.admin_rail import DEFINITIONS, INSTANCES, refusal
from app.web.cockpit import element_names
from app.web.operation_words import kind_of
from app.web.views import address

LOOKED_AT = 200  # instances that a preview tries; the others are told when their turn comes
SHOWN_REFUSALS = 20
FIELD = "to."  # of the select of an element
MOST_CHARACTERS = 2_000
Tab = tuple[str, str, bool, int | None]
LISTENING = ("boundaryEvent", "startEvent")  # what only listens may go without a successor


@dataclass(frozen=True)
class Typed:
    """What the page was asked for, and what its form holds."""

    target_id: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    renew: frozenset[str] = frozenset()
    scope: str = ROOT_SCOPE  # of a process that the instance has called
    search: str = ""
    with_incidents: bool = False
    reason: str = ""
    rebind: bool = False

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> "Typed":
        chosen = {
            name.removeprefix(FIELD): value
            for name, value in values.items()
            if name.startswith(FIELD)
        }
        return cls(
            target_id=values.get("target", "")[:64],
            mapping={element: to for element, to in chosen.items() if to != element},
            renew=frozenset(values.getlist("renew")),
            scope=values.get("scope", "")[:20] or ROOT_SCOPE,
            search=values.get("q", "").strip()[:100],
            with_incidents=values.get("incidents") == "1",
            reason=values.get("reason", "")[:MOST_CHARACTERS],
            rebind=values.get("rebind") == "1",
        )

    def command(self, source_id: str) -> Migrate:
        if not self.target_id:
            raise InvalidInput(
                "Hãy chọn phiên bản đích.", fields={"target": ["Hãy chọn phiên bản đích."]}
            )
        return Migrate(self.plan(source_id, self.target_id), self.reason, self.rebind)

    def plan(self, source_id: str, target_id: str) -> MigrationPlan:
        return MigrationPlan(source_id, target_id, dict(self.mapping), self.renew)

    def wanted(self, source_id: str) -> InstanceFilter:
        return InstanceFilter(
            definition_id=source_id,
            search=self.search,
            with_incidents=self.with_incidents,
            running=True,
        )


@dataclass(frozen=True)
class MapRow:
    """One element of the source: how many stand or wait there, where they go."""

    element: str
    field: str
    name: str
    kind: str
    count: int
    chosen: str
    automatic: bool
    suggested: list[tuple[str, str]]
    others: list[tuple[str, str]]
    problem: str
    hinders: bool  # the problem keeps what stands there from moving
    waits: bool
    renewed: bool


@dataclass(frozen=True)
class RefusalRow:
    code: str
    href: str
    note: str  # which of several processes of an instance
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class MigrationPage:
    title: str
    back: str
    back_label: str
    action: str
    source: str
    targets: list[tuple[str, list[tuple[str, str]]]]  # process, its versions
    target: str
    is_many: bool
    total: int
    looked_at: int
    movable: int
    rows: list[MapRow]
    quiet: int  # elements that are paired by themselves and where nothing stands
    moves: list[tuple[str, str, int]]
    effects: list[tuple[str, list[tuple[str, int]]]]  # what else happens, to which elements
    called: list[Tab]  # the processes that run in the instance, where there are several
    refusals: list[RefusalRow]
    more_refusals: int
    accepted_cases: int
    typed: Typed
    refusal: str
    errors: Mapping[str, str]


@dataclass(frozen=True)
class _Frame:
    """What differs between the page of one process and that of many."""

    title: str
    back: str
    back_label: str
    is_many: bool
    refusal: str
    called: list[Tab] = field(default_factory=list)


def of_instance(
    work: Work, actor: Actor, instance: ProcessInstance, typed: Typed, errors: Mapping[str, str]
) -> MigrationPage:
    running = Running(instance, typed.scope)
    over = instance.state in {InstanceState.COMPLETED, InstanceState.CANCELLED}
    source = work.definitions.get(migrations.definition_of(work, running))
    frame = _Frame(
        title=f"Chuyển phiên bản {_named(instance, source, running)}",
        back=f"{INSTANCES}/{instance.id}",
        back_label=instance.business_key,
        is_many=False,
        refusal=refusal(actor) or ("Quy trình đã kết thúc." if over else ""),
        called=[] if over else _tabs(work, instance, typed.scope),
    )
    return _build(work, source, [running], typed, total=1, frame=frame, errors=errors)


def _named(instance: ProcessInstance, source: ProcessDefinition, running: Running) -> str:
    code = instance.business_key
    return f"{source.name} do {code} gọi" if running.is_called else code


def _tabs(work: Work, instance: ProcessInstance, scope: str) -> list[Tab]:
    found = migrations.called_in(work, instance)
    if not found:
        return []
    href = f"{INSTANCES}/{instance.id}/migration"
    own = work.definitions.get(instance.definition_id)
    tabs: list[Tab] = [(f"{own.name}, phiên bản {own.version}", href, scope == ROOT_SCOPE, None)]
    for one in found:
        definition = work.definitions.get(one.definition_id)
        title = f"{definition.name}, phiên bản {definition.version} (được gọi)"
        tabs.append((title, address(href, {"scope": one.scope}), scope == one.scope, None))
    return tabs


def of_definition(
    work: Work, actor: Actor, source: ProcessDefinition, typed: Typed, errors: Mapping[str, str]
) -> MigrationPage:
    wanted = typed.wanted(source.id)
    page = work.instances.page(wanted, 1, LOOKED_AT)
    found = [Running(one) for one in page.items]
    called = work.instances.called(wanted, LOOKED_AT - len(found))
    found += [Running(work.instances.get(key), scope) for key, scope, _ in called]
    frame = _Frame(
        title=f"Chuyển hồ sơ của {source.name}, phiên bản {source.version}",
        back=f"{DEFINITIONS}/{source.id}",
        back_label=f"{source.name}, phiên bản {source.version}",
        is_many=True,
        refusal=refusal(actor),
    )
    total = page.total + work.instances.count_called(wanted)
    return _build(work, source, found, typed, total=total, frame=frame, errors=errors)


def _build(
    work: Work,
    source: ProcessDefinition,
    found: Sequence[Running],
    typed: Typed,
    *,
    total: int,
    frame: _Frame,
    errors: Mapping[str, str],
) -> MigrationPage:
    chosen = typed.target_id if typed.target_id != source.id else ""
    target = work.definitions.find(chosen) if chosen else None
    table = _Table([], 0)
    seen, told = migrations.Preview(looked_at=len(found)), _Told({}, {})
    if target is not None:
        plan = typed.plan(source.id, target.id)
        told = _Told(element_names(work, source.id), element_names(work, target.id))
        table = _table(work, plan, _counts(work, source, found), told, typed)
        seen = migrations.preview(work, plan, found)
    return MigrationPage(
        title=frame.title,
        back=frame.back,
        back_label=frame.back_label,
        action=f"{frame.back}/migration",
        source=f"{source.name}, phiên bản {source.version}",
        targets=_targets(work, source),
        target=target.id if target else "",
        is_many=frame.is_many,
        total=total,
        looked_at=seen.looked_at,
        movable=seen.movable,
        rows=table.rows,
        quiet=table.quiet,
        moves=told.moves(seen),
        effects=told.effects(seen),
        called=frame.called,
        refusals=[_refused(one) for one in seen.refusals[:SHOWN_REFUSALS]],
        more_refusals=max(0, len(seen.refusals) - SHOWN_REFUSALS),
        accepted_cases=seen.accepted_cases,
        typed=typed,
        refusal=frame.refusal,
        errors=errors,
    )


def _refused(one: Refusal) -> RefusalRow:
    note = "" if one.scope == ROOT_SCOPE else "quy trình được gọi"
    return RefusalRow(one.code, f"{INSTANCES}/{one.instance_id}", note, one.reasons)


@dataclass(frozen=True)
class _Told:
    """What a preview has seen, by the names of the elements of both versions."""

    old: Mapping[str, str]
    new: Mapping[str, str]

    def moves(self, seen: Preview) -> list[tuple[str, str, int]]:
        return [
            (self.old.get(one, one), self.new.get(to, to), count)
            for (one, to), count in sorted(seen.moves.items())
        ]

    def effects(self, seen: Preview) -> list[tuple[str, list[tuple[str, int]]]]:
        listed = (
            ("Mở thêm tiến trình con", seen.opened, self.new),
            ("Bỏ tiến trình con", seen.dropped, self.old),
            ("Bắt đầu chờ", seen.begun, self.new),
            ("Không chờ nữa", seen.closed, self.old),
        )
        return [
            (text, [(names.get(one, one), count) for one, count in sorted(counted.items())])
            for text, counted, names in listed
            if counted
        ]


@dataclass(frozen=True)
class _Table:
    rows: list[MapRow]
    quiet: int


def _table(
    work: Work, plan: MigrationPlan, counts: Counter[str], told: _Told, typed: Typed
) -> _Table:
    """The pairs that people look at; the others are quiet: paired, and nothing stands there."""
    paired = migrations.pairings(work, plan, counts)
    shown = [
        one
        for one in paired
        if one.target is None
        or counts[one.element]
        or one.problem
        or one.element in {*plan.mapping, *plan.renew}
    ]
    rows = [_row(one, counts[one.element], told.new, typed) for one in shown]
    return _Table(rows, len(paired) - len(shown))


def _targets(work: Work, source: ProcessDefinition) -> list[tuple[str, list[tuple[str, str]]]]:
    """Other versions of the same process, newest first; then the newest of every other process."""
    versions = [one for one in work.definitions.versions(source.key) if one.id != source.id]
    same = [(one.id, _version_label(one)) for one in versions]
    latest = [work.definitions.latest(key) for key in work.definitions.keys()]  # noqa: SIM118 - a query, not a dict
    others = [
        (one.id, f"{one.name}, phiên bản {one.version}")
        for one in latest
        if one is not None and one.key != source.key
    ]
    return [
        (label, options)
        for label, options in (("Cùng quy trình", same), ("Quy trình khác", others))
        if options
    ]


def _version_label(definition: ProcessDefinition) -> str:
    tag = f" ({definition.version_tag})" if definition.version_tag else ""
    return f"Phiên bản {definition.version}{tag}"


def _counts(work: Work, source: ProcessDefinition, found: Sequence[Running]) -> Counter[str]:
    """How many stand or wait at each element."""
    counts: Counter[str] = Counter()
    for running in found:
        instance = running.instance
        is_own = running.is_called or instance.definition_id == source.id
        if instance.ended_at is None and is_own:
            program = work.programs.get(instance.definition_id)
            standing = program.standing(
                instance.snapshot, programs=work.programs, scope=running.scope, listeners=True
            )
            counts.update(one.element for one in standing)
    return counts


def _row(pairing: Pairing, count: int, names: Mapping[str, str], typed: Typed) -> MapRow:
    label = {one: f"{names.get(one, one)} ({one})" for one in pairing.choices}
    chosen = typed.mapping.get(pairing.element, pairing.target or "")
    free = pairing.frames or pairing.kind in LISTENING
    return MapRow(
        element=pairing.element,
        field=f"{FIELD}{pairing.element}",
        name=pairing.name or pairing.element,
        kind=kind_of(pairing.kind),
        count=count,
        chosen=chosen,
        automatic=pairing.target is not None and chosen == pairing.target,
        suggested=[(one, label[one]) for one in pairing.suggestions],
        others=[(one, text) for one, text in label.items() if one not in pairing.suggestions],
        problem="" if chosen else _missing(pairing, count),
        hinders=count > 0 and not free,
        waits=pairing.waits,
        renewed=pairing.element in typed.renew,
    )


def _missing(pairing: Pairing, count: int) -> str:
    if pairing.frames:
        return "Không chuyển: việc bên trong đi tiếp mà không có tiến trình con này."
    if pairing.kind in LISTENING:
        return "Không chuyển: từ nay không chờ nữa."
    if pairing.problem:
        return pairing.problem
    if count:
        return "Phiên bản đích không có bước này; hãy chọn bước thay thế."
    return "Phiên bản đích không có bước này; hiện không hồ sơ nào đứng ở đây."
