"""Moving running instances to another definition: what stands where, and what it may become."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.domain.errors import InvalidInput


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
    do, the likeliest first; `choices` is everything that a person may choose.
    """

    element: str
    name: str
    kind: str
    target: str | None
    suggestions: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    problem: str = ""  # why there is no target, where one has the same id


@dataclass(frozen=True)
class MigrationPlan:
    """From one definition to another. Elements keep their id unless `mapping` says otherwise."""

    source_id: str
    target_id: str
    mapping: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.source_id == self.target_id:
            raise InvalidInput("Hãy chọn một phiên bản khác với phiên bản đang chạy.")
