"""Play recorded scenarios, tell the rates, and refuse to fall behind those on record.

Usage: python -m tests.conformance [SCENARIOS MODELS] [--memory] [--only PART] [--record]

Played through the use cases on the database of DATABASE_URL, by default an SQLite file of its own;
`--memory` plays on the engine alone. `--record` keeps the rates of this run as those on record.
"""

import argparse
import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.conformance.desk import Desk
from tests.conformance.player import Player, Plays, Result, Scenario, play
from tests.conformance.service import premises

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT.parent / "shared" / "conformance"
RATES = Path(__file__).with_name("rates.json")
LEVELS = ("L1", "L2", "L3", "L4")

Open = Callable[[Scenario], AbstractContextManager[Plays]]
"""Makes the player of one scenario."""


def main(arguments: list[str]) -> int:
    asked = _parser().parse_args(arguments)
    scenarios, models = Path(asked.scenarios), Path(asked.models)
    if not scenarios.exists():
        sys.stdout.write(f"There are no scenarios at {scenarios}: nothing is played.\n")
        return 1 if os.environ.get("LM_DEMAND_ALL") == "1" else 0
    results: list[Result] = []
    with quiet(), players(models, memory=asked.memory) as make:
        for line in report(scenarios, make, results, only=asked.only):
            sys.stdout.write(f"{line}\n")
    return _judge(asked, scenarios, results)


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the logs meanwhile: a scenario that fails is told of in the report."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance")
    parser.add_argument("scenarios", nargs="?", default=str(FOLDER / "scenarios.jsonl"))
    parser.add_argument("models", nargs="?", default=str(FOLDER / "models"))
    parser.add_argument("--memory", action="store_true", help="the engine alone")
    parser.add_argument("--only", default="", help="scenarios whose id contains this")
    parser.add_argument("--record", action="store_true", help="keep the rates of this run")
    return parser


@contextmanager
def players(models: Path, *, memory: bool) -> Iterator[Open]:
    """How each scenario gets its player."""
    if memory:

        @contextmanager
        def in_memory(_scenario: Scenario) -> Iterator[Plays]:
            yield Player(models)

        yield in_memory
        return
    with premises(os.environ.get("DATABASE_URL")) as place:

        @contextmanager
        def on_tables(scenario: Scenario) -> Iterator[Plays]:
            with place.province(people(scenario)) as (store, clock):
                yield Desk(store, clock, models)

        yield on_tables


def people(scenario: Scenario) -> frozenset[str]:
    """Whom a scenario names: they work in its house."""
    steps = [step for step in scenario.get("steps", ()) if isinstance(step, dict)]
    claiming = {str(step["user"]) for step in steps if step.get("user")}
    tasks = [str(task) for step in steps for task in step.get("expect", {}).get("tasks", ())]
    return frozenset(claiming | {task.partition(" @")[2] for task in tasks if " @" in task})


def report(scenarios: Path, make: Open, results: list[Result], *, only: str = "") -> Iterator[str]:
    """Play every scenario of a file and tell the rates, the misses and, last, the sums."""
    features: dict[str, Counter[int]] = {}
    for number, line in enumerate(scenarios.read_text(encoding="utf-8").splitlines(), 1):
        result, scenario = _play_line(line, number, make, only)
        if result is None:
            continue
        results.append(result)
        for feature in scenario.get("features") or [scenario.get("feature") or "?"]:
            features.setdefault(str(feature), Counter())[result.level] += 1
    for feature, counts in sorted(features.items()):
        yield f"{feature:45} {_rates(list(counts.elements()))}"
    for result in results:
        if result.level < len(LEVELS):
            yield f"L{result.level} {result.id}\n    {result.difference}"
    yield _rates([result.level for result in results])


def _play_line(line: str, number: int, make: Open, only: str) -> tuple[Result | None, Scenario]:
    """Play one line; nothing where it is empty, or of another scenario than those asked for."""
    if not line.strip():
        return None, {}
    try:
        scenario: Scenario = dict(json.loads(line))
    except (ValueError, TypeError) as error:
        if only:
            return None, {}
        return Result(f"line {number}", 0, f"not a scenario: {error}"), {}
    if only not in str(scenario.get("id", "")):
        return None, {}
    with make(scenario) as player:
        return play(scenario, player), scenario


def reached(results: list[Result]) -> dict[str, int]:
    """How many scenarios reach each level."""
    return {
        name: sum(result.level >= level for result in results)
        for level, name in enumerate(LEVELS, 1)
    }


def _rates(levels: list[int]) -> str:
    return "  ".join(
        f"{name} {sum(one >= level for one in levels)}/{len(levels)}"
        for level, name in enumerate(LEVELS, 1)
    )


# --- the rates on record --------------------------------------------------------------------


def _judge(asked: argparse.Namespace, scenarios: Path, results: list[Result]) -> int:
    """1 where a level falls behind the record, which is kept for the scenarios of the folder."""
    ours = scenarios.resolve() == (FOLDER / "scenarios.jsonl").resolve()
    if not ours or asked.only:
        return 0
    mode = "memory" if asked.memory else "database"
    record = json.loads(RATES.read_text(encoding="utf-8"))
    now = reached(results)
    if asked.record:
        record[mode] = {"scenarios": len(results), **now}
        RATES.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        return 0
    behind = [name for name in LEVELS if now[name] < record[mode][name]]
    for name in behind:
        sys.stderr.write(f"{name} falls behind: {now[name]}, on record {record[mode][name]}\n")
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
