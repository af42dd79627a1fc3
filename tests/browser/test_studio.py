"""The drawing board: what is drawn is saved, checked, taken away and put into a registration."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app.domain.definitions import DiagramDraft
from tests.browser.live import Live
from tests.browser.people import People, told

ANALYST = "lan.analyst"
OLD, NEW = "Phân công xử lý", "Phân công người xử lý"


@pytest.fixture
def draft(live: Live) -> DiagramDraft:
    return live.a_draft("Thông báo bưu chính")


def board(draft: DiagramDraft) -> str:
    return f"/studio/drafts/{draft.id}"


def ready(page: Page) -> Page:
    expect(page.locator("#canvas")).to_have_attribute("data-ready", "true")
    return page


@pytest.fixture
def page(people: People, draft: DiagramDraft) -> Iterator[Page]:
    with people.at(ANALYST, board(draft)) as opened:
        yield ready(opened)


def shape(page: Page, element: str) -> Locator:
    return page.locator(f'#canvas g.djs-shape[data-element-id="{element}"]')


def rename(page: Page, element: str, name: str) -> None:
    """Select an element on the canvas and change its name in the panel beside it."""
    shape(page, element).click(position={"x": 50, "y": 60})
    field = page.locator("#properties").get_by_label("Tên", exact=True)
    field.fill(name)
    field.blur()
    expect(page.locator("#save-state")).to_have_text("chưa lưu")


def name_of(page: Page, element: str) -> str:
    found: str = page.evaluate(
        "id => document.getElementById('canvas').modeler.get('elementRegistry')"
        ".get(id).businessObject.name",
        element,
    )
    return found


def test_a_name_is_changed_undone_redone_and_saved(
    live: Live, page: Page, draft: DiagramDraft
) -> None:
    rename(page, "assign", NEW)
    page.get_by_role("button", name="Hoàn tác").click()
    assert name_of(page, "assign") == OLD
    page.get_by_role("button", name="Làm lại").click()
    assert name_of(page, "assign") == NEW
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_contain_text("đã lưu lúc")
    saved = live.draft(draft.id)
    assert saved.revision == draft.revision + 1
    assert f'name="{NEW}"' in saved.content
    page.locator("#draft-name").fill("Thông báo bưu chính, bản hai")
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_contain_text("đã lưu lúc")
    assert live.draft(draft.id).name == "Thông báo bưu chính, bản hai"
    assert live.draft(draft.id).revision == draft.revision + 2


def test_a_draft_that_another_has_saved_is_not_overwritten_and_the_drawing_stays(
    live: Live, people: People, page: Page, draft: DiagramDraft
) -> None:
    people.journal.allow(409)
    with people.at(ANALYST, board(draft)) as other:
        rename(ready(other), "assign", "Tên của thẻ kia")
        other.keyboard.press("Control+s")
        expect(other.locator("#save-state")).to_contain_text("đã lưu lúc")
    rename(page, "assign", NEW)
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_have_attribute("data-state", "error")
    expect(page.locator("#save-state")).to_contain_text("đã lưu bản nháp này sau khi bạn mở")
    assert name_of(page, "assign") == NEW
    assert 'name="Tên của thẻ kia"' in live.draft(draft.id).content


def test_a_problem_leads_to_its_element(live: Live, people: People) -> None:
    draft = live.a_draft("Thiếu biểu mẫu", broken=True)
    with people.at(ANALYST, board(draft)) as page:
        ready(page)
        problem = page.locator("#problems li").filter(has=page.get_by_role("button", name="assign"))
        expect(problem).to_contain_text("lỗi")
        expect(problem).to_contain_text("khong-co")
        problem.get_by_role("button").click()
        expect(page.locator("#properties")).to_contain_text(OLD)
        expect(shape(page, "assign")).to_have_class(re.compile("selected"))


def test_what_is_downloaded_is_what_was_saved(
    live: Live, page: Page, draft: DiagramDraft, tmp_path: Path
) -> None:
    rename(page, "assign", NEW)
    page.keyboard.press("Control+s")
    expect(page.locator("#save-state")).to_contain_text("đã lưu lúc")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Tải .bpmn").click()
    path = tmp_path / "download.bpmn"
    waiting.value.save_as(path)
    assert waiting.value.suggested_filename == "Thông báo bưu chính.bpmn"
    assert path.read_text(encoding="utf-8") == live.draft(draft.id).content


def test_a_drawing_is_put_into_a_registration_as_it_was_saved(
    live: Live, page: Page, draft: DiagramDraft
) -> None:
    rename(page, "assign", NEW)
    page.get_by_role("button", name="Đưa vào hồ sơ…").click()
    dialog = page.get_by_role("dialog", name="Đưa vào hồ sơ đăng ký")
    expect(dialog).to_contain_text("Thông báo bưu chính.bpmn")
    target = live.registration("P02")
    dialog.get_by_label("Hồ sơ đăng ký").select_option(value=target.id)
    dialog.get_by_role("button", name="Đưa vào hồ sơ").click()
    told(page, "Đã đưa Thông báo bưu chính.bpmn vào hồ sơ đăng ký")
    expect(page.get_by_role("link", name="Thông báo bưu chính.bpmn")).to_be_visible()
    kept = live.registration("P02").files["Thông báo bưu chính.bpmn"]
    with live.open_work(read_only=True) as work:
        assert work.files.read(kept).decode() == live.draft(draft.id).content


def test_a_drawing_of_a_service_becomes_a_new_draft(live: Live, people: People) -> None:
    with people.at(ANALYST, "/studio/new") as page:
        page.get_by_label("Dịch vụ", exact=True).select_option(live.service().id)
        page.get_by_role("button", name="Vẽ từ sơ đồ này").click()
        ready(page)
        expect(shape(page, "assign")).to_be_visible()
        expect(page.locator("#problems")).to_have_attribute("data-level", "none")
        assert page.evaluate("[...(window.__missing ?? [])]") == []
