"""Whether the process lives and may be given work; safe headers on whatever it answers."""

from pathlib import Path

from flask.testing import FlaskClient

from tests.service import House


def test_it_lives_and_is_ready(browserless: FlaskClient) -> None:
    assert browserless.get("/healthz").json == {"status": "ok"}
    answer = browserless.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_without_its_database_it_lives_but_is_not_ready(
    browserless: FlaskClient, one_house: House
) -> None:
    one_house.assembly.store.database.dispose()
    path = one_house.assembly.settings.database_url.removeprefix("sqlite:///")
    with Path(path).open("r+b") as file:
        file.write(b"x" * 4096)
    assert browserless.get("/healthz").status_code == 200
    assert browserless.get("/readyz").status_code == 503


def test_answers_carry_safe_headers(browserless: FlaskClient) -> None:
    for path in ("/healthz", "/api/v1/me", "/api/v1/", "/khong-co"):
        headers = browserless.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "Server" not in headers or "Werkzeug" not in headers["Server"]
