"""The pages of operations: steps by hand, other versions, batches; what is typed is never lost."""

from datetime import timedelta
from html import unescape

import pytest

from app.domain.batches import BatchState
from app.domain.definitions import DefinitionState, ProcessDefinition
from app.domain.instances import InstanceState
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk
from tests.web import trouble
from tests.web.conftest import Browser, hidden, words

ADMIN = "viet.admin"
AUDITOR = "uyen.auditor"
WHO = {"camunda__candidateGroups": "specialist"}


def deploy(house: House, *steps: str) -> ProcessDefinition:
    drawn = [d.user(one, **WHO) for one in steps]
    return desk.deploy(house, d.straight(*drawn, identifiers=steps))


@pytest.fixture
def admin(one_house: House) -> Browser:
    return Browser(one_house, ADMIN)


@pytest.fixture
def auditor(one_house: House) -> Browser:
    return Browser(one_house, AUDITOR)


# --- steps by hand ----------------------------------------------------------------------


def test_the_page_of_an_instance_leads_to_its_operations(one_house: House, admin: Browser) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a"))
    page = admin.get(f"/admin/instances/{instance_id}")
    assert f"/admin/instances/{instance_id}/modification" in page
    assert f"/admin/instances/{instance_id}/migration" in page


def test_a_step_is_moved_by_hand_after_a_preview(one_house: House, admin: Browser) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a", "b"))
    url = f"/admin/instances/{instance_id}/modification"
    page = admin.get(url)
    assert "đang ở đây" in page
    token = desk.open_task(one_house, instance_id).token
    typed = {"cancel": token, "before": "b", "reason": "Làm nhầm", "name": "phi", "value": "5"}
    seen = admin.post(url, {**typed, "_preview": "1"}, status=200)
    assert "Quy trình đứng ở: B . Chưa có gì được lưu" in words(seen)
    assert "Làm nhầm" in seen
    assert desk.at(one_house, instance_id) == ["a"]
    to = admin.post(url, {**typed, "version": hidden(page, "version")})
    assert to.endswith(f"/admin/instances/{instance_id}")
    assert desk.at(one_house, instance_id) == ["b"]
    assert desk.variables(one_house, instance_id)["phi"] == 5
    assert "Làm nhầm" in admin.get(f"/admin/instances/{instance_id}?tab=history")


def test_refusals_keep_what_was_typed(one_house: House, admin: Browser) -> None:
    instance_id = desk.begin(one_house, deploy(one_house, "a", "b"))
    url = f"/admin/instances/{instance_id}/modification"
    token = desk.open_task(one_house, instance_id).token
    page = admin.post(url, {"before": "b"}, status=422)
    assert "Hãy ghi lý do" in words(page) or "lịch sử của quy trình" in words(page)
    assert 'value="b" checked' in page
    page = admin.post(url, {"cancel": token, "reason": "Thử"}, status=422)
    assert "không còn bước nào" in words(page)
    page = admin.post(url, {"before": "b", "reason": "Thử", "version": "0"}, status=409)
    assert "đã chạy tiếp sau khi bạn mở trang" in words(page)
    assert desk.at(one_house, instance_id) == ["a"]


def test_auditors_look_and_are_told_why_they_cannot_press(
    one_house: House, auditor: Browser
) -> None:
    old = deploy(one_house, "a")
    instance_id = desk.begin(one_house, old)
    new = deploy(one_house, "a")
    for url in (
        f"/admin/instances/{instance_id}/modification",
        f"/admin/instances/{instance_id}/migration?target={new.id}",
        f"/admin/definitions/{old.id}/migration?target={new.id}",
        f"/admin/definitions/{old.id}/batch",
    ):
        assert "Bạn chỉ có quyền xem" in auditor.get(url)
        auditor.post(url.partition("?")[0], {"target": new.id, "reason": "x"}, status=403)
    assert desk.instance(one_house, instance_id).definition_id == old.id


# --- other versions ---------------------------------------------------------------------


