"""What a question looks like on the wire, and what each kind of answer becomes."""

import gzip
import json
import socket
import time
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from app.domain.connectors import BusinessError, PermanentFailure, TemporaryFailure
from app.domain.errors import InvalidInput
from app.outbound.http import HttpSession, Partner, Rejected
from app.outbound.signatures import verify
from tests.outbound.partner import KEYS, TLS, Reply, asking, serving

NOW = datetime(2019, 8, 5, 2, 30, tzinfo=UTC)


@pytest.fixture
def server():
    with serving() as running:
        yield running


@pytest.fixture
def session(server):
    with asking(
        f"http://127.0.0.1:{server.port}/base/", "127.0.0.1", ports={"now": lambda: NOW}
    ) as open_session:
        yield open_session


def answered(server, session, reply):
    server.reply = reply
    return session.post("/orders", {"name": "Nguyễn Văn An"}, key="k/1")


# --- the question ---------------------------------------------------------------------


def test_a_question_is_signed_keyed_json(server, session):
    assert answered(server, session, Reply(body=b'{"item": "A"}')) == {"item": "A"}
    ((path, headers, body),) = server.heard
    assert path == "/base/orders"
    assert json.loads(body) == {"name": "Nguyễn Văn An", "request_id": "k/1"}
    assert headers["Idempotency-Key"] == "k/1"
    assert headers["Content-Type"] == "application/json"
    assert verify(headers, body, KEYS, NOW).key_id == "k2"


def test_what_is_no_json_never_leaves(server, session):
    with pytest.raises(PermanentFailure, match="JSON"):
        session.post("/orders", {"when": object()}, key="k")
    assert server.heard == []


@pytest.mark.parametrize(
    ("key", "sent"),
    [
        ("000.00.14.H60-190805-0001:7:publish", "000.00.14.H60-190805-0001:7:publish"),
        ("case/1:token 2|a@b=c", "case/1:token 2|a@b=c"),
        ("Thẩm", "Th%E1%BA%A9m"),
        ("k\r\nX-Admin: 1", "k%0D%0AX-Admin: 1"),
        ("50%", "50%25"),
    ],
)
def test_any_key_fits_into_a_header(server, session, key, sent):
    session.post("/orders", {}, key=key)
    ((_, headers, body),) = server.heard
    assert headers["Idempotency-Key"] == json.loads(body)["request_id"] == sent
    assert "X-Admin" not in headers


def test_cookies_are_not_kept(server, session):
    answered(server, session, Reply(Set_Cookie="track=1"))
    answered(server, session, Reply())
    assert "Cookie" not in server.heard[1][1]


# --- the answer -----------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 425, 429])
def test_trouble_over_there_is_temporary(server, session, status):
    with pytest.raises(TemporaryFailure, match=str(status)) as failed:
        answered(server, session, Reply(status))
    assert failed.value.retry_after is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("999999", 3600),
        ("Mon, 05 Aug 2019 02:31:00 GMT", 60),
        ("Mon, 05 Aug 2019 02:29:00 GMT", 0),
        ("soon", None),
        ("-5", None),
        ("²", None),
        ("", None),
    ],
)
def test_retry_after_is_heeded(server, session, text, seconds):
    with pytest.raises(TemporaryFailure) as failed:
        answered(server, session, Reply(429, Retry_After=text))
    assert failed.value.retry_after == seconds


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 415, 422])
def test_a_refusal_is_permanent_and_quotes_the_partner(server, session, status):
    body = orjson.dumps({"message": "thiếu\n  trường " + "x" * 1000})
    with pytest.raises(Rejected, match="thiếu trường x") as failed:
        answered(server, session, Reply(status, body))
    assert failed.value.status == status
    assert len(failed.value.message) < 500


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, session, status):
    with pytest.raises(PermanentFailure, match="chuyển hướng"):
        answered(server, session, Reply(status, Location=f"http://127.0.0.1:{server.port}/other"))
    assert [path for path, *_ in server.heard] == ["/base/orders"]


def test_422_with_a_code_is_a_business_error(server, session):
    body = orjson.dumps({"error_code": "too_late", "message": "Muộn rồi"})
    with pytest.raises(BusinessError, match="Muộn rồi") as refused:
        answered(server, session, Reply(422, body))
    assert refused.value.error_code == "too_late"


@pytest.mark.parametrize("body", [b"", b"<p>", b"[]", b'{"error_code": 7}', b'{"error_code": ""}'])
def test_422_without_a_code_is_permanent(server, session, body):
    with pytest.raises(Rejected):
        answered(server, session, Reply(422, body))


def conflict(**changes):
    told = {"error_code": "already_exists", "request_id": "k/1", "answer": {"item": "A"}}
    return Reply(409, orjson.dumps({**told, **changes}))


def test_done_before_under_our_key_is_success(server, session):
    assert answered(server, session, conflict()) == {"item": "A"}


