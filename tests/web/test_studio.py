"""Drafts of diagrams: where they come from, how they are saved and checked, what becomes of them."""

import re
from io import BytesIO
from typing import Any

import pytest

from tests.service import House
from tests.web.conftest import Browser, hidden, words
from tests.web.registry import ANALYST, DRAFT, KEY, PUBLISHED, id_of, path_of

BROKEN = "<bpmn:definitions"


@pytest.fixture
def browser(one_house: House) -> Browser:
    return Browser(one_house, ANALYST)


def begin(browser: Browser, name: str = "Cấp giấy phép bưu chính") -> str:
    return browser.post("/studio/drafts", {"source": "blank", "name": name})


def xml_of(browser: Browser, path: str) -> str:
    return browser.client.get(f"{path}/diagram").get_data(as_text=True)


def put(browser: Browser, path: str, revision: int, status: int = 200, **changed: str) -> Any:
    body = {"xml": "<a/>", "name": "nháp.bpmn", "revision": revision, **changed}
    answer = browser.client.put(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json


def lint(browser: Browser, path: str, xml: str) -> list[dict[str, str]]:
    draft_id = path.rpartition("/")[2]
    answer = browser.client.post(f"/studio/lint?draft={draft_id}", data=xml.encode())
    assert answer.status_code == 200, answer.text
    found: list[dict[str, str]] = answer.get_json()
    return found


# --- where a draft comes from ---------------------------------------------------------------


def test_a_blank_sheet_is_a_process_that_runs(one_house: House, browser: Browser) -> None:
    assert "Chưa có bản nháp nào" in browser.get("/studio")
    path = begin(browser)
    xml = xml_of(browser, path)
    assert 'id="cap_giay_phep_buu_chinh" name="Cấp giấy phép bưu chính"' in xml
    assert [problem["code"] for problem in lint(browser, path, xml)] == ["no-form"]
    with one_house.open_work(read_only=True) as work:
        [outline] = work.engine.outline(xml.encode())
    assert outline.key == "cap_giay_phep_buu_chinh"
    assert "cap_giay_phep_buu_chinh.bpmn" in browser.get("/studio")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Đổi & cấp <lại>", "doi_cap_lai"),
        ("12 bước", "quy_trinh_12_buoc"),
        ("–", "quy_trinh"),
    ],
)
def test_any_name_gives_a_proper_key(
    one_house: House, browser: Browser, name: str, key: str
) -> None:
    xml = xml_of(browser, begin(browser, name))
    with one_house.open_work(read_only=True) as work:
        assert [(o.key, o.name) for o in work.engine.outline(xml.encode())] == [(key, name)]


def test_a_draft_needs_a_name(browser: Browser) -> None:
    page = browser.post("/studio/drafts", {"source": "blank", "name": " "}, status=422)
    assert "Hãy đặt tên cho quy trình." in page


def test_a_file_becomes_a_draft_even_when_it_is_broken(browser: Browser) -> None:
    sent = {"source": "upload", "file": (BytesIO(BROKEN.encode()), "cũ/sơ đồ.bpmn")}
    path = browser.post("/studio/drafts", sent)
    assert xml_of(browser, path) == BROKEN
    [problem] = lint(browser, path, BROKEN)
    assert problem["code"] == "malformed"
    assert problem["severity"] == "error"


@pytest.mark.parametrize(
    "file", [None, (BytesIO(b"\xff\xfe\x00"), "x.bpmn"), (BytesIO(b""), "x.bpmn")]
)
def test_what_is_no_text_is_refused(browser: Browser, file: Any) -> None:
    sent = {"source": "upload"} if file is None else {"source": "upload", "file": file}
    page = browser.post("/studio/drafts", sent, status=422)
    assert "Bản nháp mới" in page


def test_a_version_in_force_is_drawn_on(one_house: House, browser: Browser) -> None:
    with one_house.open_work(read_only=True) as work:
        service = work.services.of_procedure("P04", "stttt")
        version = work.services.version(service.id, 1)
        original = work.files.read(work.definitions.get(version.definition_id).sha256)
    page = browser.get("/studio/new")
    assert f'<option value="{service.id}">' in page
    path = browser.post("/studio/drafts", {"source": "service", "service_id": service.id})
    assert xml_of(browser, path).encode() == original
    assert lint(browser, path, original.decode()) == []
    sent = {"source": "service", "service_id": service.id, "version": "7"}
    browser.post("/studio/drafts", sent, status=404)


def test_a_file_of_a_registration_is_drawn_on(one_house: House, browser: Browser) -> None:
    sent = {"source": "registration", "registration_id": id_of(one_house, PUBLISHED)}
    path = browser.post("/studio/drafts", {**sent, "file": f"{KEY}.bpmn"})
    assert KEY in xml_of(browser, path)
    browser.post("/studio/drafts", {**sent, "file": "case-stamp.form"}, status=404)


# --- saving -------------------------------------------------------------------------------


def test_saving_counts_revisions_and_renames(browser: Browser) -> None:
    path = begin(browser)
    assert put(browser, path, 1, name="giấy phép") == {
        "version": 2,
        "name": "giấy phép",
        "file": "giấy phép.bpmn",
    }
    assert xml_of(browser, path) == "<a/>"
    assert put(browser, path, 2, xml="<b/>")["version"] == 3


def test_the_header_says_the_revision_too(browser: Browser) -> None:
    path = begin(browser)
    body = {"xml": "<a/>", "name": "x"}
    answer = browser.client.put(path, json=body, headers={"If-Match": '"1"'})
    assert answer.get_json()["version"] == 2
    assert browser.client.put(path, json=body, headers={"If-Match": '"1"'}).status_code == 409


