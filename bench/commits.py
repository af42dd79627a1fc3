"""(b) One durable commit for each completed user task, through the use case, on both databases."""

from functools import partial
from pathlib import Path
from typing import Any

from app.usecases import user_tasks
from app.usecases.user_tasks import CompleteTask
from bench import flow
from bench.databases import Databases
from bench.meter import Meter, middle
from bench.service import Bench, running


def one_by_one(
    bench: Bench, instances: int, postmaster: int | None, *, cold: bool = False
) -> Meter:
    """Walk new instances from start to end; only the completions are measured.

    `cold`: the process remembers nothing of them, as after a start or where another one moved them.
    """
    meter, actor = Meter(postmaster), bench.actor()
    store = bench.assembly.store
    ids = bench.begin(instances)
    for element, values in flow.STEPS:
        tasks = bench.open_tasks(ids, element)
        if cold:
            store.recent.forget()
        with meter.running(len(tasks)):
            for task_id in tasks:
                command = CompleteTask(task_id, actor, values)
                store.together(task_id, partial(user_tasks.complete, command=command))
    bench.require_ended(ids)
    return meter


def measure(databases: Databases, kind: str, *, instances: int, rounds: int) -> dict[str, Any]:
    postmaster = databases.postmaster(kind)
    with databases.fresh(kind) as url, running(url, Path(databases.folder)) as bench:
        one_by_one(bench, 10, postmaster)
        meter = middle(lambda: one_by_one(bench, instances, postmaster), rounds)
        cold = middle(lambda: one_by_one(bench, instances, postmaster, cold=True), rounds)
        return {
            "per_cpu_second": round(meter.per_second()),
            "cold_per_cpu_second": round(cold.per_second()),
            **meter.micro(),
            "history_bytes_per_completion": round(bench.history_bytes()),
        }
