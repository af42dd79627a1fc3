"""The player itself: a small recording of our own, sound and spoilt."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import report
from tests.conformance.player import play
from tests.engine import diagrams as d

MODEL = d.process(
    d.start(),
    d.user("a", camunda__assignee="an"),
    d.boundary("x", "a", d.on_message(), interrupting=False),
    d.user("b"),
    d.external("c", topic="t"),
    d.end(),
    d.chain("s", "a", "c", "e"),
    d.chain("x", "b", "e"),
    around=d.message(),
)
STARTED: dict[str, Any] = {
    "instances": [{"key": "p", "active": ["a"]}],
    "tasks": ["a @an"],
    "subs": ["message:m@x"],
    "vars": ["so=1 (integer)"],
}
STEPS: list[dict[str, Any]] = [
    {"do": "deploy", "resources": [{"model": "m1"}]},
    {"do": "start", "key": "p", "variables": {"so": 1}, "expect": STARTED},
    {
        "do": "correlate",
        "message": "m",
        "expect": {
            "instances": [{"key": "p", "active": ["a", "b"]}],
            "tasks": ["a @an", "b"],
            "subs": ["message:m@x"],
            "vars": ["so=1 (integer)"],
        },
    },
    {"do": "correlate", "message": "khong", "throws": "Mismatching"},
    {"do": "completeTask", "task": "b"},
    {
        "do": "completeTask",
        "task": "a",
        "expect": {
            "instances": [{"key": "p", "active": ["c"]}],
            "ext": ["t@c"],
            "vars": ["so=1 (integer)"],
        },
    },
    {
        "do": "completeExternalTask",
        "externalTaskId": "ext:c",
        "expect": {"instances": [], "ended": ["p:COMPLETED"]},
    },
]
HISTORY = ["s", "a", "x", "b", "e", "c", "e"]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "m1.bpmn").write_bytes(MODEL)
    return tmp_path


def scenario(**changes: Any) -> dict[str, Any]:
    sound = {"id": "ours", "features": ["userTask"], "steps": STEPS, "final_history": HISTORY}
    return {**sound, **changes}


def changed(number: int, **expect: Any) -> list[dict[str, Any]]:
    steps = list(STEPS)
    steps[number] = {**steps[number], "expect": {**steps[number]["expect"], **expect}}
    return steps


def test_a_recording_that_agrees_reaches_the_last_level(models):
    result = play(scenario(), models)
    assert (result.level, result.difference) == (4, "")


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({"steps": changed(1, instances=[])}, 0, "instances"),
        ({"steps": changed(1, tasks=["a"])}, 1, "tasks"),
        ({"steps": changed(2, subs=[])}, 2, "subs"),
        ({"steps": changed(1, vars=[])}, 2, "vars"),
        ({"final_history": [*HISTORY, "a"]}, 3, "history"),
        ({"steps": [*STEPS[:1], {"do": "completeTask", "task": "a"}]}, 0, "nothing waits"),
        ({"steps": [{**STEPS[0], "throws": "ParseException"}]}, 0, "went through"),
    ],
)
def test_a_recording_that_differs_says_where(models, changes, level, said):
    result = play(scenario(**changes), models)
    assert result.level == level
    assert said in result.difference


def test_the_report_ends_with_the_sums(models):
    file = models / "scenarios.jsonl"
    spoilt = scenario(id="spoilt", steps=changed(1, tasks=[]))
    file.write_text(json.dumps(scenario()) + "\n" + json.dumps(spoilt) + "\n", encoding="utf-8")
    lines = list(report(file, models))
    assert lines[0].split() == ["userTask", "L1", "2/2", "L2", "1/2", "L3", "1/2", "L4", "1/2"]
    assert lines[-1] == "L1 2/2  L2 1/2  L3 1/2  L4 1/2"
    assert any("spoilt" in line for line in lines)
    assert list(report(file, models, only="ours"))[-1] == "L1 1/1  L2 1/1  L3 1/1  L4 1/1"
