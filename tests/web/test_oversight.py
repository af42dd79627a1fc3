"""What is late and what will be: counts and list by one rule, for those who follow and urge on."""

import re

import pytest

from app.domain.clocks import ClockKind
from app.usecases.ports import ClockFilter
from tests.service import House
from tests.web import trouble
from tests.web.conftest import Browser, words

MANAGERS = ("binh.leader", "an.appraiser", "viet.admin", "uyen.auditor")
KINDS = frozenset({ClockKind.K1, ClockKind.K2, ClockKind.K3, ClockKind.K4})


def numbers(page: str) -> tuple[int, int]:
    """Late and soon, as the head of the page says."""
    found = re.search(r"(\d+) quá hạn, (\d+) sắp đến hạn trong", words(page))
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("username", MANAGERS)
def test_the_portal_manager_and_watchers_see_every_agency(one_house: House, username: str) -> None:
    page = Browser(one_house, username).get("/oversight")
    assert 'href="/oversight" aria-current="page"' in page
    assert "Sở Thông tin và Truyền thông" in page


@pytest.mark.parametrize("username", ["nga.leader", "chi.reception", "minh.analyst", "tam.vendor"])
def test_others_are_refused_and_not_invited(one_house: House, username: str) -> None:
    browser = Browser(one_house, username)
    browser.get("/oversight", status=403)
    assert 'href="/oversight"' not in browser.get("/tasks")


def test_a_case_moves_from_soon_to_late(one_house: House) -> None:
    late, soon = numbers(Browser(one_house, "binh.leader").get("/oversight"))
    code = trouble.enter(one_house).business_key
    assert code not in Browser(one_house, "binh.leader").get("/oversight?kind=K3")
    one_house.clock.pass_(hours=23)  # eight working hours from 09:00, two before the end
    page = Browser(one_house, "binh.leader").get("/oversight?kind=K3&level=soon")
    assert code in page
    assert "due-today" in page
    one_house.clock.pass_(hours=3)
    page = Browser(one_house, "binh.leader").get("/oversight?kind=K3&level=late")
    assert code in page
    assert "Cán bộ tiếp nhận (Kiểm tra, tiếp nhận hồ sơ)" in page
    assert numbers(page)[0] >= late + 1
    assert code not in Browser(one_house, "binh.leader").get("/oversight?kind=K3&level=soon")
    assert numbers(page)[1] <= soon + 1


def test_counts_and_list_agree(one_house: House) -> None:
    trouble.enter(one_house)
    one_house.clock.pass_(days=40)
    page = Browser(one_house, "viet.admin").get("/oversight")
    with one_house.open_work(read_only=True) as work:
        wanted = ClockFilter(kinds=KINDS)
        total = work.clocks.watched(wanted, 1, 1, work.now()).total
        counted = sum(c.late + c.soon for c in work.clocks.counts(wanted, work.now()))
    assert total == counted == sum(numbers(page))
    assert total > 0


def test_a_link_leads_only_where_one_may_go(one_house: House) -> None:
    code = trouble.enter(one_house).business_key
    one_house.clock.pass_(days=3)
    row = re.compile(rf'<td class="c-code">(.*?{code}.*?)</td>')
    of_officer = row.search(Browser(one_house, "binh.leader").get("/oversight?kind=K3"))
    of_appraiser = row.search(Browser(one_house, "an.appraiser").get("/oversight?kind=K3"))
    of_admin = row.search(Browser(one_house, "viet.admin").get("/oversight?kind=K3"))
    assert of_officer
    assert f'href="/cases/{code}"' in of_officer[1]
    assert of_appraiser
    assert "href" not in of_appraiser[1]
    assert of_admin
    assert 'href="/admin/instances/' in of_admin[1]


@pytest.mark.parametrize("query", ["level=x", "kind=K99", "agency=khong-co", "page=abc"])
def test_nonsense_in_the_address_changes_nothing(one_house: House, query: str) -> None:
    assert "Theo dõi thời hạn" in Browser(one_house, "viet.admin").get(f"/oversight?{query}")


def test_one_agency_alone(one_house: House) -> None:
    code = trouble.enter(one_house).business_key
    one_house.clock.pass_(days=3)
    browser = Browser(one_house, "viet.admin")
    assert code in browser.get("/oversight?agency=stttt&kind=K3")
    assert code not in browser.get("/oversight?agency=stp")
    assert "Không có thời hạn nào như vậy" in browser.get("/oversight?agency=stp")
