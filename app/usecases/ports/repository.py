"""What every repository of the store keeps to.

`get` raises NotFound, `find` returns None. Lists are paged and never scan history.
Entities are tracked: what is changed within a Work is written when it commits.
"""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `total` is counted by the same query as `items`."""

    items: list[T]
    total: int
    number: int  # from 1
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


class Repository(Protocol[T]):
    def get(self, key: str) -> T: ...
    def find(self, key: str) -> T | None: ...
    def add(self, thing: T) -> None: ...
