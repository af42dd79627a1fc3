"""Spoilt diagrams: whatever is cut, copied or swapped, reading and running refuse by name."""

import copy
from random import Random

import pytest
from lxml import etree

from app.domain.engine import Snapshot
from app.domain.errors import DomainError
from app.engine.program import CompiledProgram
from app.engine.reading import read
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Shelf

SOURCE = d.process(
    d.start(),
    d.user("a", d.mapping({"x": "=so + 1"}, {"y": "=x"}), camunda__asyncBefore="true"),
    d.boundary("bien", "a", d.every("R2/PT1H"), interrupting=False),
    d.user("b", d.many("2")),
    d.node("exclusiveGateway", "g", default="g-t"),
    d.sub(
        "t",
        d.start("s2"),
        d.external("c"),
        d.end("e2", d.on_error()),
        d.chain("s2", "c", "e2"),
        d.sub(
            "ep",
            d.start("s3", d.on_message()),
            d.user("q"),
            d.chain("s3", "q"),
            triggeredByEvent="true",
        ),
    ),
    d.boundary("loi", "t", d.on_error()),
    d.node("eventBasedGateway", "dua"),
    d.node("intermediateCatchEvent", "tin", d.on_message()),
    d.node("intermediateCatchEvent", "gio", d.after()),
    d.node("inclusiveGateway", "gop"),
    d.end(),
    d.chain("s", "a", "g"),
    d.flow("g", "b", "so > 1"),
    d.flow("g", "t"),
    d.chain("b", "gop", "e"),
    d.chain("loi", "dua", "tin", "gop"),
    d.chain("dua", "gio", "gop"),
    d.chain("bien", "gop"),
    around=d.message() + d.error(),
)
COMMANDS = (
    ("finish", ({"so": 1},)),
    ("fire_timer", ()),
    ("deliver", ({"p": 1},)),
    ("resume", ()),
    ("throw_error", ("LOI", "m", {})),
)


def spoil(chance: Random) -> bytes:
    root = etree.fromstring(SOURCE)
    for _ in range(chance.randint(1, 3)):
        everything = list(root.iter())[1:]
        one, other = chance.choice(everything), chance.choice(everything)
        parent = one.getparent()
        match chance.randint(0, 5):
            case 0:
                parent.remove(one)
            case 1 if one.attrib:
                del one.attrib[chance.choice(list(one.attrib))]
            case 2 if one.attrib and other.attrib:
                name = chance.choice(list(one.attrib))
                one.attrib[name] = chance.choice(list(other.attrib.values()))
            case 3:
                one.tag = other.tag
            case 4:
                one.text = chance.choice(["", "${", "=1 +", "R/PT1S", "-1", "${khong_co}"])
            case _:
                parent.append(copy.deepcopy(one))
    return etree.tostring(root)


@pytest.mark.parametrize("seed", range(8))
def test_spoilt_diagrams_are_refused_or_run(seed):
    chance = Random(seed)
    accepted = 0
    for _ in range(60):
        reading = read(spoil(chance))
        if reading.report.errors:
            continue
        accepted += 1
        for key, process in reading.processes.items():
            run_about(CompiledProgram(f"{key}:1", key, process), chance)
    assert accepted


def run_about(program: CompiledProgram, chance: Random) -> None:
    shelf = Shelf()
    try:
        step = program.start({"so": chance.randint(0, 3)}, at=NOON, programs=shelf)
    except DomainError:
        return
    for _ in range(25):
        given = Snapshot(step.snapshot.tokens, step.snapshot.variables)
        tokens = list(program.state_of(given, shelf).tokens.values())
        if not tokens:
            return
        command, arguments = chance.choice(COMMANDS)
        token = chance.choice(tokens).id
        try:
            step = getattr(program, command)(given, token, *arguments, at=NOON, programs=shelf)
        except DomainError:
            continue
