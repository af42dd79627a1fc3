"""The administrator's pages: instances, incidents, definitions, the queue; the auditor looks on."""

import re

import pytest

from app.domain.connectors import PermanentFailure
from app.domain.instances import Incident, IncidentState, InstanceState
from app.usecases import messages
from app.web import history_rows, variables
from tests.service import House
from tests.web import trouble
from tests.web.conftest import Browser, words

ADMIN, AUDITOR = "viet.admin", "uyen.auditor"
ONLY_LOOK = "Bạn chỉ có quyền xem"


@pytest.fixture
def admin(one_house: House) -> Browser:
    return Browser(one_house, ADMIN)


@pytest.fixture
def incident(one_house: House) -> Incident:
    return trouble.fail(one_house)


def code_of(house: House, incident: Incident) -> str:
    with house.open_work(read_only=True) as work:
        return str(work.instances.get(incident.instance_id).business_key)


def state_of(house: House, instance_id: str) -> InstanceState:
    with house.open_work(read_only=True) as work:
        state: InstanceState = work.instances.get(instance_id).state
        return state


# --- who may see and do -------------------------------------------------------------------


PAGES = ("instances", "incidents", "definitions", "queue", "calendars")


@pytest.mark.parametrize("page", PAGES)
def test_officers_are_kept_out_and_auditors_look_on(one_house: House, page: str) -> None:
    Browser(one_house, "chi.reception").get(f"/admin/{page}", status=403)
    assert "<h1" in Browser(one_house, AUDITOR).get(f"/admin/{page}")


def test_an_auditor_sees_disabled_buttons_and_is_refused(
    one_house: House, incident: Incident
) -> None:
    auditor = Browser(one_house, AUDITOR)
    here = f"/admin/instances/{incident.instance_id}"
    page = auditor.get(here)
    assert ONLY_LOOK in page
    assert 'aria-disabled="true"' in page
    assert f'action="{here}/cancellation"' not in page
    for url in (
        f"{here}/cancellation",
        f"{here}/suspension",
        f"/admin/incidents/{incident.id}/retry",
        "/admin/incidents/retries",
        "/admin/queue/1/retry",
    ):
        auditor.post(url, {"reason": "x", "incident": incident.id}, status=403)
    assert state_of(one_house, incident.instance_id) is InstanceState.ACTIVE


def test_the_start_of_the_section_leads_to_the_instances(admin: Browser) -> None:
    assert admin.get("/admin", status=303)
    assert 'href="/admin" aria-current="page"' in admin.get("/admin/incidents")


# --- the list -----------------------------------------------------------------------------


