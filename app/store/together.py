"""Commands that arrive together share one transaction: one lock, one flush, one commit for many.

Whoever comes first carries out everything that waits, while the next ones gather. A refusal
concerns its own command alone: what that changed is taken back, in memory, before anything was
written. Where that cannot be done, and where the shared transaction fails, each command of it is
carried out in a transaction of its own.
"""

from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Any, TypeVar

from app.domain.errors import DomainError, StorageFull, StorageUnavailable
from app.domain.instances import ProcessInstance
from app.domain.user_tasks import UserTask
from app.store.session import Session
from app.usecases.ports import Work

T = TypeVar("T")
OpenShared = Callable[[], AbstractContextManager[Any]]
MOST = 64
"""Commands of one transaction. More would keep the rows of the first ones locked for long."""


class SharedWork(Work):
    """A Work whose session can keep and take back what single commands did."""

    session: Session


class Spoiled(RuntimeError):
    """A refused command has written already."""


class Waiting:
    """One command, and what came of it."""

    def __init__(self, task_id: str, act: Callable[[Work], Any]) -> None:
        self.task_id = task_id
        self.act = act
        self.is_done = False
        self.alone = False
        self.result: Any = None
        self.error: DomainError | None = None
        self._news = Lock()
        self._news.acquire()

    def wait(self) -> None:
        """Until it is done, or it is this one's turn to lead."""
        self._news.acquire()

    def wake(self) -> None:
        self._news.release()


class Together:
    """`assuming` opens transactions that believe what the process remembers, `open_work` others."""

    def __init__(self, assuming: OpenShared, open_work: OpenShared) -> None:
        self.assuming = assuming
        self.open_work = open_work
        self._door = Lock()
        self._waiting: deque[Waiting] = deque()
        self._is_led = False

    def __call__(self, task_id: str, act: Callable[[Work], T]) -> T:
        """See the port."""
        mine = Waiting(task_id, act)
        with self._door:
            self._waiting.append(mine)
            leads, self._is_led = not self._is_led, True
        if not leads:
            mine.wait()
        if not mine.is_done:
            self._lead(mine)
        if mine.alone:
            with self.open_work() as work:
                return act(work)
        if mine.error is not None:
            raise mine.error
        result: T = mine.result
        return result

    def _lead(self, mine: Waiting) -> None:
        """Carry out what waits, mine first; then hand the lead to the next in the row."""
        with self._door:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
        try:
            if batch == [mine]:
                self._carry_out_one(mine)
            else:
                self._carry_out(batch)
        finally:
            with self._door:
                following = self._waiting[0] if self._waiting else None
                self._is_led = following is not None
            for one in (*batch, following):
                if one is not None and one is not mine:
                    one.wake()

    def _carry_out_one(self, mine: Waiting) -> None:
        """Nobody else is there: no need to look ahead, or to be able to take anything back."""
        session: Session | None = None
        try:
            with self.assuming() as work:
                session = work.session
                mine.result = mine.act(work)
        except (StorageUnavailable, StorageFull):
            raise
        except Exception:
            if session is None or not session.has_assumed:
                raise
            mine.alone = True  # what was assumed may not be so
        mine.is_done = True

    def _carry_out(self, batch: list[Waiting]) -> None:
        try:
            with self.assuming() as work:
                self._all(work, batch)
        except (StorageUnavailable, StorageFull) as error:
            for one in batch:  # perhaps it was kept: nobody may simply try again
                one.error = error
        except Exception:  # noqa: BLE001 - whose fault it is shows when each is alone
            for one in batch:
                one.alone = True
        finally:
            for one in batch:
                one.is_done = True

    def _all(self, work: SharedWork, batch: list[Waiting]) -> None:
        session = work.session
        wanted = {one.task_id for one in batch}
        unknown = [key for key in wanted if not session.recall(UserTask, key)]
        if unknown:
            session.get_many(UserTask, unknown)
        tasks = {key: task for key in wanted if (task := session.known(UserTask, key)) is not None}
        instances = {task.instance_id for task in tasks.values()}
        free = {instance.id for instance in session.lock_free(ProcessInstance, instances)}
        session.begin_commands()
        for one in batch:
            task = tasks.get(one.task_id)
            if task is None or task.instance_id not in free:
                one.alone = True
                continue
            try:
                one.result = one.act(work)
            except DomainError as refusal:
                one.alone = session.command_assumes  # which may not be so
                one.error = None if one.alone else refusal
                if not session.undo():
                    raise Spoiled from refusal
            else:
                session.keep()
