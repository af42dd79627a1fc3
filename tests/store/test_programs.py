"""Finding compiled definitions and decisions."""

import threading

import pytest

from app.domain.errors import InvalidState, NotFound
from app.store.programs import Kept
from tests.store.builders import a_decision, a_definition, a_deployment
from tests.store.rooms import MORNING


@pytest.fixture
def deployed(store):
    """Versions 1 and 2 of `p04` and of a decision, and a caller in the first deployment."""
    with store.open_work() as work:
        for number in (1, 2):
            bpmn = work.files.put(f"bpmn {number}".encode(), MORNING)
            dmn = work.files.put(f"dmn {number}".encode(), MORNING)
            work.definitions.add_deployment(a_deployment(id=f"dep-{number}"))
            where = {"version": number, "deployment_id": f"dep-{number}"}
            work.definitions.add(
                a_definition(id=f"p04-{number}", sha256=bpmn, version_tag=f"t{number}", **where)
            )
            work.definitions.add_decision(
                a_decision(id=f"fee-{number}", sha256=dmn, version_tag=f"t{number}", **where)
            )
        work.definitions.add(a_definition(id="caller", key="me", deployment_id="dep-1"))
    return store


def test_a_definition_is_compiled_once_for_all_transactions(deployed):
    for _ in range(3):
        with deployed.open_work(read_only=True) as work:
            assert work.programs.get("p04-1") == ("p04-1", "p04", b"bpmn 1")
    assert deployed.rooms.engine.compiled == ["p04-1"]
    with deployed.open_work(read_only=True) as work, pytest.raises(NotFound):
        work.programs.get("nobody")


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({}, "p04-2"),
        ({"binding": "latest"}, "p04-2"),
        ({"binding": "deployment"}, "p04-1"),
        ({"binding": "version", "version": 1}, "p04-1"),
        ({"binding": "version", "version": 2}, "p04-2"),
        ({"binding": "versionTag", "version_tag": "t1"}, "p04-1"),
    ],
)
def test_what_a_call_activity_means(deployed, how, found):
    with deployed.open_work(read_only=True) as work:
        assert work.programs.called("p04", by="caller", **how)[0] == found


@pytest.mark.parametrize(
    "how",
    [
        {"binding": "version", "version": 3},
        {"binding": "version"},
        {"binding": "versionTag", "version_tag": "t3"},
        {"binding": "versionTag"},
        {"binding": "nonsense"},
    ],
)
def test_what_is_not_there_is_not_found(deployed, how):
    with deployed.open_work(read_only=True) as work, pytest.raises(NotFound, match="p04"):
        work.programs.called("p04", by="caller", **how)


@pytest.mark.parametrize(
    ("how", "file"),
    [
        ({}, "dmn 2"),
        ({"binding": "deployment"}, "dmn 1"),
        ({"binding": "version", "version": 1}, "dmn 1"),
        ({"binding": "versionTag", "version_tag": "t1"}, "dmn 1"),
    ],
)
def test_decisions_are_found_and_evaluated(deployed, how, file):
    with deployed.open_work(read_only=True) as work:
        result = work.programs.decide("le_phi", {"area": 120}, by="caller", at=MORNING, **how)
    assert result == {"decision": "le_phi", "file": file, "saw": {"area": 120}, "at": MORNING}


@pytest.mark.parametrize(
    "how", [{"binding": "version"}, {"binding": "version", "version": 9}, {"binding": "x"}]
)
def test_a_decision_that_is_not_there_is_not_found(deployed, how):
    with deployed.open_work(read_only=True) as work, pytest.raises(NotFound, match="le_phi"):
        work.programs.decide("le_phi", {}, by="caller", at=MORNING, **how)


def test_the_least_used_goes_first():
    kept: Kept[str] = Kept(most=2)
    made = []

    def make(name):
        return kept.get(name, lambda: made.append(name) or name)

    for name in ("a", "b", "a", "c", "a", "b"):
        assert make(name) == name
    assert made == ["a", "b", "c", "b"]
    assert len(kept) == 2


def test_two_threads_end_up_with_the_same_thing():
    kept: Kept[object] = Kept()
    barrier = threading.Barrier(4)
    found = []

    def make():
        barrier.wait(10)
        return object()

    threads = [threading.Thread(target=lambda: found.append(kept.get("x", make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(map(id, found))) == 1


def test_a_tag_that_two_versions_carry_means_neither(deployed):
    with deployed.open_work() as work:
        work.definitions.add(a_definition(id="p04-3", version=3, version_tag="t1"))
        work.definitions.add_decision(a_decision(id="fee-3", version=3, version_tag="t1"))
    how = {"binding": "versionTag", "version_tag": "t1", "by": "caller"}
    with deployed.open_work(read_only=True) as work:
        with pytest.raises(InvalidState, match="t1"):
            work.programs.called("p04", **how)
        with pytest.raises(InvalidState, match="t1"):
            work.programs.decide("le_phi", {}, at=MORNING, **how)
