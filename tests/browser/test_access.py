"""Every main page for every role: readable by machines, at home on a desk and on a phone."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import focused, too_wide, violations
from tests.browser.live import Live
from tests.browser.people import NARROW, PHONE, WIDE, People

ANALYST, DESK, SPECIALIST, ADMIN = "lan.analyst", "chi.reception", "giang.specialist", "viet.admin"


@dataclass(frozen=True)
class Places:
    """Addresses of things that the province holds, by the name that the table below gives them."""

    of: dict[str, str]

    def path(self, template: str) -> str:
        return template.format(**self.of)


PAGES = (
    (SPECIALIST, "/tasks"),
    (SPECIALIST, "/tasks/{assess}"),
    (SPECIALIST, "/tasks/{assess}/diagram"),
    (SPECIALIST, "/notices"),
    ("dung.head", "/tasks?queue=unit"),
    ("dung.head", "/tasks/{review}"),
    ("binh.leader", "/tasks?q=khong-co-ai"),
    ("an.appraiser", "/tasks"),
    ("khanh.clerk", "/cases"),
    (DESK, "/cases"),
    (DESK, "/cases/{code}"),
    (DESK, "/cases/{code}/receipt"),
    (DESK, "/cases/{code}/diagram"),
    (DESK, "/cases/new"),
    (DESK, "/cases/new/{service}"),
    (DESK, "/tasks/{receive}"),
    (ANALYST, "/registrations"),
    (ANALYST, "/registrations/new"),
    (ANALYST, "/registrations/{being_written}"),
    (ANALYST, "/registrations/{being_written}/files"),
    (ANALYST, "/registrations/{published}"),
    (ANALYST, "/registrations/{published}/files"),
    (ANALYST, "/registrations/{published}/progress"),
    (ANALYST, "/services"),
    (ANALYST, "/services/{service}"),
    (ANALYST, "/services/{service}/versions/1"),
    (ANALYST, "/services/{service}/versions/1/diagram"),
    (ANALYST, "/services/{service}/versions/1/forms"),
    (ANALYST, "/services/{service}/versions/1/files"),
    (ANALYST, "/studio"),
    (ANALYST, "/studio/new"),
    ("tam.vendor", "/studio"),
    (ADMIN, "/admin/instances"),
    (ADMIN, "/admin/instances/{instance}"),
    (ADMIN, "/admin/instances/{instance}/modification"),
    (ADMIN, "/admin/incidents"),
    (ADMIN, "/admin/definitions"),
    (ADMIN, "/admin/definitions/{definition}"),
    (ADMIN, "/admin/queue"),
    (ADMIN, "/admin/batches"),
    (ADMIN, "/admin/calendars"),
    (ADMIN, "/admin/calendars/province"),
    ("uyen.auditor", "/oversight"),
    ("uyen.auditor", "/cases/{code}"),
    ("yen.citizen", "/notices"),
)


@pytest.fixture(scope="module")
def places(live: Live) -> Places:
    assess, review, receive = (live.task_at(step) for step in ("assess", "review", "receive"))
    with live.open_work(read_only=True) as work:
        instance = work.instances.get(assess.instance_id)
    return Places(
        {
            "assess": assess.id,
            "review": review.id,
            "receive": receive.id,
            "code": assess.case_code,
            "service": live.service().id,
            "being_written": live.registration("P02").id,
            "published": live.registration("P04").id,
            "instance": instance.id,
            "definition": instance.definition_id,
        }
    )


@pytest.fixture
def stranger(people: People) -> Iterator[Page]:
    context = people.stranger()
    yield context.new_page()
    context.close()


def faults(page: Page) -> list[str]:
    """Everything that is wrong with a page as it stands, on a desk and on a phone."""
    found = []
    for size in (WIDE, PHONE):
        page.set_viewport_size(size)
        found += [f"{size['width']}: {fault}" for fault in violations(page)]
    for size in (PHONE, NARROW):
        page.set_viewport_size(size)
        if too_wide(page):
            found.append(f"{size['width']}: {too_wide(page)} px too wide")
    if page.locator("h1").count() != 1:
        found.append(f"{page.locator('h1').count()} headings of the first level")
    if page.title().startswith(" –"):
        found.append("no title")
    return found


@pytest.mark.parametrize("username", sorted({username for username, _ in PAGES}))
def test_every_page_of_a_role_can_be_read_by_everybody(
    people: People, places: Places, username: str
) -> None:
    found = {}
    with people.at(username) as page:
        for path in (path for who, path in PAGES if who == username):
            page.set_viewport_size(WIDE)
            page.goto(places.path(path))
            if wrong := faults(page):
                found[path] = wrong
    assert found == {}


def test_signing_in_can_be_read_by_everybody(people: People, stranger: Page) -> None:
    people.journal.allow(422)
    stranger.goto("/sign-in")
    assert faults(stranger) == []
    stranger.get_by_label("Tên đăng nhập").fill("khong.co")
    stranger.get_by_label("Mật khẩu", exact=True).fill("sai")
    stranger.get_by_role("button", name="Đăng nhập").click()
    expect(stranger.get_by_role("alert")).to_be_focused()
    assert faults(stranger) == []


def test_a_refused_form_can_be_read_by_everybody(people: People, places: Places) -> None:
    people.journal.allow(422)
    with people.at(SPECIALIST, places.path("/tasks/{assess}")) as page:
        page.get_by_role("button", name="Hoàn thành").click()
        expect(page.get_by_role("alert")).to_be_focused()
        assert faults(page) == []
    with people.at(DESK, places.path("/cases/new/{service}")) as page:
        page.get_by_role("button", name="Nhập hồ sơ").click()
        expect(page.get_by_role("alert")).to_be_focused()
        assert faults(page) == []


def test_a_missing_page_can_be_read_by_everybody(people: People) -> None:
    people.journal.allow(404, 403)
    for path in ("/nowhere", "/admin/instances"):
        with people.at(SPECIALIST, path) as page:
            assert faults(page) == []


def test_narrow_rows_can_be_read_by_everybody(people: People) -> None:
    with people.at(DESK, "/tasks?queue=unit") as page:
        dense = page.get_by_role("button", name="Dòng gọn")
        dense.click()
        expect(dense).to_have_attribute("aria-pressed", "true")
        assert faults(page) == []
        page.set_viewport_size(WIDE)
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-density", "compact")
        dense.click()


def test_the_studio_can_be_read_by_everybody(live: Live, people: People) -> None:
    draft = live.a_draft("Sơ đồ để đọc")
    with people.at(ANALYST, f"/studio/drafts/{draft.id}") as page:
        expect(page.locator("#canvas")).to_have_attribute("data-ready", "true")
        expect(page.locator("#problems")).not_to_contain_text("Đang kiểm tra")
        assert faults(page) == []
        assert page.evaluate("[...(window.__missing ?? [])]") == []


def test_the_keyboard_reaches_the_content_first_and_everything_is_seen(people: People) -> None:
    with people.at(SPECIALIST, "/tasks") as page:
        page.keyboard.press("Tab")
        assert focused(page)["text"] == "Đến nội dung chính"
        assert focused(page)["seen"]
        page.keyboard.press("Enter")
        assert focused(page)["id"] == "main"
        for _ in range(12):
            page.keyboard.press("Tab")
            assert focused(page)["seen"], focused(page)
