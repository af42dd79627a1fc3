"""The sandbox itself: its faults, its memory, its page, and how it starts and ends."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest
import requests

from app.outbound.http import Rejected
from app.outbound.signatures import read_keys, sign
from connectors.one_stop_shop import OneStopShop
from connectors.public_post import PublicPost
from connectors.sandbox import DEMO_KEYS
from tests.connectors.conftest import ROOT
from tests.connectors.questions import a_publication, a_status, an_order


def test_a_killed_sandbox_remembers_what_it_did(start_sandbox, key, tmp_path):
    sandbox = start_sandbox("one_stop_shop", "--state", str(tmp_path / "shop.db"))
    session = sandbox.session()
    before = OneStopShop(session).call(a_publication(key, service_code="DVC-1"))
    session.close()
    sandbox.stop(kill=True)
    sandbox.start()
    session = sandbox.session()
    assert OneStopShop(session).call(a_publication(key, service_code="DVC-1")) == before
    session.close()
    assert len(sandbox.effects_of(key)) == 1
    assert sandbox.request_of(key)["received"] == 2


def test_it_ends_when_told_to(start_sandbox):
    assert start_sandbox("public_post").stop() == 0


def test_it_ends_with_the_process_that_started_it(start_sandbox):
    sandbox = start_sandbox("one_stop_shop", "--while-stdin-open")
    sandbox.process.stdin.close()
    assert sandbox.process.wait(timeout=10) == 0
    sandbox.process.stdout.close()


def test_all_systems_in_one_process_keep_separate_files(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "connectors.sandbox", "all", "--state", str(tmp_path / "s.db")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    addresses = dict(process.stdout.readline().split() for _ in range(2))
    ledgers = {
        name: requests.get(url + "/_sandbox/ledger", timeout=5).json()
        for name, url in addresses.items()
    }
    process.terminate()
    assert process.wait(timeout=10) == 0
    process.stdout.close()
    assert "services" in ledgers["one_stop_shop"]
    assert "orders" in ledgers["public_post"]
    assert {path.name for path in tmp_path.glob("*.db")} == {
        "s.one_stop_shop.db",
        "s.public_post.db",
    }


def test_keys_come_from_the_environment(start_sandbox, key, monkeypatch):
    own = f"own:{'s' * 32}"
    monkeypatch.setenv("SANDBOX_KEYS", own)
    sandbox = start_sandbox("one_stop_shop")
    knowing, guessing = sandbox.session(keys=read_keys(own)), sandbox.session()
    assert OneStopShop(knowing).call(a_publication(key))["service_id"]
    with pytest.raises(Rejected):
        OneStopShop(guessing).call(a_publication(f"{key}/2"))
    knowing.close()
    guessing.close()


def test_a_taken_port_is_named(one_stop):
    port = one_stop.url.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "connectors.sandbox", "public_post", "--port", port],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert second.returncode == 1
    assert f"Không mở được cổng {port} cho public_post" in second.stderr
    assert "Traceback" not in second.stderr


def test_faults_are_counted_down_and_cleared(one_stop, key):
    one_stop.misbehave("error500", count=2)
    session = one_stop.session()
    shop = OneStopShop(session)
    for left in (1, 0):
        with pytest.raises(Exception, match="500"):
            shop.call(a_publication(key))
        assert one_stop.admin("GET", "/faults")["count"] == left
    assert shop.call(a_publication(key))["service_id"]
    assert one_stop.admin("DELETE", "/faults") == {"mode": None}
    session.close()


def test_the_same_seed_misbehaves_the_same_way(one_stop, key):
    def pattern():
        one_stop.misbehave("error500", probability=0.5, seed=7)
        return [signed(one_stop, "/services", b"{}").status_code for _ in range(20)]

    first = pattern()
    assert first == pattern()
    assert set(first) == {500, 400}


@pytest.mark.parametrize(
    "plan",
    [
        {},
        {"mode": "explode"},
        {"mode": ["down"]},
        {"mode": "down", "count": 0},
        {"mode": "down", "count": [1]},
        {"mode": "down", "count": "many"},
        {"mode": "down", "probability": 1.5},
        {"mode": "down", "probability": "nan"},
        {"mode": "slow", "seconds": 100_000},
        {"mode": "down", "colour": "red"},
        ["down"],
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(one_stop, plan):
    answer = requests.put(one_stop.url + "/_sandbox/faults", json=plan, timeout=5)
    assert answer.status_code == 400
    assert one_stop.admin("GET", "/faults") == {"mode": None}


def test_json_that_is_none_is_refused(one_stop):
    answer = requests.put(one_stop.url + "/_sandbox/faults", data=b"{", timeout=5)
    assert answer.status_code == 400


def signed(sandbox, path, body, **changes):
    headers = sign(body, read_keys(DEMO_KEYS)[0], datetime.now(UTC)) | changes
    return requests.post(sandbox.url + path, data=body, headers=headers, timeout=5)


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "code"),
    [
        ("/services", b"{}", {"X-LM-Signature": "0" * 64}, 401, "signature_wrong"),
        ("/services", b"{}", {"X-LM-Timestamp": ""}, 401, "signature_missing"),
        ("/elsewhere", b"{}", {}, 404, "not_found"),
        ("/services", b"[1]", {}, 400, "bad_json"),
        ("/services", b"{", {}, 400, "bad_json"),
        ("/services", b"{}", {}, 400, "bad_key"),
        ("/services", b"{}", {"Idempotency-Key": "k"}, 400, "bad_key"),
        ("/services", b'{"request_id":"k"}', {"Idempotency-Key": "other"}, 400, "bad_key"),
        ("/services", b'{"request_id":"k"}', {"Idempotency-Key": "k"}, 400, "bad_field"),
    ],
)
def test_the_other_side_checks_what_it_is_sent(one_stop, path, body, headers, status, code):
    answer = signed(one_stop, path, body, **headers)
    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


def test_a_flood_is_not_read(one_stop):
    answer = requests.post(one_stop.url + "/services", data=b"x" * 5_000_001, timeout=5)
    assert answer.status_code == 413


def test_an_unknown_item_has_no_next_step(post):
    answer = requests.put(post.url + "/_sandbox/orders/CP0/next", json={}, timeout=5)
    assert answer.status_code == 404


def test_a_delivered_item_has_no_next_step(post, courier, key):
    item = courier.call(an_order(key))["item_code"]
    for _ in range(3):
        post.admin("PUT", f"/orders/{item}/next", json={})
    answer = requests.put(post.url + f"/_sandbox/orders/{item}/next", json={}, timeout=5)
    assert answer.status_code == 409


def test_the_page_shows_the_ledger_and_the_switches(post, courier, key):
    courier.call(an_order(key, receiver_name="<script>alert(1)</script>"))
    page = requests.get(post.url + "/_sandbox/", timeout=5)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert key in page.text
    assert "Báo mỗi sự kiện hai lần" in page.text
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


def test_the_page_tells_the_time_of_the_wall(one_stop, shop, key):
    shop.call(a_status(key, case_code="000.00.14.H60-190805-7777", at="2019-08-05T02:30:00+00:00"))
    page = requests.get(one_stop.url + "/_sandbox/", timeout=5).text
    assert "09:30:00 05/08/2019" in page


def test_the_one_stop_offers_no_callback_faults(one_stop):
    page = requests.get(one_stop.url + "/_sandbox/", timeout=5).text
    assert "Trả lời chậm" in page
    assert "Báo mỗi sự kiện hai lần" not in page


def test_the_buttons_of_the_page_work(post, courier, key):
    item = courier.call(an_order(key))["item_code"]
    base = post.url + "/_sandbox"
    switched = requests.post(f"{base}/faults", data={"mode": "down", "count": ""}, timeout=5)
    assert switched.status_code == 200
    assert "Đang gây lỗi: Ngắt kết nối" in switched.text
    cleared = requests.post(f"{base}/faults", data={"mode": ""}, timeout=5)
    assert "Đang hoạt động bình thường" in cleared.text
    moved = requests.post(f"{base}/orders/{item}/next?collected", timeout=5)
    assert "Đã thu gom" in moved.text
    assert requests.post(f"{base}/nothing", timeout=5).status_code == 404


def test_a_foreign_page_may_not_press_the_buttons(one_stop):
    answer = requests.post(
        one_stop.url + "/_sandbox/faults",
        data={"mode": "down"},
        headers={"Origin": "https://example.test"},
        timeout=5,
    )
    assert answer.status_code == 403
    assert one_stop.admin("GET", "/faults") == {"mode": None}


def test_a_state_file_serves_both_before_and_after_its_orders(start_sandbox, key, tmp_path):
    sandbox = start_sandbox("public_post", "--state", str(tmp_path / "post.db"))
    session = sandbox.session()
    first = PublicPost(session, customer_code="TQG").call(an_order(key))["item_code"]
    session.close()
    sandbox.stop()
    sandbox.start()
    session = sandbox.session()
    second = PublicPost(session, customer_code="TQG").call(an_order(f"{key}/2"))["item_code"]
    session.close()
    assert [order["item_code"] for order in sandbox.admin("GET", "/ledger")["orders"]] == [
        first,
        second,
    ]
