"""One command for every instance of a version, narrowed by a filter: asked before it is given."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.domain.batches import BatchKind
from app.domain.definitions import DefinitionState, ProcessDefinition
from app.domain.instances import InstanceState
from app.domain.permissions import Actor
from app.usecases import batches
from app.usecases.batches import Order
from app.usecases.ports import InstanceFilter, Work
from app.web.admin_rail import DEFINITIONS, refusal
from app.web.operation_words import BATCHES

KINDS = (BatchKind.SUSPEND, BatchKind.RESUME, BatchKind.CANCEL)
STATE = {BatchKind.SUSPEND: InstanceState.ACTIVE, BatchKind.RESUME: InstanceState.SUSPENDED}
"""In which state an instance must be for the command to mean something; otherwise: not over."""
MOST_CHARACTERS = 2_000


@dataclass(frozen=True)
class Typed:
    kind: BatchKind = BatchKind.SUSPEND
    search: str = ""
    with_incidents: bool = False
    reason: str = ""
    also_definition: bool = False  # and let the version take no new instances

    @classmethod
    def of(cls, values: MultiDict[str, str]) -> "Typed":
        kind = values.get("kind", "")
        return cls(
            kind=BatchKind(kind) if kind in KINDS else BatchKind.SUSPEND,
            search=values.get("q", "").strip()[:100],
            with_incidents=values.get("incidents") == "1",
            reason=values.get("reason", "")[:MOST_CHARACTERS],
            also_definition=values.get("definition") == "1",
        )

    def wanted(self, definition_id: str) -> InstanceFilter:
        return InstanceFilter(
            state=STATE.get(self.kind),
            definition_id=definition_id,
            search=self.search,
            with_incidents=self.with_incidents,
            running=True,
        )

    def order(self, work: Work, definition: ProcessDefinition) -> Order:
        found = batches.running(work, self.wanted(definition.id))
        title = f"{BATCHES[self.kind]}: {definition.name}, phiên bản {definition.version}"
        return Order(self.kind, title, self.reason, found, {})


@dataclass(frozen=True)
class BulkPage:
    href: str
    back: str
    definition: str
    kinds: list[tuple[str, str]]
    typed: Typed
    total: int
    codes: list[str]
    takes_new: bool
    refusal: str
    errors: Mapping[str, str]


def build(
    work: Work,
    actor: Actor,
    definition: ProcessDefinition,
    typed: Typed,
    errors: Mapping[str, str],
) -> BulkPage:
    found = work.instances.page(typed.wanted(definition.id), 1, 10)
    back = f"{DEFINITIONS}/{definition.id}"
    return BulkPage(
        href=f"{back}/batch",
        back=back,
        definition=f"{definition.name}, phiên bản {definition.version}",
        kinds=[(kind.value, BATCHES[kind]) for kind in KINDS],
        typed=typed,
        total=found.total,
        codes=[one.business_key for one in found.items],
        takes_new=definition.state is DefinitionState.ACTIVE,
        refusal=refusal(actor),
        errors=errors,
    )
