"""The officer's list and tasks, and every way in which a submission can go wrong."""

import re
from functools import partial
from io import BytesIO

import pytest

from app.domain.user_tasks import TaskState, UserTask
from app.usecases import user_tasks
from tests.service import House, actor
from tests.web import sample
from tests.web.conftest import Browser, at_once, hidden, words

PDF = b"%PDF-1.7 paper"


@pytest.fixture
def task(desk: House) -> UserTask:
    return sample.a_task(desk)


@pytest.fixture
def clerk(desk: House) -> Browser:
    return Browser(desk, sample.CLERK)


@pytest.fixture
def leader(desk: House) -> Browser:
    return Browser(desk, sample.LEADER)


@pytest.fixture
def colleague(desk: House) -> Browser:
    """A second officer who may take the same tasks."""
    with desk.open_work() as work:
        user = work.users.by_username("an.appraiser")
        first = work.users.by_username(sample.CLERK)
        assert user is not None
        assert first is not None
        for binding in first.bindings:
            user.bindings.append(
                type(binding)(work.new_id(), user.id, binding.agency_id, binding.role, binding.unit)
            )
    return Browser(desk, "an.appraiser")


def stored(desk: House, task: UserTask) -> UserTask:
    with desk.open_work(read_only=True) as work:
        found: UserTask = work.user_tasks.get(task.id)
    return found


def variables(desk: House, task: UserTask) -> dict[str, object]:
    with desk.open_work(read_only=True) as work:
        root: dict[str, object] = work.instances.get(task.instance_id).snapshot.root
    return root


# --- the list ---------------------------------------------------------------------------


def test_an_empty_list_says_what_to_expect(desk: House, clerk: Browser) -> None:
    page = clerk.get("/tasks")
    assert "Không có việc nào đang chờ" in page


def test_the_list_opens_with_what_nobody_has_taken_where_ones_own_is_empty(
    clerk: Browser, task: UserTask
) -> None:
    page = clerk.get("/tasks")
    assert "<h1>Chưa ai nhận" in page
    assert task.case_code in page
    own = clerk.get("/tasks?queue=mine")
    assert "Bạn không còn việc nào" in own
    assert "Có 1 việc chưa ai nhận" in own


def test_rows_begin_with_the_deadline_in_words(desk: House, clerk: Browser, task: UserTask) -> None:
    badge = r'class="due due-{}"><i class="mark mark-{}" aria-hidden="true"></i><b>{}</b>'
    assert re.search(badge.format("ok", "ok", "Còn 1 ngày"), clerk.get("/tasks"))
    desk.clock.pass_(days=3)
    page = Browser(desk, sample.CLERK).get("/tasks")
    assert re.search(badge.format("overdue", "overdue", "Quá hạn 2 ngày"), page)
    assert "1 quá hạn" in words(page)


def test_counts_and_filters_say_the_same(desk: House, clerk: Browser) -> None:
    for owner in ("Lê Hữu Phượng", "Đặng Đức Ánh"):
        sample.a_case(desk, owner)
    clerk.post("/tasks/next")
    page = words(clerk.get("/tasks?queue=unit"))
    assert "Của tôi 1" in page
    assert "Chưa ai nhận 1" in page
    assert "Cả đơn vị 2" in page
    assert "Cấp giấy mẫu 2" in page
    assert "0 việc" in words(clerk.get("/tasks?queue=unit&due=paused"))
    nothing = clerk.get("/tasks?queue=unit&due=overdue")
    assert "Không có việc nào như vậy" in nothing


@pytest.mark.parametrize("search", ["dang duc anh", "ĐẶNG ĐỨC", "đặng"])
def test_people_are_found_without_their_accents(desk: House, clerk: Browser, search: str) -> None:
    wanted = sample.a_case(desk, "Đặng Đức Ánh").code
    other = sample.a_case(desk, "Lê Hữu Phượng").code
    page = clerk.get("/tasks", query_string={"q": search})
    assert wanted in page
    assert other not in page


def test_cases_are_found_by_their_code(desk: House, clerk: Browser) -> None:
    wanted = sample.a_case(desk, "Đặng Đức Ánh").code
    sample.a_case(desk, "Lê Hữu Phượng")
    page = clerk.get("/tasks", query_string={"q": wanted[-15:]})
    assert "1 việc" in words(page)
    assert wanted in page