def test_the_list_shows_the_message_of_what_went_wrong(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    code = code_of(one_house, incident)
    page = words(admin.get(f"/admin/instances?incidents=1&q={code}"))
    assert code in page
    assert f"1 sự cố: {trouble.MESSAGE}" in page
    healthy = trouble.enter(one_house).business_key
    assert healthy not in admin.get("/admin/instances?incidents=1")


def test_filters_and_search_narrow_the_list(one_house: House, admin: Browser) -> None:
    instance = trouble.enter(one_house)
    assert "1 quy trình" in words(admin.get(f"/admin/instances?q={instance.business_key}"))
    assert "Không có quy trình nào như vậy" in admin.get("/admin/instances?state=cancelled")
    by_process = admin.get("/admin/instances?process=service_registration")
    assert instance.business_key not in by_process
    assert "DK-" in by_process


def test_what_does_not_move_is_found(one_house: House, admin: Browser) -> None:
    instance = trouble.enter(one_house)
    assert instance.business_key not in admin.get("/admin/instances?still=5")
    one_house.clock.pass_(hours=6)
    later = Browser(one_house, ADMIN)
    assert instance.business_key in later.get("/admin/instances?still=5&state=active")
    assert "Không tiến triển trong 5 giờ" in later.get("/admin/instances?still=5")


@pytest.mark.parametrize("query", ["state=x", "still=-1", "still=abc", "page=0", "incidents=2"])
def test_nonsense_in_the_address_changes_nothing(admin: Browser, query: str) -> None:
    assert "Mọi quy trình" in admin.get(f"/admin/instances?{query}")


# --- one instance -------------------------------------------------------------------------


def test_an_instance_shows_drawing_steps_and_incident(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    page = admin.get(f"/admin/instances/{incident.instance_id}")
    assert re.search(rf'lm-serviceTask is-incident" data-element="{incident.element}"', page)
    assert f'href="#buoc-{incident.element}"' in page
    assert f'<tr id="buoc-{incident.element}">' in page
    text = words(page)
    assert "1 sự cố đang mở" in text
    assert trouble.MESSAGE in text
    assert "one_stop_shop.report_status" in text
    assert "1/6" in text


def test_variables_are_masked_and_folded(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    page = admin.get(f"/admin/instances/{incident.instance_id}?tab=variables")
    assert "500••••456" in page
    assert "5000123456" not in page
    assert "<code>owner_name</code>" in page
    assert '<details class="fold">' in page  # the papers, a list


def test_identity_numbers_are_hidden_wherever_they_stand() -> None:
    row = variables.row(
        "people", [{"cccd": "001088012345", "cmnd": "071234567", "phone": "0912345678"}]
    )
    assert "001••••••345" in row.text
    assert "071•••567" in row.text
    assert "0912345678" in row.text
    assert variables.row("identity_number", 5000123456).text == "500••••456"
    assert variables.masked("000.00.02.H60-261116-0001") == "000.00.02.H60-261116-0001"


def test_a_long_value_is_cut_where_a_page_ends() -> None:
    row = variables.row("note", "à" * (variables.MOST + 7))
    assert row.text.endswith("(còn 7 ký tự)")
    assert len(row.head) <= variables.LONG + 1


def test_clocks_come_with_their_explanation(one_house: House, admin: Browser) -> None:
    instance = trouble.enter(one_house)
    page = words(admin.get(f"/admin/instances/{instance.id}?tab=clocks"))
    assert "Kiểm tra, tiếp nhận hồ sơ trực tuyến" in page
    assert "Nộp hồ sơ thành công lúc 09:00 thứ Hai 16/11/2026" in page
    assert "8 giờ làm việc" in page


def test_history_comes_in_pieces(
    one_house: House, admin: Browser, monkeypatch: pytest.MonkeyPatch, incident: Incident
) -> None:
    monkeypatch.setattr("app.web.history_rows.HISTORY_PIECE", 2)
    page = admin.get(f"/admin/instances/{incident.instance_id}?tab=history")
    assert f"Sự cố tại Báo Cổng: chờ bổ sung: {trouble.MESSAGE}" in words(page)
    assert "Bắt đầu" not in words(page.split('id="chi-tiet"')[1])
    older = re.search(r'href="([^"]*before=\d+[^"]*)"', page)
    assert older
    next_piece = admin.get(older[1].replace("&amp;", "&").split("#")[0])
    assert "Hoàn thành: Kiểm tra, tiếp nhận hồ sơ" in words(next_piece)


def test_a_cancellation_needs_a_reason(one_house: House, admin: Browser) -> None:
    instance = trouble.enter(one_house)
    here = f"/admin/instances/{instance.id}"
    page = admin.post(f"{here}/cancellation", {"reason": "  "}, status=422)
    assert "Có 1 mục cần sửa" in page
    assert state_of(one_house, instance.id) is InstanceState.ACTIVE
    where = admin.post(f"{here}/cancellation", {"reason": "Nhập trùng hồ sơ"})
    shown = words(admin.get(where))
    assert "Đã hủy quy trình" in shown
    assert "Nhập trùng hồ sơ" in words(admin.get(f"{here}?tab=history"))
    assert "Quy trình đã kết thúc." in shown
    admin.post(f"{here}/cancellation", {"reason": "lần nữa"}, status=409)


def test_a_suspended_instance_stands_still_until_resumed(one_house: House, admin: Browser) -> None:
    instance = trouble.enter(one_house)
    here = f"/admin/instances/{instance.id}"
    assert "Đã tạm dừng" in admin.get(admin.post(f"{here}/suspension"))
    assert state_of(one_house, instance.id) is InstanceState.SUSPENDED
    admin.post(f"{here}/suspension", status=409)
    assert "Tạm dừng" in admin.get("/admin/instances?state=suspended")
    admin.get(admin.post(f"{here}/resumption"))
    assert state_of(one_house, instance.id) is InstanceState.ACTIVE


def test_an_unknown_instance_is_not_found(admin: Browser) -> None:
    admin.get("/admin/instances/khong-co", status=404)
    admin.get("/admin/definitions/khong-co", status=404)


# --- incidents ----------------------------------------------------------------------------


def test_incidents_are_grouped_by_message(one_house: House, admin: Browser) -> None:
    same = [trouble.fail(one_house), trouble.fail(one_house, "Nguyễn Hữu Nghĩa")]
    other = trouble.fail(one_house, "Đặng Đức Ánh", "Hệ thống một cửa: hết thời gian chờ")
    page = admin.get("/admin/incidents")
    assert re.search(rf">2</b><span>{trouble.MESSAGE}<", page)
    group = re.search(rf'href="([^"]+)" title="{trouble.MESSAGE}"', page)
    assert group
    narrowed = admin.get(group[1].replace("&amp;", "&"))
    assert all(code_of(one_house, one) in narrowed for one in same)
    assert code_of(one_house, other) not in narrowed


def test_a_bulk_retry_tells_the_truth_of_each(one_house: House, admin: Browser) -> None:
    well, ill = trouble.fail(one_house), trouble.fail(one_house, "Đặng Đức Ánh")
    with one_house.open_work() as work:
        work.instances.get(ill.instance_id).suspend()
    page = words(
        admin.post("/admin/incidents/retries", {"incident": [well.id, ill.id]}, status=200)
    )
    assert "0 đã qua, 1 đang chạy, 1 chưa được" in page
    assert "Quy trình đang tạm dừng" in page
    one_house.work_off()
    results = f"/admin/incidents/results?incident={well.id}&incident={ill.id}"
    again = words(admin.get(results))
    assert "1 đã qua, 0 đang chạy, 1 chưa được" in again
    assert "Đang ở: Chờ người nộp bổ sung" in again


def test_what_fails_again_is_not_called_a_success(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    one_house.outside["one_stop_shop"].script = [PermanentFailure("Vẫn thiếu mã định danh")]
    admin.post("/admin/incidents/retries", {"incident": incident.id}, status=200)
    one_house.work_off()
    again = words(admin.get(f"/admin/incidents/results?incident={incident.id}"))
    assert "Lại gặp sự cố" in again
    assert "Vẫn thiếu mã định danh" in again


def test_one_incident_is_retried_from_its_instance(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    where = admin.post(f"/admin/incidents/{incident.id}/retry")
    assert where == f"/admin/instances/{incident.instance_id}"
    assert "Đang chờ hệ thống ngoài trả lời" in admin.get(where)
    one_house.work_off()
    assert "Không có sự cố" in admin.get(where)
    resolved = admin.get("/admin/incidents?state=resolved")
    assert trouble.MESSAGE in resolved
    assert "Trịnh Quốc Việt" in resolved
    admin.post(f"/admin/incidents/{incident.id}/retry", status=409)


def test_nothing_ticked_retries_nothing(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    assert "Hãy đánh dấu ít nhất một sự cố" in admin.get(admin.post("/admin/incidents/retries"))
    with one_house.open_work(read_only=True) as work:
        assert work.incidents.get(incident.id).state is IncidentState.OPEN


# --- the past -----------------------------------------------------------------------------


def test_each_entry_of_the_history_leads_to_the_state_of_then(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    here = f"/admin/instances/{incident.instance_id}"
    assert f'href="{here}?at=1"' in admin.get(f"{here}?tab=history")
    with one_house.open_work(read_only=True) as work:
        last = work.instances.get(incident.instance_id).history_seq
    first, now = admin.get(f"{here}?at=1"), admin.get(f"{here}?at={last}")
    assert "Trạng thái lúc" in first
    assert f"sau bước 1/{last}" in words(first)
    assert "Có sự cố" not in words(first).split("Các bước")[-1]
    assert "Có sự cố" in words(now).split("Các bước")[-1]
    assert f'href="{here}?at=2"' in first
    assert f'href="{here}?at={last - 1}"' in now
    assert f"?at={last + 1}" not in now
    admin.get(f"{here}?at={last + 1}", status=404)
    Browser(one_house, "chi.reception").get(f"{here}?at=1", status=403)


# --- definitions --------------------------------------------------------------------------


def definition_id(house: House, key: str = "postal_activity_confirmation") -> str:
    with house.open_work(read_only=True) as work:
        found = work.definitions.latest(key)
        assert found is not None
        return str(found.id)


def test_versions_with_what_runs_on_them(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    page = words(admin.get("/admin/definitions"))
    with one_house.open_work(read_only=True) as work:
        running, troubled = work.instances.count_running()[definition_id(one_house)]
    assert f"postal_activity_confirmation · {running} hồ sơ đang chạy" in page
    assert f"{troubled} sự cố" in page
    assert "Quy trình của hệ thống" in page
    one = admin.get(f"/admin/definitions/{definition_id(one_house)}")
    assert trouble.MESSAGE in one
    assert code_of(one_house, incident) in one
    assert "case-reception.form" in one
    assert re.search(rf'is-incident" data-element="{incident.element}"', one)


def test_a_suspended_version_takes_no_new_cases(one_house: House, admin: Browser) -> None:
    here = f"/admin/definitions/{definition_id(one_house)}"
    running = trouble.enter(one_house)
    page = admin.get(admin.post(f"{here}/suspension", {"reason": "Sửa biểu mẫu"}))
    assert "không nhận hồ sơ mới nữa" in page
    assert ": Sửa biểu mẫu" in words(page)
    admin.post(f"{here}/suspension", status=409)
    with pytest.raises(Exception, match="đang tạm dừng nhận hồ sơ mới"):
        trouble.enter(one_house, "Đặng Đức Ánh")
    one_house.complete(running.business_key, "receive", trouble.CLERK, decision="accept")
    assert "lại nhận hồ sơ mới" in admin.get(admin.post(f"{here}/activation"))
    assert trouble.enter(one_house, "Đặng Đức Ánh").business_key
    Browser(one_house, AUDITOR).post(f"{here}/suspension", status=403)


# --- the queue ----------------------------------------------------------------------------


def test_messages_that_nobody_awaits_are_seen(one_house: House, admin: Browser) -> None:
    assert "Mọi thông điệp đến đều đã được nhận" in admin.get("/admin/queue")
    with one_house.open_work() as work:
        payload = {"receiver_identity": "001088012345"}
        messages.receive(work, "post_delivered", "KHONG-CO", payload, dedup="x")
    one_house.work_off()
    page = admin.get("/admin/queue")
    assert "post_delivered" in page
    assert "001••••••345" in page
    assert "001088012345" not in page


def test_what_the_queue_gave_up_is_tried_again(one_house: House, admin: Browser) -> None:
    with one_house.open_work() as work:
        work.queue.enqueue("timer", {"timer_id": "khong-con"})
    for _ in range(12):
        one_house.work_off()
        one_house.clock.pass_(hours=3)
    admin = Browser(one_house, ADMIN)
    [entry] = one_house.assembly.service.parked.parked()
    page = admin.get("/admin/queue")
    assert "Đến giờ hẹn" in page
    assert "Không tìm thấy hẹn giờ này" in page
    assert "Đã xếp lại vào hàng đợi" in admin.get(admin.post(f"/admin/queue/{entry.id}/retry"))
    assert one_house.assembly.service.parked.parked() == []
    admin.post(f"/admin/queue/{entry.id}/retry", status=409)


def test_only_the_open_tab_is_drawn(one_house: House, admin: Browser) -> None:
    instance = trouble.enter(one_house)
    page = admin.get(f"/admin/instances/{instance.id}?tab=khong-co")
    assert "Việc của người" in page
    assert "Toàn quy trình" not in page


def test_a_step_in_time_tells_what_it_changed(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    here = f"/admin/instances/{incident.instance_id}"
    with one_house.open_work(read_only=True) as work:
        last = work.instances.get(incident.instance_id).history_seq
    first, now = admin.get(f"{here}?at=1"), admin.get(f"{here}?at={last}")
    assert f'href="{here}?at=2" rel="next" data-key="ArrowRight"' in first
    assert 'rel="prev"' not in first
    assert f'href="{here}?at={last - 1}" rel="prev" data-key="ArrowLeft"' in now
    assert 'rel="next"' not in now
    assert f'type="range" min="1" max="{last}" value="1"' in first
    assert "Thay đổi ở bước này Đến:" in words(first)
    assert re.search(r"<code>\w+</code>.*?chưa có", first), "every value of the first step is new"
    assert "Trước Sau" in words(first)


def test_the_history_is_narrowed_and_paged(
    one_house: House, admin: Browser, monkeypatch: pytest.MonkeyPatch, incident: Incident
) -> None:
    monkeypatch.setattr(history_rows, "HISTORY_PIECE", 1)
    here = f"/admin/instances/{incident.instance_id}?tab=history"
    trouble = words(admin.get(f"{here}&kind=trouble"))
    assert "Sự cố: " in trouble
    assert "Hoàn thành: " not in trouble
    assert "Xem các mục cũ hơn" not in trouble
    people = admin.get(f"{here}&kind=people")
    assert "kind=people" in people
    older = re.search(r'href="([^"]+before=[^"]+)"', admin.get(here))
    assert older is not None
    assert "Mới nhất" in words(admin.get(older[1].replace("&amp;", "&")))
    assert "Không có mục nào." in words(admin.get(f"{here}&kind=admin"))
    assert admin.get(f"{here}&kind=khac") == admin.get(here)


def test_incidents_are_narrowed_by_kind_age_process_and_agency(
    one_house: House, admin: Browser, incident: Incident
) -> None:
    code = code_of(one_house, incident)
    here = "/admin/incidents"
    page = words(admin.get(here))
    for label in ("Loại sự cố", "Đã mở từ", "Cơ quan", "Gọi hệ thống ngoài 1"):
        assert label in page
    assert code in admin.get(f"{here}?kind=call&agency={incident.agency_id}")
    for query in ("kind=rule", "days=30", "agency=khac", "process=khac", "element=khac"):
        assert code not in admin.get(f"{here}?{query}"), query
    chosen = admin.get(f"{here}?kind=call&agency={incident.agency_id}")
    assert f'href="{here}?agency={incident.agency_id}" aria-current="true"' in chosen, "taken off"
    assert "Bỏ bộ lọc" not in admin.get(f"{here}?kind=khac&days=x"), (
        "what makes no sense is no filter"
    )
