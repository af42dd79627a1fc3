"""Answers that are JSON and yet make no sense: no connector passes them on."""

import orjson
import pytest

from app.domain.connectors import Call, PermanentFailure
from connectors.one_stop_shop import OneStopShop
from connectors.public_post import PublicPost
from tests.connectors.questions import a_publication, a_status, an_order
from tests.outbound.partner import Reply, asking, serving

AT = "2019-08-05T09:30:00+07:00"


@pytest.fixture
def partner():
    with serving() as server:
        yield server


@pytest.fixture
def session(partner):
    with asking(f"http://127.0.0.1:{partner.port}", "127.0.0.1") as open_session:
        yield open_session


def ask(partner, session, question, answer):
    partner.reply = Reply(body=orjson.dumps(answer))
    if question.operation in {"create_order", "cancel_order", "track"}:
        return PublicPost(session, customer_code="TQG").call(question)
    return OneStopShop(session).call(question)


PUBLISH, STATUS, ORDER = a_publication("k"), a_status("k"), an_order("k")
WITHDRAW = Call("k", "withdraw_service", {"service_code": "D", "reason": "x"})
CANCEL = Call("k", "cancel_order", {"item_code": "I", "reason": "x"})
TRACK = Call("k", "track", {"item_code": "I"})
EVENT = {"kind": "collected", "at": AT, "note": "Đã thu gom"}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (PUBLISH, {"service_id": "S", "accepted_at": AT}),
        (WITHDRAW, {"service_id": "S", "withdrawn_at": AT}),
        (STATUS, {"receipt_id": "R", "accepted_at": AT}),
        (ORDER, {"item_code": "I", "accepted_at": AT}),
        (CANCEL, {"cancelled_at": AT}),
    ],
)
def test_each_field_of_an_answer_must_make_sense(partner, session, question, answer):
    expected = {
        name: "2019-08-05T02:30:00+00:00" if value == AT else value
        for name, value in answer.items()
    }
    assert ask(partner, session, question, answer) == expected
    for name in answer:
        for nonsense in (None, "", " ", 7, ["x"], "x" * 501):
            with pytest.raises(PermanentFailure, match="không đúng quy ước"):
                ask(partner, session, question, {**answer, name: nonsense})


@pytest.mark.parametrize(
    "at", ["hôm qua", "2019-08-05T09:30:00", "2019-13-05T09:30:00+07:00", "0001-01-01T00:00+14:00"]
)
def test_an_instant_must_be_one(partner, session, at):
    with pytest.raises(PermanentFailure, match="không đúng quy ước"):
        ask(partner, session, PUBLISH, {"service_id": "S", "accepted_at": at})


def test_tracking_is_read_event_by_event(partner, session):
    tracked = ask(partner, session, TRACK, {"state": "collected", "events": [EVENT]})
    assert tracked == {
        "state": "collected",
        "events": [{"kind": "collected", "at": "2019-08-05T02:30:00+00:00", "note": "Đã thu gom"}],
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "collected"},
        {"state": "collected", "events": {}},
        {"state": "collected", "events": ["collected"]},
        {"state": "collected", "events": [{"kind": "collected"}]},
        {"state": 3, "events": []},
    ],
)
def test_tracking_that_makes_no_sense(partner, session, answer):
    with pytest.raises(PermanentFailure, match="không đúng quy ước"):
        ask(partner, session, TRACK, answer)


def test_the_post_has_no_other_operation(session):
    with pytest.raises(PermanentFailure, match="không có thao tác"):
        PublicPost(session, customer_code="TQG").call(Call("k", "burn", {}))


def test_a_customer_code_of_the_agency_goes_before_that_of_the_province(partner, session):
    question = an_order("k", customer_code="STTTT")
    ask(partner, session, question, {"item_code": "I", "accepted_at": AT})
    assert orjson.loads(partner.heard[0][2])["customer_code"] == "STTTT"
