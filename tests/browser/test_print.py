"""What is printed: a slip on one sheet, terms beside what they say, and nothing to press."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.live import Live
from tests.browser.people import People

pytestmark = pytest.mark.browser
A4 = {"width": 690, "height": 970}  # pixels between the margins
TO_PRESS = ".btn:visible, .search:visible, nav:visible"


def test_a_slip_fits_one_sheet(people: People, live: Live) -> None:
    case = live.enter()
    with people.at("chi.reception", f"/cases/{case.code}/receipt") as page:
        sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))
        assert len(sheets) == 1
        page.emulate_media(media="print")
        page.set_viewport_size(A4)
        expect(page.get_by_role("definition").filter(has_text=case.code)).to_be_visible()
        assert page.locator(TO_PRESS).count() == 0


def test_a_case_prints_its_facts_in_two_columns_and_its_whole_drawing(
    people: People, live: Live
) -> None:
    case = live.enter()
    with people.at("chi.reception", f"/cases/{case.code}") as page:
        page.emulate_media(media="print")
        page.set_viewport_size(A4)
        assert page.locator(TO_PRESS).count() == 0
        term = page.get_by_role("term").first.bounding_box()
        said = page.get_by_role("definition").first.bounding_box()
        assert term is not None
        assert said is not None
        assert said["y"] == pytest.approx(term["y"], abs=1)
        figure = page.locator(".side .diagram")
        assert figure.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
        assert figure.evaluate("one => one.scrollHeight <= one.clientHeight + 1")
