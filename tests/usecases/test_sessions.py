"""Sign-in: wrong ones are counted and locked out, sessions grow stale, nothing secret is kept."""

from datetime import timedelta

import pytest

from app import demo
from app.domain.errors import TooManyAttempts, Unauthenticated
from app.domain.people import SESSION_IDLE, SESSION_LONGEST
from app.usecases import sessions
from app.usecases.sessions import FREE_FAILURES
from tests.service import House


def sign_in(
    house: House,
    password: str = demo.PASSWORD,
    username: str = "lan.analyst",
    address: str = "10.0.0.1",
) -> str | None:
    with house.open_work() as work:
        return sessions.sign_in(work, username, password, address=address, user_agent="test")


def whose(house: House, token: str) -> str:
    with house.open_work(read_only=True) as work:
        return sessions.actor_of(work, token).username


def test_a_token_tells_who_and_only_its_hash_is_kept(one_house: House) -> None:
    token = sign_in(one_house)
    assert token is not None
    assert len(token) >= 32
    assert whose(one_house, token) == "lan.analyst"
    with one_house.open_work(read_only=True) as work:
        assert work.sessions.find(token) is None
        assert work.sessions.find(sessions.hash_token(token)) is not None


def test_wrong_passwords_lock_the_account_and_the_lock_ends(house: House) -> None:
    for number in range(FREE_FAILURES):
        assert sign_in(house, "sai", address=f"10.0.1.{number}") is None
    with pytest.raises(TooManyAttempts, match="phút"):
        sign_in(house, address="10.0.9.9")
    house.clock.pass_(minutes=1, seconds=1)
    assert sign_in(house, address="10.0.9.9") is not None
    assert sign_in(house, "sai", address="10.0.9.8") is None
    assert sign_in(house, address="10.0.9.8") is not None, "a success forgets the failures"


def test_each_further_failure_locks_for_longer(one_house: House) -> None:
    for _ in range(FREE_FAILURES):
        sign_in(one_house, "sai")
    one_house.clock.pass_(minutes=1, seconds=1)
    assert sign_in(one_house, "sai") is None
    one_house.clock.pass_(minutes=1, seconds=1)
    with pytest.raises(TooManyAttempts):
        sign_in(one_house)
    one_house.clock.pass_(minutes=1)
    assert sign_in(one_house) is not None


def test_one_address_cannot_try_everybody(one_house: House) -> None:
    for number in range(FREE_FAILURES):
        assert sign_in(one_house, "sai", username=f"nguoi{number}") is None
    with pytest.raises(TooManyAttempts):
        sign_in(one_house)
    assert sign_in(one_house, address="10.0.0.2") is not None


def test_the_name_is_the_same_in_capitals(one_house: House) -> None:
    for _ in range(FREE_FAILURES):
        sign_in(one_house, "sai", username="LAN.ANALYST", address="10.0.0.3")
    with pytest.raises(TooManyAttempts):
        sign_in(one_house, address="10.0.0.4")


def test_an_idle_session_ends(one_house: House) -> None:
    token = str(sign_in(one_house))
    one_house.clock.at += SESSION_IDLE - timedelta(seconds=1)
    assert whose(one_house, token) == "lan.analyst"
    one_house.clock.at += timedelta(seconds=1)
    with pytest.raises(Unauthenticated, match="hết"):
        whose(one_house, token)


def test_a_used_session_lives_on_but_not_forever(one_house: House) -> None:
    token = str(sign_in(one_house))
    began = one_house.clock.at
    while one_house.clock.at - began < SESSION_LONGEST - timedelta(minutes=20):
        one_house.clock.pass_(minutes=20)
        with one_house.open_work() as work:
            assert sessions.stale(work, token)
            sessions.touch(work, token)
            assert not sessions.stale(work, token)
        assert whose(one_house, token) == "lan.analyst"
    one_house.clock.pass_(minutes=20)
    with pytest.raises(Unauthenticated):
        whose(one_house, token)


def test_a_locked_account_neither_signs_in_nor_goes_on(one_house: House) -> None:
    token = str(sign_in(one_house))
    with one_house.open_work() as work:
        user = work.users.by_username("lan.analyst")
        assert user is not None
        user.active = False
    with pytest.raises(Unauthenticated, match="khóa"):
        whose(one_house, token)
    assert sign_in(one_house) is None


def test_signed_out_is_out_at_once(one_house: House) -> None:
    token = str(sign_in(one_house))
    with one_house.open_work() as work:
        sessions.sign_out(work, token)
    with pytest.raises(Unauthenticated):
        whose(one_house, token)
