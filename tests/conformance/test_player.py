"""The players themselves: a small recording of our own, sound and spoilt, in memory and on tables."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conformance import __main__ as program
from tests.conformance.__main__ import main, players, report
from tests.conformance.desk import Desk
from tests.conformance.player import Player, Plays, Result, play
from tests.conformance.service import Premises
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
    {"do": "fetchAndLock", "workerId": "w", "args": {"maxTasks": 1, "topics": ["t"]}},
    {
        "do": "completeExternalTask",
        "externalTaskId": "ext:c",
        "expect": {"instances": [], "ended": ["p:COMPLETED"]},
    },
]
HISTORY = ["s", "a", "x", "b", "e", "c", "e"]


Make = Callable[[], AbstractContextManager[Plays]]


@pytest.fixture
def models(tmp_path: Path) -> Path:
    (tmp_path / "m1.bpmn").write_bytes(MODEL)
    return tmp_path


@pytest.fixture(params=["memory", "tables"])
def make(request: pytest.FixtureRequest, models: Path, sqlite_template: Path) -> Iterator[Make]:
    """A fresh player each time it is asked."""

    @contextmanager
    def in_memory() -> Iterator[Plays]:
        yield Player(models)

    if request.param == "memory":
        yield in_memory
        return
    path = models / "conformance.db"
    shutil.copyfile(sqlite_template, path)
    place = Premises(f"sqlite:///{path}")

    @contextmanager
    def on_tables() -> Iterator[Plays]:
        with place.province(frozenset({"an"})) as (store, clock):
            yield Desk(store, clock, models)

    yield on_tables
    place.close()


def scenario(**changes: Any) -> dict[str, Any]:
    sound = {"id": "ours", "features": ["userTask"], "steps": STEPS, "final_history": HISTORY}
    return {**sound, **changes}


def changed(number: int, **expect: Any) -> list[dict[str, Any]]:
    steps = list(STEPS)
    steps[number] = {**steps[number], "expect": {**steps[number]["expect"], **expect}}
    return steps


def played(make: Make, **changes: Any) -> Result:
    with make() as player:
        return play(scenario(**changes), player)


def test_a_recording_that_agrees_reaches_the_last_level(make: Make) -> None:
    result = played(make)
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
        ({"steps": [{"do": "dance"}]}, 0, "unknown step dance"),
        ({"steps": [{"do": "completeTask"}]}, 0, "cannot be carried out: KeyError: 'task'"),
        ({"steps": [{"do": "do"}]}, 0, "unknown step do"),
        ({"steps": [{"do": "runJob", "job": None}]}, 0, "nothing waits at"),
        ({"steps": [{"do": "variables"}]}, 0, "unknown step variables"),
        ({"steps": [{"do": ""}]}, 0, "unknown step "),
        ({"steps": [{"expect": {}}]}, 0, "unknown step None"),
        ({"steps": [STEPS[0], {**STEPS[1], "variables": [1]}]}, 0, "cannot be carried out"),
        ({"steps": [{"do": "setVariables", "variables": {"a": 1}}]}, 0, "no instance pi1"),
        ({"steps": ["start"]}, 0, "cannot be played"),
        ({"steps": None}, 0, "cannot be played"),
    ],
)
def test_a_recording_that_differs_says_where(
    make: Make, changes: dict[str, Any], level: int, said: str
) -> None:
    result = played(make, **changes)
    assert result.level == level
    assert said in result.difference


def test_one_database_keeps_scenarios_apart(models: Path, sqlite_template: Path) -> None:
    """What a scenario leaves behind waits for the same message: the next one does not see it."""
    path = models / "conformance.db"
    shutil.copyfile(sqlite_template, path)
    place = Premises(f"sqlite:///{path}")
    levels = []
    for steps in (STEPS[:2], STEPS):
        with place.province(frozenset({"an"})) as (store, clock):
            history = HISTORY if steps is STEPS else ["s", "a?"]
            again = scenario(steps=steps, final_history=history)
            levels.append(play(again, Desk(store, clock, models)).level)
    place.close()
    assert levels == [4, 4]


@pytest.mark.parametrize("memory", [True, False])
def test_the_report_ends_with_the_sums(
    models: Path, monkeypatch: pytest.MonkeyPatch, memory: bool
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    file = models / "scenarios.jsonl"
    spoilt = scenario(id="spoilt", steps=changed(1, tasks=[]))
    lines = [json.dumps(scenario()), "", json.dumps(spoilt), "no json", "[1]"]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with players(models, memory=memory) as make:
        found: list[Result] = []
        told = list(report(file, make, found))
        assert told[1].split() == ["userTask", "L1", "2/2", "L2", "1/2", "L3", "1/2", "L4", "1/2"]
        assert told[-1] == "L1 2/4  L2 1/4  L3 1/4  L4 1/4"
        assert any("spoilt" in line for line in told)
        assert [one.id for one in found] == ["ours", "spoilt", "line 4", "line 5"]
        only = list(report(file, make, [], only="ours"))
        assert only[-1] == "L1 1/1  L2 1/1  L3 1/1  L4 1/1"


# --- the rates on record --------------------------------------------------------------------


@pytest.fixture
def folder(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of recordings, with one scenario, and a record of its own."""
    file = models / "scenarios.jsonl"
    file.write_text(json.dumps(scenario()) + "\n", encoding="utf-8")
    monkeypatch.setattr(program, "FOLDER", models)
    monkeypatch.setattr(program, "RATES", models / "rates.json")
    (models / "rates.json").write_text("{}", encoding="utf-8")
    return file


def run(file: Path, *more: str) -> int:
    return main([str(file), str(file.parent), "--memory", *more])


def test_who_falls_behind_the_record_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(folder, "--record") == 0
    assert run(folder) == 0
    folder.write_text(json.dumps(scenario(final_history=[])) + "\n", encoding="utf-8")
    assert run(folder) == 1
    assert capsys.readouterr().err == "L4 falls behind: 0, on record 1\n"
    assert run(folder, "--only", "ours") == 0, "a part of the scenarios has no record"


def test_other_scenarios_have_no_record(folder: Path) -> None:
    other = folder.with_name("other.jsonl")
    other.write_text(json.dumps(scenario(steps=[{"do": "dance"}])), encoding="utf-8")
    assert run(other) == 0


@pytest.mark.parametrize(("demanded", "status"), [("", 0), ("1", 1)])
def test_a_missing_folder_is_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    demanded: str,
    status: int,
) -> None:
    monkeypatch.setenv("LM_DEMAND_ALL", demanded)
    assert main([str(tmp_path / "none.jsonl"), str(tmp_path)]) == status
    assert len(capsys.readouterr().out.splitlines()) == 1
