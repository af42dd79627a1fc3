"""CPU seconds: of this process, and of a PostgreSQL server with all its processes.

Wall clock says little on a busy machine; the seconds that the processors worked do not depend on
who else wants them. The server's are read from /proc (user and system time, in ticks of 10 ms), so
a measured stretch has to be seconds long.
"""

import gc
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

TICK = 1 / os.sysconf("SC_CLK_TCK")


def own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat that follow the name: state, parent and so on."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()


def server_seconds(postmaster: int | None) -> float:
    """What a server and its children have used, those that have ended included."""
    if postmaster is None:
        return 0.0
    fields = _stat(postmaster)
    ticks = sum(int(value) for value in fields[11:15])
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = _stat(int(folder.name))
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == postmaster:
            ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK


@dataclass
class Meter:
    """Adds up what is done under `running`; the rest of a section is free."""

    postmaster: int | None = None
    application: float = 0.0
    server: float = 0.0
    done: int = 0

    @contextmanager
    def running(self, number: int) -> Iterator[None]:
        gc.collect()
        server, own = server_seconds(self.postmaster), own_seconds()
        yield
        self.application += own_seconds() - own
        self.server += server_seconds(self.postmaster) - server
        self.done += number

    @property
    def seconds(self) -> float:
        return self.application + self.server

    def per_second(self) -> float:
        return self.done / self.seconds

    def micro(self) -> dict[str, float]:
        """Microseconds of one, on either side."""
        return {
            "application_us": round(self.application / self.done * 1e6, 1),
            "database_us": round(self.server / self.done * 1e6, 1),
        }


def middle(run: Callable[[], Meter], rounds: int) -> Meter:
    """The median round."""
    found = sorted((run() for _ in range(rounds)), key=Meter.per_second)
    return found[len(found) // 2]


def middle_seconds(run: Callable[[], object], rounds: int, times: int = 1) -> float:
    """Median CPU seconds of one run in this process."""
    found = []
    for _ in range(rounds):
        gc.collect()
        begun = own_seconds()
        for _ in range(times):
            run()
        found.append((own_seconds() - begun) / times)
    return median(found)
