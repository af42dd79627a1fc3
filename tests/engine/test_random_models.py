"""Random block-structured diagrams under random schedules: nothing is lost, nothing is left.

The same schedule is played with the living state, and by two servers that hand each other bytes
before each step; the facts must be equal. After each step the pruned state must be sound, and
agree with a ledger of all facts that forgets nothing.
"""

import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.desk import NOON
from tests.engine.random_models.blocks import ANYTHING, diagram, kinds_of
from tests.engine.random_models.drawing import DRAWERS
from tests.engine.random_models.playing import Playing, meddle, server

SEEDS = st.integers(0, 2**32)
MODELS = st.builds(diagram, ANYTHING, st.sampled_from([0.0, 0.2]), SEEDS)
CALM = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}
TROUBLED = ("broken", "risky")


@settings(max_examples=120, **CALM)
@given(MODELS, SEEDS, st.integers(0, 3))
def test_random_diagrams_run_to_their_end(bpmn, seed, switch):
    here, there = server(bpmn), server(bpmn)
    living = Playing([here], Random(seed), switch).start().to_the_end()
    handed_over = Playing([here, there], Random(seed), switch).start().to_the_end()
    assert living.facts == handed_over.facts
    living.whole()
    assert all(one.startswith(TROUBLED) for one in living.incidents())


@settings(max_examples=40, **CALM)
@given(MODELS, SEEDS, st.integers(0, 15))
def test_random_diagrams_can_be_cancelled_at_any_moment(bpmn, seed, moves):
    playing = Playing([server(bpmn)], Random(seed)).start()
    while moves and not playing.ledger.ended:
        playing.turn()
        moves -= 1
    if not playing.ledger.ended:
        playing.cancel()
    playing.ledger.whole()


@settings(max_examples=80, **CALM)
@given(MODELS, SEEDS)
def test_whoever_meddles_leaves_a_sound_instance(bpmn, seed):
    """Jobs fail, errors come, values change, tokens are moved by hand: living and handed over."""
    here, there = server(bpmn), server(bpmn)
    ledgers = []
    for servers in ([here], [here, there]):
        playing = Playing(servers, Random(seed)).start()
        for _ in range(12):
            if not playing.ledger.ended:
                playing.turn(meddle)
            if not playing.ledger.ended:
                playing.turn(meddle)
        if not playing.ledger.ended:
            playing.cancel()
        playing.ledger.whole()
        ledgers.append(playing.ledger.facts)
    assert ledgers[0] == ledgers[1]


@settings(max_examples=30, **CALM)
@given(MODELS, SEEDS)
def test_moving_to_the_same_diagram_changes_nothing(bpmn, seed):
    stayed = Playing([server(bpmn)], Random(seed)).start().to_the_end()
    versions = [server(bpmn), server(bpmn, version=2)]
    moved = Playing(versions[:1], Random(seed)).start()
    while not moved.ledger.ended:
        (program, shelf), (twin, other) = versions
        for one in (shelf, other):
            one.programs.update(shelf.programs | other.programs)
        arrived = program.migrate(moved.snapshot, twin, {}, at=NOON, programs=shelf)
        assert arrived.facts == ()
        assert arrived.snapshot.tokens == moved.snapshot.tokens
        versions.reverse()
        moved.servers, moved.snapshot = versions[:1], arrived.snapshot
        moved.turn()
    assert moved.ledger.facts == stayed.facts


@settings(max_examples=12, **CALM)
@given(st.lists(MODELS, min_size=2, max_size=3), SEEDS)
def test_interleaved_instances_do_not_disturb_each_other(models, seed):
    servers = [server(bpmn) for bpmn in models for _ in range(2)]
    alone = [
        Playing([one], Random(seed + n)).start().to_the_end().facts for n, one in enumerate(servers)
    ]
    together = [Playing([one], Random(seed + n)).start() for n, one in enumerate(servers)]
    turn = Random(seed)
    while running := [one for one in together if not one.ledger.ended]:
        turn.choice(running).turn()
    assert [one.ledger.facts for one in together] == alone


@settings(max_examples=6, **CALM)
@given(st.lists(MODELS, min_size=2, max_size=2), SEEDS)
def test_threads_share_what_is_compiled_and_nothing_else(models, seed):
    """Eight threads, two programs, each thread its own instance: as if alone."""
    plans = [(bpmn, seed + n) for n in range(4) for bpmn in models]
    alone = [Playing([server(bpmn)], Random(own)).start().to_the_end().facts for bpmn, own in plans]
    shared = {bpmn: server(bpmn) for bpmn in models}

    def play(plan):
        bpmn, own = plan
        return Playing([shared[bpmn]], Random(own), checked=False).start().to_the_end().facts

    pace = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(len(plans)) as threads:
            assert list(threads.map(play, plans)) == alone
    finally:
        sys.setswitchinterval(pace)


def test_every_kind_of_block_is_drawn_often():
    """The generator itself: 300 diagrams hold each kind of block several times."""
    seen = Counter()

    @settings(max_examples=300, database=None, derandomize=True, **CALM)
    @given(ANYTHING)
    def look(block):
        seen.update(kinds_of(block))

    look()
    assert {kind for kind in DRAWERS if seen[kind] < 3} == set()
