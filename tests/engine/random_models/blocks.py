"""Which blocks there are, how they may be nested, and the diagram that a block makes."""

from random import Random

from hypothesis import strategies as st

from tests.engine import diagrams as d
from tests.engine.random_models import events, flows, insides, tasks
from tests.engine.random_models.drawing import DRAWERS, Block, Drawing, draw

CHAPTERS = (tasks, flows, insides, events)
"""The modules whose blocks are in the table."""


def _inner(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(blocks, min_size=2, max_size=3)
    switch, few, coin = st.integers(0, 3), st.integers(0, 3), st.booleans()
    both = st.tuples(blocks, blocks)
    return st.one_of(
        several.map(lambda inner: ("sequence", inner)),
        several.map(lambda inner: ("parallel", inner)),
        st.tuples(st.sampled_from(["exclusive", "inclusive", "implicit"]), several, switch),
        st.tuples(st.just("complex"), several, st.integers(1, 3)),
        st.tuples(st.just("sub"), blocks),
        st.tuples(st.just("rounds"), blocks, few, coin, st.integers(0, 4)),
        st.tuples(st.just("gathered"), blocks, few, coin),
        st.tuples(st.just("repeated"), blocks, few, coin),
        st.tuples(st.just("guarded"), blocks, blocks, coin, st.sampled_from("tmscCyMP")),
        st.tuples(st.just("beside"), blocks, blocks, coin, st.sampled_from("tmscMye")),
        st.tuples(st.just("loop"), blocks),
        st.tuples(st.just("race"), several),
        st.tuples(st.just("escalating"), blocks, blocks, coin),
        st.tuples(st.just("failing"), blocks, blocks, coin, coin),
        st.tuples(st.just("undone"), blocks, few, coin),
        st.tuples(st.just("transaction"), blocks, blocks, switch),
        st.tuples(st.just("ending"), blocks, blocks),
        st.tuples(st.just("adhoc"), several, coin, st.sampled_from(["", "dem > 4"])),
        both.map(lambda pair: ("sequence", list(pair))),
    )


def _nested(leaves: list[str], size: int) -> st.SearchStrategy[Block]:
    leaf = st.sampled_from(leaves).map(lambda kind: (kind,))
    return st.recursive(leaf, _inner, max_leaves=size)


def _with_calls(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    """The same, with called processes in it."""
    called = st.tuples(st.just("called"), blocks, st.booleans())
    return st.one_of(blocks, called, st.tuples(st.just("sequence"), st.tuples(called, blocks)))


BLOCKS = _nested(tasks.PLAIN, 10)
"""Everything that one process can hold and that goes right by itself."""
ANYTHING = _with_calls(_nested([*tasks.PLAIN, *tasks.RISKY], 10))
"""Also called processes, and steps that fail."""


def diagram(block: Block, asynchronous: float = 0.0, seed: int = 0) -> bytes:
    """A file with the process `p` that holds the block, and with what it calls."""
    drawing = Drawing(chance=Random(seed), asynchronous=asynchronous)
    first, last = draw(drawing, block)
    drawing.add(d.start(), d.end(), d.flow("s", first), d.flow(last, "e"))
    return d.definitions(
        d.message(),
        d.signal(),
        d.signal("khac"),
        d.error(),
        d.escalation(),
        d.body(*drawing.parts),
        *drawing.processes,
    )


def kinds_of(block: Block) -> set[str]:
    """The kinds of all blocks within a block."""
    found = set()
    waiting = [block]
    while waiting:
        one = waiting.pop()
        if isinstance(one, tuple | list):
            waiting.extend(one)
        elif isinstance(one, str) and one in DRAWERS:
            found.add(one)
    return found
