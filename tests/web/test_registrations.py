"""Registering a service: the list, the page that is filled in, the set of files, what follows."""

import hashlib
import re
import zipfile
from io import BytesIO

import pytest

from tests.service import House
from tests.web.conftest import Browser, hidden, words
from tests.web.registry import (
    ANALYST,
    DRAFT,
    KEY,
    PUBLISHED,
    SUBMITTED,
    chosen,
    code_of,
    files,
    id_of,
    path_of,
    ready,
    typed,
    upload,
)

BROKEN = b"<?xml version='1.0'?><definitions><oops></definitions>"


@pytest.fixture
def browser(one_house: House) -> Browser:
    return Browser(one_house, ANALYST)


# --- the list -----------------------------------------------------------------------------


def test_an_analyst_sees_the_registrations_of_her_agency_with_their_clock(
    one_house: House, browser: Browser
) -> None:
    page = browser.get("/registrations")
    assert code_of(one_house, DRAFT) in page
    assert code_of(one_house, PUBLISHED) in page
    assert code_of(one_house, SUBMITTED) not in page
    assert "K2 · Trước hạn" in words(page)
    assert 'href="/registrations/new"' in page


def test_the_appraiser_sees_every_agency_and_the_clock_of_the_appraisal(one_house: House) -> None:
    page = Browser(one_house, "an.appraiser").get("/registrations")
    for procedure in (DRAFT, PUBLISHED, SUBMITTED):
        assert code_of(one_house, procedure) in page
    assert "K1 · " in words(page)
    assert "mới đăng ký được" in page  # the button is there, with the reason why it is off


def test_states_are_counted_by_the_query_that_lists_them(
    one_house: House, browser: Browser
) -> None:
    page = words(browser.get("/registrations?state=draft"))
    assert code_of(one_house, DRAFT) in page
    assert code_of(one_house, PUBLISHED) not in page
    assert "Bản nháp 1" in page
    assert "Đã đăng tải 1" in page
    assert "1–1 trong 1 hồ sơ" in page


def test_search_needs_no_diacritics(one_house: House, browser: Browser) -> None:
    assert code_of(one_house, PUBLISHED) in browser.get("/registrations?q=buu+chinh")
    nothing = browser.get("/registrations?q=khong+co+gi")
    assert "Không có hồ sơ đăng ký nào như vậy" in nothing


def test_a_meaningless_state_or_page_is_the_first_of_all(
    one_house: House, browser: Browser
) -> None:
    assert code_of(one_house, DRAFT) in browser.get("/registrations?state=nonsense&page=-3")


# --- a new one ----------------------------------------------------------------------------


def test_a_procedure_of_ones_own_agency_is_registered(one_house: House, browser: Browser) -> None:
    page = browser.get("/registrations/new?q=2.001098")
    assert "Cấp giấy phép thiết lập trang thông tin điện tử tổng hợp" in page
    assert code_of(one_house, DRAFT) in page  # what is not finished yet is told
    where = browser.post("/registrations", {"agency_id": "stttt", "procedure_id": "P02"})
    made = browser.get(where)
    assert "Bản nháp" in words(made)
    assert "Còn thiếu 7 mục" in words(made)


def test_a_procedure_of_another_agency_is_not(one_house: House, browser: Browser) -> None:
    assert "Giao thông" not in browser.get("/registrations/new")
    browser.post("/registrations", {"agency_id": "stttt", "procedure_id": "P10"}, status=422)
    browser.post("/registrations", {"agency_id": "sgtvt", "procedure_id": "P10"}, status=403)


# --- what it says -------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_what_is_missing_shrinks(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    assert browser.post(path, typed(one_house)) == path
    page = browser.get(path)
    assert 'value="35/ĐK-STTTT"' in page
    assert 'value="16/11/2026"' in page
    assert "Còn thiếu 1 mục" in words(page)
    assert f'href="{path}/files#problems"' in page


def test_every_component_of_the_procedure_has_its_field(one_house: House, browser: Browser) -> None:
    page = browser.get(path_of(one_house, DRAFT))
    for key in ("steps", "manner", "dossier", "duration", "applicants", "agency", "result"):
        assert f'name="procedure_data.{key}"' in page
    for key in ("fees", "templates", "requirements", "legal_basis"):
        assert f'name="procedure_data.{key}"' in page
    assert "không có" in page


