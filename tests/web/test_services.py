"""The catalogue of services, their versions, and what a version is made of."""

import hashlib
import html
import re
import zipfile
from io import BytesIO

import pytest

from tests.service import House
from tests.web.conftest import Browser, words
from tests.web.registry import KEY, code_of, second_version

NAME = "Cấp văn bản xác nhận thông báo hoạt động bưu chính"


@pytest.fixture
def browser(one_house: House) -> Browser:
    return Browser(one_house, "giang.specialist")


def service_path(house: House) -> str:
    with house.open_work(read_only=True) as work:
        return f"/services/{work.services.of_procedure('P04', 'stttt').id}"


def test_the_catalogue_tells_agency_sector_level_and_the_version_in_force(browser: Browser) -> None:
    page = words(browser.get("/services"))
    for text in (NAME, "1.004470", "Sở TT&amp;TT", "Bưu chính", "Mức độ 4", "Phiên bản 1"):
        assert text in page
    assert "1–1 trong 1 dịch vụ" in page


def test_the_catalogue_is_narrowed_by_agency_sector_and_words(browser: Browser) -> None:
    assert NAME in browser.get("/services?agency=stttt&sector=Bưu+chính")
    assert NAME in browser.get("/services?q=buu+chinh")
    assert NAME in browser.get("/services?agency=stttt&q=buu+1.004470")
    assert "Không có dịch vụ nào như vậy" in browser.get("/services?agency=stttt&q=xyz")
    assert "Không có dịch vụ nào như vậy" in browser.get("/services?agency=sgtvt")
    assert NAME in browser.get("/services?agency=unknown&sector=nonsense")


def test_a_service_tells_its_versions_by_which_documents_and_how_many_run(
    one_house: House, browser: Browser
) -> None:
    page = browser.get(service_path(one_house))
    text = words(page)
    with one_house.open_work(read_only=True) as work:
        service = work.services.of_procedure("P04", "stttt")
        version = work.services.version(service.id, 1)
        running = work.instances.count_running()[version.definition_id][0]
    assert running > 0
    assert f"{running} hồ sơ đang chạy" in text
    assert "đang vận hành" in text
    for label in (
        "Quyết định công bố 121/QĐ-UBND ngày",
        "Quyết định phê duyệt quy trình nội bộ 221/QĐ-UBND ngày",
        "Văn bản đăng ký 21/ĐK-DVC ngày",
        "Văn bản thẩm định 412/STTTT-CNTT ngày",
    ):
        assert label in text
    assert code_of(one_house, "P04") in text
    assert version.fileset_checksum[:12] in text


def test_a_service_leads_to_its_registrations(one_house: House, browser: Browser) -> None:
    link = re.search(r'href="(/registrations\?q=[^"]+)"', browser.get(service_path(one_house)))
    assert link
    assert code_of(one_house, "P04") in browser.get(html.unescape(link[1]))


def test_a_registration_that_may_not_be_read_is_not_named(one_house: House) -> None:
    page = Browser(one_house, "minh.analyst").get(service_path(one_house))
    assert code_of(one_house, "P04") not in page


def test_a_version_tells_every_component_of_the_procedure(
    one_house: House, browser: Browser
) -> None:
    text = words(browser.get(f"{service_path(one_house)}/versions/1"))
    for label in ("Trình tự thực hiện", "Phí, lệ phí", "Căn cứ pháp lý", "Yêu cầu, điều kiện"):
        assert label in text
    assert "1.250.000 đồng/hồ sơ" in text


def test_a_version_that_does_not_exist_is_not_found(one_house: House, browser: Browser) -> None:
    browser.get(f"{service_path(one_house)}/versions/9", status=404)
    browser.get("/services/unknown", status=404)
    browser.get(f"{service_path(one_house)}/versions/1/files/none.bpmn", status=404)


def test_the_diagram_stands_with_its_steps_and_one_of_them_in_view(
    one_house: House, browser: Browser
) -> None:
    path = f"{service_path(one_house)}/versions/1/diagram"
    page = browser.get(path)
    assert "lm-diagram" in page
    assert "Phân công xử lý" in page
    assert f'href="{path}?file={KEY}.bpmn&amp;element=assess#drawing"' in page
    marked = browser.get(f"{path}?file={KEY}.bpmn&element=assess")
    assert 'is-active" data-element="assess"' in marked
    assert "Vẽ bản mới từ sơ đồ này" not in marked  # a specialist does not draw
    assert "Vẽ bản mới từ sơ đồ này" in Browser(one_house, "lan.analyst").get(path)


def test_the_form_of_the_start_is_shown_first_and_nothing_can_be_typed(
    one_house: House, browser: Browser
) -> None:
    path = f"{service_path(one_house)}/versions/1/forms"
    page = browser.get(path)
    assert '<fieldset class="form preview" disabled>' in page
    assert 'href="' + path + '?form=postal-activity-application.form" aria-current="true"' in page
    other = browser.get(f"{path}?form=case-stamp.form")
    assert 'case-stamp.form" aria-current="true"' in other
    assert browser.get(f"{path}?form=none.form") == page


def test_the_files_are_told_with_their_checksums_and_given_as_they_are(
    one_house: House, browser: Browser
) -> None:
    path = f"{service_path(one_house)}/versions/1"
    page = browser.get(f"{path}/files")
    answer = browser.client.get(f"{path}/files/{KEY}.bpmn")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    checksum = hashlib.sha256(answer.data).hexdigest()
    assert checksum in page
    packed = browser.client.get(f"{path}/archive")
    assert packed.headers["Content-Type"] == "application/zip"
    assert packed.data == browser.client.get(f"{path}/archive").data
    with zipfile.ZipFile(BytesIO(packed.data)) as archive:
        assert archive.read(f"{KEY}.bpmn") == answer.data


def test_the_first_version_changed_nothing(one_house: House, browser: Browser) -> None:
    page = browser.get(f"{service_path(one_house)}/versions/1/changes")
    assert "Đây là phiên bản đầu tiên" in page


def test_a_second_version_retires_the_first_and_tells_what_it_changed(
    one_house: House, browser: Browser
) -> None:
    second_version(one_house)
    path = service_path(one_house)
    text = words(browser.get(path))
    assert "Phiên bản 2 đang vận hành" in text
    assert "Phiên bản 1 đã thay" in text
    page = browser.get(f"{path}/versions/2/changes")
    text = words(page)
    assert "09-them.yaml thêm – " in text
    assert "08-buu-chinh-chuyen-hoan.yaml bỏ" in text
    assert "case-stamp.form đổi nội dung" in text
    assert "Không thu phí" in text
    assert "1.250.000 đồng/hồ sơ" in text
    assert "Trình tự thực hiện" not in text  # what stayed is not repeated
    assert "Phiên bản 1, đã thay" in words(browser.get(f"{path}/versions/1"))
