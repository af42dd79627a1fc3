"""Random diagrams, moved at random moments to versions that are drawn otherwise, and back."""

from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from app.domain.engine import TokenMigrated
from app.engine.program import CompiledProgram
from tests.engine.desk import NOON, Shelf
from tests.engine.random_models.blocks import ANYTHING, diagram
from tests.engine.random_models.playing import Playing, meddle, server

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CALM = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
SEEDS = st.integers(0, 2**32)
MODELS = st.builds(diagram, ANYTHING, st.sampled_from([0.0, 0.2]), SEEDS)
ACTIVITIES = ("Task", "task", "subProcess", "callActivity", "transaction", "adHocSubProcess")
Server = tuple[CompiledProgram, Shelf]


def wrapped(bpmn: bytes, chance: Random) -> bytes:
    """The same diagram with a sub-process of its own around about half of the activities."""
    root = etree.fromstring(bpmn)
    hosts = {one.get("attachedToRef") for one in root.iter(f"{BPMN}boundaryEvent")}
    main = next(root.iter(f"{BPMN}process"))
    for activity in list(main.iter()):
        special = activity.get("isForCompensation") or activity.get("triggeredByEvent")
        is_activity = str(activity.tag).endswith(ACTIVITIES)
        free = is_activity and not special and activity.get("id") not in hosts
        if free and chance.random() < 0.5:
            _wrap(activity)
    return etree.tostring(root)


def _wrap(activity: etree._Element) -> None:
    key, around = activity.get("id"), activity.getparent()
    frame = etree.SubElement(around, f"{BPMN}subProcess", id=f"khung-{key}")
    for flow in around.findall(f"{BPMN}sequenceFlow"):
        for end in ("sourceRef", "targetRef"):
            if flow.get(end) == key:
                flow.set(end, f"khung-{key}")
    if "default" in activity.attrib:
        frame.set("default", activity.attrib.pop("default"))
    around.replace(activity, frame)
    etree.SubElement(frame, f"{BPMN}startEvent", id=f"vao-{key}")
    frame.append(activity)
    etree.SubElement(frame, f"{BPMN}endEvent", id=f"ra-{key}")
    for number, (source, target) in enumerate([(f"vao-{key}", key), (key, f"ra-{key}")]):
        etree.SubElement(
            frame,
            f"{BPMN}sequenceFlow",
            id=f"luong-{number}-{key}",
            sourceRef=source,
            targetRef=target,
        )


def renamed(bpmn: bytes) -> bytes:
    """The same diagram with other ids for everything in the process that is started."""
    root = etree.fromstring(bpmn)
    main = next(root.iter(f"{BPMN}process"))
    named = [one for one in main.iterdescendants() if one.get("id")]
    names = {
        one.get("id"): f"moi-{one.get('id')}" for one in named if one.tag != f"{BPMN}sequenceFlow"
    }
    for one in main.iterdescendants():
        for key, value in one.attrib.items():
            one.set(key, names.get(value, value))
    return etree.tostring(root)


def both(old: bytes, new: bytes) -> list[Server]:
    """Two versions on two servers that know of each other's; what is called is of the first."""
    servers = [server(old), server(new, version=2)]
    program, _ = servers[1]
    programs = {**servers[0][1].programs, program.definition_id: program}
    for _, shelf in servers:
        shelf.programs = dict(programs)
    return servers


def move(playing: Playing, target: Server, mapping: dict[str, str]) -> list[str]:
    """Move it, or say what stands in the way."""
    program, shelf = playing.servers[0]
    found = program.obstacles(playing.snapshot, target[0], mapping, programs=shelf)
    if not found:
        step = program.migrate(playing.snapshot, target[0], mapping, at=NOON, programs=shelf)
        playing.servers = [target]
        playing.keep(step)
    return [one.element_id or "" for one in found]


@settings(max_examples=200, **CALM)
@given(MODELS, SEEDS)
def test_steps_are_wrapped_and_unwrapped_while_they_run(bpmn, seed):
    chance = Random(seed)
    versions = both(bpmn, wrapped(bpmn, chance))
    playing = Playing(versions[:1], chance).start()
    while not playing.ledger.ended:
        if chance.random() < 0.4:
            stuck = move(playing, versions[1], {})
            assert all(one.startswith("khung-") for one in stuck)
            if not stuck:
                versions.reverse()
        if not playing.ledger.ended:
            playing.turn()
    playing.ledger.whole()


@settings(max_examples=120, **CALM)
@given(MODELS, SEEDS)
def test_whatever_befell_an_instance_it_moves_whole_or_not_at_all(bpmn, seed):
    """Jobs failed, values changed, tokens were put elsewhere by hand: some moves are refused."""
    chance = Random(seed)
    versions = both(bpmn, wrapped(bpmn, chance))
    playing = Playing(versions[:1], chance).start()
    for _ in range(15):
        if (
            not playing.ledger.ended
            and chance.random() < 0.4
            and not move(playing, versions[1], {})
        ):
            versions.reverse()
        if not playing.ledger.ended:
            playing.turn(meddle)
    if not playing.ledger.ended:
        playing.cancel()
    playing.ledger.whole()


@settings(max_examples=120, **CALM)
@given(MODELS, SEEDS)
def test_there_and_back_is_where_one_was(bpmn, seed):
    stayed = Playing([server(bpmn)], Random(seed)).start().to_the_end()
    versions = both(bpmn, renamed(bpmn))
    old, new = (one[0].process.nodes for one in versions)
    names = dict(zip(old, new, strict=True))
    playing = Playing(versions[:1], Random(seed)).start()
    while not playing.ledger.ended:
        before = playing.snapshot
        assert move(playing, versions[1], names) == []
        assert move(playing, versions[0], {to: one for one, to in names.items()}) == []
        assert playing.snapshot == before
        playing.turn()
    moves = [one for one in playing.ledger.facts if not isinstance(one, TokenMigrated)]
    assert moves == stayed.facts
