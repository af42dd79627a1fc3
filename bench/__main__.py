"""`make bench`: run every section, print the table, write bench/results.json. See bench/README.md."""

import argparse
import json
import os
import platform
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench import baseline, bursts, commits, deploying, flat, http, memory, weights
from bench.databases import Databases, databases

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True)
class Size:
    rounds: int
    instances: int
    stored: int


QUICK = Size(rounds=3, instances=100, stored=100_000)
FULL = Size(rounds=5, instances=200, stored=1_000_000)


@dataclass(frozen=True)
class Target:
    name: str
    is_value: float
    wanted: float
    at_most: bool = False

    @property
    def reached(self) -> bool:
        return self.is_value <= self.wanted if self.at_most else self.is_value >= self.wanted


def measure(found: Databases, size: Size) -> dict[str, Any]:
    many: dict[str, int] = {"rounds": size.rounds, "instances": size.instances}
    sections: dict[str, Callable[[], Any]] = {
        "memory": lambda: memory.measure(rounds=5),
        "deploying": lambda: deploying.measure(found, rounds=size.rounds),
    }
    for kind in found.kinds:
        sections[f"commits_{kind}"] = partial(commits.measure, found, kind, **many)
        sections[f"bursts_{kind}"] = partial(
            bursts.measure, found, kind, rounds=size.rounds, instances=max(256, size.instances)
        )
        sections[f"http_{kind}"] = partial(
            http.measure, found, kind, rounds=size.rounds, instances=size.instances // 2
        )
    if "postgresql" in found.kinds:
        sections["baseline"] = lambda: baseline.measure(found, rounds=size.rounds, instances=20)
    sections["flat"] = lambda: flat.measure(
        found, rounds=size.rounds, instances=60, stored=size.stored
    )
    sections["weights"] = weights.section
    results = {}
    for name, run in sections.items():
        sys.stderr.write(f"{name} …\n")
        results[name] = beside_stock(run)
    return results


def beside_stock(run: Callable[[], Any]) -> Any:
    """Run a section; beside a rate of it, what stock does in memory just before and after.

    A shared machine is now fast, now slow: the ratio says more than the rate.
    """
    before = memory.stock_rate()
    found = run()
    if "per_cpu_second" in found and "times_stock" not in found:
        stock = (before + memory.stock_rate()) / 2
        found["stock_per_cpu_second"] = round(stock)
        found["times_stock"] = round(found["per_cpu_second"] / stock, 2)
    return found


def targets(found: dict[str, Any]) -> list[Target]:
    """What was asked for (issue 3, Proof 4), and what there is."""
    rates = {
        name: section["per_cpu_second"]
        for name, section in found.items()
        if "per_cpu_second" in section
    }
    wanted = [
        Target("a  engine in memory, times stock", found["memory"]["times_stock"], 6),
        Target("b  SQLite, completions per CPU second", rates["commits_sqlite"], 2_500),
        Target("b  HTTP on SQLite, per CPU second", rates["http_sqlite"], 400),
        Target("d  bursts on SQLite, times (b)", _times(rates, "bursts", "sqlite"), 3),
    ]
    if "baseline" in rates:
        once = rates["commits_postgresql"]
        wanted += [
            Target("b  PostgreSQL, completions per CPU second", once, 1_000),
            Target("b  PostgreSQL, times whole JSON", round(once / rates["baseline"], 1), 10),
            Target("b  HTTP on PostgreSQL, per CPU second", rates["http_postgresql"], 400),
            Target("d  bursts on PostgreSQL, times (b)", _times(rates, "bursts", "postgresql"), 3),
        ]
    level = found["flat"]
    wanted += [
        Target("c  spread over history 10 … 10,000", level["history_spread"], 0.2, at_most=True),
        Target("c  spread over stored instances", level["stored_spread"], 0.2, at_most=True),
        Target(
            "e  1,000 elements deployed, seconds", found["deploying"]["seconds"], 1, at_most=True
        ),
    ]
    pages = found["weights"]
    wanted += [
        Target(
            f"f  KiB, first visit: {name}", pages[name]["kib"], pages[name]["budget"], at_most=True
        )
        for name in ("sign-in", _heaviest(pages), "studio")
    ]
    return sorted(wanted, key=lambda target: target.name)


def _heaviest(pages: dict[str, dict[str, float]]) -> str:
    """The page of officers that is nearest to its budget."""
    return max(pages.keys() - {"sign-in", "studio"}, key=lambda name: pages[name]["kib"])


def _times(rates: dict[str, float], section: str, kind: str) -> float:
    return round(rates[f"{section}_{kind}"] / rates[f"commits_{kind}"], 2)


def machine() -> dict[str, Any]:
    """Enough to compare; nothing that says whose machine it is."""
    model = "unknown"
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8").splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")),
            model,
        )
    return {
        "processors": os.cpu_count(),
        "model": model,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_average_before": [round(value, 2) for value in os.getloadavg()],
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="more rounds, a million instances")
    given = parser.parse_args()
    about = machine()
    with databases() as found:
        results = measure(found, FULL if given.full else QUICK)
    about["load_average_after"] = [round(value, 2) for value in os.getloadavg()]
    reached = targets(results)
    for target in reached:
        sign = "<=" if target.at_most else ">="
        state = "reached" if target.reached else "MISSED"
        print(f"{target.name:45} {target.is_value:>10,} {sign} {target.wanted:<8,} {state}")
    for name, section in results.items():
        if "stock_per_cpu_second" in section:
            rate, stock = section["per_cpu_second"], section["stock_per_cpu_second"]
            print(f"{name:24} {rate:>7,} a CPU second, stock in memory {stock:,}")
    written = {
        "machine": about,
        "full": given.full,
        "targets": {
            target.name: {"is": target.is_value, "wanted": target.wanted, "reached": target.reached}
            for target in reached
        },
        "sections": results,
    }
    RESULTS.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
