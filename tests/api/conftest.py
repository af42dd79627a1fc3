"""Callers of the API, each with a token of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import demo
from app.application import make_app
from tests.service import House

ROOT = "/api/v1"


@dataclass(frozen=True)
class Caller:
    """Somebody who asks by bearer token. Each verb compares the status and returns what came."""

    client: FlaskClient
    token: str | None = None

    def ask(self, method: str, path: str, status: int, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = self.client.open(f"{ROOT}{path}", method=method, headers=headers, **options)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:600])
        if status >= 400:
            return problem_of(answer)
        return answer.json if answer.data else None

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self.ask("GET", path, status, query_string=query)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self.ask("POST", path, status, json={} if body is None else body)

    def put(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self.ask("PUT", path, status, json={} if body is None else body)

    def delete(self, path: str, status: int = 200) -> Any:
        return self.ask("DELETE", path, status)


def problem_of(answer: TestResponse) -> Any:
    """A refusal, which must be a problem detail (RFC 9457) with a sentence in Vietnamese."""
    assert answer.mimetype == "application/problem+json", answer.mimetype
    content = answer.json
    assert content is not None
    assert content["status"] == answer.status_code
    assert content["type"].endswith(content["code"])
    assert content["detail"].strip()
    assert "Traceback" not in answer.text
    return content


@pytest.fixture
def browserless(one_house: House) -> FlaskClient:
    """The application as it is in earnest: CSRF on, which the API does not need."""
    app = make_app(one_house.assembly)
    app.testing = False
    return app.test_client(use_cookies=False)


@pytest.fixture
def nobody(browserless: FlaskClient) -> Caller:
    return Caller(browserless)


@pytest.fixture
def caller(browserless: FlaskClient) -> Callable[[str], Caller]:
    """Sign in by name; a name signs in once."""
    known: dict[str, Caller] = {}

    def sign_in(username: str) -> Caller:
        if username not in known:
            credentials = {"username": username, "password": demo.PASSWORD}
            token = Caller(browserless).post("/sessions", credentials, 201)["token"]
            known[username] = Caller(browserless, token)
        return known[username]

    return sign_in
