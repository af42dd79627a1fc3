"""Moving running instances to another definition: what stands where, and what it may become."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.errors import InvalidInput

DROPPED = ""


@dataclass(frozen=True)
class Standing:
    """A token as people see it: the element that it holds, in which enclosing elements.

    `round` counts from 1 where the token is one round of a repeated activity; `holds` says that
    other tokens stand inside it.
    """

    token: int
    element: str
    within: tuple[int, ...] = ()  # tokens of the sub-processes around it, from the outside in
    round: int | None = None
    holds: bool = False
    scope: str = "0"  # where its variables live


@dataclass(frozen=True)
class Pairing:
    """What becomes of one element of the source, as far as ids and kinds tell.

    `target` is the element with the same id, if it does the same; `suggestions` are others that
    do, the likeliest first; `choices` is everything that a person may choose. A sub-process
    (`frames`) need not have a target: what stands in it goes on without it. An element that
    `waits` for an event may be told to wait anew.
    """

    element: str
    name: str
    kind: str
    target: str | None
    suggestions: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    problem: str = ""  # why there is no target, where one has the same id
    frames: bool = False
    waits: bool = False


@dataclass(frozen=True)
class CalledProcess:
    """A process that runs inside an instance, called by one of its elements.

    `scope` is its place in the snapshot, and what names it as long as it runs.
    """

    scope: str
    definition_id: str
    token: int  # of the call activity
    element: str


@dataclass(frozen=True)
class MigrationPlan:
    """From one definition to another. Elements keep their id unless `mapping` says otherwise.

    A mapping to `DROPPED` gives an element no successor. Elements of the source named in `renew`
    wait anew: their timer runs from now, their message, signal or condition is that of the target.
    """

    source_id: str
    target_id: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    renew: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.source_id == self.target_id:
            raise InvalidInput("Hãy chọn một phiên bản khác với phiên bản đang chạy.")
