"""Calendars: looked at by eye, changed with a preview of what moves, never silently overwritten."""

import re
from datetime import datetime
from typing import Any

import pytest

from app.domain.calendars import Calendar
from tests.service import House
from tests.web import trouble
from tests.web.conftest import Browser, hidden, words

HERE = "/admin/calendars/province"
CHANGES = f"{HERE}/changes"
FREE_WEDNESDAY = {"do": "add", "day": "18/11/2026", "kind": "closed", "reason": "Hội nghị tỉnh"}


@pytest.fixture
def admin(one_house: House) -> Browser:
    return Browser(one_house, "viet.admin")


def sent(admin: Browser, **typed: str) -> dict[str, str]:
    """A change, with the version that the page carries."""
    return {"version": hidden(admin.get(HERE), "version"), **typed}


def saved(admin: Browser, where: str = CHANGES, **typed: str) -> str:
    return admin.post(where, {**typed, "confirmed": "1"}, status=200)


def calendar(house: House, key: str = "province") -> Calendar:
    with house.open_work(read_only=True) as work:
        found: Calendar = work.calendars.get(key)
        return found


def due_of(house: House, subject_id: str | None) -> datetime:
    with house.open_work(read_only=True) as work:
        [clock] = [c for c in work.clocks.of_subject("case", str(subject_id)) if c.is_open]
        due: datetime = clock.due_at
        return due


# --- looking ------------------------------------------------------------------------------


def test_a_year_on_one_page(admin: Browser) -> None:
    page = admin.get(f"{HERE}?year=2026")
    assert page.count('<table class="month">') == 12
    assert "Cần kiểm chứng" in page
    assert "Mùng một Tết Nguyên Đán" in page or "Tết Nguyên Đán" in page
    assert re.search(r'class="day-swap" title="làm bù[^"]*">22', page)
    assert re.search(r'class="day-holiday" title="[^"]*">24', page)
    assert "07:30-12:00, 13:30-17:00" in page


@pytest.mark.parametrize("year", ["1", "9999", "abcd", ""])
def test_a_year_that_makes_no_sense(admin: Browser, year: str) -> None:
    assert "ngày làm việc" in admin.get(f"{HERE}?year={year}")


def test_an_auditor_looks_and_changes_nothing(one_house: House) -> None:
    auditor = Browser(one_house, "uyen.auditor")
    assert "Bạn chỉ có quyền xem" in auditor.get(HERE)
    auditor.post(CHANGES, {"version": "1", **FREE_WEDNESDAY, "confirmed": "1"}, status=403)
    auditor.post("/admin/calendars", {"agency_id": "sgtvt"}, status=403)
    assert calendar(one_house).version == 1


# --- changing -----------------------------------------------------------------------------


def test_a_preview_says_what_would_move_and_changes_nothing(
    one_house: House, admin: Browser
) -> None:
    case = trouble.enter(one_house)
    one_house.complete(case.business_key, "receive", trouble.CLERK, decision="accept")
    before = due_of(one_house, case.subject_id)
    page = admin.post(CHANGES, sent(admin, **FREE_WEDNESDAY), status=200)
    assert "Chưa có gì được lưu" in page
    assert case.business_key in page
    assert "thời hạn đang chạy sẽ dời" in page
    assert due_of(one_house, case.subject_id) == before
    assert calendar(one_house).version == 1


def test_saving_moves_open_deadlines_and_says_which(one_house: House, admin: Browser) -> None:
    case = trouble.enter(one_house)
    one_house.complete(case.business_key, "receive", trouble.CLERK, decision="accept")
    before = due_of(one_house, case.subject_id)
    page = saved(admin, **sent(admin, **FREE_WEDNESDAY))
    assert "thời hạn đã dời" in page
    assert case.business_key in page
    after = due_of(one_house, case.subject_id)
    assert (after - before).days == 1
    assert "Hội nghị tỉnh" in admin.get(HERE)
    with one_house.open_work(read_only=True) as work:
        assert work.cases.get(str(case.subject_id)).due_at == after


