"""The service in earnest for browsers: a real server on a free port, the worker running beside it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import waitress

from app import demo
from app.application import make_app
from app.bootstrap import TICKS
from app.domain.cases import Case
from app.domain.definitions import DiagramDraft
from app.domain.procedures import OnlineService, ServiceRegistration
from app.domain.user_tasks import TaskState, UserTask
from app.usecases import cases, drafts, user_tasks
from app.usecases.ports import OpenWork
from app.usecases.uploads import Upload, put, reference
from app.worker import Clock, Worker
from tests.service import FakeClock, House, actor, make_house

AGENCY = "stttt"
PROCESS = "postal_activity_confirmation"
PATIENCE = 10.0  # seconds until the worker must have brought a case on


@dataclass
class RunningClock(FakeClock):
    """Starts on the demo's Monday and runs on: two things never happen at the same instant."""

    begun: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self.begun)


APPLICATION: dict[str, Any] = {
    "owner_name": "Công ty TNHH Chuyển phát Tràng Đà",
    "identity_number": "5000999888",
    "submitter_name": "Nguyễn Thị Hường",
    "owner_phone": "0912345678",
    "owner_address": "Số 5, đường Tân Trào, thành phố Tuyên Quang",
    "activity_scope": ["parcel"],
    "return_manner": "desk",
}
STEPS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("receive", "chi.reception", {"decision": "accept"}),
    ("assign", "dung.head", {"specialist": "giang.specialist"}),
    ("assess", "giang.specialist", {"findings": "Hồ sơ hợp lệ.", "proposal": "approve"}),
    ("review", "dung.head", {"review_outcome": "ok"}),
)
"""What brings a case on: the step, who does it, and what is typed."""


def until(true: Callable[[], object]) -> None:
    """Wait for what the worker brings about in the background. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError
        threading.Event().wait(0.02)


class Live:
    """The running service: its address, and short ways to bring a dossier where a test needs it."""

    def __init__(self, house: House, url: str) -> None:
        self.house = house
        self.url = url

    @property
    def open_work(self) -> OpenWork:
        return self.house.open_work

    def enter(self, owner: str = APPLICATION["owner_name"]) -> Case:
        """Enter a postal dossier at the desk, with its two papers."""
        with self.open_work() as work:
            clerk = actor(work, "chi.reception")
            papers = {
                key: [reference(put(work, clerk, AGENCY, Upload(f"{key}.pdf", demo.pdf(key), key)))]
                for key in ("TP01", "TP02")
            }
            typed = {**APPLICATION, "owner_name": owner, **papers}
            return cases.enter(work, clerk, self.service().id, typed)

    def task_at(self, element: str, owner: str = APPLICATION["owner_name"]) -> UserTask:
        """A new dossier, brought to a step by the people whose steps come before it."""
        case = self.enter(owner)
        for step, username, values in STEPS:
            if step == element:
                break
            self.complete(self.open_task(case.code, step), username, values)
        return self.open_task(case.code, element)

    def complete(self, task: UserTask, username: str, values: dict[str, Any]) -> None:
        with self.open_work() as work:
            command = user_tasks.CompleteTask(task.id, actor(work, username), values)
            user_tasks.complete(work, command)

    def open_task(self, code: str, element: str) -> UserTask:
        """The open task at an element; the worker is given a moment to bring the case there."""
        until(lambda: self._open_tasks(code, element))
        return self._open_tasks(code, element)[0]

    def _open_tasks(self, code: str, element: str) -> list[UserTask]:
        with self.open_work(read_only=True) as work:
            instance = work.instances.by_business_key(code)[-1]
            return [
                task
                for task in work.user_tasks.of_instance(instance.id)
                if task.element == element and task.state is TaskState.OPEN
            ]

    def task(self, task_id: str) -> UserTask:
        with self.open_work(read_only=True) as work:
            return work.user_tasks.get(task_id)

    def registration(self, procedure_id: str) -> ServiceRegistration:
        """The registration of a procedure that the demo began with."""
        with self.open_work(read_only=True) as work:
            found = work.registrations.page(None, None, "", 1, 50).items
            return [one for one in found if one.procedure_id == procedure_id][-1]

    def service(self) -> OnlineService:
        """The postal service that is in force."""
        with self.open_work(read_only=True) as work:
            [found] = [s for s in work.services.live_at(AGENCY) if s.procedure_id == "P04"]
            return found

    def a_draft(self, name: str, *, broken: bool = False) -> DiagramDraft:
        """A draft of the postal diagram; a broken one names a form that nobody has."""
        content = (demo.PROCESSES / PROCESS / f"{PROCESS}.bpmn").read_text(encoding="utf-8")
        if broken:
            content = content.replace('formKey="case-assignment"', 'formKey="khong-co"')
        with self.open_work() as work:
            return drafts.create(work, actor(work, "lan.analyst"), AGENCY, name, content)

    def draft(self, draft_id: str) -> DiagramDraft:
        with self.open_work(read_only=True) as work:
            return drafts.visible(work, actor(work, "lan.analyst"), draft_id)


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Live]:
    """Serve the database at `url` until the block ends, with everything that runs in earnest."""
    house = make_house(url, folder, RunningClock())
    assembly = house.assembly
    with ExitStack() as stack:
        stack.callback(assembly.store.close)
        worker = Worker(assembly.store, assembly.handlers, threads=2)
        worker.start()
        stack.callback(worker.stop, PATIENCE)
        clock = Clock(assembly.service.open_work, TICKS)
        clock.start()
        stack.callback(clock.stop)
        server = waitress.create_server(make_app(assembly), host="127.0.0.1", port=0, threads=6)
        thread = threading.Thread(target=server.run, name="web", daemon=True)
        thread.start()
        stack.callback(server.close)
        yield Live(house, f"http://127.0.0.1:{server.effective_port}")
