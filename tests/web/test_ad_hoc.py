"""Steps to choose on the pages: of the task that asks, of a case, of an instance."""

import re
from dataclasses import dataclass

import pytest

from app.domain.user_tasks import TaskState, UserTask
from app.usecases import deployments, user_tasks
from app.usecases.chronicle import THE_SYSTEM
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.web import sample
from tests.web.conftest import Browser, words

OFFICER, HEAD, DESK, ADMIN, AUDITOR = (
    "giang.specialist",
    "dung.head",
    "chi.reception",
    "viet.admin",
    "uyen.auditor",
)


@dataclass(frozen=True)
class Choosing:
    """A case that stands at an ad-hoc sub-process."""

    house: House
    code: str
    instance_id: str

    @property
    def asking(self) -> UserTask:
        """The newest task that asks."""
        return next(task for task in reversed(self.tasks()) if task.element == "tuy")

    def tasks(self) -> list[UserTask]:
        with self.house.open_work(read_only=True) as work:
            return work.user_tasks.of_instance(self.instance_id)

    def open(self) -> list[str]:
        return sorted(one.element for one in self.tasks() if one.state is TaskState.OPEN)

    def press(self, who: Browser, page: str, label: str) -> str:
        """Press a button of a form on a page; returns where it leads."""
        for form in re.findall(r"<form method=\"post\".*?</form>", who.get(page), re.DOTALL):
            if "/offered-steps/" in form and label in form:
                data = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
                action = re.search(r'action="([^"]+)"', form)
                assert action is not None
                answer = who.client.post(action[1], data=data)
                assert answer.status_code == 303, answer.text
                return str(answer.location)
        raise AssertionError(f"no button {label} on {page}")


def choosing(house: House, **attributes: str) -> Choosing:
    """Another version of the sample procedure, in which the check is made of steps to choose."""
    steps = [
        d.user("khao_sat", camunda__candidateGroups="specialist"),
        d.user("xin_y_kien", camunda__candidateGroups="unit_head"),
    ]
    box = d.node("adHocSubProcess", "tuy", *steps, name="Thẩm định", **attributes)
    after = d.user("ky", camunda__candidateGroups="agency_leader")
    drawing = d.definitions(
        d.body(
            d.start("s", camunda__formKey="sample-application"),
            box,
            after,
            d.chain("s", "tuy", "ky"),
            key="sample_permit",
        )
    )
    files = {**sample.FILES, "sample_permit.bpmn": drawing}
    with house.open_work() as work:
        file_set = deployments.freeze(work, files)
        [made] = deployments.deploy(work, file_set, source="house", actor=THE_SYSTEM)
        version = work.services.version(sample.SERVICE, 1)
        assert version is not None
        version.definition_id = made.id
    case = sample.a_case(house)
    return Choosing(house, case.code, str(case.instance_id))


@pytest.fixture
def officer(desk: House) -> Browser:
    return Browser(desk, OFFICER)


# --- the task that asks ---------------------------------------------------------------------------


def test_the_list_leads_to_the_steps(desk: House, officer: Browser) -> None:
    case = choosing(desk)
    listed = officer.get("/tasks?queue=unassigned")
    assert "Chọn bước tiếp theo: Thẩm định" in listed
    assert f"/tasks/{case.asking.id}" in listed
    page = words(officer.get(f"/tasks/{case.asking.id}"))
    assert "Bước tự chọn: Thẩm định" in page
    assert "KHAO_SAT" in page
    assert "Chưa làm" in page
    assert "Hoàn thành" not in page
    assert "không có biểu mẫu" not in page


def test_a_step_is_begun_from_it(desk: House, officer: Browser) -> None:
    case = choosing(desk)
    here = f"/tasks/{case.asking.id}"
    assert case.press(officer, here, "Bắt đầu: KHAO_SAT") == here
    page = words(officer.get(here))
    assert "Đã bắt đầu “KHAO_SAT”." in page
    assert "Đang làm" in page
    assert "Làm thêm lần nữa" in page
    assert case.open() == ["khao_sat", "tuy"]


def test_one_at_a_time_leads_on_to_the_step(desk: House, officer: Browser) -> None:
    case = choosing(desk, ordering="Sequential")
    asked = case.asking
    where = case.press(officer, f"/tasks/{asked.id}", "Bắt đầu: KHAO_SAT")
    [step] = [task for task in case.tasks() if task.state is TaskState.OPEN]
    assert (step.element, where) == ("khao_sat", f"/tasks/{step.id}")
    assert "đã hoàn thành việc này" in officer.get(f"/tasks/{asked.id}")
    officer.post(f"/tasks/{step.id}/completion", {"version": step.version})
    assert case.asking.id != asked.id
    assert "Đã làm" in officer.get(f"/tasks/{case.asking.id}")


