"""The post connector against the real sandbox: orders, and webhooks back to a real listener."""

import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from app.domain.connectors import BusinessError, Call, PermanentFailure, TemporaryFailure
from app.domain.errors import InvalidInput
from app.outbound.signatures import read_keys, verify
from connectors.public_post import PostalEventKind, PublicPost, parse_event
from connectors.sandbox import DEMO_KEYS
from tests.connectors.questions import an_order

KINDS = [PostalEventKind.COLLECTED, PostalEventKind.IN_TRANSIT, PostalEventKind.DELIVERED]


class Listener(ThreadingHTTPServer):
    """Our side of the webhook: verifies, parses, and may be told to refuse a few times."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Hook)
        self.heard, self.messages, self.refuse = [], [], 0
        self.arrived = threading.Condition()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/webhooks/public_post"

    def wait_for(self, count, *, seconds=10):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.heard) >= count, timeout=seconds), (
                self.heard
            )
        return [event.kind for event in self.heard]


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        verified = verify(dict(self.headers), body, read_keys(DEMO_KEYS), datetime.now(UTC))
        with self.server.arrived:
            refused = self.server.refuse > 0
            if refused:
                self.server.refuse -= 1
            else:
                self.server.heard.append(parse_event(body))
                self.server.messages.append(verified.message_id)
            self.server.arrived.notify_all()
        self.send_response(503 if refused else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def listener():
    server = Listener()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def told_post(start_sandbox, listener):
    return start_sandbox("public_post", "--callback", listener.url)


def order_from(sandbox, key, **changes):
    session = sandbox.session()
    answer = PublicPost(session, customer_code="TQG").call(an_order(key, **changes))
    session.close()
    return answer["item_code"]


def step(sandbox, item, **kind):
    return sandbox.admin("PUT", f"/orders/{item}/next", json=kind)


# --- questions ------------------------------------------------------------------------


def test_an_order_gets_an_item_code_of_the_postal_union(post, courier, key):
    answer = courier.call(an_order(key))
    letters, digits, country = (
        answer["item_code"][:2],
        answer["item_code"][2:11],
        answer["item_code"][11:],
    )
    total = sum(int(d) * w for d, w in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=False))
    assert (letters, country) == ("CP", "VN")
    assert int(digits[8]) == {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11)
    sent = post.effects_of(key)[0]["content"]
    assert sent["customer_code"] == "TQG"
    assert sent["receiver"]["district"] == "Yên Sơn"
    assert sent["sender"]["name"] == "Sở Thông tin và Truyền thông"


@pytest.mark.parametrize("mode", ["error500", "down", "lost_answer"])
def test_an_order_is_made_once_whatever_happens(post, courier, key, mode):
    post.misbehave(mode, count=3)
    question = an_order(key)
    for _ in range(3):
        with pytest.raises(TemporaryFailure):
            courier.call(question)
    assert courier.call(question) == courier.call(question)
    assert len(post.effects_of(key)) == 1


def test_nonsense_about_an_order_is_permanent_and_safe_to_repeat(post, courier, key):
    post.misbehave("nonsense", count=1)
    question = an_order(key)
    with pytest.raises(PermanentFailure):
        courier.call(question)
    assert courier.call(question)["item_code"]
    assert len(post.effects_of(key)) == 1


def test_an_order_that_exists_under_our_key_is_success(post, courier, key):
    post.misbehave("duplicate")
    question = an_order(key)
    assert courier.call(question) == courier.call(question)
    assert len(post.effects_of(key)) == 1


def test_a_second_open_order_for_one_case_is_a_business_error(courier, key):
    question = an_order(key)
    courier.call(question)
    with pytest.raises(BusinessError) as refused:
        courier.call(Call(f"{key}/2", "create_order", question.parameters))
    assert refused.value.error_code == "order_exists"


def test_an_address_the_post_cannot_find(courier, key):
    with pytest.raises(BusinessError) as refused:
        courier.call(an_order(key, receiver_address="?"))
    assert refused.value.error_code == "address_unknown"


@pytest.mark.parametrize("amount", [-1, 10.5, float("nan"), float("inf")])
def test_money_is_whole_and_not_negative(post, courier, key, amount):
    with pytest.raises(PermanentFailure, match="Tiền thu hộ"):
        courier.call(an_order(key, cod_amount=amount))
    assert post.request_of(key) is None


def test_an_order_can_be_cancelled_until_it_is_collected(post, courier, key):
    item = courier.call(an_order(key))["item_code"]
    cancelled = courier.call(Call(f"{key}/c", "cancel_order", {"item_code": item, "reason": "Sai"}))
    again = courier.call(Call(f"{key}/d", "cancel_order", {"item_code": item, "reason": "Sai"}))
    assert cancelled == again
    later = courier.call(an_order(f"{key}/2"))["item_code"]
    step(post, later)
    with pytest.raises(BusinessError) as refused:
        courier.call(Call(f"{key}/e", "cancel_order", {"item_code": later, "reason": "Sai"}))
    assert refused.value.error_code == "too_late"


def test_tracking_tells_what_happened(post, courier, key):
    item = courier.call(an_order(key))["item_code"]
    step(post, item)
    step(post, item)
    step(post, item, kind="failed_attempt")
    tracked = courier.call(Call(f"{key}/t", "track", {"item_code": item}))
    assert tracked["state"] == "failed_attempt"
    assert [event["kind"] for event in tracked["events"]] == [
        "collected",
        "in_transit",
        "failed_attempt",
    ]


def test_tracking_an_unknown_item(courier, key):
    with pytest.raises(BusinessError) as refused:
        courier.call(Call(key, "track", {"item_code": "CP000000000VN"}))
    assert refused.value.error_code == "item_unknown"


# --- webhooks -------------------------------------------------------------------------


def test_events_arrive_signed_and_in_order(told_post, listener, key):
    item = order_from(told_post, key, order_number="000.00.14.H60-190805-0001")
    for count, kind in enumerate(KINDS, start=1):
        step(told_post, item)
        assert listener.wait_for(count)[-1] is kind
    assert {event.item_code for event in listener.heard} == {item}
    assert {event.order_number for event in listener.heard} == {"000.00.14.H60-190805-0001"}
    assert len({event.event_id for event in listener.heard}) == 3
    assert all(event.at.tzinfo is UTC for event in listener.heard)


def test_an_item_comes_back_when_asked(told_post, listener, key):
    item = order_from(told_post, key)
    for kind in ("collected", "in_transit", "failed_attempt", "failed_attempt", "returned"):
        step(told_post, item, kind=kind)
    assert listener.wait_for(5)[-1] is PostalEventKind.RETURNED


def test_a_refused_event_is_told_again(told_post, listener, key):
    listener.refuse = 2
    item = order_from(told_post, key)
    step(told_post, item)
    assert listener.wait_for(1) == [PostalEventKind.COLLECTED]
    callback = eventually(lambda: told_post.admin("GET", "/ledger")["callbacks"][0], "delivered", 1)
    assert callback["attempts"] == 3


def eventually(look, name, value, *, seconds=5):
    """Look until the row says so: the post writes its ledger after our answer."""
    deadline = time.monotonic() + seconds
    while (row := look())[name] != value and time.monotonic() < deadline:
        time.sleep(0.02)
    assert row[name] == value
    return row


def test_told_twice_is_recognisable_by_the_event(told_post, listener, key):
    told_post.misbehave("callback_twice")
    item = order_from(told_post, key)
    step(told_post, item)
    assert listener.wait_for(2) == [PostalEventKind.COLLECTED] * 2
    assert len({event.event_id for event in listener.heard}) == 1


def test_out_of_order_the_second_comes_first(told_post, listener, key):
    told_post.misbehave("callback_out_of_order", count=1)
    item = order_from(told_post, key)
    step(told_post, item)
    step(told_post, item)
    assert listener.wait_for(2) == [PostalEventKind.IN_TRANSIT, PostalEventKind.COLLECTED]
    assert listener.heard[0].at > listener.heard[1].at


def test_items_move_by_themselves(start_sandbox, listener, key):
    sandbox = start_sandbox("public_post", "--callback", listener.url, "--auto-deliver", "0.1")
    order_from(sandbox, key)
    assert listener.wait_for(3, seconds=15) == KINDS


def test_a_killed_post_remembers_what_it_must_tell(start_sandbox, listener, key, tmp_path):
    listener.refuse = 10**6
    state = ("--state", str(tmp_path / "post.db"), "--callback", listener.url)
    sandbox = start_sandbox("public_post", *state)
    item = order_from(sandbox, key)
    step(sandbox, item)
    sandbox.stop(kill=True)
    listener.refuse = 0
    sandbox.start()
    assert listener.wait_for(1) == [PostalEventKind.COLLECTED]
    assert listener.heard[0].item_code == item


# --- what a webhook may say -----------------------------------------------------------

EVENT = {
    "event_id": "e-1",
    "item_code": "CP000000014VN",
    "order_number": "000.00.14.H60-190805-0001",
    "kind": "delivered",
    "at": "2019-08-09T10:00:00+07:00",
    "note": "Đã phát",
}


def test_an_event_is_read():
    event = parse_event(json.dumps(EVENT).encode())
    assert event.kind is PostalEventKind.DELIVERED
    assert event.at == datetime(2019, 8, 9, 3, tzinfo=UTC)
    assert event.note == "Đã phát"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 5000,
        b" " * 70_000,
        *(
            json.dumps({name: value for name, value in EVENT.items() if name != left_out}).encode()
            for left_out in EVENT
            if left_out != "note"
        ),
        *(
            json.dumps({**EVENT, **change}).encode()
            for change in (
                {"kind": "lost"},
                {"kind": 3},
                {"at": "2019-08-09T10:00:00"},
                {"at": "hôm qua"},
                {"at": "0001-01-01T00:00:00+14:00"},
                {"event_id": " "},
                {"item_code": "x" * 201},
                {"note": "x" * 1001},
                {"note": ["a"]},
            )
        ),
    ],
)
def test_nonsense_is_refused(body):
    with pytest.raises(InvalidInput):
        parse_event(body)
