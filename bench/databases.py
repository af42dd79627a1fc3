"""Databases of our own for a run: a folder with SQLite files, and a PostgreSQL that fsyncs."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.cluster import SETTINGS, Cluster, binaries, throw_away

DURABLE = {
    **SETTINGS,
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
}
"""As a province would run it; everything else is PostgreSQL's default."""


@dataclass
class Databases:
    """A fresh database for each who asks; `kinds` says which there are here."""

    folder: Path
    cluster: Cluster | None
    made: int = 0

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("sqlite",) if self.cluster is None else ("sqlite", "postgresql")

    def postmaster(self, kind: str) -> int | None:
        return self.cluster.pid if kind == "postgresql" and self.cluster is not None else None

    @contextmanager
    def fresh(self, kind: str) -> Iterator[str]:
        """The address of an empty database that is gone afterwards."""
        self.made += 1
        if kind == "postgresql" and self.cluster is not None:
            name = self.cluster.create()
            yield self.cluster.url(name)
            self.cluster.drop(name)
            return
        path = self.folder / f"{self.made}.db"
        yield f"sqlite:///{path}"
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)


@contextmanager
def databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="lm-bench-") as folder:
        found = binaries()
        if found is None:
            yield Databases(Path(folder), None)
            return
        with throw_away(found, DURABLE) as cluster:
            yield Databases(Path(folder), cluster)
