"""Each node's clock: APScheduler, in memory, calls what has to happen now and then.

What it calls may happen on every node at once: it enqueues under unique keys, or does what is
harmless when it is done twice.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC
from functools import partial

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app.usecases.ports import OpenWork

log = logging.getLogger(__name__)

THREADS = 4

Tick = Callable[[OpenWork], object]


class Clock:
    def __init__(self, open_work: OpenWork, ticks: Mapping[str, tuple[float, Tick]]) -> None:
        """`ticks`: by name, the seconds between two, and what to do.

        A tick that is still running is not started again; one that was missed is made up once.
        """
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(THREADS)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        for name, (seconds, tick) in ticks.items():
            self._scheduler.add_job(
                partial(_run, name, tick, open_work), "interval", seconds=seconds, id=name
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        """Start no more ticks, and let running ones end."""
        self._scheduler.shutdown(wait=True)


def _run(name: str, tick: Tick, open_work: OpenWork) -> None:
    try:
        tick(open_work)
    except Exception:  # the edge of the process: the next tick tries again
        log.exception("tick failed", extra={"tick": name})
