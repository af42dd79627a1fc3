"""Every scenario of `processes/` holds: in memory, and on a real database through the use cases."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from app.bootstrap import ROOT
from app.domain.instances import InstanceState
from app.domain.user_tasks import TaskState
from tests.scenarios import flows
from tests.scenarios.player import Player, UnknownLine
from tests.service import House

PATHS = sorted((ROOT / "processes").glob("*/scenarios/*.yaml"))
ONE = pytest.mark.parametrize(
    "path", PATHS, ids=[f"{path.parent.parent.name}/{path.stem}" for path in PATHS]
)


def scenario_of(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def test_there_are_scenarios_for_every_process() -> None:
    told = {path.parent.parent.name for path in PATHS}
    assert told == {path.parent.name for path in (ROOT / "processes").glob("*/*.bpmn")}


@ONE
def test_on_a_database(house: House, path: Path) -> None:
    player = Player(house, scenario_of(path))
    player.play()
    with house.open_work(read_only=True) as work:
        played = work.instances.by_business_key(player.code)
        incidents = [i for instance in played for i in work.incidents.of_instance(instance.id)]
        waiting = [
            task.element
            for instance in played
            for task in work.user_tasks.of_instance(instance.id)
            if task.state is TaskState.OPEN
        ]
        clocks = work.clocks.of_subject(*player.subject)
    assert not incidents, [incident.message for incident in incidents]
    assert not waiting, "what has ended waits for nobody"
    assert not [clock.kind for clock in clocks if clock.is_open], "no clock outlives its flow"
    for instance in played:
        assert instance.state is not InstanceState.ACTIVE


@ONE
def test_in_memory(one_house: House, path: Path) -> None:
    key = path.parent.parent.name
    files = flows.files(one_house, key)
    chosen = {name: data for name, data in files.items() if not name.endswith(".yaml")}
    chosen[path.name] = path.read_bytes()
    with one_house.open_work(read_only=True) as work:
        [run] = work.engine.rehearse(chosen, one_house.clock.at)
    assert run.ok, run.message
    assert run.steps, "a rehearsal in which nothing happens proves nothing"


def test_the_player_refuses_a_line_it_does_not_understand(one_house: House) -> None:
    scenario = {
        "name": "lạ",
        "process": flows.P04,
        "start": flows.APPLICATION,
        "steps": [{"fly": 1}],
    }
    with pytest.raises(UnknownLine):
        Player(one_house, scenario).play()
