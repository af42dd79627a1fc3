"""What a web page, an API route, a worker or a command is given: the whole service, wired."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.usecases.ports import Connectors, OpenWork


@dataclass(frozen=True)
class Service:
    """`hook_keys` are (key id, secret) pairs that sign what outside systems send to us."""

    open_work: OpenWork
    connectors: Connectors
    now: Callable[[], datetime]
    hook_keys: tuple[tuple[str, str], ...] = ()
    demo: bool = False
    ready: Callable[[], bool] = lambda: True  # the database answers and its schema is ours
