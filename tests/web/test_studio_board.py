"""The drawing board in a real browser: it speaks Vietnamese, writes our dialect, keeps and checks."""

import shutil
from collections.abc import Iterator
from threading import Thread

import pytest
from playwright.sync_api import Page, sync_playwright
from werkzeug.serving import make_server

from app import demo
from app.application import make_app
from app.assets import Assets
from app.engine.parser import DiagramParser
from app.engine.reading import read
from tests.cluster import leave_out
from tests.service import House
from tests.web.registry import ANALYST

pytestmark = pytest.mark.browser


@pytest.fixture
def address(one_house: House) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(one_house.assembly), threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """An analyst's browser, in which no script may fail and no rule of the CSP be broken."""
    chromium = shutil.which("chromium")
    if chromium is None:
        leave_out("Chromium is not installed")
    if not Assets.read().url("modeler.js"):
        leave_out("the assets are not built")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened = browser.new_context(base_url=address).new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on(
            "console", lambda m: complaints.append(m.text) if "Content Sec" in m.text else None
        )
        opened.goto("/sign-in")
        opened.fill("#username", ANALYST)
        opened.fill("#password", demo.PASSWORD)
        opened.click("button[type=submit]")
        opened.wait_for_url("**/tasks*")
        yield opened
        browser.close()
        assert complaints == []


def begin(page: Page) -> None:
    page.goto("/studio/new")
    page.fill("#name", "Cấp giấy phép bưu chính")
    page.click("text=Bắt đầu vẽ")
    page.wait_for_selector("#canvas[data-ready=true]")


def rename(page: Page, name: str) -> None:
    """Change the task as a hand on the canvas would: one command that can be undone."""
    page.evaluate(
        """name => {
          const modeler = document.getElementById('canvas').modeler;
          const task = modeler.get('elementRegistry').get('receive');
          modeler.get('modeling').updateProperties(task, { name });
        }""",
        name,
    )


def wait_for_state(page: Page, state: str) -> None:
    page.wait_for_selector(f"#save-state[data-state={state}]")


def test_what_the_panel_writes_is_what_the_engine_reads(page: Page) -> None:
    begin(page)
    page.click("[data-element-id=receive]")
    page.select_option("#bio-properties-panel-lm-form", "case-reception")
    page.fill("#bio-properties-panel-lm-due", "8")
    page.press("#bio-properties-panel-lm-due", "Tab")
    page.check("#bio-properties-panel-lm-role-specialist")
    for group in ("Cơ quan và đơn vị", "Hiển thị cho người dân"):
        page.click(f'.bio-properties-panel-group-header-title:text("{group}")')
    page.select_option("#bio-properties-panel-lm-agency", "provider")
    page.fill("#bio-properties-panel-lm-public-name", "Đang tiếp nhận")
    page.press("#bio-properties-panel-lm-public-name", "Tab")
    page.click('[data-group-id="group-lm-clocks"] .bio-properties-panel-add-entry')
    page.keyboard.press("Control+s")
    wait_for_state(page, "saved")
    page.wait_for_selector("text=Không có vấn đề nào.")
    xml = page.evaluate("fetch(document.getElementById('canvas').dataset.src).then(r => r.text())")
    reading = read(xml.encode())
    assert isinstance(reading.parser, DiagramParser)
    assert reading.report.problems == []
    dialect = reading.drawn["cap_giay_phep_buu_chinh"]["receive"].dialect
    assert dialect.get("formKey") == "case-reception"
    assert dialect.get("candidateGroups") == "reception_officer,specialist"
    assert dialect.own == {
        "dueDuration": "8 working_hour",
        "agency": "provider",
        "publicName": "Đang tiếp nhận",
    }
    assert [(c.kind, c.on, c.action) for c in dialect.clocks] == [("K1", "enter", "start")]


def test_every_text_of_the_board_is_vietnamese(page: Page) -> None:
    page.goto("/studio/new")
    page.click("text=Vẽ từ sơ đồ này")
    page.wait_for_selector("#canvas[data-ready=true]")
    for element in ("assess", "create_order", "reception_result", "submitted", "lane_desk"):
        page.evaluate(
            """id => {
              const modeler = document.getElementById('canvas').modeler;
              modeler.get('selection').select(modeler.get('elementRegistry').get(id));
            }""",
            element,
        )
        page.wait_for_timeout(150)
    page.click(".bts-toggle-mode")
    assert page.evaluate("[...window.__missing]") == []


def test_undo_save_and_a_colleague_who_was_faster(page: Page) -> None:
    begin(page)
    rename(page, "Của tôi")
    wait_for_state(page, "dirty")
    page.click("[data-studio=undo]")
    page.click("[data-studio=redo]")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector("#canvas[data-ready=true]")
    rename(other, "Của đồng nghiệp")
    other.keyboard.press("Control+s")
    wait_for_state(other, "saved")
    page.click("[data-studio=save]")
    wait_for_state(page, "error")
    assert "đã lưu bản nháp này sau khi bạn mở" in page.inner_text("#save-state")
    assert "Của tôi" in page.inner_text("#canvas")
    other.fill("#draft-name", "ten_moi.bpmn")
    other.keyboard.press("Control+s")
    wait_for_state(other, "saved")
    assert other.get_attribute("#canvas", "data-name") == "ten_moi.bpmn"
    other.click("[data-studio=register]")
    assert other.inner_text("#register-file") == "ten_moi.bpmn"


def test_a_broken_draft_is_told_and_can_be_taken_away(page: Page) -> None:
    page.goto("/studio/new")
    page.set_input_files(
        "#file", {"name": "hong.bpmn", "mimeType": "text/xml", "buffer": b"<bpmn:definitions"}
    )
    page.click("text=Mở tệp")
    page.wait_for_selector("#problems[data-level=error]")
    assert "Tệp không phải XML hợp lệ" in page.inner_text("#problems")
    assert page.is_disabled("[data-studio=save]")
    with page.expect_download() as download:
        page.click("[data-studio=download]")
    assert download.value.suggested_filename == "hong.bpmn"
    assert download.value.path().read_bytes() == b"<bpmn:definitions"
