"""Failures: every refusal is a page in Vietnamese that says what to do next."""

import re
from dataclasses import replace

import pytest
from flask import Flask, abort

from app.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    InvalidState,
    NotFound,
    StorageFull,
    StorageUnavailable,
    TooManyAttempts,
    Unauthenticated,
)
from app.statuses import STATUS, status_of
from app.web import BLUEPRINTS
from tests.service import House
from tests.web import sample
from tests.web.conftest import Browser, words

SECRET = "chi tiết nội bộ"


def broken(browser: Browser, error: Exception) -> str:
    """Make a page fail with `error` and return its address."""
    app: Flask = browser.client.application

    def view() -> str:
        raise error

    view.action = "public"  # type: ignore[attr-defined]
    app.view_functions["notices.index"] = view
    return "/notices"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInput("Hãy sửa ngày."), 422),
        (NotFound("Không có."), 404),
        (InvalidState("Đã xong."), 409),
        (Conflict("Có người sửa."), 409),
        (Forbidden("Không được."), 403),
        (TooManyAttempts("Chờ một phút."), 429),
        (StorageUnavailable("Hãy thử lại sau."), 503),
        (StorageFull("Hết chỗ."), 507),
    ],
)
def test_every_refusal_has_its_status_and_its_sentence(
    desk: House, error: DomainError, status: int
) -> None:
    clerk = Browser(desk, sample.CLERK)
    page = clerk.get(broken(clerk, error), status=status)
    assert error.message in page
    assert 'href="/"' in page
    assert 'lang="vi"' in page


def test_every_domain_error_has_a_status() -> None:
    def kinds(parent: type[DomainError]) -> set[type[DomainError]]:
        children = set(parent.__subclasses__())
        return children.union(*(kinds(child) for child in children))

    ours = {kind for kind in kinds(DomainError) if kind.__module__.startswith("app.domain.")}
    assert len(ours) > 10
    assert [kind for kind in ours if not set(kind.__mro__) & set(STATUS)] == []
    assert status_of(Unauthenticated("x")) == 401


@pytest.mark.parametrize("code", [400, 405, 413, 415, 429, 500, 502, 503])
def test_what_the_server_refuses_is_told_in_vietnamese(desk: House, code: int) -> None:
    clerk = Browser(desk, sample.CLERK)
    app = clerk.client.application

    def view() -> str:
        abort(code)

    view.action = "public"  # type: ignore[attr-defined]
    app.view_functions["notices.index"] = view
    page = clerk.get("/notices", status=code)
    assert f"Mã {code}" in page
    assert "Hãy" in words(page) or "hãy" in words(page)


def test_a_fault_of_ours_shows_no_trace(desk: House, caplog: pytest.LogCaptureFixture) -> None:
    clerk = Browser(desk, sample.CLERK)
    page = clerk.get(broken(clerk, RuntimeError(SECRET)), status=500)
    assert SECRET not in page
    assert "Traceback" not in page
    assert "Hệ thống gặp lỗi" in page
    assert SECRET in caplog.text


def test_a_store_that_does_not_answer_still_gets_a_page(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    error = StorageUnavailable("Cơ sở dữ liệu không trả lời.")

    def silent(**_: object) -> object:
        raise error

    broken_service = replace(desk.assembly.service, open_work=silent)  # type: ignore[arg-type]
    clerk.client.application.extensions["lien_mach"] = broken_service
    answer = clerk.client.get("/tasks")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    assert error.message in answer.text


def test_what_htmx_asked_gets_a_fragment_beside_the_page(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    answer = clerk.client.get(
        broken(clerk, Conflict("Có người sửa.")), headers={"HX-Request": "true"}
    )
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == ".flashes"
    assert "<html" not in answer.text
    assert "Có người sửa." in answer.text


def test_an_ended_session_tells_htmx_without_replacing_the_form(desk: House) -> None:
    answer = Browser(desk, None).client.post(
        "/tasks/x/fields", data={"a": "b"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Retarget"] == ".flashes"


def test_the_way_back_leads_only_to_our_own_pages(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    url = "/tasks/no-such-task"
    ours = clerk.get(url, status=404, headers={"Referer": "http://localhost/tasks?queue=unit"})
    assert 'href="/tasks?queue=unit"' in ours
    theirs = clerk.get(url, status=404, headers={"Referer": "https://evil.example/tasks"})
    assert "evil.example" not in theirs


def test_what_was_typed_is_given_back_but_never_a_password(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    page = clerk.post(
        "/tasks/no-such-task/completion",
        {"reason": "<b>thiếu</b>", "_seen": "x", "csrf_token": "t"},
        status=404,
    )
    assert "reason: &lt;b&gt;thiếu&lt;/b&gt;" in page
    assert "csrf_token:" not in page
    page = clerk.post("/tasks/no-such-task/completion", {"password": "p", "a": "b"}, status=404)
    assert "a: b" not in page


def test_every_page_declares_what_it_lets_people_do(desk: House) -> None:
    app = Browser(desk, None).client.application
    names = {blueprint.name for blueprint in BLUEPRINTS}
    declared = {
        endpoint: getattr(view, "action", None)
        for endpoint, view in app.view_functions.items()
        if endpoint.partition(".")[0] in names
    }
    assert len(declared) > 25
    assert [endpoint for endpoint, action in declared.items() if action is None] == []


def test_a_page_that_declares_nothing_is_refused(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    clerk.client.application.view_functions["notices.index"] = lambda: SECRET
    page = clerk.get("/notices", status=403)
    assert "chưa khai báo quyền truy cập" in page
    assert SECRET not in page


def test_pages_carry_no_inline_script_or_style(desk: House) -> None:
    task = sample.a_task(desk)
    clerk = Browser(desk, sample.CLERK)
    urls = ["/sign-in", "/tasks", f"/tasks/{task.id}", f"/tasks/{task.id}/diagram", "/cases"]
    for url in [*urls, f"/cases/{task.case_code}", f"/cases/new/{sample.SERVICE}", "/notices"]:
        page = clerk.get(url) if url != "/sign-in" else Browser(desk, None).get(url)
        assert not re.search(
            r"\sstyle=|<style|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", page
        ), url


@pytest.mark.parametrize("path", ["/api/v1/no-such-thing", "/api/v1/user-tasks/%00"])
def test_what_programs_ask_is_answered_for_programs(desk: House, path: str) -> None:
    answer = Browser(desk, None).client.get(path)
    assert answer.status_code in {401, 404}
    assert answer.mimetype == "application/problem+json"


def test_an_address_that_does_not_exist_has_a_page(desk: House) -> None:
    page = Browser(desk, sample.CLERK).get("/khong-co", status=404)
    assert "Không tìm thấy nội dung này" in page
    assert "Hãy tìm từ danh sách công việc" in page
    assert Browser(desk, None).client.delete("/tasks").status_code == 405