def test_a_long_list_comes_in_pages_that_keep_the_filter(desk: House, clerk: Browser) -> None:
    for number in range(27):
        sample.a_case(desk, f"Người thứ {number}")
    first = clerk.get("/tasks?queue=unassigned&sort=code")
    assert "1–25 trong 27 việc" in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = clerk.get(following[1].replace("&amp;", "&"))
    assert "26–27 trong 27 việc" in second
    assert 'aria-current="true">Mã hồ sơ' in second
    assert clerk.get("/tasks?page=nonsense&queue=nonsense&due=x&sort=y")


def test_the_poll_is_silent_until_something_changes(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    page = clerk.get("/tasks?queue=unassigned")
    url = re.search(r'data-poll="([^"]+)"', page)
    etag = re.search(r'data-poll-etag="([^"]+)"', page)
    assert url
    assert etag
    address = url[1].replace("&amp;", "&")
    known = {"If-None-Match": etag[1].replace("&#34;", '"')}
    assert clerk.get(address, status=304, headers=known) == ""
    sample.a_case(desk, "Lê Hữu Phượng")
    fragment = clerk.get(address, headers=known)
    assert "Có 1 việc mới." in fragment
    assert "<html" not in fragment


def test_the_next_task_is_the_one_that_is_due_first(desk: House, clerk: Browser) -> None:
    first = sample.a_task(desk, "Người đến trước")
    desk.clock.pass_(minutes=20)
    sample.a_task(desk, "Người đến sau")
    assert clerk.post("/tasks/next") == f"/tasks/{first.id}"
    assert stored(desk, first).assignee_name == desk.actor(sample.CLERK).name


def test_where_nothing_is_left_the_next_task_says_so(desk: House, clerk: Browser) -> None:
    assert clerk.post("/tasks/next") == "/tasks"
    assert "Không còn việc nào chưa ai nhận" in clerk.get("/tasks")


def test_ticked_tasks_are_claimed_together(desk: House, clerk: Browser) -> None:
    tasks = [sample.a_task(desk, f"Người {number}") for number in range(3)]
    where = clerk.post(
        "/tasks/batch", {"task": [t.id for t in tasks], "do": "claim", "back": "/tasks?queue=mine"}
    )
    assert where == "/tasks?queue=mine"
    page = clerk.get(where)
    assert "Đã nhận 3 việc." in page
    assert all(t.case_code in page for t in tasks)


def test_a_batch_tells_row_by_row_what_did_not_go(
    desk: House, clerk: Browser, colleague: Browser
) -> None:
    mine, theirs = sample.a_task(desk, "Một"), sample.a_task(desk, "Hai")
    colleague.post(f"/tasks/{theirs.id}/claim")
    page = clerk.post(
        "/tasks/batch", {"task": [mine.id, theirs.id, "no-such-task"], "do": "claim"}, status=200
    )
    text = words(page)
    assert "1 được, 2 không" in text
    assert f"đã có {desk.actor('an.appraiser').name} nhận" in text
    assert stored(desk, mine).assignee == desk.actor(sample.CLERK).id


def test_a_batch_needs_something_ticked(clerk: Browser, task: UserTask) -> None:
    clerk.post("/tasks/batch", {"do": "claim"})
    assert "Hãy đánh dấu ít nhất một việc." in clerk.get("/tasks")
    clerk.post("/tasks/batch", {"do": "assign", "task": task.id})
    assert "Hãy chọn người nhận việc." in clerk.get("/tasks")


def test_a_leader_hands_tasks_over(desk: House, leader: Browser, task: UserTask) -> None:
    page = leader.get("/tasks?queue=unit")
    clerk_id = desk.actor(sample.CLERK).id
    assert f'value="{clerk_id}"' in page
    leader.post("/tasks/batch", {"do": "assign", "task": task.id, "user_id": clerk_id})
    assert stored(desk, task).assignee == clerk_id


def test_the_preview_is_a_fragment_and_a_link_without_scripts(
    clerk: Browser, task: UserTask
) -> None:
    fragment = clerk.get(f"/tasks/{task.id}/preview", headers={"HX-Request": "true"})
    assert "<html" not in fragment
    assert "Trần Quốc Vượng" in fragment
    assert "Nhận việc" in fragment
    answer = clerk.client.get(f"/tasks/{task.id}/preview")
    assert answer.headers["Location"] == f"/tasks/{task.id}"


# --- one task ---------------------------------------------------------------------------


def test_a_task_shows_its_form_and_all_that_surrounds_it(desk: House, clerk: Browser) -> None:
    task = sample.a_task(desk, identity_number="001088012345")
    page = clerk.get(f"/tasks/{task.id}")
    text = words(page)
    assert "Kết luận kiểm tra" in text
    assert "<svg" in page
    assert "Kiểm tra, tiếp nhận hồ sơ trực tuyến" in text
    assert "Nộp hồ sơ thành công" in text  # the explanation of K3 begins with its event
    assert "001••••••345" in text
    assert "001088012345" not in page
    assert f'href="/cases/{task.case_code}"' in page
    assert f'href="/tasks/{task.id}/diagram"' in page


def test_the_full_diagram_comes_with_the_list_of_its_steps(clerk: Browser, task: UserTask) -> None:
    page = clerk.get(f"/tasks/{task.id}/diagram")
    text = words(page)
    assert "<svg" in page
    assert "Kiểm tra hồ sơ Đang ở đây" in text.replace(" – ", " ")
    assert "Ký duyệt" in text
    assert "Chưa đến" in text


def test_a_task_is_claimed_and_given_back_with_its_draft(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    clerk.post(f"/tasks/{task.id}/claim")
    page = clerk.get(f"/tasks/{task.id}")
    assert "Bạn đã nhận việc này." in page
    clerk.post(
        f"/tasks/{task.id}/draft",
        {"version": hidden(page, "version"), "decision": "no", "reason": "thiếu bản vẽ"},
    )
    clerk.post(f"/tasks/{task.id}/release")
    assert stored(desk, task).assignee is None
    page = clerk.get(f"/tasks/{task.id}")
    assert "thiếu bản vẽ" in page
    assert "Đã lưu nháp lúc 09:00" in page


def test_a_draft_is_kept_unchecked_and_only_what_the_form_asks(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    version = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    answer = clerk.post(
        f"/tasks/{task.id}/draft",
        {"version": version, "fee": "không phải số", "smuggled": "x", "owners.0.name": "An"},
        status=200,
        headers={"HX-Request": "true"},
    )
    assert "Đã lưu nháp lúc 09:00" in answer
    assert hidden(answer, "version") != version
    draft = stored(desk, task).draft
    assert draft is not None
    assert draft["fee"] == "không phải số"
    assert "smuggled" not in draft
    page = clerk.get(f"/tasks/{task.id}")
    assert 'value="không phải số"' in page
    assert 'value="An"' in page


def test_completing_moves_the_dossier_on_and_says_what_is_next(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    version = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    where = clerk.post(
        f"/tasks/{task.id}/completion", {"version": version, "decision": "yes", "fee": "75.000"}
    )
    assert where == "/tasks"
    text = words(clerk.get(where))
    assert "Đã hoàn thành “Kiểm tra hồ sơ”" in text
    assert "Bước tiếp theo: Ký duyệt." in text
    assert variables(desk, task)["fee"] == 75000
    assert desk.task(task.case_code, "sign")


def test_the_last_task_ends_the_flow(desk: House, leader: Browser, task: UserTask) -> None:
    desk.complete(task.case_code, "check", sample.CLERK, decision="yes")
    last = desk.task(task.case_code, "sign")
    page = leader.get(f"/tasks/{last.id}")
    assert "Bước này không có biểu mẫu" in page
    leader.post(f"/tasks/{last.id}/completion", {"version": hidden(page, "version")})
    assert "Quy trình đã kết thúc." in leader.get("/tasks")


def test_a_done_task_can_still_be_read(desk: House, clerk: Browser, task: UserTask) -> None:
    desk.complete(task.case_code, "check", sample.CLERK, decision="no", reason="thiếu bản vẽ")
    page = clerk.get(f"/tasks/{task.id}")
    assert "đã hoàn thành việc này lúc 16/11/2026 09:00" in page
    assert "thiếu bản vẽ" in page
    assert "Hoàn thành</button>" not in page


def test_those_who_see_but_may_not_work_are_told_why(leader: Browser, task: UserTask) -> None:
    page = leader.get(f"/tasks/{task.id}")
    assert 'aria-disabled="true"' in page
    assert "việc này chờ cán bộ tiếp nhận" in page
    leader.post(f"/tasks/{task.id}/completion", {"decision": "yes"}, status=403)
    leader.post(f"/tasks/{task.id}/claim", status=403)


def test_a_foreign_agency_does_not_learn_that_there_is_such_a_task(
    desk: House, task: UserTask
) -> None:
    stranger = Browser(desk, "minh.analyst")
    for url in ("", "/preview", "/diagram"):
        page = stranger.get(
            f"/tasks/{task.id}{url}",
            status=404,
            headers={"HX-Request": "true"} if url == "/preview" else {},
        )
        assert "Không tìm thấy" in page
    for verb in ("claim", "release", "draft", "completion", "fields"):
        stranger.post(f"/tasks/{task.id}/{verb}", {"decision": "yes"}, status=404)
    stranger.get("/tasks/no-such-task", status=404)


# --- what goes wrong --------------------------------------------------------------------


def test_missing_and_wrong_fields_come_back_with_what_was_typed(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    page = clerk.post(
        f"/tasks/{task.id}/completion",
        {"decision": "no", "fee": "bảy mươi lăm", "owners.0.name": "Lê Hữu Phượng"},
        status=422,
    )
    text = words(page)
    assert "Có 2 mục cần sửa" in text
    assert 'value="bảy mươi lăm"' in page
    assert 'value="Lê Hữu Phượng"' in page
    assert 'aria-invalid="true"' in page
    assert stored(desk, task).state is TaskState.OPEN


def test_unknown_fields_never_become_variables(desk: House, clerk: Browser, task: UserTask) -> None:
    clerk.post(
        f"/tasks/{task.id}/completion",
        {"decision": "yes", "case_code": "FORGED", "owner_name": "FORGED", "is_admin": "1"},
    )
    kept = variables(desk, task)
    assert kept["case_code"] == task.case_code
    assert kept["owner_name"] == "Trần Quốc Vượng"
    assert "is_admin" not in kept


def test_the_same_click_twice_is_harmless(desk: House, clerk: Browser, task: UserTask) -> None:
    sent = {"version": hidden(clerk.get(f"/tasks/{task.id}"), "version"), "decision": "yes"}
    clerk.post(f"/tasks/{task.id}/completion", sent)
    assert clerk.post(f"/tasks/{task.id}/completion", sent) == "/tasks"
    assert "Bạn đã hoàn thành “Kiểm tra hồ sơ” trước đó" in clerk.get("/tasks")
    with desk.open_work(read_only=True) as work:
        tasks = work.user_tasks.of_instance(task.instance_id)
        assert [t.element for t in tasks] == ["check", "sign"]


def test_other_answers_from_ones_own_second_tab_are_not_lost(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    version = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    clerk.post(f"/tasks/{task.id}/completion", {"version": version, "decision": "yes"})
    page = clerk.post(
        f"/tasks/{task.id}/completion",
        {"version": version, "decision": "no", "reason": "thiếu bản vẽ tầng 2"},
        status=409,
    )
    assert "thiếu bản vẽ tầng 2" in page


def test_the_second_of_two_officers_learns_who_was_faster_and_keeps_the_text(
    desk: House, clerk: Browser, colleague: Browser, task: UserTask
) -> None:
    version = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    colleague.post(f"/tasks/{task.id}/completion", {"version": version, "decision": "yes"})
    page = clerk.post(
        f"/tasks/{task.id}/completion",
        {"version": version, "decision": "no", "reason": "thiếu bản vẽ tầng 2"},
        status=409,
    )
    text = words(page)
    assert f"{desk.actor('an.appraiser').name} đã hoàn thành việc này lúc" in text
    assert "thiếu bản vẽ tầng 2" in text
    assert "Về danh sách công việc" in text


def test_of_two_officers_at_the_same_moment_one_completes(
    desk: House, clerk: Browser, colleague: Browser, task: UserTask
) -> None:
    sent = {"version": hidden(clerk.get(f"/tasks/{task.id}"), "version"), "decision": "yes"}
    url = f"/tasks/{task.id}/completion"
    answers = at_once([partial(b.client.post, url, data=sent) for b in (clerk, colleague)])
    assert sorted(answer.status_code for answer in answers) == [303, 409]
    with desk.open_work(read_only=True) as work:
        tasks = work.user_tasks.of_instance(task.instance_id)
        assert [t.element for t in tasks] == ["check", "sign"]


def test_a_task_that_a_colleague_has_taken_cannot_be_completed(
    desk: House, clerk: Browser, colleague: Browser, task: UserTask
) -> None:
    version = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    colleague.post(f"/tasks/{task.id}/claim")
    page = clerk.post(
        f"/tasks/{task.id}/completion",
        {"version": version, "decision": "no", "reason": "thiếu bản vẽ"},
        status=409,
    )
    assert "thiếu bản vẽ" in page
    assert stored(desk, task).state is TaskState.OPEN
    taken = f"Việc này đã có {desk.actor('an.appraiser').name} nhận."
    assert taken in clerk.get(f"/tasks/{task.id}")
    assert taken in clerk.post(f"/tasks/{task.id}/claim", status=409)


def test_a_stale_page_is_refused_once_and_then_goes_through(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    old = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    clerk.post(f"/tasks/{task.id}/draft", {"version": old, "decision": "yes"})
    page = clerk.post(
        f"/tasks/{task.id}/completion",
        {"version": old, "decision": "no", "reason": "thiếu bản vẽ"},
        status=409,
    )
    assert "đã thay đổi sau khi bạn mở trang" in page
    assert "thiếu bản vẽ" in page
    assert stored(desk, task).state is TaskState.OPEN
    fresh = hidden(page, "version")
    clerk.post(
        f"/tasks/{task.id}/completion",
        {"version": fresh, "decision": "no", "reason": "thiếu bản vẽ"},
    )
    assert variables(desk, task)["reason"] == "thiếu bản vẽ"


def test_a_stale_draft_does_not_overwrite_a_newer_one(
    desk: House, clerk: Browser, task: UserTask
) -> None:
    old = hidden(clerk.get(f"/tasks/{task.id}"), "version")
    clerk.post(f"/tasks/{task.id}/draft", {"version": old, "decision": "yes"})
    fragment = clerk.post(
        f"/tasks/{task.id}/draft",
        {"version": old, "decision": "no"},
        status=409,
        headers={"HX-Request": "true"},
    )
    assert "<html" not in fragment
    draft = stored(desk, task).draft
    assert draft is not None
    assert draft["decision"] == "yes"


def test_a_suspended_flow_waits_and_says_so(desk: House, clerk: Browser, task: UserTask) -> None:
    with desk.open_work() as work:
        work.instances.lock(task.instance_id).suspend()
    assert "Quy trình đang tạm dừng" in clerk.get(f"/tasks/{task.id}")
    page = clerk.post(
        f"/tasks/{task.id}/completion", {"decision": "no", "reason": "thiếu bản vẽ"}, status=409
    )
    assert "thiếu bản vẽ" in page


# --- rows and files -----------------------------------------------------------------------


def test_rows_come_and_go_without_scripts(clerk: Browser, task: UserTask) -> None:
    url = f"/tasks/{task.id}/completion"
    page = clerk.post(url, {"decision": "yes", "_add:owners": "1"}, status=200)
    assert 'name="owners.0.name"' in page
    page = clerk.post(
        url,
        {"owners.0.name": "An", "owners.1.name": "Bình", "_remove:owners:0": "1"},
        status=200,
    )
    assert 'value="Bình"' in page
    assert 'value="An"' not in page


def test_fields_appear_as_answers_change(clerk: Browser, task: UserTask) -> None:
    url = f"/tasks/{task.id}/fields"
    headers = {"HX-Request": "true"}
    assert "Lý do không đạt" in clerk.post(url, {"decision": "no"}, status=200, headers=headers)
    assert "Lý do không đạt" not in clerk.post(
        url, {"decision": "yes"}, status=200, headers=headers
    )


def test_files_are_kept_while_the_form_is_mended_and_then_belong_to_the_case(
    desk: House, clerk: Browser, leader: Browser, task: UserTask
) -> None:
    url = f"/tasks/{task.id}/completion"
    page = clerk.post(url, {"attachments": (BytesIO(PDF), "bản vẽ.pdf")}, status=422)
    assert "bản vẽ.pdf" in page
    paper_id = hidden(page, "_file:attachments")
    leader.get(f"/papers/{paper_id}", status=404)
    clerk.post(url, {"decision": "yes", "_file:attachments": paper_id})
    kept = variables(desk, task)["attachments"]
    assert isinstance(kept, list)
    assert kept[0]["name"] == "bản vẽ.pdf"
    assert leader.client.get(f"/papers/{paper_id}").data == PDF
    with desk.open_work(read_only=True) as work:
        assert work.papers.get(paper_id).subject_kind == "case"


def test_a_file_can_be_taken_off_again(clerk: Browser, task: UserTask) -> None:
    url = f"/tasks/{task.id}/completion"
    page = clerk.post(url, {"attachments": (BytesIO(PDF), "a.pdf")}, status=422)
    paper_id = hidden(page, "_file:attachments")
    page = clerk.post(
        url,
        {
            "decision": "yes",
            "_file:attachments": paper_id,
            "_remove_file:attachments": paper_id,
        },
        status=200,
    )
    assert "_file:attachments" not in page.replace("_remove_file:attachments", "")


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ\x90\x00 program", "don.pdf", "Nội dung tệp không phải là PDF"),
        (PDF, "don.exe", "Chỉ nhận tệp PDF"),
        (b"", "don.pdf", "Tệp rỗng"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    desk: House, clerk: Browser, task: UserTask, content: bytes, name: str, sentence: str
) -> None:
    page = clerk.post(
        f"/tasks/{task.id}/completion",
        {"decision": "yes", "attachments": (BytesIO(content), name)},
        status=422,
    )
    assert sentence in words(page)
    assert stored(desk, task).state is TaskState.OPEN


def test_nobody_can_attach_what_is_not_theirs(
    desk: House, clerk: Browser, colleague: Browser, task: UserTask
) -> None:
    url = f"/tasks/{task.id}/completion"
    theirs = hidden(
        colleague.post(url, {"attachments": (BytesIO(PDF), "a.pdf")}, status=422),
        "_file:attachments",
    )
    page = clerk.post(url, {"decision": "yes", "_file:attachments": theirs}, status=422)
    assert "Tệp đính kèm không còn" in page
    forged = clerk.post(url, {"decision": "yes", "attachments": "forged"}, status=422)
    assert "không nhận ra" in forged


# --- assignment ---------------------------------------------------------------------------


def test_a_leader_assigns_and_only_to_those_who_may(
    desk: House, leader: Browser, clerk: Browser, task: UserTask
) -> None:
    clerk_id, other = desk.actor(sample.CLERK).id, desk.actor("khanh.clerk").id
    assert f'value="{clerk_id}"' in leader.get(f"/tasks/{task.id}")
    leader.post(f"/tasks/{task.id}/assignment", {"user_id": clerk_id})
    assert "Đã giao việc cho" in leader.get("/tasks?queue=unit")
    assert stored(desk, task).assignee == clerk_id
    leader.post(f"/tasks/{task.id}/assignment", {"user_id": other}, status=422)
    leader.post(f"/tasks/{task.id}/assignment", {}, status=422)
    clerk.post(f"/tasks/{task.id}/assignment", {"user_id": clerk_id}, status=403)


def test_every_move_of_a_task_is_noted(desk: House, clerk: Browser, task: UserTask) -> None:
    clerk.post(f"/tasks/{task.id}/claim")
    clerk.post(f"/tasks/{task.id}/release")
    with desk.open_work(read_only=True) as work:
        user_tasks.visible(work, actor(work, sample.CLERK), task.id)
        kinds = [entry.kind for entry in work.instances.history(task.instance_id)]
    assert kinds == ["start", "claim", "release"]


# --- tasks of a registration --------------------------------------------------------------


def test_an_appraiser_sees_the_registration_beside_the_form(desk: House) -> None:
    task = desk.task(sample.a_registration(desk).code, "formal_check")
    page = Browser(desk, "an.appraiser").get(f"/tasks/{task.id}")
    text = words(page)
    assert "Sở Giao thông vận tải" in text
    assert re.search(r"Kiểm tra tự động (không có lỗi|0 lỗi, \d+ cảnh báo)", text)
    assert "28/ĐK-DVC ngày 16/11/2026" in text
    assert re.search(r'href="/registrations/[^"]+">Xem đầy đủ', page)


def test_what_is_answered_on_the_registration_page_leads_there(desk: House) -> None:
    task = desk.task(sample.a_registration(desk).code, "formal_check")
    appraiser = Browser(desk, "an.appraiser")
    where = appraiser.post(
        f"/tasks/{task.id}/completion", {"formal_ok": "no", "formal_notes": "Sai tên thủ tục"}
    )
    assert "Chỉnh sửa, nộp lại bộ đăng ký" in appraiser.get(where)
    revision = desk.task(task.case_code, "revise")
    page = Browser(desk, sample.ANALYST).get(f"/tasks/{revision.id}")
    assert re.search(r'class="btn btn-primary" href="/registrations/[^"]+"', page)
    assert "Hoàn thành</button>" not in page


def test_the_next_task_of_the_same_dossier_opens_at_once(desk: House) -> None:
    task = desk.task(sample.a_registration(desk).code, "formal_check")
    appraiser = Browser(desk, "an.appraiser")
    where = appraiser.post(f"/tasks/{task.id}/completion", {"formal_ok": "yes"})
    assert re.fullmatch(r"/tasks/[0-9a-f-]{36}", where)
    assert where != f"/tasks/{task.id}"
    assert "Bước tiếp theo: Thẩm định" in words(appraiser.get(where))
