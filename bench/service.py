"""A service on a database of its own, with one agency, one officer and the flow deployed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uuid_utils
from sqlalchemy import Text, func, select, type_coerce

from app.bootstrap import Assembly, build
from app.domain.calendars import Calendar
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.people import Agency, AgencyLevel, Role, RoleBinding, User
from app.domain.permissions import Actor
from app.passwords import Argon2Passwords
from app.serving import settle_memory
from app.settings import Mode, Settings
from app.store.instances import history, process_instances
from app.store.migrate import migrate
from app.store.user_tasks import user_tasks
from app.usecases import deployments, sessions
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.recording import start
from bench import flow

AGENCY, OFFICER, PASSWORD = "so-xay-dung", "an", "mat-khau-an"
OUTSIDE: dict[str, Any] = {}


@contextmanager
def running(url: str, folder: Path) -> Iterator["Bench"]:
    migrate(url)
    settings = Settings(
        mode=Mode.DEMO,
        database_url=url,
        data_dir=folder,
        host="127.0.0.1",
        port=8000,
        public_url="http://127.0.0.1:8000",
        secret_key="s" * 40,
        hook_keys=(),
    )
    assembly = build(settings, outside=OUTSIDE, passwords=Argon2Passwords(memory_kib=64, rounds=1))
    bench = Bench(assembly)
    try:
        bench.furnish()
        settle_memory()
        yield bench
    finally:
        assembly.store.close()


class Bench:
    """What the sections ask of the service, besides what they measure."""

    def __init__(self, assembly: Assembly) -> None:
        self.assembly = assembly
        self.open_work = assembly.store.open_work
        self.definition_id = ""
        self.begun = 0

    def furnish(self) -> None:
        with self.open_work() as work:
            work.calendars.add(Calendar(id="tinh", name="Lịch của tỉnh"))
            work.agencies.add(
                Agency(
                    id=AGENCY,
                    tenant_id=work.tenant_id,
                    name="Sở Xây dựng",
                    short_name="SXD",
                    level=AgencyLevel.DEPARTMENT,
                )
            )
            officer = User(
                id=OFFICER,
                tenant_id=work.tenant_id,
                username=OFFICER,
                full_name="Nguyễn Thị An",
                password_hash=work.passwords.hash(PASSWORD),
            )
            officer.bindings = [RoleBinding(work.new_id(), OFFICER, AGENCY, Role.SPECIALIST, None)]
            work.users.add(officer)
        self.definition_id = self.deploy(flow.our_diagram())

    def deploy(self, bpmn: bytes, forms: Mapping[str, bytes] | None = None) -> str:
        files = (
            {f"{name}.form": flow.form(name) for name in flow.FIELDS} if forms is None else forms
        )
        with self.open_work() as work:
            file_set = deployments.freeze(work, {f"{flow.KEY}.bpmn": bpmn, **files})
            [made] = deployments.deploy(work, file_set, source="bench", actor=THE_SYSTEM)
        return made.id

    def actor(self) -> Actor:
        with self.open_work(read_only=True) as work:
            return sessions.as_actor(work, work.users.get(OFFICER))

    def begin(self, number: int) -> list[str]:
        """Start instances; returns their ids. Many in one transaction: this is not measured."""
        ids: list[str] = []
        for _ in range(0, number, 200):
            with self.open_work() as work:
                ids += [self._start(work).id for _ in range(min(200, number - len(ids)))]
        return ids

    def _start(self, work: Any) -> ProcessInstance:
        self.begun += 1
        return start(
            work,
            self.definition_id,
            {**flow.APPLICATION, "so": self.begun},
            Cause(THE_SYSTEM, "start"),
            agency_id=AGENCY,
            business_key=f"000.00.14.H38-261124-{self.begun:06d}",
        )

    def open_tasks(self, instances: list[str], element: str) -> list[str]:
        """The open task of each instance at an element."""
        found = []
        with self.open_work(read_only=True) as work:
            for instance_id in instances:
                found += [
                    task.id
                    for task in work.user_tasks.of_instance(instance_id)
                    if task.element == element and task.state == "open"
                ]
        if len(found) != len(instances):
            raise RuntimeError(f"{len(found)} open tasks at {element} of {len(instances)}")
        return found

    def require_ended(self, instances: list[str]) -> None:
        """A figure of work that was not done would be worth nothing."""
        with self.open_work(read_only=True) as work:
            states = {work.instances.get(key).state for key in instances}
        if states != {InstanceState.COMPLETED}:
            raise RuntimeError(f"not all instances ended: {states}")

    def history_bytes(self) -> float:
        """Mean size of what history keeps of a completion."""
        with self.open_work(read_only=True) as work:
            size = func.avg(func.length(type_coerce(history.c.data, Text)))
            mean = work.session.scalar(select(size).where(history.c.kind == "complete"))
        return float(mean)

    def lengthen_history(self, instance_id: str, entries: int) -> None:
        """Give an instance a past of so many entries."""
        with self.open_work() as work:
            work.session.execute(
                history.insert(),
                [
                    {
                        "instance_id": instance_id,
                        "seq": 10 + n,
                        "at": work.now(),
                        "kind": "complete",
                        "element": "tiep_nhan",
                        "name": "tiep_nhan",
                        "actor": OFFICER,
                        "actor_name": "An",
                        "data": {"facts": [["-", "tiep_nhan"], [">", "tiep_nhan-cong"]]},
                    }
                    for n in range(entries)
                ],
            )
            work.instances.lock(instance_id).history_seq = 10 + entries

    def store_more(self, number: int) -> None:
        """Copy an instance, its open task and its history so many times, in SQL (SQLite)."""
        [key] = self.begin(1)
        counted = (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) "
        )
        with self.open_work() as work:
            connection = work.session.connection()
            for table, own in (
                (process_instances, {"id": "id || '-' || i"}),
                (user_tasks, {"id": "id || '-' || i", "instance_id": "instance_id || '-' || i"}),
                (history, {"instance_id": "instance_id || '-' || i"}),
            ):
                names = [column.name for column in table.columns]
                values = ", ".join(own.get(name, f'"{name}"') for name in names)
                whose = "id" if table is process_instances else "instance_id"
                connection.exec_driver_sql(
                    f"INSERT INTO {table.name} ({', '.join(names)}) {counted}"
                    f"SELECT {values} FROM {table.name}, n WHERE {whose} = ?",
                    (key,),
                )
        self.assembly.store.optimize()


def new_id() -> str:
    return str(uuid_utils.uuid7())
