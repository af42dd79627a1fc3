"""What a web page, an API route, a worker or a command is given: the whole service, wired."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.domain.calendars import CalendarException
from app.usecases.ports import Connectors, OpenWork, ParkedWork, Together
from app.usecases.post import PostalNews

PublicHolidays = Callable[[int], tuple[CalendarException, ...]]
ReadPost = Callable[[Mapping[str, str], bytes], PostalNews]


@dataclass(frozen=True)
class Service:
    """`read_post` verifies and reads what the post sends (headers, body); None: not agreed on.

    `public_holidays` proposes a year's table; `holiday_notes` says, by year, what is unverified in it.
    """

    open_work: OpenWork
    together: Together
    connectors: Connectors
    now: Callable[[], datetime]
    parked: ParkedWork
    read_post: ReadPost | None = None
    demo: bool = False
    ready: Callable[[], bool] = lambda: True  # the database answers and its schema is ours
    public_holidays: PublicHolidays = lambda _year: ()
    holiday_notes: Mapping[int, str] = field(default_factory=dict)