def test_only_one_s_own_steps_have_buttons(desk: House) -> None:
    case = choosing(desk)
    page = Browser(desk, HEAD).get(f"/cases/{case.code}")
    assert "Bắt đầu: XIN_Y_KIEN" in page
    assert "Bắt đầu: KHAO_SAT" not in page
    assert "Chuyên viên" in words(page)


# --- ended ----------------------------------------------------------------------------------------


def test_ending_says_what_it_takes_away(desk: House, officer: Browser) -> None:
    case = choosing(desk)
    here = f"/cases/{case.code}"
    assert "Chưa bước nào được làm." in officer.get(here)
    case.press(officer, here, "Bắt đầu: KHAO_SAT")
    page = words(officer.get(here))
    assert "Đang làm dở và sẽ bị hủy: KHAO_SAT" in page
    assert case.press(officer, here, "Kết thúc phần tự chọn") == here
    page = words(officer.get(here))
    assert f"Đã kết thúc phần tự chọn của {case.code}. Bước tiếp theo: KY." in page
    assert "Bước tự chọn" not in page
    assert case.open() == ["ky"]


def test_it_cannot_be_ended_before_its_time(desk: House, officer: Browser) -> None:
    case = choosing(desk, cancelRemainingInstances="false")
    case.press(officer, f"/cases/{case.code}", "Bắt đầu: KHAO_SAT")
    page = officer.get(f"/cases/{case.code}")
    assert "Còn bước chưa xong: KHAO_SAT." in page
    assert "Kết thúc phần tự chọn" not in page


# --- an old page, a double click ------------------------------------------------------------------


def test_an_old_page_is_told_what_has_happened(desk: House, officer: Browser) -> None:
    case = choosing(desk)
    token, other = case.asking.token, Browser(desk, "hai.specialist")
    where = f"/offered-steps/{case.instance_id}/{token}"
    sent = {"element": "khao_sat", "begun": "0", "back": f"/cases/{case.code}"}
    for _ in range(2):  # a double click is one click
        officer.post(f"{where}/choices", sent)
    assert "vừa bắt đầu" not in officer.get(f"/cases/{case.code}")
    other.post(f"{where}/choices", sent)
    assert "Hoàng Thu Giang vừa bắt đầu bước “KHAO_SAT”" in other.get(f"/cases/{case.code}")
    assert case.open() == ["khao_sat", "tuy"]
    other.post(f"{where}/completion", {"begun": "0", "back": f"/cases/{case.code}"})
    assert "sau khi bạn mở trang" in other.get(f"/cases/{case.code}")
    officer.post(f"{where}/completion", {"begun": "1"})
    other.post(f"{where}/choices", sent)
    assert "Phần tự chọn này đã kết thúc" in other.get(f"/cases/{case.code}")


def test_strangers_are_turned_away(desk: House) -> None:
    case = choosing(desk)
    where = f"/offered-steps/{case.instance_id}/{case.asking.token}"
    for who in (DESK, AUDITOR):
        Browser(desk, who).post(f"{where}/choices", {"element": "khao_sat"}, status=403)
    page = words(Browser(desk, DESK).get(f"/cases/{case.code}"))
    assert "Các bước này chờ người khác chọn." in page
    assert "Bắt đầu" not in page.split("Bước tự chọn")[1].split("Thông tin hồ sơ")[0]


def test_the_way_back_stays_in_the_house(desk: House, officer: Browser) -> None:
    case = choosing(desk)
    where = f"/offered-steps/{case.instance_id}/{case.asking.token}/choices"
    sent = {"element": "khao_sat", "back": "https://example.org/"}
    answer = officer.client.post(where, data=sent)
    assert "example.org" not in answer.location


# --- the others -----------------------------------------------------------------------------------


def test_the_administrator_chooses_on_the_page_of_the_instance(desk: House) -> None:
    case, admin = choosing(desk), Browser(desk, ADMIN)
    here = f"/admin/instances/{case.instance_id}"
    assert case.press(admin, here, "Bắt đầu: XIN_Y_KIEN") == here
    assert case.open() == ["tuy", "xin_y_kien"]
    history = words(admin.get(f"{here}?tab=history"))
    assert "Chọn bước" in history
    assert "Bước tự chọn" in words(Browser(desk, AUDITOR).get(here))
    admin.post(f"{here}/suspension")
    page = admin.get(here)
    assert "Quy trình đang tạm dừng." in page
    assert "/choices" not in page


def test_a_colleague_who_has_taken_it_is_named(desk: House, officer: Browser) -> None:
    case = choosing(desk)
    with desk.open_work() as work:
        user_tasks.claim(work, actor(work, "hai.specialist"), case.asking.id)
    page = officer.get(f"/tasks/{case.asking.id}")
    assert "Việc chọn bước đã có" in page
    assert "/choices" not in page
