"""Signing in and out, and where each person begins."""

import pytest

from app import demo
from app.web.auth import safe_next
from tests.service import House
from tests.web.conftest import Browser, hidden, words

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


def credentials(username: str, password: str = demo.PASSWORD, **more: str) -> dict[str, str]:
    return {"username": username, "password": password, **more}


def test_whoever_is_not_signed_in_is_asked_to_and_then_led_on(desk: House) -> None:
    browser = Browser(desk, None)
    assert browser.client.get("/tasks?queue=unit").headers["Location"] == (
        "/sign-in?next=%2Ftasks%3Fqueue%3Dunit"
    )
    page = browser.get("/sign-in?next=/tasks?queue=unit")
    assert hidden(page, "next") == "/tasks?queue=unit"
    where = browser.post("/sign-in", credentials("chi.reception", next="/tasks?queue=unit"))
    assert where == "/tasks?queue=unit"
    assert "Đăng xuất" in browser.get("/tasks")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(desk: House) -> None:
    answer = Browser(desk, None).client.post("/sign-in", data=credentials("chi.reception"))
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("lm_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie


def test_over_tls_the_session_cookie_is_secure(desk: House) -> None:
    browser = Browser(desk, None)
    browser.client.application.config["SESSION_COOKIE_SECURE"] = True
    answer = browser.client.post("/sign-in", data=credentials("chi.reception"))
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("lm_session="))
    assert "Secure" in cookie


def test_a_wrong_password_is_told_without_saying_what_was_wrong(desk: House) -> None:
    browser = Browser(desk, None)
    for username in ("chi.reception", "nobody"):
        page = browser.post("/sign-in", credentials(username, "wrong"), status=422)
        assert WRONG in page
        assert f'value="{username}"' in page
        assert 'value="wrong"' not in page


def test_guessing_is_slowed_down(desk: House) -> None:
    browser = Browser(desk, None)
    for _ in range(5):
        browser.post("/sign-in", credentials("chi.reception", "wrong"), status=422)
    page = browser.post("/sign-in", credentials("chi.reception"), status=429)
    assert "Hãy thử lại sau 1 phút." in page
    desk.clock.pass_(minutes=2)
    assert browser.post("/sign-in", credentials("chi.reception")) == "/"


@pytest.mark.parametrize(
    "outside",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "tasks",
        "/a\\b",
        "",
        None,
    ],
)
def test_nobody_is_sent_to_another_site(outside: str | None) -> None:
    assert safe_next(outside) == "/"


def test_signing_out_ends_the_session_on_the_server(desk: House) -> None:
    browser = Browser(desk, "chi.reception")
    cookie = browser.client.get_cookie("lm_session")
    assert cookie is not None
    assert browser.post("/sign-out") == "/sign-in"
    assert "Bạn đã đăng xuất." in browser.get("/sign-in")
    browser.client.set_cookie("lm_session", cookie.value)
    browser.get("/tasks", status=303)


def test_an_idle_session_ends(desk: House) -> None:
    browser = Browser(desk, "chi.reception")
    desk.clock.pass_(minutes=29)
    browser.get("/tasks")
    desk.clock.pass_(minutes=29)
    browser.get("/tasks")
    desk.clock.pass_(minutes=31)
    browser.get("/tasks", status=303)


@pytest.mark.parametrize(
    ("username", "where"),
    [("chi.reception", "/tasks"), ("lan.analyst", "/tasks"), ("viet.admin", "/admin/instances")],
)
def test_everybody_begins_at_their_own_work(desk: House, username: str, where: str) -> None:
    browser = Browser(desk, username)
    assert browser.client.get("/").headers["Location"] == where
    assert browser.client.get("/sign-in").headers["Location"] == "/"


def test_the_demo_names_its_people_and_production_does_not(desk: House) -> None:
    page = Browser(desk, None).get("/sign-in")
    assert "Người dùng của bản demo" in page
    assert "chi.reception" in page
    assert demo.PASSWORD not in page


def test_a_form_without_its_token_is_refused_with_a_way_back(desk: House) -> None:
    browser = Browser(desk, None, csrf=True)
    page = browser.post(
        "/sign-in",
        credentials("chi.reception"),
        status=400,
        headers={"Referer": "http://localhost/sign-in?next=/tasks"},
    )
    assert "Trang này đã mở quá lâu" in page
    assert 'href="/sign-in?next=/tasks"' in page
    assert demo.PASSWORD not in page
    token = hidden(browser.get("/sign-in"), "csrf_token")
    assert browser.post("/sign-in", credentials("chi.reception", csrf_token=token)) == "/"


def test_what_was_typed_survives_the_end_of_the_session(desk: House) -> None:
    page = Browser(desk, None).post(
        "/tasks/unknown/completion", {"reason": "thiếu bản vẽ", "_seen": "x"}, status=401
    )
    assert "reason: thiếu bản vẽ" in page
    assert "_seen" not in page
    assert "Đăng nhập lại" in words(page)