def test_nobody_overwrites_another(browser: Browser) -> None:
    path = begin(browser)
    put(browser, path, 1, xml="<first/>")
    problem = put(browser, path, 1, status=409, xml="<second/>")
    assert "Vũ Thị Lan đã lưu bản nháp này sau khi bạn mở." in problem["title"]
    assert xml_of(browser, path) == "<first/>"


def test_a_broken_drawing_is_kept(browser: Browser) -> None:
    path = begin(browser)
    put(browser, path, 1, xml=BROKEN)
    assert xml_of(browser, path) == BROKEN
    assert 'data-island="modeler"' in browser.get(path)


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"xml": "<a/>", "name": "x"}', b"\xff"])
def test_what_cannot_be_read_is_refused(browser: Browser, body: bytes) -> None:
    path = begin(browser)
    answer = browser.client.put(path, data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_an_empty_drawing_or_name_is_refused(browser: Browser) -> None:
    path = begin(browser)
    assert "Sơ đồ rỗng" in put(browser, path, 1, status=422, xml=" ")["title"]
    assert "Hãy đặt tên" in put(browser, path, 1, status=422, name="")["title"]


def test_saving_needs_the_token_of_the_page(one_house: House) -> None:
    with Browser(one_house, ANALYST).client as free:
        path = free.post("/studio/drafts", data={"source": "blank", "name": "x"}).location
    strict = Browser(one_house, None, csrf=True)
    token = hidden(strict.get("/sign-in"), "csrf_token")
    strict.post(
        "/sign-in",
        {"username": ANALYST, "password": "TuyenQuang-2019", "csrf_token": token},
    )
    body = {"xml": "<a/>", "name": "x", "revision": 1}
    assert strict.client.put(path, json=body).status_code == 400
    meta = re.search(r'name="csrf-token" content="([^"]+)"', strict.get(path))
    assert meta
    answer = strict.client.put(path, json=body, headers={"X-CSRFToken": meta[1]})
    assert answer.status_code == 200


# --- the drawing board --------------------------------------------------------------------


def test_the_board_knows_what_a_diagram_may_name(browser: Browser) -> None:
    page = browser.get(begin(browser))
    config = re.search(r'id="studio-config">(.*?)</script>', page, re.DOTALL)
    assert config
    for text in (
        '"postal-activity-application"',  # a form of the service in force
        '"registration-conclusion"',  # … of the house itself
        '"reception_officer"',
        '"portal_manager"',
        '"K1"',
        '"public_post"',
        '"create_order"',
        f'"{KEY}"',
    ):
        assert text in config[1]
    assert '"transport-business-application"' not in config[1]  # another agency's


def test_the_lint_knows_the_same_forms(browser: Browser) -> None:
    path = begin(browser)
    task = 'camunda:candidateGroups="reception_officer"'
    xml = xml_of(browser, path)
    known = xml.replace(task, f'{task} camunda:formKey="case-stamp"')
    assert lint(browser, path, known) == []
    unknown = xml.replace(task, f'{task} camunda:formKey="no-such-form"')
    [problem] = lint(browser, path, unknown)
    assert problem["element_id"] == "receive"
    assert "no-such-form.form" in problem["message"]


def test_the_lint_of_nothing_is_told(browser: Browser) -> None:
    answer = browser.client.post("/studio/lint?draft=unknown", data=b"<a/>")
    assert answer.status_code == 404
    assert answer.get_json()["title"]


# --- what becomes of it ---------------------------------------------------------------------


def test_a_draft_goes_into_a_registration_as_it_was_saved(
    one_house: House, browser: Browser
) -> None:
    path = begin(browser)
    page = browser.get(path)
    target = id_of(one_house, DRAFT)
    assert f'<option value="{target}">' in page
    where = browser.post(f"{path}/registration", {"registration_id": target})
    assert where == f"/registrations/{target}/files#problems"
    files = browser.get(f"{path_of(one_house, DRAFT)}/files")
    assert "cap_giay_phep_buu_chinh.bpmn" in files
    assert "(thay tệp cùng tên)" in browser.get(path)


def test_a_submitted_registration_takes_no_draft(one_house: House, browser: Browser) -> None:
    path = begin(browser)
    target = id_of(one_house, PUBLISHED)
    assert browser.post(f"{path}/registration", {"registration_id": target}) == path
    assert "đã nộp nên không sửa được" in browser.get(path)


def test_a_draft_is_removed(browser: Browser) -> None:
    path = begin(browser)
    assert browser.post(f"{path}/removal") == "/studio"
    assert "Đã xóa bản nháp cap_giay_phep_buu_chinh.bpmn." in words(browser.get("/studio"))
    browser.get(path, status=404)


# --- who may ------------------------------------------------------------------------------


def test_drafts_are_the_agencys_own(one_house: House, browser: Browser) -> None:
    path = begin(browser)
    stranger = Browser(one_house, "minh.analyst")
    assert "Chưa có bản nháp nào" in stranger.get("/studio")
    stranger.get(path, status=404)
    stranger.get(f"{path}/diagram", status=404)
    put(stranger, path, 1, status=404)
    stranger.post(f"{path}/removal", status=404)
    draft_id = path.rpartition("/")[2]
    assert stranger.client.post(f"/studio/lint?draft={draft_id}", data=b"<a/>").status_code == 404
    sent = {"source": "registration", "registration_id": id_of(one_house, DRAFT), "file": "a.bpmn"}
    stranger.post("/studio/drafts", sent, status=404)


def test_whoever_does_not_draw_has_no_studio(one_house: House) -> None:
    browser = Browser(one_house, "chi.reception")
    browser.get("/studio", status=403)
    browser.post("/studio/drafts", {"source": "blank", "name": "x"}, status=403)
