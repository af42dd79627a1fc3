"""Dossiers: entered at the desk once, however often one clicks, and shown with all about them."""

import re
from functools import partial
from io import BytesIO

import pytest

from app.domain.cases import Case, CaseStatus, PostalOrder, PostalState
from tests.service import House
from tests.web import sample
from tests.web.conftest import Browser, at_once, hidden, words

PDF = b"%PDF-1.7 paper"
ENTRY = f"/cases/new/{sample.SERVICE}"


@pytest.fixture
def clerk(desk: House) -> Browser:
    return Browser(desk, sample.CLERK)


def all_cases(desk: House) -> list[Case]:
    with desk.open_work(read_only=True) as work:
        return list(work.cases.page(None, "", 1, 50).items)


def entry(browser: Browser, **typed: object) -> dict[str, object]:
    """What the entry page sends."""
    return {"entry_key": hidden(browser.get(ENTRY), "entry_key"), **typed}


# --- the list ---------------------------------------------------------------------------


def test_an_empty_list_offers_to_enter_a_case(desk: House, clerk: Browser) -> None:
    assert 'href="/cases/new"' in clerk.get("/cases")
    others = Browser(desk, sample.LEADER).get("/cases")
    assert "Chưa có hồ sơ nào" in others
    assert 'href="/cases/new"' not in others


def test_the_list_shows_status_and_deadline_and_finds_without_accents(
    desk: House, clerk: Browser
) -> None:
    wanted = sample.a_case(desk, "Đặng Đức Ánh")
    other = sample.a_case(desk, "Lê Hữu Phượng")
    text = words(clerk.get("/cases"))
    assert f"Còn 1 ngày 17/11, 9:00 {other.code} Lê Hữu Phượng Cấp giấy mẫu Mới đăng ký" in text
    found = clerk.get("/cases?q=dang+duc")
    assert wanted.code in found
    assert other.code not in found
    assert "Không tìm thấy hồ sơ nào" in clerk.get("/cases?q=khong-co")


def test_the_list_is_narrowed_to_a_status_and_counts_what_it_shows(
    desk: House, clerk: Browser
) -> None:
    new, received = (sample.a_case(desk, name) for name in ("Lê An", "Lê Bình"))
    with desk.open_work() as work:
        work.cases.lock(received.id).status = CaseStatus.RECEIVED
    page = clerk.get("/cases?status=received&q=le")
    assert received.code in page
    assert new.code not in page
    assert "1 hồ sơ" in words(page)
    assert "Không tìm thấy hồ sơ nào" in clerk.get("/cases?status=done")
    assert "2 hồ sơ" in words(clerk.get("/cases?status=khong-co"))


def test_a_long_list_comes_in_pages(desk: House, clerk: Browser) -> None:
    for number in range(26):
        sample.a_case(desk, f"Người thứ {number}")
    assert "1–25 trong 26 hồ sơ" in clerk.get("/cases")
    assert "26–26 trong 26 hồ sơ" in clerk.get("/cases?page=2")


def test_other_agencies_and_roles_do_not_see_them(desk: House) -> None:
    case = sample.a_case(desk)
    stranger = Browser(desk, "oanh.reception")
    assert case.code not in stranger.get("/cases")
    for url in ("", "/receipt", "/diagram"):
        stranger.get(f"/cases/{case.code}{url}", status=404)
    Browser(desk, "lan.analyst").get("/cases", status=403)
    assert case.code in Browser(desk, "uyen.auditor").get("/cases")


# --- entry ------------------------------------------------------------------------------


def test_a_case_is_entered_and_told_by_its_code(desk: House, clerk: Browser) -> None:
    assert ENTRY in clerk.get("/cases/new")
    where = clerk.post(ENTRY, entry(clerk, owner_name="Trần Quốc Vượng", owner_phone="0912"))
    [case] = all_cases(desk)
    assert where == f"/cases/{case.code}"
    page = clerk.get(where)
    assert f"Đã nhập hồ sơ {case.code}" in page
    assert case.lookup_secret not in page
    receipt = words(clerk.get(f"{where}/receipt"))
    assert case.lookup_secret in receipt
    assert "Phiếu tiếp nhận hồ sơ" in receipt


def test_a_double_click_enters_one_case(desk: House, clerk: Browser) -> None:
    sent = entry(clerk, owner_name="Trần Quốc Vượng")
    first = clerk.post(ENTRY, sent)
    assert clerk.post(ENTRY, sent) == first
    assert "không tạo thêm hồ sơ" in clerk.get(first)
    assert len(all_cases(desk)) == 1
    clerk.post(ENTRY, entry(clerk, owner_name="Trần Quốc Vượng"))
    assert len(all_cases(desk)) == 2


def test_two_clicks_at_the_same_moment_enter_one_case(desk: House) -> None:
    browsers = [Browser(desk, sample.CLERK), Browser(desk, sample.CLERK)]
    sent = entry(browsers[0], owner_name="Trần Quốc Vượng")
    where = at_once([partial(browser.post, ENTRY, sent) for browser in browsers])
    [case] = all_cases(desk)
    assert where == [f"/cases/{case.code}"] * 2


