"""Work without a mouse: the keys of the list and of a task, and the switch that turns letters off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from app.domain.user_tasks import TaskState, UserTask
from tests.browser.live import Live, until
from tests.browser.people import People, told

DESK, SPECIALIST = "chi.reception", "giang.specialist"
OWNER = "Hợp tác xã Phím Tắt"


@pytest.fixture
def tasks(live: Live) -> list[UserTask]:
    return [live.task_at("receive", OWNER) for _ in range(3)]


@pytest.fixture
def page(people: People, tasks: list[UserTask]) -> Iterator[Page]:
    """The list of new dossiers of one owner, in the order in which they were filed."""
    with people.at(DESK, "/tasks?queue=unassigned&sort=code&q=phim+tat") as page:
        yield page


def rows(page: Page) -> list[str]:
    codes: list[str] = page.locator("tr[data-row] .c-code a").all_inner_texts()
    return codes


def expect_current(page: Page, number: int) -> None:
    expect(page.locator("tr[data-row]").nth(number)).to_have_class("cur")


def test_j_and_k_move_and_show_and_enter_opens(page: Page) -> None:
    codes = rows(page)
    expect_current(page, 0)
    page.keyboard.press("j")
    expect_current(page, 1)
    expect(page.locator("#peek .code").first).to_have_text(codes[1])
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect_current(page, 1)
    page.keyboard.press("Enter")
    expect(page.locator(".task-head .code")).to_have_text(codes[1])


def test_x_ticks_and_c_takes_the_task(page: Page, live: Live) -> None:
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-selection]")).to_contain_text("1 việc đã đánh dấu")
    page.keyboard.press("x")
    expect(page.locator("[data-selection]")).to_be_hidden()
    code = rows(page)[1]
    expect(page.locator("#peek .code").first).to_have_text(code)
    page.keyboard.press("c")
    told(page, "Bạn đã nhận việc này")
    assert live.open_task(code, "receive").assignee_name == "Lê Thị Hồng Chi"


def test_n_takes_the_next_task(page: Page) -> None:
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="Hoàn thành")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Lê Thị Hồng Chi")


def test_slash_searches_and_letters_are_typed_there(page: Page) -> None:
    page.keyboard.press("/")
    box = page.get_by_role("searchbox")
    expect(box).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("jkx?")
    expect(box).to_have_value("jkx?")
    expect_current(page, 0)
    expect(page.locator("#shortcuts")).to_be_hidden()


def test_letters_can_be_switched_off_and_on(page: Page) -> None:
    page.keyboard.press("?")
    switch = page.get_by_label("Dùng phím tắt một chữ cái")
    switch.uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    for key in ("j", "x", "n"):
        page.keyboard.press(key)
    expect_current(page, 0)
    page.reload()
    page.keyboard.press("j")
    expect_current(page, 0)
    page.get_by_role("button", name="mọi phím tắt").click()
    switch.check()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect_current(page, 1)


def test_control_s_keeps_a_draft_and_control_enter_completes(live: Live, people: People) -> None:
    task = live.task_at("assess")
    with people.at(SPECIALIST, f"/tasks/{task.id}") as page:
        findings = page.get_by_label("Kết quả thẩm định")
        findings.fill("Đủ điều kiện.")
        page.get_by_role("group", name="Đề xuất").get_by_role("radio").first.check()
        findings.press("Control+s")
        expect(page.locator("#saved")).to_contain_text("Đã lưu nháp lúc")
        kept = live.task(task.id).draft
        assert kept is not None
        assert kept["findings"] == "Đủ điều kiện."
        page.get_by_label("Kết quả thẩm định").press("Control+Enter")
        told(page, "Đã hoàn thành")
    until(lambda: live.task(task.id).state is TaskState.COMPLETED)


def test_a_draft_is_kept_while_one_types(live: Live, people: People) -> None:
    task = live.task_at("assess")
    with people.at(SPECIALIST, f"/tasks/{task.id}") as page:
        page.get_by_label("Kết quả thẩm định").press_sequentially("Đang viết")
        until(lambda: live.task(task.id).draft)
        expect(page.locator("#saved")).to_contain_text("Đã lưu nháp lúc")
    with people.at(SPECIALIST, f"/tasks/{task.id}") as again:
        expect(again.get_by_label("Kết quả thẩm định")).to_have_value("Đang viết")