def test_a_conflict_keeps_what_was_typed(one_house: House, admin: Browser) -> None:
    mine = sent(admin, **FREE_WEDNESDAY)
    saved(admin, **sent(admin, do="rename", name="Lịch tỉnh Tuyên Quang"))
    for confirmed in ({}, {"confirmed": "1"}):
        page = admin.post(CHANGES, {**mine, **confirmed}, status=409)
        assert "vừa được người khác sửa" in page
        assert 'value="Hội nghị tỉnh"' in page
        assert 'value="18/11/2026"' in page
        assert "Lịch tỉnh Tuyên Quang" in page
    assert calendar(one_house).version == 2
    again = {**mine, "version": hidden(page, "version")}
    assert "Đã lưu" in saved(admin, **again)


def test_a_swap_has_two_halves_and_goes_as_one(one_house: House, admin: Browser) -> None:
    saved(admin, **sent(admin, do="swap", closed="25/11/2026", worked="28/11/2026"))
    page = admin.get(f"{HERE}?year=2026")
    assert re.search(r'class="day-swap"[^>]*>28', page)
    assert re.search(r'class="day-holiday"[^>]*>25', page)
    count = len(calendar(one_house).exceptions)
    text = words(admin.post(CHANGES, sent(admin, do="remove", remove="2026-11-25"), status=200))
    assert "Bỏ ngoại lệ ngày 25/11/2026" in text
    assert "Bỏ ngoại lệ ngày 28/11/2026" in text
    saved(admin, **sent(admin, do="remove", remove="2026-11-25"))
    assert len(calendar(one_house).exceptions) == count - 2


def test_weekly_hours_from_a_date(one_house: House, admin: Browser) -> None:
    week = {f"hours_{day}": "7:00-11:30, 13:00-16:30" for day in range(5)}
    saved(admin, **sent(admin, do="week", valid_from="01/12/2026", credited="8", **week))
    page = admin.get(HERE)
    assert "Từ 01/12/2026" in page
    assert "07:00-11:30, 13:00-16:30" in page
    assert len(calendar(one_house).weekly) == 2


def test_half_a_day_and_a_run_of_days(one_house: House, admin: Browser) -> None:
    half = {"do": "add", "day": "27/11/2026", "kind": "workday", "hours": "7h30-11h30"}
    saved(admin, **sent(admin, **half, reason="Mất điện buổi chiều"))
    run = {"do": "add", "day": "07/12/2026", "last_day": "09/12/2026", "kind": "closed"}
    saved(admin, **sent(admin, **run, reason="Bão"))
    page = admin.get(f"{HERE}?year=2026")
    assert re.search(r'class="day-half"[^>]*>27', page)
    assert len(re.findall(r'class="day-holiday" title="Bão"', page)) == 3


def test_the_holidays_of_a_year_are_proposed_once(one_house: House, admin: Browser) -> None:
    assert "Quốc khánh" in saved(admin, **sent(admin, do="fill", year="2029"))
    page = admin.post(CHANGES, sent(admin, do="fill", year="2029"), status=422)
    assert "Lịch đã có đủ các ngày nghỉ lễ năm 2029" in page


WRONG: list[tuple[dict[str, str], str]] = [
    ({"do": "add", "day": "31/02/2026", "reason": "x"}, "Hãy ghi ngày có thật"),
    ({"do": "add", "day": "18/11/2026", "reason": ""}, "Lý do cần có"),
    ({"do": "add", "day": "18/11/2026", "last_day": "17/11/2026", "reason": "x"}, "Ngày cuối"),
    (
        {
            "do": "add",
            "day": "18/11/2026",
            "kind": "workday",
            "hours": "12:00-07:30",
            "reason": "x",
        },
        "theo thứ tự",
    ),
    (
        {"do": "add", "day": "18/11/2026", "kind": "workday", "hours": "sáng", "reason": "x"},
        "Hãy ghi giờ như",
    ),
    ({"do": "swap", "closed": "21/11/2026", "worked": "28/11/2026"}, "đã là ngày nghỉ"),
    ({"do": "swap", "closed": "18/11/2026", "worked": "19/11/2026"}, "đã là ngày làm việc"),
    ({"do": "swap", "closed": "18/11/2026", "worked": "18/11/2026"}, "phải khác"),
    ({"do": "week", "valid_from": "01/12/2026", "credited": "8"}, "ít nhất một ngày làm việc"),
    ({"do": "week", "valid_from": "01/12/2026", "credited": "tám"}, "Không phải là số"),
    ({"do": "rename", "name": " "}, "Lịch cần có mã và tên"),
    ({"do": "remove", "remove": "2026-11-19"}, "không có ngoại lệ ngày 19/11/2026"),
    ({"do": "fill", "year": "12"}, "Hãy chọn năm"),
    ({"do": "bay"}, "Không rõ cần sửa gì"),
]


