"""Whatever an administrator's program sends to an operation: a sentence comes back, never a 500."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.service import House
from tests.usecases import desk

LONG = "x" * 300_000
DEEP: Any = 1
for _ in range(400):
    DEEP = [DEEP]
BODIES: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "a text": "x",
    "a number": 5,
    "an empty map": {},
    "unknown fields": {"khong_co": 1},
    "nulls": dict.fromkeys(("reason", "cancel", "before", "after", "variables", "definition_id")),
    "wrong kinds": {"reason": [], "cancel": "1", "before": {}, "variables": 5, "mapping": []},
    "a long reason": {"reason": LONG},
    "a reason without text": {"reason": "  \n\t"},
    "a zero in the reason": {"reason": "a\u0000b"},
    "half a letter": {"reason": "a\ud800b", "variables": {"x": "\udfff"}},
    "far tokens": {"reason": "vì", "cancel": [10**30, -1, 0]},
    "fractions for tokens": {"reason": "vì", "cancel": [1.5, True]},
    "unknown tokens": {"reason": "vì", "cancel": [999_999]},
    "unknown places": {"reason": "vì", "before": ["khong_co", "", LONG]},
    "odd places": {"reason": "vì", "before": [None, {}, 7]},
    "many places": {"reason": "vì", "before": ["a"] * 20_000},
    "odd names": {"reason": "vì", "variables": {"a b": 1, "_x": 2, "": 3, "1": 4}},
    "deep values": {"reason": "vì", "variables": {"x": DEEP}},
    "large numbers": {"reason": "vì", "variables": {"x": 10**4_000, "y": 1e308}},
    "a zero in a value": {"reason": "vì", "variables": {"x": "a\u0000b", "y\u0000": 1}},
    "unknown version": {"reason": "vì", "definition_id": "khong_co", "mapping": {"a": "b"}},
    "odd mapping": {"reason": "vì", "definition_id": "khong_co", "mapping": {"a": 5, "": []}},
    "odd triggers": {"kind": "khong_co", "token": "x", "name": LONG, "element": 5},
    "odd ids": {"incident_ids": ["x", LONG, "\u0000"], "instance_ids": ["x"]},
    "many ids": {"incident_ids": ["x"] * 50_000},
}
RAW = {
    "no JSON": b"{",
    "a number of 5,000 digits": b'{"reason": "v", "cancel": [' + b"9" * 5_000 + b"]}",
    "not a number": b'{"reason": "v", "variables": {"x": NaN}}',
    "too deep": b'{"x":' * 100_000,
    "no UTF-8": b'{"reason": "\xff"}',
    "nothing": b"",
}
IDS = ("khong-co", "x" * 3_000, "%00", "a%0Ab", "'; drop table x", "../../admin", "ế")
OPERATIONS = (
    ("POST", "cancellation"),
    ("POST", "modification"),
    ("POST", "modification-preview"),
    ("POST", "migration"),
    ("POST", "triggers"),
    ("PUT", "suspension"),
    ("DELETE", "suspension"),
    ("POST", "offered-steps/1/choices"),
    ("POST", "offered-steps/99999999999999999999/completion"),
)


@pytest.fixture
def admin(caller: Callable[[str], Caller]) -> Caller:
    return caller("viet.admin")


def told(caller: Caller, method: str, path: str, data: bytes) -> int:
    answer = caller.client.open(
        f"/api/v1{path}",
        method=method,
        data=data,
        headers={"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"},
    )
    assert answer.status_code < 500, (method, path[:80], data[:80], answer.text[:300])
    if answer.status_code >= 400:
        assert answer.mimetype == "application/problem+json"
        assert answer.json["detail"] or answer.json["title"]
    return answer.status_code


def written(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(("method", "what"), OPERATIONS)
def test_an_operation_answers_whatever_is_sent(
    one_house: House, admin: Caller, method: str, what: str
) -> None:
    instance_id = desk.one_call(one_house)
    for body in [*map(written, BODIES.values()), *RAW.values()]:
        told(admin, method, f"/process-instances/{instance_id}/{what}", body)
    good = written({"reason": "vì", "before": ["call"], "kind": "timer", "incident_ids": ["x"]})
    for identifier in IDS:
        status = told(admin, method, f"/process-instances/{identifier}/{what}", good)
        assert status in {400, 404, 405, 422}, (identifier[:20], status)


def test_incidents_answer_whatever_is_sent(one_house: House, admin: Caller) -> None:
    for path in ("/incidents/resolutions", *(f"/incidents/{one}/resolution" for one in IDS)):
        for body in [*map(written, BODIES.values()), *RAW.values()]:
            told(admin, "POST", path, body)
