"""What comes after a task: in words for whoever did it, and as the place to go to."""

from app.domain.instances import InstanceState, ProcessInstance
from app.domain.permissions import Actor
from app.usecases.ports import Work
from app.web import task_page

BY_PEOPLE = frozenset({"userTask", "manualTask", "adHocSubProcess"})


def what_next(work: Work, instance: ProcessInstance) -> str:
    """Say what happens now that a task is done: whose turn it is, or what the system is doing."""
    if instance.state is InstanceState.COMPLETED:
        return "Quy trình đã kết thúc."
    program = work.programs.get(instance.definition_id)
    active = set(program.active_elements(instance.snapshot))
    here = [view for view in program.elements() if view.id in active and view.name]
    mine = ", ".join(view.name for view in here if view.kind in BY_PEOPLE)
    if mine:
        return f"Bước tiếp theo: {mine}."
    others = ", ".join(view.name for view in here)
    return f"Hệ thống đang chạy bước: {others}." if others else "Quy trình đang chạy tiếp."


def next_place(work: Work, someone: Actor, instance: ProcessInstance) -> str:
    """The next task of the same dossier, if it is this person's to do; else the list."""
    for task in work.user_tasks.of_instance(instance.id):
        if task_page.rights_of(someone, task, instance).work:
            return f"/tasks/{task.id}"
    return "/tasks"
