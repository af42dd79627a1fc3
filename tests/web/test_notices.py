"""Notices, and the frame that counts them."""

from app.usecases import notices
from tests.service import House
from tests.web import sample
from tests.web.conftest import Browser, words


def tell(desk: House, username: str, title: str, href: str = "/tasks") -> None:
    with desk.open_work() as work:
        user = work.users.by_username(username)
        assert user is not None
        notices.give(work, user.id, title, "Hạn 17:00 ngày 16/11/2026.", href)


def test_a_notice_is_counted_until_it_is_read(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    assert "Thông báo <b" not in clerk.get("/tasks")
    tell(desk, sample.CLERK, "Sắp đến hạn")
    assert 'Thông báo <b class="count">1</b>' in clerk.get("/tasks")
    page = clerk.get("/notices")
    assert "1 thông báo chưa đọc" in page
    assert "Sắp đến hạn" in page
    clerk.post("/notices/read")
    page = clerk.get("/notices")
    assert "Bạn đã đọc mọi thông báo" in page
    assert "Thông báo <b" not in page


def test_notices_are_each_persons_own(desk: House) -> None:
    tell(desk, sample.LEADER, "Chỉ cho lãnh đạo")
    clerk = Browser(desk, sample.CLERK)
    assert "Chỉ cho lãnh đạo" not in clerk.get("/notices")
    clerk.post("/notices/read")
    assert "Thông báo <b" in Browser(desk, sample.LEADER).get("/tasks")


def test_a_notice_never_leads_to_another_site(desk: House) -> None:
    tell(desk, sample.CLERK, "Lạ", "https://evil.example/")
    assert "evil.example" not in Browser(desk, sample.CLERK).get("/notices")


def test_many_notices_come_in_pages(desk: House) -> None:
    for number in range(26):
        tell(desk, sample.CLERK, f"Thông báo số {number}")
    clerk = Browser(desk, sample.CLERK)
    assert "1–25 trong 26 thông báo" in clerk.get("/notices")
    assert "26–26 trong 26 thông báo" in clerk.get("/notices?page=2")


def test_without_notices_the_page_says_when_there_will_be(desk: House) -> None:
    assert "Chưa có thông báo nào" in Browser(desk, sample.CLERK).get("/notices")


def test_a_clock_that_runs_over_tells_those_who_answer_for_it(desk: House) -> None:
    case = sample.a_case(desk)
    desk.clock.pass_(days=3)
    desk.work_off()
    page = words(Browser(desk, sample.CLERK).get("/notices"))
    assert "Quá hạn: Kiểm tra, tiếp nhận hồ sơ trực tuyến" in page
    assert case.code in page
