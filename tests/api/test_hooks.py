"""What the post sends: signed or refused, fresh or refused, and told twice it counts once."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from app.domain.cases import PostalState
from app.outbound.signatures import Key, sign
from tests.scenarios import flows
from tests.service import HOOK_KEYS, House

URL = "/hooks/public-post"
ITEM = "BC987654321VN"
KEY = Key(HOOK_KEYS[0][0], HOOK_KEYS[0][1].encode())


@pytest.fixture
def code(one_house: House) -> str:
    """A case whose result is with the post."""
    one_house.outside["public_post"].answers["public_post.create_order"] = {
        "item_code": ITEM,
        "accepted_at": "2026-11-16T09:00:00+07:00",
    }
    case = flows.enter(one_house, flows.BY_POST)
    flows.process_case(one_house, case.code)
    return case.code


def event(code: str, **change: Any) -> bytes:
    return orjson.dumps(
        {
            "event_id": "e-1",
            "item_code": ITEM,
            "order_number": code,
            "kind": "delivered",
            "at": "2026-11-17T09:00:00+07:00",
            "note": "Người nhận ký nhận",
            **change,
        }
    )


def send(
    client: FlaskClient, body: bytes, at: datetime, *, key: Key = KEY, sent: bytes | None = None
) -> int:
    """Send `sent` (or the body itself) under the signature of `body` made at `at`."""
    headers = sign(body, key, at)
    answer = client.post(URL, data=body if sent is None else sent, headers=headers)
    return answer.status_code


def status_of(house: House, code: str) -> str:
    house.work_off()
    return flows.reread_case(house, code).status


def test_a_signed_event_closes_the_case(
    browserless: FlaskClient, one_house: House, code: str
) -> None:
    assert send(browserless, event(code), one_house.clock.at) == 204
    assert status_of(one_house, code) == "done"


def test_the_same_event_again_is_answered_and_changes_nothing(
    browserless: FlaskClient, one_house: House, code: str
) -> None:
    for _ in range(3):
        assert send(browserless, event(code), one_house.clock.at) == 204
    assert status_of(one_house, code) == "done"
    with one_house.open_work(read_only=True) as work:
        [order] = work.postal_orders.of_case(flows.reread_case(one_house, code).id)
    assert len(order.events) == 1
    assert order.state is PostalState.DELIVERED


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": Key("test", b"y" * 40)},
        {"key": Key("ai-do", HOOK_KEYS[0][1].encode())},
        {"sent": b'{"kind": "delivered"}'},
    ],
    ids=["another secret", "unknown key", "another body"],
)
def test_a_wrong_signature_is_refused(
    browserless: FlaskClient, one_house: House, code: str, wrong: dict[str, Any]
) -> None:
    assert send(browserless, event(code), one_house.clock.at, **wrong) in {401, 403}
    assert status_of(one_house, code) == "posting"


def test_no_signature_is_refused(browserless: FlaskClient, one_house: House, code: str) -> None:
    assert browserless.post(URL, data=event(code)).status_code in {401, 403}
    assert status_of(one_house, code) == "posting"


@pytest.mark.parametrize("age", [timedelta(hours=1), timedelta(hours=-1)])
def test_an_old_or_future_signature_is_refused(
    browserless: FlaskClient, one_house: House, code: str, age: timedelta
) -> None:
    """What was overheard is of no use an hour later."""
    assert send(browserless, event(code), one_house.clock.at - age) in {401, 403}
    assert status_of(one_house, code) == "posting"


@pytest.mark.parametrize(
    "change",
    [{"kind": "mất"}, {"event_id": ""}, {"at": "hôm qua"}, {"note": "x" * 2000}, {"item_code": 7}],
)
def test_a_signed_event_that_makes_no_sense_is_422(
    browserless: FlaskClient, one_house: House, code: str, change: dict[str, Any]
) -> None:
    body = event(code, **change)
    assert send(browserless, body, one_house.clock.at) == 422
    assert status_of(one_house, code) == "posting"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_signed_body_that_is_no_event_is_422(
    browserless: FlaskClient, one_house: House, body: bytes
) -> None:
    assert send(browserless, body, one_house.clock.at) == 422


def test_an_event_of_no_case_of_ours_is_404(browserless: FlaskClient, one_house: House) -> None:
    assert send(browserless, event("khong-co", item_code="XX1VN"), one_house.clock.at) == 404