def test_one_instance_moves_by_the_table_of_pairs(one_house: House, admin: Browser) -> None:
    old = deploy(one_house, "a", "b")
    instance_id = desk.begin(one_house, old)
    new = deploy(one_house, "moi", "b")
    url = f"/admin/instances/{instance_id}/migration"
    assert "Phiên bản đích" in admin.get(url)
    page = admin.get(f"{url}?target={new.id}")
    assert "hãy chọn bước thay thế" in page
    assert "0 trong 1 hồ sơ" in words(page)
    typed = {"target": new.id, "to.a": "moi", "reason": "Văn bản mới"}
    page = admin.post(url, {**typed, "_preview": "1"}, status=200)
    assert "1 trong 1 hồ sơ" in words(page)
    assert "Văn bản mới" in page
    refused = admin.post(url, {"target": new.id, "reason": "Văn bản mới"}, status=409)
    assert "không có trong phiên bản mới" in words(refused)
    admin.post(url, typed)
    assert desk.at(one_house, instance_id) == ["moi"]
    assert "Chuyển sang phiên bản khác" in admin.get(f"/admin/instances/{instance_id}?tab=history")


def test_many_instances_move_and_the_page_tells_the_outcome_of_each(
    one_house: House, admin: Browser
) -> None:
    old = deploy(one_house, "a", "b")
    ids = [desk.begin(one_house, old, key=f"HS-{n}") for n in range(3)]
    desk.complete(one_house, desk.open_task(one_house, ids[0]).id, "giang.specialist")
    new = deploy(one_house, "a", "c")
    url = f"/admin/definitions/{old.id}/migration"
    page = words(admin.get(f"{url}?target={new.id}"))
    assert "2 trong 3 quy trình chuyển được" in page
    assert "1 quy trình ở lại phiên bản cũ HS-0" in page
    admin.post(url, {"target": new.id}, status=422)
    to = admin.post(url, {"target": new.id, "reason": "Văn bản mới"})
    before = admin.client.get(f"{to}/progress")
    assert "0 trong 3" in before.text
    etag = before.headers["ETag"]
    again = admin.client.get(f"{to}/progress", headers={"If-None-Match": etag})
    assert again.status_code == 304
    one_house.work_off()
    assert "data-poll" not in admin.get(to)
    page = words(admin.get(f"{to}/progress"))
    assert "3 trong 3 hồ sơ đã làm: 2 được, 1 không được" in page
    assert "không có trong phiên bản mới" in page
    assert "Xong một phần" in page
    assert "HS-1" not in admin.get(f"{to}?state=failed")
    assert to in admin.get("/admin/batches")
    admin.post(f"{to}/cancellation", status=409)


def test_a_filter_narrows_what_moves(one_house: House, admin: Browser) -> None:
    old = deploy(one_house, "a")
    ids = [desk.begin(one_house, old, key=key) for key in ("HS-1", "KHAC-1")]
    new = deploy(one_house, "a")
    url = f"/admin/definitions/{old.id}/migration"
    admin.post(url, {"target": new.id, "q": "HS", "reason": "Thử"})
    one_house.work_off()
    found = [desk.instance(one_house, one).definition_id for one in ids]
    assert found == [new.id, old.id]


def bounded(length: str, *, boxed: bool = False) -> bytes:
    """A step with a reminder, perhaps in a sub-process."""
    parts = (
        d.user("a", **WHO),
        d.boundary("x", "a", d.after(length), interrupting=False),
        d.user("nhac", **WHO),
        d.flow("x", "nhac"),
    )
    if not boxed:
        return d.process(d.start(), *parts, d.end(), d.chain("s", "a", "e"))
    frame = d.sub("t", d.start("ts"), *parts, d.end("te"), d.chain("ts", "a", "te"))
    return d.process(d.start(), frame, d.end(), d.chain("s", "t", "e"))


