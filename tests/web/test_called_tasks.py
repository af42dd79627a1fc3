"""The page of a task that a called process opened: its own form, its own data, a click twice."""

from app.domain.user_tasks import TaskState
from tests.service import House
from tests.usecases import desk
from tests.usecases.test_task_forms import calling
from tests.web.conftest import Browser, hidden, words

CLERK = "giang.specialist"


def test_a_task_of_a_called_process_is_done_on_its_page(one_house: House) -> None:
    _, _, instance_id = calling(one_house)
    clerk = Browser(one_house, CLERK)
    task = desk.open_task(one_house, instance_id, "k")
    page = clerk.get(f"/tasks/{task.id}")
    assert "Của quy trình được gọi" in words(page)
    assert "Của quy trình gọi" not in words(page)
    typed = {"finding": "xong", "version": hidden(page, "version")}
    clerk.post(f"/tasks/{task.id}/completion", typed)
    assert desk.task(one_house, task.id).state is TaskState.COMPLETED
    after = desk.open_task(one_house, instance_id, "z")
    assert "Của quy trình gọi" in words(clerk.get(f"/tasks/{after.id}"))
    assert "Của quy trình" not in words(clerk.get(f"/tasks/{task.id}"))


def test_the_same_click_twice_is_harmless_in_a_called_process(one_house: House) -> None:
    _, _, instance_id = calling(one_house, "k", "them")
    clerk = Browser(one_house, CLERK)
    task = desk.open_task(one_house, instance_id, "k")
    typed = {"finding": "xong", "version": str(task.version)}
    clerk.post(f"/tasks/{task.id}/completion", typed)
    clerk.post(f"/tasks/{task.id}/completion", typed)
    other = clerk.post(f"/tasks/{task.id}/completion", {**typed, "finding": "khác"}, status=409)
    assert "khác" in other
