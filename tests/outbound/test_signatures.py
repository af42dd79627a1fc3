"""The table of webhook signatures: what passes, and the name of what does not."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest

from app.domain.errors import InvalidInput, Unauthenticated
from app.outbound.signatures import BadSignature, Flaw, Key, read_keys, sign, verify

NOW = datetime(2019, 8, 5, 2, 30, tzinfo=UTC)
OLD, NEW = Key("k1", b"o" * 32), Key("k2", b"n" * 32)
BODY = '{"kind":"delivered","note":"Đã phát"}'.encode()


def signed(**changes):
    return sign(BODY, NEW, NOW) | changes


def test_the_signature_is_what_a_partner_would_compute():
    stamp = str(int(NOW.timestamp()))
    expected = hmac.new(b"n" * 32, f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    assert signed() == {
        "X-LM-Key": "k2",
        "X-LM-Timestamp": stamp,
        "X-LM-Signature": expected,
    }


@pytest.mark.parametrize("key", [OLD, NEW])
def test_both_keys_verify_while_they_rotate(key):
    verified = verify(sign(BODY, key, NOW), BODY, (NEW, OLD), NOW)
    assert (verified.key_id, verified.signed_at) == (key.id, NOW)


def test_a_key_rotated_away_no_longer_verifies():
    with pytest.raises(BadSignature) as refused:
        verify(sign(BODY, OLD, NOW), BODY, (NEW,), NOW)
    assert refused.value.flaw is Flaw.WRONG


def test_header_names_and_hex_may_come_in_any_case():
    shouted = {name.upper(): value for name, value in signed().items()}
    shouted["X-LM-SIGNATURE"] = shouted["X-LM-SIGNATURE"].upper()
    assert verify(shouted, BODY, (NEW,), NOW) == verify(signed(), BODY, (NEW,), NOW)


@pytest.mark.parametrize(
    ("headers", "body", "now", "flaw"),
    [
        ({}, BODY, NOW, Flaw.MISSING),
        (signed(**{"X-LM-Key": ""}), BODY, NOW, Flaw.MISSING),
        (signed(**{"X-LM-Timestamp": ""}), BODY, NOW, Flaw.MISSING),
        (signed(**{"X-LM-Signature": ""}), BODY, NOW, Flaw.MISSING),
        (signed(), BODY[:-1] + b"]", NOW, Flaw.WRONG),
        (signed(), b"", NOW, Flaw.WRONG),
        (signed(), BODY + b" ", NOW, Flaw.WRONG),
        (signed(**{"X-LM-Key": "k1"}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Key": "k9"}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Signature": "0" * 64}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Signature": signed()["X-LM-Signature"][:-1]}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Signature": "é" * 64}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Timestamp": str(int(NOW.timestamp()) + 1)}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Timestamp": "+" + signed()["X-LM-Timestamp"]}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Timestamp": "0" + signed()["X-LM-Timestamp"]}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Timestamp": "١٥٦٥"}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Timestamp": "9" * 400}), BODY, NOW, Flaw.WRONG),
        (signed(**{"X-LM-Timestamp": "nan"}), BODY, NOW, Flaw.WRONG),
        (signed(), BODY, NOW + timedelta(seconds=301), Flaw.STALE),
        (signed(), BODY, NOW - timedelta(seconds=301), Flaw.STALE),
    ],
)
def test_what_is_refused_and_by_what_name(headers, body, now, flaw):
    with pytest.raises(BadSignature) as refused:
        verify(headers, body, (NEW, OLD), now)
    assert refused.value.flaw is flaw
    assert refused.value.code == f"signature_{flaw}"
    assert isinstance(refused.value, Unauthenticated)


@pytest.mark.parametrize(
    ("stamp", "flaw"),
    [
        ("9" * 11, Flaw.STALE),
        ("9" * 12, Flaw.WRONG),
        ("١٥٦٤٩٧٢٢٠٠", Flaw.WRONG),  # NOW, in digits that int() would read
        ("1_564_972_2", Flaw.WRONG),
    ],
)
def test_a_strange_instant_is_refused_although_signed(stamp, flaw):
    text = stamp.encode() + b"." + BODY
    signature = hmac.new(NEW.secret, text, hashlib.sha256).hexdigest()
    headers = signed(**{"X-LM-Timestamp": stamp, "X-LM-Signature": signature})
    with pytest.raises(BadSignature) as refused:
        verify(headers, BODY, (NEW,), NOW)
    assert refused.value.flaw is flaw


@pytest.mark.parametrize("seconds", [-300, -1, 0, 299, 300])
def test_five_minutes_either_way_are_allowed(seconds):
    now = (NOW + timedelta(seconds=seconds)).astimezone(timezone(timedelta(hours=7)))
    assert verify(signed(), BODY, (NEW,), now).signed_at == NOW


def test_a_replay_is_known_by_its_message_id():
    first, replay = (verify(signed(), BODY, (NEW,), NOW) for _ in range(2))
    later = verify(sign(BODY, NEW, NOW + timedelta(seconds=1)), BODY, (NEW,), NOW)
    assert first.message_id == replay.message_id
    assert first.message_id != later.message_id


def test_keys_are_read_in_order():
    assert read_keys(f" k2:{'n' * 32}, k1:{'o' * 32} ") == (NEW, OLD)


def test_a_secret_may_hold_a_colon():
    assert read_keys("k:" + "a:" * 20)[0].secret == b"a:" * 20


@pytest.mark.parametrize(
    "text", ["", " , ", "k1", "k1:short", f":{'x' * 32}", f"a:{'x' * 32},a:{'y' * 32}"]
)
def test_keys_that_cannot_protect_are_refused(text):
    with pytest.raises(InvalidInput):
        read_keys(text)


def test_a_secret_does_not_show_itself():
    assert "nnn" not in repr(NEW)