def test_a_missing_component_is_told_with_a_link_to_its_field(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    browser.post(path, typed(one_house, **{"procedure_data.fees": "  "}))
    page = browser.get(path)
    assert f'href="{path}#procedure_data.fees"' in page
    assert 'id="procedure_data.fees"' in page


def test_a_date_that_is_none_is_refused_beside_its_field(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    sent = typed(one_house, document_date="31/02/2026", document_number="mới gõ")
    page = browser.post(path, sent, status=422)
    assert "Ngày phải là ngày có thật, ví dụ 24/11/2026." in page
    assert 'href="#document_date"' in page
    assert 'value="31/02/2026"' in page
    assert 'value="mới gõ"' in page
    assert 'value="mới gõ"' not in browser.get(path)


def test_a_level_that_does_not_exist_and_endless_text_are_refused(
    one_house: House, browser: Browser
) -> None:
    sent = typed(one_house, level="level_9", **{"procedure_data.steps": "x" * 20_001})
    page = browser.post(path_of(one_house, DRAFT), sent, status=422)
    assert "Hãy chọn mức độ của dịch vụ." in page
    assert "Trình tự thực hiện dài quá 20.000 ký tự." in page


def test_a_stale_page_keeps_what_was_typed_and_tells_what_is_stored(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    mine = typed(one_house, document_number="của tôi")
    browser.post(path, typed(one_house, document_number="của đồng nghiệp"))
    page = browser.post(path, mine, status=409)
    assert "đã được người khác sửa sau khi bạn mở trang" in page
    assert 'value="của tôi"' in page
    assert "Bản đang lưu: của đồng nghiệp" in page
    assert "Bản đang lưu: 16/11/2026" not in page  # only what differs
    again = {**mine, "version": hidden(page, "version")}
    browser.post(path, again)
    assert 'value="của tôi"' in browser.get(path)


# --- the set of files ---------------------------------------------------------------------


def test_several_files_are_taken_at_once_and_checked_together(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    content = files(one_house)
    where = browser.post(f"{path}/files", chosen(content))
    assert where == f"{path}/files#problems"
    page = browser.get(f"{path}/files")
    for name, data in content.items():
        assert name in page
        assert hashlib.sha256(data).hexdigest()[:12] in page
    assert "Không có vấn đề nào." in page
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="lm-diagram"' in page
    assert "Kiểm tra, tiếp nhận hồ sơ Việc của người" in words(page)  # the list beside the drawing


def test_a_wrong_file_is_told_and_the_others_are_kept(one_house: House, browser: Browser) -> None:
    path = path_of(one_house, DRAFT)
    sent = upload(
        a__exe=b"MZ", b__form=b"", **{"case-stamp__form": files(one_house)["case-stamp.form"]}
    )
    page = browser.post(f"{path}/files", sent, status=422)
    assert "a.exe: Chỉ nhận tệp .bpmn, .form, .dmn và kịch bản .yaml." in page
    assert "b.form: Tệp rỗng." in page
    assert "Đã nhận 1 tệp" in page
    assert "case-stamp.form" in page


def test_nothing_chosen_is_told(one_house: House, browser: Browser) -> None:
    page = browser.post(f"{path_of(one_house, DRAFT)}/files", {}, status=422)
    assert "Hãy chọn ít nhất một tệp." in page


def test_errors_stand_by_file_with_a_link_into_the_drawing(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    content = files(one_house)
    diagram = content["postal_activity_confirmation.bpmn"].replace(
        b'candidateGroups="specialist"', b'candidateGroups="nobody"'
    )
    browser.post(f"{path}/files", chosen({**content, "postal_activity_confirmation.bpmn": diagram}))
    page = browser.get(f"{path}/files")
    link = f"{path}/files?file=postal_activity_confirmation.bpmn&amp;element=assess#drawing"
    assert link in page
    assert "không có vai trò “nobody”" in page
    assert "tag-bad" in page
    drawn = browser.get(link.replace("&amp;", "&").partition("#")[0])
    assert 'is-active" data-element="assess"' in drawn
    submit = browser.post(f"{path}/submission", status=422)
    assert "không có vai trò “nobody”" in submit


def test_many_errors_of_files_are_one_thing_to_do(one_house: House, browser: Browser) -> None:
    path = path_of(one_house, DRAFT)
    diagram = f"{KEY}.bpmn"
    browser.post(f"{path}/files", chosen({diagram: files(one_house)[diagram]}))
    page = browser.get(path)
    assert "Còn thiếu 7 mục" in words(page)
    assert re.search(r"Bộ tệp còn \d+ lỗi\.", page)


def test_a_file_that_is_no_xml_is_kept_and_told(one_house: House, browser: Browser) -> None:
    path = path_of(one_house, DRAFT)
    browser.post(f"{path}/files", upload(quy_trinh__bpmn=BROKEN))
    page = browser.get(f"{path}/files")
    assert "1 lỗi" in words(page)
    assert "quy_trinh.bpmn" in page
    assert "lm-diagram" not in page


def test_a_file_is_downloaded_as_it_was_uploaded_and_taken_off_again(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    browser.post(f"{path}/files", upload(quy_trinh__bpmn=BROKEN))
    answer = browser.client.get(f"{path}/files/quy_trinh.bpmn")
    assert answer.data == BROKEN
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert browser.post(f"{path}/files/quy_trinh.bpmn/removal") == f"{path}/files"
    browser.get(f"{path}/files/quy_trinh.bpmn", status=404)
    browser.post(f"{path}/files/quy_trinh.bpmn/removal", status=404)


def test_the_archive_is_the_set_and_always_the_same(one_house: House, browser: Browser) -> None:
    path = path_of(one_house, PUBLISHED)
    first, second = (browser.client.get(f"{path}/archive").data for _ in range(2))
    assert first == second
    with zipfile.ZipFile(BytesIO(first)) as packed:
        assert packed.testzip() is None
        found = {name: packed.read(name) for name in packed.namelist()}
    with one_house.open_work(read_only=True) as work:
        kept = work.registrations.get(id_of(one_house, PUBLISHED))
        assert found == work.files.read_set(str(kept.fileset_checksum))


# --- what follows -------------------------------------------------------------------------


def test_submitting_freezes_the_set_and_starts_the_first_clock(
    one_house: House, browser: Browser
) -> None:
    path = ready(one_house, browser)
    page = browser.get(path)
    assert "Đã đủ văn bản" in page
    assert 'action="' + path + '/submission"' in page
    assert browser.post(f"{path}/submission") == path
    one_house.work_off()
    page = words(browser.get(path))
    assert "Đang thẩm định" in page
    assert "K1 · Còn" in page
    assert "Kiểm tra thành phần đăng ký" in page  # who it waits for
    assert "Lưu Ctrl S" not in page
    browser.post(f"{path}/files", upload(x__bpmn=b"<a/>"), status=409)
    browser.post(path, typed(one_house), status=409)
    with one_house.open_work(read_only=True) as work:
        kept = work.registrations.get(id_of(one_house, DRAFT))
        assert kept.fileset_checksum in browser.get(f"{path}/files")
        assert set(work.files.read_set(str(kept.fileset_checksum))) == set(files(one_house))


def test_what_is_missing_is_told_when_somebody_submits_all_the_same(
    one_house: House, browser: Browser
) -> None:
    path = path_of(one_house, DRAFT)
    page = browser.post(f"{path}/submission", status=422)
    assert "Hồ sơ đăng ký chưa đủ để nộp." in page
    assert f'href="{path}#document_number"' in page


def test_a_revision_is_asked_for_answered_and_appraised_anew(
    one_house: House, browser: Browser
) -> None:
    path = ready(one_house, browser)
    browser.post(f"{path}/submission")
    one_house.work_off()
    one_house.complete(
        code_of(one_house, DRAFT),
        "formal_check",
        "an.appraiser",
        formal_ok="no",
        formal_notes="Thiếu mẫu đơn số 23.",
    )
    page = browser.get(path)
    assert "Yêu cầu chỉnh sửa" in words(page)
    assert "Thiếu mẫu đơn số 23." in page
    assert 'name="procedure_data.templates"' in page
    browser.post(path, typed(one_house, **{"procedure_data.templates": "Mẫu số 23"}))
    assert browser.post(f"{path}/submission") == path
    one_house.work_off()
    page = words(browser.get(path))
    assert "Lần trình 2" in page
    assert "Mẫu số 23" in page


def test_a_draft_is_withdrawn_and_then_closed(one_house: House, browser: Browser) -> None:
    path = path_of(one_house, DRAFT)
    assert browser.post(f"{path}/withdrawal") == path
    assert "Hồ sơ đã rút." in browser.get(path)
    browser.post(f"{path}/withdrawal", status=409)


def test_the_published_one_tells_its_whole_story(one_house: House, browser: Browser) -> None:
    path = path_of(one_house, PUBLISHED)
    page = browser.get(path)
    text = words(page)
    assert "Văn bản 412/STTTT-CNTT ngày " in text
    assert "8 kịch bản, 0 không đạt" in text
    assert "Hồ sơ hợp lệ, trả tại quầy" in text
    assert "/versions/1" in page
    assert "Vì sao là thời hạn này?" in text
    progress = browser.get(f"{path}/progress")
    assert "lm-diagram" in progress
    assert "Quyết định đăng tải" in progress
    assert "Trần Văn Bình" in progress
    assert "Xem sơ đồ" in browser.get(f"{path}/files")


def test_progress_needs_a_submission(one_house: House, browser: Browser) -> None:
    browser.get(f"{path_of(one_house, DRAFT)}/progress", status=404)


# --- who may ------------------------------------------------------------------------------


def test_a_colleague_reads_and_is_told_why_she_cannot_edit(one_house: House) -> None:
    browser = Browser(one_house, "chi.reception")
    path = path_of(one_house, DRAFT)
    page = browser.get(path)
    assert "mới làm được" in page
    assert "<textarea" not in page
    assert 'type="file"' not in browser.get(f"{path}/files")
    for url in (path, f"{path}/files", f"{path}/submission", f"{path}/withdrawal"):
        browser.post(url, status=403)


def test_another_agency_does_not_know_that_it_exists(one_house: House) -> None:
    browser = Browser(one_house, "minh.analyst")
    path = path_of(one_house, DRAFT)
    for url in (
        path,
        f"{path}/files",
        f"{path}/progress",
        f"{path}/archive",
        f"{path}/files/a.bpmn",
    ):
        browser.get(url, status=404)
    for url in (path, f"{path}/submission", f"{path}/withdrawal", f"{path}/files/a.bpmn/removal"):
        browser.post(url, typed(one_house), status=404)