@pytest.mark.parametrize("key", ["", "x", "../../etc", "0" * 400])
def test_a_page_without_a_usable_key_enters_nothing_and_keeps_the_text(
    desk: House, clerk: Browser, key: str
) -> None:
    page = clerk.post(ENTRY, {"owner_name": "Trần Quốc Vượng", "entry_key": key}, status=409)
    assert "không còn dùng được" in page
    assert 'value="Trần Quốc Vượng"' in page
    assert all_cases(desk) == []
    clerk.post(ENTRY, {"owner_name": "An", "entry_key": hidden(page, "entry_key")})


def test_what_is_missing_is_told_at_the_field_and_the_rest_stays(
    desk: House, clerk: Browser
) -> None:
    sent = entry(clerk, owner_phone="0912000111")
    page = clerk.post(ENTRY, sent, status=422)
    assert "Có 1 mục cần sửa" in page
    assert 'value="0912000111"' in page
    assert hidden(page, "entry_key") == sent["entry_key"]
    assert all_cases(desk) == []


def test_files_are_kept_while_the_form_is_mended(desk: House, clerk: Browser) -> None:
    sent = entry(clerk, attachments=(BytesIO(PDF), "đơn đề nghị.pdf"))
    page = clerk.post(ENTRY, sent, status=422)
    assert "đơn đề nghị.pdf" in page
    paper_id = hidden(page, "_file:attachments")
    where = clerk.post(ENTRY, entry(clerk, owner_name="An", **{"_file:attachments": paper_id}))
    shown = clerk.get(where)
    assert f'href="/papers/{paper_id}"' in shown
    assert clerk.client.get(f"/papers/{paper_id}").data == PDF
    assert "đơn đề nghị.pdf" in clerk.get(f"{where}/receipt")


def test_a_file_that_lies_keeps_the_case_out(desk: House, clerk: Browser) -> None:
    sent = entry(clerk, owner_name="An", attachments=(BytesIO(b"MZ program"), "don.pdf"))
    page = clerk.post(ENTRY, sent, status=422)
    assert "Nội dung tệp không phải là PDF" in page
    assert all_cases(desk) == []


def test_only_the_desk_of_the_agency_enters_cases(desk: House) -> None:
    Browser(desk, sample.LEADER).get("/cases/new", status=403)
    stranger = Browser(desk, "oanh.reception")
    assert "chưa có dịch vụ nào được đăng tải" in stranger.get("/cases/new")
    stranger.get(ENTRY, status=403)
    stranger.post(ENTRY, {"owner_name": "An"}, status=403)
    assert all_cases(desk) == []


def test_an_unknown_service_is_not_found(clerk: Browser) -> None:
    clerk.get("/cases/new/no-such-service", status=404)


# --- one case ---------------------------------------------------------------------------


def test_a_case_shows_what_was_declared_with_the_identity_number_masked(
    desk: House, clerk: Browser
) -> None:
    case = sample.a_case(desk, identity_number="001088012345", owner_phone="0912000111")
    page = clerk.get(f"/cases/{case.code}")
    text = words(page)
    assert "Nội dung đã khai Họ tên chủ hồ sơ Trần Quốc Vượng" in text
    assert "Số định danh 001••••••345" in text
    assert "001088012345" not in page
    assert "Đang chờ" in text
    assert re.search(r'href="/tasks/[^"]+"><b>Kiểm tra hồ sơ', page)
    assert "<svg" in page


def test_those_who_may_not_work_a_task_see_it_without_a_link(desk: House) -> None:
    case = sample.a_case(desk)
    page = Browser(desk, "khanh.clerk").get(f"/cases/{case.code}")
    assert "<b>Kiểm tra hồ sơ</b>" in page
    assert "/tasks/0" not in page


def test_the_way_of_the_result_through_the_post_is_shown(desk: House, clerk: Browser) -> None:
    case = sample.a_case(desk)
    with desk.open_work() as work:
        order = PostalOrder(
            id=work.new_id(),
            tenant_id=work.tenant_id,
            agency_id=case.agency_id,
            case_id=case.id,
            item_code="EB123456789VN",
            state=PostalState.REGISTERED,
            created_at=work.now(),
        )
        event = {
            "event_id": "1",
            "kind": "collected",
            "at": "2026-11-16T03:00:00+00:00",
            "note": "",
        }
        order.hear(event, PostalState.COLLECTED)
        work.postal_orders.add(order)
    text = words(clerk.get(f"/cases/{case.code}"))
    assert "EB123456789VN Bưu tá đã lấy kết quả" in text
    assert "16/11/2026 10:00 Bưu tá đã lấy kết quả" in text


def test_the_diagram_of_a_case_has_its_list_of_steps(desk: House, clerk: Browser) -> None:
    page = clerk.get(f"/cases/{sample.a_case(desk).code}/diagram")
    assert "<svg" in page
    assert "Kiểm tra hồ sơ – Đang ở đây Cán bộ tiếp nhận" in words(page)


@pytest.mark.parametrize("code", ["000.00.02.H60-261116-9999", "x", "%00", "..%2f.."])
def test_a_case_that_is_not_there_is_not_found(clerk: Browser, code: str) -> None:
    assert "Không tìm thấy" in clerk.get(f"/cases/{code}", status=404)


def test_fields_of_the_entry_form_are_drawn_again_without_keeping_anything(
    desk: House, clerk: Browser
) -> None:
    fragment = clerk.post(
        f"{ENTRY}/fields", {"owner_name": "An"}, status=200, headers={"HX-Request": "true"}
    )
    assert 'value="An"' in fragment
    assert "<html" not in fragment
    assert all_cases(desk) == []
    page = clerk.get(ENTRY)
    assert 'value="An"' not in page
