"""Usage: python -m tests.conformance SCENARIOS MODELS [part of an id]: play, report, count."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.conformance.player import Result, play


def main(arguments: list[str]) -> int:
    scenarios = Path(arguments[0])
    for line in report(scenarios, Path(arguments[1]), only="".join(arguments[2:3])):
        sys.stdout.write(line + "\n")
    return 0


def report(scenarios: Path, models: Path, *, only: str = "") -> Iterator[str]:
    """Play every scenario of a file and tell the rates, the misses and, last, the sums."""
    results: list[Result] = []
    features: dict[str, Counter[int]] = {}
    for line in scenarios.read_text(encoding="utf-8").splitlines():
        scenario = json.loads(line)
        if only in scenario["id"]:
            result = play(scenario, models)
            results.append(result)
            for feature in scenario["features"]:
                features.setdefault(feature, Counter())[result.level] += 1
    for feature, counts in sorted(features.items()):
        yield f"{feature:45} {_rates(list(counts.elements()))}"
    for result in results:
        if result.level < 4:
            yield f"L{result.level} {result.id}\n    {result.difference}"
    yield _rates([result.level for result in results])


def _rates(reached: list[int]) -> str:
    return "  ".join(
        f"L{level} {sum(one >= level for one in reached)}/{len(reached)}" for level in range(1, 5)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
