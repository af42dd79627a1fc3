"""Moving instances to another version: the mapping, what it would do, and who cannot move."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from app.domain.definitions import ProcessDefinition
from app.domain.errors import InvalidInput
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.migrations import MigrationPlan, Pairing
from app.domain.permissions import Actor
from app.usecases import migrations
from app.usecases.migrations import Migrate
from app.usecases.ports import InstanceFilter, Work
from app.web.admin_rail import DEFINITIONS, INSTANCES, refusal
from app.web.cockpit import element_names
from app.web.operation_words import kind_of

LOOKED_AT = 200  # instances that a preview tries; the others are told when their turn comes
SHOWN_REFUSALS = 20
FIELD = "to."  # of the select of an element
MOST_CHARACTERS = 2_000


@dataclass(frozen=True)
class Typed:
    """What the page was asked for, and what its form holds."""

    target_id: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    with_incidents: bool = False
    reason: str = ""
    rebind: bool = False

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> "Typed":
        chosen = {
            name.removeprefix(FIELD): value
            for name, value in values.items()
            if name.startswith(FIELD) and value
        }
        return cls(
            target_id=values.get("target", "")[:64],
            mapping={element: to for element, to in chosen.items() if to != element},
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
        plan = MigrationPlan(source_id, self.target_id, dict(self.mapping))
        return Migrate(plan, self.reason, self.rebind)

    def wanted(self, source_id: str) -> InstanceFilter:
        return InstanceFilter(
            definition_id=source_id,
            search=self.search,
            with_incidents=self.with_incidents,
            running=True,
        )


@dataclass(frozen=True)
class MapRow:
    """One element of the source: how many stand there, where they go."""

    field: str
    name: str
    kind: str
    count: int
    chosen: str
    automatic: bool
    suggested: list[tuple[str, str]]
    others: list[tuple[str, str]]
    problem: str


@dataclass(frozen=True)
class RefusalRow:
    code: str
    href: str
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
    refusals: list[RefusalRow]
    more_refusals: int
    accepted_cases: int
    typed: Typed
    refusal: str
    errors: Mapping[str, str]


def of_instance(
    work: Work, actor: Actor, instance: ProcessInstance, typed: Typed, errors: Mapping[str, str]
) -> MigrationPage:
    source = work.definitions.get(instance.definition_id)
    over = instance.state in {InstanceState.COMPLETED, InstanceState.CANCELLED}
    return _build(
        work,
        source,
        [instance],
        typed,
        total=1,
        frame=_Frame(
            title=f"Chuyển phiên bản {instance.business_key}",
            back=f"{INSTANCES}/{instance.id}",
            back_label=instance.business_key,
            is_many=False,
            refusal=refusal(actor) or ("Quy trình đã kết thúc." if over else ""),
        ),
        errors=errors,
    )


def of_definition(
    work: Work, actor: Actor, source: ProcessDefinition, typed: Typed, errors: Mapping[str, str]
) -> MigrationPage:
    found = work.instances.page(typed.wanted(source.id), 1, LOOKED_AT)
    return _build(
        work,
        source,
        found.items,
        typed,
        total=found.total,
        frame=_Frame(
            title=f"Chuyển hồ sơ của {source.name}, phiên bản {source.version}",
            back=f"{DEFINITIONS}/{source.id}",
            back_label=f"{source.name}, phiên bản {source.version}",
            is_many=True,
            refusal=refusal(actor),
        ),
        errors=errors,
    )


@dataclass(frozen=True)
class _Frame:
    title: str
    back: str
    back_label: str
    is_many: bool
    refusal: str


def _build(
    work: Work,
    source: ProcessDefinition,
    instances: Sequence[ProcessInstance],
    typed: Typed,
    *,
    total: int,
    frame: _Frame,
    errors: Mapping[str, str],
) -> MigrationPage:
    chosen = typed.target_id if typed.target_id != source.id else ""
    target = work.definitions.find(chosen) if chosen else None
    rows: list[MapRow] = []
    quiet, seen = 0, migrations.Preview(looked_at=len(instances))
    moves: list[tuple[str, str, int]] = []
    if target is not None:
        plan = MigrationPlan(source.id, target.id, dict(typed.mapping))
        counts = _counts(work, source, instances)
        names = element_names(work, target.id)
        paired = migrations.pairings(work, plan, counts)
        told = [one for one in paired if one.target is None or counts[one.element] or one.problem]
        rows = [_row(one, counts[one.element], names, typed) for one in told]
        quiet = len(paired) - len(told)
        seen = migrations.preview(work, plan, instances)
        mine = element_names(work, source.id)
        moves = [
            (mine.get(one, one), names.get(to, to), count)
            for (one, to), count in sorted(seen.moves.items())
        ]
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
        rows=rows,
        quiet=quiet,
        moves=moves,
        refusals=[
            RefusalRow(one.code, f"{INSTANCES}/{one.instance_id}", one.reasons)
            for one in seen.refusals[:SHOWN_REFUSALS]
        ],
        more_refusals=max(0, len(seen.refusals) - SHOWN_REFUSALS),
        accepted_cases=seen.accepted_cases,
        typed=typed,
        refusal=frame.refusal,
        errors=errors,
    )


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


def _counts(
    work: Work, source: ProcessDefinition, instances: Sequence[ProcessInstance]
) -> Counter[str]:
    program = work.programs.get(source.id)
    return Counter(
        one.element
        for instance in instances
        if instance.definition_id == source.id and instance.ended_at is None
        for one in program.standing(instance.snapshot, programs=work.programs)
    )


def _row(pairing: Pairing, count: int, names: Mapping[str, str], typed: Typed) -> MapRow:
    label = {one: f"{names.get(one, one)} ({one})" for one in pairing.choices}
    chosen = typed.mapping.get(pairing.element, pairing.target or "")
    return MapRow(
        field=f"{FIELD}{pairing.element}",
        name=pairing.name or pairing.element,
        kind=kind_of(pairing.kind),
        count=count,
        chosen=chosen,
        automatic=pairing.target is not None and chosen == pairing.target,
        suggested=[(one, label[one]) for one in pairing.suggestions],
        others=[(one, text) for one, text in label.items() if one not in pairing.suggestions],
        problem="" if chosen else pairing.problem or _missing(count),
    )


def _missing(count: int) -> str:
    if count:
        return "Phiên bản đích không có bước này; hãy chọn bước thay thế."
    return "Phiên bản đích không có bước này; hiện không hồ sơ nào đứng ở đây."
