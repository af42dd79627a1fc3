"""One server and one Chromium for all browser tests; they run last, after everything that is quick."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app import assets
from tests.browser.live import Live, serving
from tests.browser.people import Journal, People
from tests.cluster import leave_out

HERE = Path(__file__).parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder and put them last: Playwright's loop stays in its thread."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: HERE in item.path.parents)


@pytest.fixture(scope="session")
def built() -> None:
    """The front end's files, as they are served."""
    status = assets.main()
    if status == assets.NO_NODE:
        leave_out("there is no Node to build the pages' files")
    assert status == 0


@pytest.fixture(scope="session")
def live(
    built: None, province_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("browser")
    path = folder / "province.db"
    shutil.copyfile(province_file, path)
    with serving(f"sqlite:///{path}", folder) as running:
        yield running


@pytest.fixture(scope="session")
def chromium(built: None) -> Iterator[Browser]:
    found = shutil.which("chromium")
    if found is None:
        leave_out("Chromium is not installed")
        return
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def everybody(chromium: Browser, live: Live) -> Iterator[People]:
    people = People(chromium, live.url, Journal())
    yield people
    people.close()


@pytest.fixture
def people(everybody: People) -> Iterator[People]:
    """The people of the province; a test fails when a browser complained during it."""
    journal = everybody.journal
    journal.complaints.clear()
    journal.allowed.clear()
    yield everybody
    assert journal.complaints == []