@pytest.mark.parametrize(
    ("typed", "sentence"), WRONG, ids=[f"{t['do']}-{s[:12]}" for t, s in WRONG]
)
def test_what_cannot_be_right_is_told(
    one_house: House, admin: Browser, typed: dict[str, str], sentence: str
) -> None:
    page = admin.post(CHANGES, sent(admin, **typed), status=422)
    assert sentence in page
    assert calendar(one_house).version == 1


def test_a_page_without_a_version_is_too_old(admin: Browser) -> None:
    admin.post(CHANGES, {**FREE_WEDNESDAY}, status=409)


# --- an agency of its own -----------------------------------------------------------------


def _own(house: House, admin: Browser, agency_id: str) -> str:
    where = admin.post("/admin/calendars", {"agency_id": agency_id})
    assert "theo lịch cấp trên" in admin.get(where)
    return where


def test_an_agency_gets_its_own_calendar_and_its_clocks_go_by_it(
    one_house: House, admin: Browser
) -> None:
    case = trouble.enter(one_house)
    one_house.complete(case.business_key, "receive", trouble.CLERK, decision="accept")
    before = due_of(one_house, case.subject_id)
    where = _own(one_house, admin, "stttt")
    assert due_of(one_house, case.subject_id) == before
    admin.post("/admin/calendars", {"agency_id": "stttt"}, status=409)
    typed = {**FREE_WEDNESDAY, "version": hidden(admin.get(where), "version")}
    page = saved(admin, f"{where}/changes", **typed)
    assert case.business_key in page
    assert (due_of(one_house, case.subject_id) - before).days == 1
    assert "Hội nghị tỉnh" not in admin.get(HERE)


def test_a_change_of_the_province_reaches_those_below(one_house: House, admin: Browser) -> None:
    case = trouble.enter(one_house)
    one_house.complete(case.business_key, "receive", trouble.CLERK, decision="accept")
    where = _own(one_house, admin, "stttt")
    before = due_of(one_house, case.subject_id)
    typed = sent(admin, **FREE_WEDNESDAY)
    assert case.business_key in admin.post(CHANGES, typed, status=200)
    assert case.business_key in saved(admin, **typed)
    assert (due_of(one_house, case.subject_id) - before).days == 1
    assert "lịch cấp trên" in admin.get(where)


def test_its_own_calendar_is_taken_away_again_once_that_is_confirmed(
    one_house: House, admin: Browser
) -> None:
    where = _own(one_house, admin, "stttt")
    case = trouble.enter(one_house)
    one_house.complete(case.business_key, "receive", trouble.CLERK, decision="accept")
    usual = due_of(one_house, case.subject_id)
    typed = {**FREE_WEDNESDAY, "version": hidden(admin.get(where), "version")}
    saved(admin, f"{where}/changes", **typed)

    typed = {"version": hidden(admin.get(where), "version"), "shown_year": "2026"}
    seen = admin.post(f"{where}/removal", typed, status=200)
    assert "Chưa có gì được lưu" in seen
    assert case.business_key in seen
    assert due_of(one_house, case.subject_id) > usual
    done = admin.post(f"{where}/removal", {**typed, "confirmed": "1"}, status=200)
    assert "Đã bỏ “Lịch của" in done
    assert case.business_key in done
    assert due_of(one_house, case.subject_id) == usual

    gone = admin.get(where)
    assert "Lịch này đã bỏ" in gone
    assert "/removal" not in gone
    assert where not in admin.get("/admin/calendars")
    assert "/removal" not in admin.get(HERE)


@pytest.mark.parametrize("given", [{}, {"agency_id": ""}])
def test_no_agency_chosen(admin: Browser, given: dict[str, Any]) -> None:
    assert "Hãy chọn cơ quan" in admin.get(admin.post("/admin/calendars", given))
