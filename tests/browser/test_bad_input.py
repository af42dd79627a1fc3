"""What people do wrong, and what happens around them: nothing typed is lost, nothing is done twice."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app import demo
from app.domain.user_tasks import TaskState
from app.web.context import COOKIE
from tests.browser.live import Live
from tests.browser.people import People, sign_in, told

DESK, SPECIALIST = "chi.reception", "giang.specialist"
FINDINGS = "Đã đối chiếu từng giấy tờ với bản chính."


def complete(page: Page) -> None:
    page.get_by_role("button", name="Hoàn thành").click()


def choose(page: Page, label: str, path: Path) -> None:
    """Choose a file and wait until the fields stand as the answers so far make them."""
    with page.expect_response("**/fields"):
        page.get_by_label(label).set_input_files(path)
    expect(page.locator("#fields")).not_to_have_class(re.compile("htmx-"))


def completions(live: Live, task_id: str) -> int:
    """How often the history of the case says that a step was completed."""
    with live.open_work(read_only=True) as work:
        task = work.user_tasks.get(task_id)
        history = work.instances.history(task.instance_id, limit=500)
    return sum(entry.kind == "complete" and entry.element == task.element for entry in history)


def test_missing_fields_are_told_and_reached_and_the_text_stays(live: Live, people: People) -> None:
    people.journal.allow(422)
    task = live.task_at("assess")
    with people.at(SPECIALIST, f"/tasks/{task.id}") as page:
        page.get_by_label("Kết quả thẩm định").fill(FINDINGS)
        complete(page)
        summary = page.get_by_role("alert")
        expect(summary).to_be_focused()
        expect(summary).to_contain_text("Có 1 mục cần sửa")
        expect(page.get_by_label("Kết quả thẩm định")).to_have_value(FINDINGS)
        summary.get_by_role("link").click()
        proposal = page.get_by_role("group", name="Đề xuất")
        expect(proposal.get_by_role("radio").first).to_be_focused()
        proposal.get_by_role("radio").first.check()
        complete(page)
        told(page, "Đã hoàn thành")
    assert live.task(task.id).state is TaskState.COMPLETED


def test_a_file_that_is_not_what_its_name_says_is_refused_and_the_rest_is_kept(
    live: Live, people: People, tmp_path: Path
) -> None:
    people.journal.allow(422)
    wrong, right = tmp_path / "thong-bao.pdf", tmp_path / "dang-ky.pdf"
    wrong.write_bytes(b"MZ this is a program")
    right.write_bytes(demo.pdf("dang-ky"))
    with people.at(DESK, f"/cases/new/{live.service().id}") as page:
        page.get_by_label("Tên doanh nghiệp, tổ chức").fill("Công ty Tràng Đà")
        choose(page, "Văn bản thông báo", wrong)
        choose(page, "Giấy chứng nhận đăng ký", right)
        expect(page.locator(".file-names[data-chosen]")).to_have_count(2)
        expect(page.locator(".file-names[data-chosen]").first).to_contain_text("thong-bao.pdf")
        page.get_by_role("button", name="Nhập hồ sơ").click()
        expect(page.get_by_role("alert")).to_contain_text("không phải là PDF")
        expect(page.get_by_label("Tên doanh nghiệp, tổ chức")).to_have_value("Công ty Tràng Đà")
        expect(page.get_by_role("link", name="dang-ky.pdf")).to_be_visible()


def test_a_file_of_another_kind_is_refused_before_it_is_sent(
    live: Live, people: People, tmp_path: Path
) -> None:
    picture = tmp_path / "anh.gif"
    picture.write_bytes(b"GIF89a")
    with people.at(DESK, f"/cases/new/{live.service().id}") as page:
        field = page.get_by_label("Văn bản thông báo")
        choose(page, "Văn bản thông báo", picture)
        expect(page.get_by_role("alert")).to_contain_text("“anh.gif” không đúng loại")
        expect(page.locator(".file-names").first).to_have_text("Chưa chọn tệp nào")
        assert field.evaluate("field => field.files.length") == 0


def test_a_stale_page_is_told_and_keeps_the_text(live: Live, people: People) -> None:
    people.journal.allow(409)
    task = live.task_at("assess")
    with (
        people.at(SPECIALIST, f"/tasks/{task.id}") as old,
        people.at(SPECIALIST, f"/tasks/{task.id}") as new,
    ):
        new.get_by_label("Kết quả thẩm định").fill("Viết ở thẻ thứ hai.")
        new.get_by_role("button", name="Lưu nháp").click()
        expect(new.locator("#saved")).to_contain_text("Đã lưu nháp")
        old.get_by_label("Kết quả thẩm định").fill(FINDINGS)
        old.get_by_role("group", name="Đề xuất").get_by_role("radio").first.check()
        complete(old)
        expect(old.get_by_text("Việc này đã thay đổi sau khi bạn mở trang")).to_be_visible()
        expect(old.get_by_label("Kết quả thẩm định")).to_have_value(FINDINGS)
        complete(old)
        told(old, "Đã hoàn thành")


def test_a_double_click_completes_once(live: Live, people: People) -> None:
    task = live.task_at("receive")
    with people.at(DESK, f"/tasks/{task.id}") as page:
        page.get_by_role("group", name="Quyết định").get_by_label("Tiếp nhận", exact=True).check()
        page.get_by_role("button", name="Hoàn thành").dblclick()
        told(page, "Đã hoàn thành")
        expect(page.locator(".flashes .banner")).to_have_count(1)
    assert completions(live, task.id) == 1


def test_the_second_officer_is_told_who_was_first_and_keeps_the_text(
    live: Live, people: People
) -> None:
    people.journal.allow(409)
    code = live.registration("P10").code
    for step, values in (
        ("appraise_content", {"content_ok": "yes"}),
        ("appraise_flow", {"flow_ok": "yes"}),
    ):
        live.complete(live.open_task(code, step), "an.appraiser", values)
    task = live.open_task(code, "conclude")
    with (
        people.at("binh.leader", f"/tasks/{task.id}") as first,
        people.at("an.appraiser", f"/tasks/{task.id}") as second,
    ):
        for page, outcome in ((first, "Yêu cầu chỉnh sửa"), (second, "Không chấp thuận")):
            page.get_by_role("group", name="Kết luận").get_by_label(outcome, exact=True).check()
        first.get_by_label("Lý do").fill("Thiếu biểu mẫu.")
        second.get_by_label("Lý do").fill("Quy trình chưa được phê duyệt.")
        complete(first)
        told(first, "Đã hoàn thành")
        complete(second)
        expect(second.get_by_text("Trần Văn Bình đã hoàn thành việc này")).to_be_visible()
        expect(second.get_by_text("Quy trình chưa được phê duyệt.")).to_be_visible()
    assert completions(live, task.id) == 1


def test_a_session_that_ended_meanwhile_costs_no_text(live: Live, people: People) -> None:
    people.journal.allow(401)
    task = live.task_at("assess")
    context = people.stranger()
    page = context.new_page()
    sign_in(page, SPECIALIST)
    page.goto(f"/tasks/{task.id}")
    page.get_by_label("Kết quả thẩm định").fill(FINDINGS)
    context.clear_cookies(name=COOKIE)
    complete(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiên làm việc đã hết")
    expect(page.get_by_text(FINDINGS)).to_be_visible()
    sign_in(page, SPECIALIST, page.get_by_role("link", name="Đăng nhập").get_attribute("href"))
    expect(page).to_have_url(f"{live.url}/tasks/{task.id}")
    context.close()


def test_a_task_is_found_and_completed_without_scripts(live: Live, people: People) -> None:
    people.journal.allow(422)
    task = live.task_at("receive", "Hợp tác xã Không Kịch Bản")
    context = people.stranger(scripts=False)
    page = context.new_page()
    sign_in(page, DESK)
    page.goto("/tasks?q=khong+kich+ban")
    page.get_by_role("link", name=task.case_code).click()
    complete(page)
    expect(page.get_by_role("alert")).to_contain_text("Có 1 mục cần sửa")
    page.get_by_role("group", name="Quyết định").get_by_label("Tiếp nhận", exact=True).check()
    complete(page)
    told(page, "Đã hoàn thành")
    context.close()
    assert completions(live, task.id) == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_can_be_chosen_with_and_without_scripts(
    live: Live, people: People, tmp_path: Path, scripts: bool
) -> None:
    """The box is ours; where no script could name the file, the browser's own input is shown."""
    context = people.stranger(scripts=scripts)
    page = context.new_page()
    sign_in(page, DESK)
    page.goto(f"/cases/new/{live.service().id}")
    box = page.locator(".file").first
    expect(box.get_by_text("Chọn tệp", exact=True)).to_be_visible(visible=scripts)
    expect(box.locator("input")).to_have_css("opacity", "0" if scripts else "1")
    context.close()
