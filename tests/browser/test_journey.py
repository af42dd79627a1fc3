"""From a drawing to a result in somebody's hand, as the people of the province do it."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from app import demo
from tests.browser.live import PROCESS, Live, until
from tests.browser.people import People, told

TODAY = "16/11/2026"
DOCUMENTS = {"document": "31/STTTT", "announcement": "88/QĐ-UBND", "process_approval": "99/QĐ-UBND"}
APPRAISAL = {
    "Kiểm tra thành phần đăng ký": "Thành phần đăng ký",
    "Thẩm định nội dung dịch vụ": "Nội dung dịch vụ",
    "Thẩm định quy trình xử lý": "Quy trình xử lý hồ sơ",
}
APPLICANT = {
    "Tên doanh nghiệp, tổ chức": "Công ty TNHH Chuyển phát Bến Nước",
    "Mã số doanh nghiệp": "5000777666",
    "Họ tên người nộp hồ sơ": "Nguyễn Thị Hường",
    "Điện thoại": "0912345678",
    "Địa chỉ trụ sở": "Số 5, đường Tân Trào, thành phố Tuyên Quang",
}


@pytest.fixture
def file_set(live: Live) -> list[FilePayload]:
    """The files of the postal procedure, as the analyst has them on her disk."""
    with live.open_work(read_only=True) as work:
        files = demo.files_of(PROCESS, work)
    return [
        FilePayload(name=name, mimeType="application/octet-stream", buffer=content)
        for name, content in files.items()
    ]


def paper(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(demo.pdf(name))
    return path


def open_step(page: Page, code: str, step: str) -> None:
    """Find the task by the code of its dossier and open it, from the list."""
    page.goto(f"/tasks?q={code}")
    row = page.locator("tr[data-row]").filter(has_text=step)
    expect(row.locator(".c-main")).to_contain_text(step)
    row.get_by_role("link", name=code).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(step)


def finish(page: Page, step: str) -> None:
    page.get_by_role("button", name="Hoàn thành").click()
    told(page, f"Đã hoàn thành “{step}”")


def choose(page: Page, question: str, answer: str) -> None:
    page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()


def register(people: People, file_set: list[FilePayload]) -> str:
    """The analyst registers a new version with its files and submits it; returns the code."""
    with people.at("lan.analyst", "/registrations/new") as page:
        page.get_by_role("row").filter(has_text="1.004470").get_by_role("button").click()
        told(page, "DK-")
        code: str = page.locator(".page-head .code").first.inner_text()
        page.get_by_label("Mức độ 4").check()
        for prefix, number in DOCUMENTS.items():
            page.locator(f"#{prefix}_number").fill(number)
            page.locator(f"#{prefix}_date").fill("02/11/2026")
        page.get_by_role("button", name="Lưu").click()
        told(page, "Đã lưu nội dung đăng ký")
        page.get_by_role("link", name="Bộ tệp", exact=False).first.click()
        page.get_by_label("Thêm hoặc thay tệp").set_input_files(file_set)
        page.get_by_role("button", name="Tải lên và kiểm tra").click()
        told(page, f"Đã nhận {len(file_set)} tệp")
        expect(page.locator("#problems")).to_contain_text("Không có lỗi")
        expect(page.locator("figure.diagram svg").first).to_be_visible()
        page.get_by_role("link", name="Nộp đăng ký").click()
        page.locator("dialog#submit").get_by_role("button", name="Nộp đăng ký").click()
        told(page, f"Đã nộp {code}")
        expect(page.get_by_role("heading", name="Đang chờ")).to_be_visible()
    return code


def appraise(people: People, code: str) -> None:
    with people.at("an.appraiser") as page:
        for step, question in APPRAISAL.items():
            open_step(page, code, step)
            choose(page, question, "Đạt")
            finish(page, step)
    with people.at("binh.leader") as page:
        open_step(page, code, "Kết luận thẩm định")
        choose(page, "Kết luận", "Chấp thuận")
        page.get_by_label("Số, ký hiệu văn bản thẩm định").fill("512/STTTT-CNTT")
        page.get_by_label("Ngày").fill(TODAY)
        finish(page, "Kết luận thẩm định")


def publish(people: People, code: str) -> None:
    with people.at("lan.analyst") as page:
        open_step(page, code, "Chuẩn bị đăng tải")
        choose(page, "Dịch vụ đã sẵn sàng", "Sẵn sàng")
        finish(page, "Chuẩn bị đăng tải")
    with people.at("binh.leader") as page:
        open_step(page, code, "Quyết định đăng tải")
        page.get_by_label("Tôi xác nhận đăng tải").check()
        finish(page, "Quyết định đăng tải")


def enter(people: People, folder: Path) -> str:
    """The reception officer types the dossier in and scans two papers; returns the receipt code."""
    with people.at("chi.reception", "/cases/new") as page:
        offer = page.get_by_role("row").filter(has_text="bưu chính")
        expect(offer.get_by_role("cell").last).to_have_text("2")
        offer.get_by_role("link").click()
        for label, text in APPLICANT.items():
            page.get_by_label(label).fill(text)
        page.get_by_label("Cung ứng dịch vụ gói, kiện").check()
        page.get_by_label("Văn bản thông báo").set_input_files(paper(folder, "thong-bao.pdf"))
        page.get_by_label("Giấy chứng nhận đăng ký").set_input_files(paper(folder, "dkkd.pdf"))
        page.get_by_label("Tại Bộ phận Tiếp nhận và Trả kết quả").check()
        page.get_by_role("button", name="Nhập hồ sơ").click()
        told(page, "Đã nhập hồ sơ")
        code: str = page.get_by_role("heading", level=1).inner_text()
        expect(page.locator(".facts").first).to_contain_text(APPLICANT["Tên doanh nghiệp, tổ chức"])
    return code


def handle(people: People, code: str) -> None:
    """From the desk to the specialist, to the leader, and back to the desk."""
    with people.at("chi.reception") as page:
        open_step(page, code, "Kiểm tra, tiếp nhận hồ sơ")
        expect(page.get_by_role("link", name="thong-bao.pdf").first).to_be_visible()
        choose(page, "Quyết định", "Tiếp nhận")
        finish(page, "Kiểm tra, tiếp nhận hồ sơ")
    with people.at("dung.head") as page:
        open_step(page, code, "Phân công xử lý")
        page.get_by_label("Chuyên viên xử lý").select_option(label="Hoàng Thu Giang")
        finish(page, "Phân công xử lý")
    with people.at("giang.specialist") as page:
        open_step(page, code, "Thẩm định hồ sơ, dự thảo kết quả")
        page.get_by_label("Kết quả thẩm định").fill("Hồ sơ hợp lệ, đủ điều kiện.")
        page.get_by_role("group", name="Đề xuất").get_by_role("radio").first.check()
        page.get_by_label("Dự thảo kết quả").fill("Xác nhận thông báo hoạt động bưu chính.")
        finish(page, "Thẩm định hồ sơ, dự thảo kết quả")
    with people.at("dung.head") as page:
        open_step(page, code, "Kiểm tra, ký nháy")
        expect(page.locator("#work")).to_contain_text("Hồ sơ hợp lệ, đủ điều kiện.")
        choose(page, "Kết quả kiểm tra", "Đồng ý, trình lãnh đạo")
        finish(page, "Kiểm tra, ký nháy")
    with people.at("binh.leader") as page:
        open_step(page, code, "Ký duyệt kết quả")
        choose(page, "Quyết định", "Ký duyệt")
        page.get_by_label("Số, ký hiệu văn bản").fill("99/GXN-STTTT")
        page.get_by_label("Ngày").fill(TODAY)
        finish(page, "Ký duyệt kết quả")
    with people.at("khanh.clerk") as page:
        open_step(page, code, "Vào sổ, đóng dấu")
        page.get_by_label("Số vào sổ").fill("99")
        page.get_by_label("Ngày").fill(TODAY)
        finish(page, "Vào sổ, đóng dấu")


def hand_over(people: People, code: str) -> None:
    with people.at("chi.reception") as page:
        open_step(page, code, "Trả kết quả tại quầy")
        page.get_by_label("Đã thu đủ phí").check()
        page.get_by_label("Họ tên người nhận kết quả").fill("Nguyễn Thị Hường")
        finish(page, "Trả kết quả tại quầy")
        page.goto(f"/cases/{code}")
        expect(page.locator(".page-head")).to_contain_text("Đã trả kết quả")
        expect(page.locator(".timeline").last).to_contain_text("Trả kết quả tại quầy")


def test_a_service_is_registered_appraised_published_and_used(
    live: Live, people: People, file_set: list[FilePayload], tmp_path: Path
) -> None:
    code = register(people, file_set)
    appraise(people, code)
    publish(people, code)
    until(lambda: live.service().live_version == 2)
    case = enter(people, tmp_path)
    handle(people, case)
    hand_over(people, case)
