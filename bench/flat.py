"""(c) A step costs the same with a long history, and among a million stored instances."""

from pathlib import Path
from statistics import median
from typing import Any

from app.usecases import user_tasks
from app.usecases.user_tasks import CompleteTask
from bench import flow
from bench.databases import Databases
from bench.meter import Meter
from bench.service import Bench, running


def step(bench: Bench, instances: int) -> float:
    """Application microseconds of completing the first two tasks of new instances."""
    meter, actor = Meter(), bench.actor()
    ids = bench.begin(instances)
    for element, values in flow.STEPS[:2]:
        tasks = bench.open_tasks(ids, element)
        with meter.running(len(tasks)):
            for task_id in tasks:
                with bench.open_work() as work:
                    user_tasks.complete(work, CompleteTask(task_id, actor, values))
    return meter.seconds / meter.done * 1e6


def at_history(bench: Bench, instances: int, entries: int) -> float:
    """The same step, of instances that have so many entries of history already."""
    meter, actor = Meter(), bench.actor()
    ids = bench.begin(instances)
    for key in ids:
        bench.lengthen_history(key, entries)
    element, values = flow.STEPS[0]
    tasks = bench.open_tasks(ids, element)
    with meter.running(len(tasks)):
        for task_id in tasks:
            with bench.open_work() as work:
                user_tasks.complete(work, CompleteTask(task_id, actor, values))
    return meter.seconds / meter.done * 1e6


def measure(databases: Databases, *, instances: int, rounds: int, stored: int) -> dict[str, Any]:
    """On SQLite: in this process everything is counted, to the microsecond."""
    with databases.fresh("sqlite") as url, running(url, Path(databases.folder)) as bench:
        step(bench, instances)
        lengths = (10, 1_000, 10_000)
        measured: dict[int, list[float]] = {length: [] for length in lengths}
        for _ in range(rounds):  # in turn: what the machine does meanwhile befalls all alike
            for length in lengths:
                measured[length].append(at_history(bench, instances, length))
        history = {length: median(found) for length, found in measured.items()}
    with databases.fresh("sqlite") as url, running(url, Path(databases.folder)) as bench:
        bench.begin(100)
        step(bench, instances)
        few = median(step(bench, instances) for _ in range(rounds))
        bench.store_more(stored)
        step(bench, instances)
        many = median(step(bench, instances) for _ in range(rounds))
    return {
        "us_by_history": {str(length): round(us, 1) for length, us in history.items()},
        "history_spread": round(max(history.values()) / min(history.values()) - 1, 3),
        "us_by_stored_instances": {"100": round(few, 1), str(stored): round(many, 1)},
        "stored_spread": round(many / few - 1, 3),
    }
