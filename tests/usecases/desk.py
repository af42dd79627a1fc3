"""Small flows on the demo province: deploy a diagram, start it, see what waits."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from app.domain.definitions import ProcessDefinition
from app.domain.instances import HistoryEntry, Incident, ProcessInstance
from app.domain.user_tasks import TaskState, UserTask
from app.domain.waiting import Job, JobState
from app.outbound.breaker import Breaker
from app.outbound.registry import Registry
from app.usecases import deployments, user_tasks
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.jobs import run
from app.usecases.recording import start
from tests.engine import diagrams as d
from tests.service import House, actor

AGENCY = "stttt"


def form(*fields: Mapping[str, Any], key: str = "f") -> bytes:
    return json.dumps(
        {"type": "default", "id": key, "schemaVersion": 18, "components": list(fields)}
    ).encode()


TEXT = {"type": "textfield", "id": "t1", "key": "finding", "label": "Kết quả"}
REQUIRED = {**TEXT, "validate": {"required": True}}
NUMBER = {"type": "number", "id": "n1", "key": "fee", "label": "Phí"}


def deploy(house: House, bpmn: bytes, **forms: bytes) -> ProcessDefinition:
    files = {"p.bpmn": bpmn} | {f"{key}.form": content for key, content in forms.items()}
    with house.open_work() as work:
        file_set = deployments.freeze(work, files)
        [made] = deployments.deploy(work, file_set, source="test", actor=THE_SYSTEM)
    return made


def begin(
    house: House,
    definition: ProcessDefinition,
    variables: Mapping[str, Any] | None = None,
    *,
    key: str = "HS-1",
    agency: str = AGENCY,
) -> str:
    """Start an instance; returns its id. Nothing is worked off yet."""
    with house.open_work() as work:
        instance = start(
            work,
            definition.id,
            dict(variables or {}),
            Cause(THE_SYSTEM, "start"),
            agency_id=agency,
            business_key=key,
        )
    return instance.id


def one_task(house: House, **attributes: Any) -> str:
    """An instance that waits at one user task of specialists; returns the task's id."""
    wanted = {"camunda__candidateGroups": "specialist", "camunda__formKey": "f", **attributes}
    made = deploy(
        house, d.straight(d.user("a", **wanted), identifiers=("a",)), f=form(REQUIRED, NUMBER)
    )
    return open_task(house, begin(house, made)).id


def open_task(house: House, instance_id: str, element: str = "a") -> UserTask:
    [found] = open_tasks(house, instance_id, element)
    return found


def open_tasks(house: House, instance_id: str, element: str) -> list[UserTask]:
    with house.open_work(read_only=True) as work:
        return [
            task
            for task in work.user_tasks.of_instance(instance_id)
            if task.element == element and task.state is TaskState.OPEN
        ]


def task(house: House, task_id: str) -> UserTask:
    with house.open_work(read_only=True) as work:
        return work.user_tasks.get(task_id)


def complete(house: House, task_id: str, username: str, **typed: Any) -> UserTask:
    version = typed.pop("version", None)
    with house.open_work() as work:
        command = user_tasks.CompleteTask(task_id, actor(work, username), typed, version)
        return user_tasks.complete(work, command)


def instance(house: House, instance_id: str) -> ProcessInstance:
    with house.open_work(read_only=True) as work:
        return work.instances.get(instance_id)


def at(house: House, instance_id: str) -> list[str]:
    with house.open_work(read_only=True) as work:
        found = work.instances.get(instance_id)
        return sorted(work.programs.get(found.definition_id).active_elements(found.snapshot))


def variables(house: House, instance_id: str) -> dict[str, Any]:
    return instance(house, instance_id).snapshot.root


def history(house: House, instance_id: str) -> list[HistoryEntry]:
    with house.open_work(read_only=True) as work:
        return work.instances.history(instance_id)


def incidents(house: House, instance_id: str) -> list[Incident]:
    with house.open_work(read_only=True) as work:
        return work.incidents.of_instance(instance_id)


# --- jobs -------------------------------------------------------------------------------

PARAMETERS = {
    "order_number": "HS-1",
    "sender_name": "Một cửa",
    "sender_phone": "02073000000",
    "sender_address": "Phố",
    "sender_district": "TP",
    "sender_province": "TQ",
    "receiver_name": "Hòa",
    "receiver_phone": "0912345678",
    "receiver_address": "Phố",
    "receiver_district": "TP",
    "receiver_province": "TQ",
    "description": "Kết quả",
}


def posting(identifier: str = "call", *inner: str, retry: str = "") -> str:
    """A service task that orders a delivery."""
    cycle = f"<camunda:failedJobRetryTimeCycle>{retry}</camunda:failedJobRetryTimeCycle>"
    inputs = "".join(
        f'<camunda:inputParameter name="{name}">{value}</camunda:inputParameter>'
        for name, value in PARAMETERS.items()
    )
    extension = d.extensions(
        cycle if retry else "", f"<camunda:inputOutput>{inputs}</camunda:inputOutput>"
    )
    return d.external(identifier, extension, *inner, topic="public_post.create_order")


def one_call(house: House, retry: str = "") -> str:
    """An instance that waits for an outside system; returns its id."""
    made = deploy(house, d.straight(posting(retry=retry), identifiers=("call",)))
    return begin(house, made)


def job(house: House, instance_id: str) -> Job:
    """The newest job of an instance."""
    with house.open_work(read_only=True) as work:
        return work.jobs.of_instance(instance_id)[-1]


def try_once(house: House, instance_id: str) -> Job:
    """Let the time of the pending job come, and try it once."""
    pending = job(house, instance_id)
    assert pending.state is JobState.PENDING, pending.state
    house.clock.at = max(house.clock.at, pending.run_at)
    run(house.open_work, house.assembly.service.connectors, pending.id)
    return job(house, instance_id)


@contextmanager
def claimed(house: House, instance_id: str) -> Iterator[Job]:
    """A job in another worker's hands."""
    with house.open_work() as work:
        held = work.jobs.lock(job(house, instance_id).id)
        held.claim(work.now())
    yield held


def breakers_by(house: House) -> None:
    """Let the breakers go by the clock of the test, as they go by a real one in the service."""

    def seconds() -> float:
        return house.clock.at.timestamp()

    breakers = registry(house)._breakers
    for name in breakers:
        breakers[name] = Breaker(name, clock=seconds)


def registry(house: House) -> Registry:
    found = house.assembly.service.connectors
    assert isinstance(found, Registry)
    return found


def unplug(house: House) -> None:
    """Take away the connection to the post, as where nobody has configured it."""
    del registry(house)._connectors["public_post"]
