"""What a web page, an API route, a worker or a command is given: the whole service, wired."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.usecases.ports import Connectors, OpenWork
from app.usecases.post import PostalNews

ReadPost = Callable[[Mapping[str, str], bytes], PostalNews]


@dataclass(frozen=True)
class Service:
    """`read_post` verifies and reads what the post sends (headers, body); None: not agreed on."""

    open_work: OpenWork
    connectors: Connectors
    now: Callable[[], datetime]
    read_post: ReadPost | None = None
    demo: bool = False
    ready: Callable[[], bool] = lambda: True  # the database answers and its schema is ours
