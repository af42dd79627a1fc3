"""Tokens: got by password, sent as bearer, gone at sign-out."""

from collections.abc import Callable

import pytest

from app.domain.people import SESSION_IDLE
from tests.api.conftest import Caller
from tests.service import House

Call = Callable[[str], Caller]


def test_a_token_says_who_one_is(caller: Call) -> None:
    me = caller("lan.analyst").get("/me")
    assert me["username"] == "lan.analyst"
    assert {"agency_id": "stttt", "role": "analyst", "unit": None} in me["bindings"]
    assert "password_hash" not in me


def test_a_wrong_password_is_401_and_says_no_more_than_that(nobody: Caller) -> None:
    wrong = nobody.post("/sessions", {"username": "lan.analyst", "password": "sai"}, 401)
    unknown = nobody.post("/sessions", {"username": "ai.do", "password": "sai"}, 401)
    assert wrong == unknown
    assert wrong["code"] == "unauthenticated"


def test_too_many_wrong_ones_are_429(nobody: Caller) -> None:
    for _ in range(5):
        nobody.post("/sessions", {"username": "lan.analyst", "password": "sai"}, 401)
    problem = nobody.post("/sessions", {"username": "lan.analyst", "password": "sai"}, 429)
    assert problem["code"] == "too_many_attempts"


def test_signed_out_the_token_is_worth_nothing(caller: Call) -> None:
    me = caller("lan.analyst")
    me.delete("/sessions/current", 204)
    assert me.get("/me", 401)["code"] == "unauthenticated"


def test_an_idle_token_ends(caller: Call, one_house: House) -> None:
    me = caller("lan.analyst")
    one_house.clock.at += SESSION_IDLE
    me.get("/me", 401)


def test_a_token_in_use_lives_on(caller: Call, one_house: House) -> None:
    me = caller("lan.analyst")
    for _ in range(4):
        one_house.clock.at += SESSION_IDLE / 2
        me.get("/me")


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer", "Bearer ", "bearer x", "x"])
def test_what_is_no_bearer_token_is_nobody(nobody: Caller, header: str) -> None:
    answer = nobody.client.get("/api/v1/me", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "body",
    [
        {"username": "lan.analyst"},
        {"username": "", "password": "x"},
        {"username": 7, "password": "x"},
        {"username": "lan.analyst", "password": "x", "role": "administrator"},
    ],
)
def test_credentials_of_the_wrong_shape_are_422_with_their_fields(
    nobody: Caller, body: dict[str, object]
) -> None:
    problem = nobody.post("/sessions", body, 422)
    assert problem["code"] == "invalid_input"
    assert problem["fields"]