def test_a_timer_is_set_anew_where_that_is_ticked(one_house: House, admin: Browser) -> None:
    old = desk.deploy(one_house, bounded("PT5H"))
    instance_id = desk.begin(one_house, old)
    new = desk.deploy(one_house, bounded("PT9H"))
    url = f"/admin/instances/{instance_id}/migration"
    page = admin.get(f"{url}?target={new.id}")
    assert "Đặt lại theo phiên bản mới" in page
    typed = {"target": new.id, "to.a": "a", "to.x": "x", "renew": "x", "reason": "Văn bản mới"}
    seen = words(admin.post(url, {**typed, "_preview": "1"}, status=200))
    assert "Bắt đầu chờ: x." in seen
    assert "Không chờ nữa: x." in seen
    admin.post(url, {**typed, "renew": "a"}, status=422)
    admin.post(url, typed)
    with one_house.open_work(read_only=True) as work:
        [timer] = [one for one in work.timers.of_instance(instance_id) if one.state == "pending"]
    assert timer.due_at == one_house.clock.at + timedelta(hours=9)


def test_a_sub_process_is_left_out_by_choice(one_house: House, admin: Browser) -> None:
    old = desk.deploy(one_house, bounded("PT5H", boxed=True))
    instance_id = desk.begin(one_house, old)
    new = desk.deploy(one_house, bounded("PT5H"))
    url = f"/admin/instances/{instance_id}/migration"
    page = words(admin.get(f"{url}?target={new.id}"))
    assert "việc bên trong đi tiếp mà không có tiến trình con này" in page
    assert "Bỏ tiến trình con: t." in page
    typed = {"target": new.id, "to.t": "", "to.a": "a", "to.x": "x", "reason": "Gọn lại"}
    admin.post(url, typed)
    assert desk.at(one_house, instance_id) == ["a"]


def test_a_called_process_has_a_page_of_its_own(one_house: House, admin: Browser) -> None:
    inner = d.definitions(
        d.body(d.start(), d.user("k", **WHO), d.end(), d.chain("s", "k", "e"), key="q")
    )
    source = desk.deploy(one_house, inner)
    call = d.node("callActivity", "goi", calledElement="q")
    caller = desk.deploy(one_house, d.process(d.start(), call, d.end(), d.chain("s", "goi", "e")))
    instance_id = desk.begin(one_house, caller, key="HS-7")
    target = desk.deploy(one_house, inner.replace(b'"k"', b'"moi"').replace(b"-k", b"-moi"))
    url = f"/admin/instances/{instance_id}/migration"
    page = admin.get(url)
    assert "(được gọi)" in page
    href = page.split(f'href="{url}?scope=')[1].split('"')[0]
    page = admin.get(f"{url}?scope={href}&target={target.id}")
    assert "do HS-7 gọi" in words(page)
    assert "0 hồ sơ đang chạy, 1 lượt được gọi" in words(
        admin.get(f"/admin/definitions/{source.id}")
    )
    assert "0 hồ sơ, 1 lượt được gọi" in words(admin.get("/admin/definitions"))
    many = admin.get(f"/admin/definitions/{source.id}/migration?target={target.id}")
    assert "0 trong 1 quy trình chuyển được" in words(many)
    assert "(quy trình được gọi)" in words(many)
    typed = {"target": target.id, "to.k": "moi", "scope": href, "reason": "Văn bản mới"}
    admin.post(url, typed)
    assert desk.at(one_house, instance_id) == ["moi"]


def test_what_failed_is_done_again_from_the_page(one_house: House, admin: Browser) -> None:
    old = deploy(one_house, "a", "b")
    ids = [desk.begin(one_house, old, key=f"HS-{n}") for n in range(2)]
    desk.complete(one_house, desk.open_task(one_house, ids[0]).id, "giang.specialist")
    new = deploy(one_house, "a", "c")
    url = f"/admin/definitions/{old.id}/migration"
    to = admin.post(url, {"target": new.id, "reason": "Văn bản mới"})
    assert "Làm lại" not in admin.get(to)
    assert admin.post(f"{to}/repetition") == to
    one_house.work_off()
    assert "Làm lại 1 mục chưa được" in words(admin.get(to))
    again = admin.post(f"{to}/repetition")
    assert again != to
    one_house.work_off()
    assert "1 trong 1 hồ sơ đã làm: 0 được, 1 không được" in words(admin.get(again))