@pytest.mark.parametrize(
    "change",
    [{"request_id": "k/2"}, {"request_id": None}, {"answer": None}, {"error_code": "key_reused"}],
)
def test_done_before_by_somebody_else_is_not(server, session, change):
    with pytest.raises(Rejected):
        answered(server, session, conflict(**change))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b""),
        Reply(body=b"<html>"),
        Reply(body=b"[1]"),
        Reply(body=b"null"),
        Reply(body=b'{"a": NaN}'),
        Reply(body=b'{"a": "\xff"}'),
        Reply(body=b"[" * 100_000),
        Reply(body=b'{"a":' * 5000),
        Reply(body=b"{}", Content_Type="text/html"),
        Reply(body=b"{}", Content_Type=""),
        Reply(body=gzip.compress(b"{}"), Content_Encoding="gzip"),
    ],
)
def test_what_makes_no_sense_is_permanent(server, session, reply):
    with pytest.raises(PermanentFailure, match="không đúng quy ước"):
        answered(server, session, reply)


def test_too_much_is_permanent(server):
    with asking(f"http://127.0.0.1:{server.port}", "127.0.0.1", max_bytes=1000) as session:
        assert answered(server, session, Reply(body=b"{}" + b" " * 998)) == {}
        with pytest.raises(PermanentFailure, match="quá dài"):
            answered(server, session, Reply(body=b"{}" + b" " * 999))


# --- the line -------------------------------------------------------------------------


def test_silence_is_temporary(server, session):
    started = time.monotonic()
    with pytest.raises(TemporaryFailure, match="chưa trả lời kịp"):
        answered(server, session, Reply(delay=1.5))
    assert time.monotonic() - started < 1.4


def test_silence_in_the_middle_is_temporary(server, session):
    with pytest.raises(TemporaryFailure, match="chưa trả lời kịp"):
        answered(server, session, Reply(body=b"{}", drip=1.5))


def test_a_trickle_does_not_hold_us(server):
    base = f"http://127.0.0.1:{server.port}"
    with asking(base, "127.0.0.1", total_seconds=0.5) as session:
        started = time.monotonic()
        with pytest.raises(TemporaryFailure, match="chưa trả lời kịp"):
            answered(server, session, Reply(body=b"{" + b" " * 60, drip=0.05))
        assert time.monotonic() - started < 1.5


def test_a_broken_answer_is_temporary(server, session):
    with pytest.raises(TemporaryFailure, match="Chưa kết nối được"):
        answered(server, session, Reply(body=b'{"item": "A"}', cut=True))


def test_nobody_there_is_temporary():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with (
            asking(f"http://127.0.0.1:{port}", "127.0.0.1") as session,
            pytest.raises(TemporaryFailure, match="Chưa kết nối được"),
        ):
            session.post("/", {}, key="k")


def test_an_unknown_name_is_temporary():
    def nobody(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    with (
        asking("https://partner.example", "partner.example", ports={"resolver": nobody}) as session,
        pytest.raises(TemporaryFailure),
    ):
        session.post("/", {}, key="k")


def to_loopback(host, port):
    return ["127.0.0.1"]


def test_a_certificate_nobody_vouches_for_is_refused():
    with (
        serving(tls=True) as server,
        asking(
            f"https://partner.example:{server.port}",
            "partner.example",
            "127.0.0.1",
            ports={"resolver": to_loopback},
        ) as session,
    ):
        with pytest.raises(PermanentFailure, match="Chứng thư"):
            session.post("/orders", {}, key="k")
        assert server.heard == []


@pytest.mark.parametrize(("name", "trusted"), [("partner.example", True), ("other.example", False)])
def test_the_certificate_must_be_of_the_name_not_of_the_pinned_address(name, trusted):
    with (
        serving(tls=True) as server,
        asking(
            f"https://{name}:{server.port}",
            name,
            "127.0.0.1",
            ca_file=str(TLS / "partner.crt"),
            ports={"resolver": to_loopback},
        ) as session,
    ):
        if trusted:
            assert session.post("/orders", {}, key="k") == {}
        else:
            with pytest.raises(PermanentFailure, match="Chứng thư"):
                session.post("/orders", {}, key="k")
        assert len(server.heard) == int(trusted)


def test_plain_http_behind_https_is_temporary(server):
    with (
        asking(f"https://127.0.0.1:{server.port}", "127.0.0.1") as session,
        pytest.raises(TemporaryFailure, match="mã hóa"),
    ):
        session.post("/", {}, key="k")


# --- the settings ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "base_url",
    [
        "",
        "partner.example",
        "ftp://partner.example",
        "file:///etc/passwd",
        "https://",
        "https://user@partner.example",
        "https://partner.example@127.0.0.1",
        "https://partner.example?x=1",
        "https://partner.example#x",
    ],
)
def test_a_base_address_that_hides_something_stops_the_start(base_url):
    with pytest.raises(InvalidInput, match="Đối tác"):
        HttpSession(Partner("Đối tác", base_url, KEYS, ("partner.example",)))


def test_a_partner_without_keys_stops_the_start():
    with pytest.raises(InvalidInput, match="khóa ký"):
        HttpSession(Partner("Đối tác", "https://partner.example", (), ("partner.example",)))


def test_the_clock_of_the_signature_is_now(server):
    with asking(f"http://127.0.0.1:{server.port}", "127.0.0.1") as session:
        session.post("/", {}, key="k")
    (_, headers, body) = server.heard[0]
    signed_at = verify(headers, body, KEYS, datetime.now(UTC)).signed_at
    assert abs(datetime.now(UTC) - signed_at) < timedelta(seconds=10)
