"""(d) Bursts: many people send at the same moment, and their commands share transactions."""

from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from app.domain.permissions import Actor
from app.usecases import user_tasks
from app.usecases.user_tasks import CompleteTask
from bench import flow
from bench.databases import Databases
from bench.meter import Meter, middle
from bench.service import Bench, running

PEOPLE = 64  # threads that send at the same moment


def burst(
    people: Executor, bench: Bench, actor: Actor, tasks: list[str], values: dict[str, Any]
) -> None:
    """Every thread completes its share, as its own request would; an error of one is raised."""
    together = bench.assembly.store.together

    def person(mine: list[str]) -> None:
        for task_id in mine:
            command = CompleteTask(task_id, actor, values)
            together(task_id, partial(user_tasks.complete, command=command))

    for _ in people.map(person, [tasks[place::PEOPLE] for place in range(PEOPLE)]):
        pass


def in_bursts(people: Executor, bench: Bench, instances: int, postmaster: int | None) -> Meter:
    meter, actor = Meter(postmaster), bench.actor()
    ids = bench.begin(instances)
    for element, values in flow.STEPS:
        tasks = bench.open_tasks(ids, element)
        with meter.running(len(tasks)):
            burst(people, bench, actor, tasks, values)
    bench.require_ended(ids)
    return meter


def measure(databases: Databases, kind: str, *, instances: int, rounds: int) -> dict[str, Any]:
    postmaster = databases.postmaster(kind)
    with (
        databases.fresh(kind) as url,
        running(url, Path(databases.folder)) as bench,
        ThreadPoolExecutor(PEOPLE) as people,  # as a server's threads are there before the burst
    ):
        in_bursts(people, bench, 64, postmaster)
        meter = middle(lambda: in_bursts(people, bench, instances, postmaster), rounds)
        return {"per_cpu_second": round(meter.per_second()), **meter.micro()}