def test_what_stays_behind_is_paired_otherwise(one_house: House, admin: Browser) -> None:
    old = deploy(one_house, "a", "b", "c")
    ids = [desk.begin(one_house, old, key=f"HS-{n}") for n in range(2)]
    desk.complete(one_house, desk.open_task(one_house, ids[0]).id, "giang.specialist")
    new = deploy(one_house, "moi", "c")
    typed = {"target": new.id, "reason": "Văn bản mới", "to.a": "moi"}
    to = admin.post(f"/admin/definitions/{old.id}/migration", typed)
    assert "Ghép lại bước" not in admin.get(to)
    one_house.work_off()
    href = admin.get(to).split("Ghép lại bước cho hồ sơ ở lại")[0].rsplit('href="', 1)[1]
    page = admin.get(unescape(href.split('"')[0]))
    assert '<option value="moi" selected>' in page
    assert "0 trong 1 quy trình chuyển được" in words(page)
    again = admin.post(f"/admin/definitions/{old.id}/migration", {**typed, "to.b": "c"})
    one_house.work_off()
    assert "Đã xong 1 trong 1 hồ sơ đã làm: 1 được" in words(admin.get(again))
    assert desk.at(one_house, ids[0]) == ["c"]


def test_a_command_that_reached_nobody_is_not_called_done(one_house: House, admin: Browser) -> None:
    old = deploy(one_house, "a")
    desk.begin(one_house, old)
    new = deploy(one_house, "moi")
    typed = {"target": new.id, "reason": "Văn bản mới"}
    to = admin.post(f"/admin/definitions/{old.id}/migration", typed)
    one_house.work_off()
    assert "Không được 1 trong 1 hồ sơ đã làm: 0 được, 1 không được" in words(admin.get(to))


# --- other commands ---------------------------------------------------------------------


def test_a_version_is_suspended_with_its_instances(one_house: House, admin: Browser) -> None:
    made = deploy(one_house, "a")
    instance_id = desk.begin(one_house, made)
    url = f"/admin/definitions/{made.id}/batch"
    assert "Tạm dừng 1 hồ sơ" in words(admin.get(url))
    to = admin.post(url, {"kind": "suspend", "definition": "1"})
    one_house.work_off()
    assert desk.instance(one_house, instance_id).state is InstanceState.SUSPENDED
    with one_house.open_work(read_only=True) as work:
        assert work.definitions.get(made.id).state is DefinitionState.SUSPENDED
        assert work.batches.get(to.rsplit("/", 1)[1]).state is BatchState.DONE
    page = words(admin.get(f"/admin/instances/{instance_id}/modification"))
    assert "đang tạm dừng" in page


def test_many_are_cancelled_only_with_a_reason(one_house: House, admin: Browser) -> None:
    made = deploy(one_house, "a")
    instance_id = desk.begin(one_house, made)
    url = f"/admin/definitions/{made.id}/batch"
    admin.post(url, {"kind": "cancel"}, status=422)
    to = admin.post(url, {"kind": "cancel", "reason": "Bỏ thủ tục"})
    admin.post(f"{to}/cancellation")
    one_house.work_off()
    assert desk.instance(one_house, instance_id).state is InstanceState.ACTIVE
    assert "Không làm" in admin.get(to)


def test_a_whole_group_of_incidents_is_retried(one_house: House, admin: Browser) -> None:
    incident = trouble.fail(one_house)
    page = admin.get(
        "/admin/incidents",
        query_string={"message": incident.message, "element": incident.element},
    )
    assert "/admin/incidents/batches" in page
    to = admin.post(
        "/admin/incidents/batches", {"message": incident.message, "element": incident.element}
    )
    one_house.work_off()
    assert "1 được" in words(admin.get(to))
    nothing = admin.post("/admin/incidents/batches", {"message": "x", "element": "y"})
    assert nothing.endswith("/admin/incidents")
