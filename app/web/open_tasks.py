"""The open tasks of an instance, as the page of its subject lists them."""

from dataclasses import dataclass

from app.domain.permissions import Actor
from app.domain.user_tasks import TaskState
from app.usecases import user_tasks
from app.usecases.ports import Work
from app.web import subjects
from app.web.task_list import due_of
from app.web.views import Calendars, Due


@dataclass(frozen=True)
class OpenTask:
    step: str
    people: str
    due: Due | None
    href: str  # empty where it is not this person's


def open_tasks(work: Work, actor: Actor, instance_id: str | None) -> list[OpenTask]:
    if instance_id is None:
        return []
    calendars = Calendars.of(work)
    return [
        OpenTask(
            step=task.name,
            people=subjects.task_people(task),
            due=due_of(work, task, work.now(), calendars),
            href=f"/tasks/{task.id}"
            if user_tasks.may_work(actor, task) or user_tasks.may_assign(actor, task)
            else "",
        )
        for task in work.user_tasks.of_instance(instance_id)
        if task.state is TaskState.OPEN
    ]
