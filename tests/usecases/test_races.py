"""Many at once on one database: people, workers, post and an administrator race for the same things.

Nothing happens twice, nothing is lost, and every instance comes to its end.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from app.domain.definitions import ProcessDefinition
from app.domain.errors import DomainError
from app.domain.instances import InstanceState
from app.domain.user_tasks import TaskState
from app.domain.waiting import JobState
from app.usecases import deployments, incidents, instances, jobs, messages, timers
from app.usecases.chronicle import THE_SYSTEM
from app.worker import Worker
from tests.engine import diagrams as d
from tests.engine.random_models.blocks import Block, diagram
from tests.service import House
from tests.usecases import desk

USER = ("user",)
BLOCKS: list[Block] = [
    ("parallel", [USER, ("external",), ("timer",), ("sequence", [("message",), USER])]),
    ("rounds", ("sequence", [USER, ("external",)]), 3, False, 2),
    ("guarded", ("parallel", [USER, ("external",)]), ("async",), True, "t"),
    ("guarded", ("sequence", [USER, USER]), ("external",), False, "y"),
    ("race", [USER, ("async",), ("external",)]),
    ("beside", ("sequence", [USER, ("timer",)]), USER, False, "m"),
    ("inclusive", [USER, ("external",), ("async",)], 3),
    ("called", ("parallel", [USER, ("async",), ("timer",)]), True),
]
PEOPLE = 3
PATIENCE = 60.0  # seconds, until nothing is left to do


def deployed(house: House, block: Block) -> ProcessDefinition:
    """The diagram of a block: specialists work in it, and its calls go to the post."""
    written = diagram(block, 0.2, seed=1).decode().replace("bo_noi.goi", "public_post.create_order")
    written = written.replace("<userTask ", '<userTask camunda:candidateGroups="specialist" ')
    parameters = d.mapping(desk.PARAMETERS)
    written = re.sub(r"(<serviceTask [^>]*>)", rf"\1{parameters}", written)
    with house.open_work() as work:
        files = deployments.freeze(work, {"p.bpmn": written.encode()})
        made = deployments.deploy(work, files, source="test", actor=THE_SYSTEM)
    return next(one for one in made if one.key == "p")


class Crowd:
    """Everybody who works on some instances, each in a thread of his own."""

    def __init__(self, house: House, running: list[str]) -> None:
        self.house = house
        self.running = running
        self.done: Counter[str] = Counter()
        self.troubles: list[BaseException] = []
        self.sent = 0

    def work(self) -> None:
        roles = [self.person] * PEOPLE + [self.worker, self.worker, self.post, self.admin]
        threads = [
            threading.Thread(target=self._turns, args=(role, Random(place)))
            for place, role in enumerate(roles)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _turns(self, role: Callable[[Random], None], chance: Random) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self.left():
            try:
                role(chance)
            except DomainError:
                continue  # somebody was faster, and the sentence says so
            except Exception as error:  # noqa: BLE001  (a thread's own edge: the test looks at it)
                self.troubles.append(error)
                return

    def left(self) -> list[str]:
        with self.house.open_work(read_only=True) as work:
            return [
                one for one in self.running if work.instances.get(one).state.value != "completed"
            ]

    # --- who does what ------------------------------------------------------------------------

    def person(self, chance: Random) -> None:
        with self.house.open_work(read_only=True) as work:
            tasks = [
                task.id
                for one in self.running
                for task in work.user_tasks.of_instance(one)
                if task.state is TaskState.OPEN
            ]
        if not tasks:
            return
        chosen = min(tasks) if chance.random() < 0.5 else chance.choice(tasks)
        desk.complete(self.house, chosen, "giang.specialist")
        self.done[chosen] += 1

    def worker(self, _: Random) -> None:
        self.house.clock.pass_(minutes=40)
        timers.enqueue_due(self.house.open_work)
        jobs.sweep(self.house.open_work)
        Worker(self.house.assembly.store, self.house.assembly.handlers, threads=1).drain(10)

    def post(self, chance: Random) -> None:
        self.sent += 1
        key = f"HS-{chance.randrange(len(self.running))}"
        with self.house.open_work() as work:
            messages.receive(work, "m", key, {"tin": self.sent}, dedup=f"{self.sent}")

    def admin(self, chance: Random) -> None:
        admin = self.house.actor("viet.admin")
        chosen = chance.choice(self.running)
        with self.house.open_work() as work:
            instances.suspend(work, admin, chosen)
        with self.house.open_work() as work:
            instances.resume(work, admin, chosen)
        with self.house.open_work(read_only=True) as work:
            broken = [one.id for one in work.incidents.of_instance(chosen)]
        incidents.retry_many(self.house.open_work, admin, broken[:3])


def test_nothing_happens_twice_and_nothing_is_lost(house):
    running = [
        desk.begin(house, deployed(house, block), {"dem": 0, "cong": 3}, key=f"HS-{n}")
        for n, block in enumerate(BLOCKS)
    ]
    crowd = Crowd(house, running)
    crowd.work()
    assert crowd.troubles == []
    assert crowd.left() == []
    assert set(crowd.done.values()) == {1}
    finished = sum(_is_whole(house, one) for one in running)
    assert finished == sum(crowd.done.values())
    keys = Counter(call.key for call in house.outside["public_post"].calls)
    assert set(keys.values()) == {1}


def _is_whole(house: House, instance_id: str) -> int:
    """Nothing of an instance that has ended is open; gives how many tasks were completed."""
    with house.open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        tasks = work.user_tasks.of_instance(instance_id)
        entries = work.instances.history(instance_id)
        assert instance.state is InstanceState.COMPLETED
        assert TaskState.OPEN not in {task.state for task in tasks}
        assert JobState.PENDING not in {job.state for job in work.jobs.of_instance(instance_id)}
        assert not [one for one in work.timers.of_instance(instance_id) if one.state == "pending"]
        assert not [one for one in work.subscriptions.of_instance(instance_id) if one.open]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return sum(task.state is TaskState.COMPLETED for task in tasks)
