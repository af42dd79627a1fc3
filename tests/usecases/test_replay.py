"""The facts that history keeps say all there was: random diagrams, random hands, every moment.

What is drawn by hand is watched in the same way: every test in `tests/engine` (`Desk`).
"""

from dataclasses import dataclass, field
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.engine import Step
from app.usecases.replay import Replay
from tests.engine.random_models.blocks import ANYTHING, diagram
from tests.engine.random_models.playing import Playing, meddle, server
from tests.usecases.film import Film, as_json

SEEDS = st.integers(0, 2**32)
MODELS = st.builds(diagram, ANYTHING, st.sampled_from([0.0, 0.2]), SEEDS)
CALM = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
LONGEST = 60  # steps of one run


@dataclass
class Filmed(Playing):
    film: Film = field(default_factory=Film)

    def keep(self, step: Step) -> Playing:
        program, shelf = self.servers[0]
        self.film.take(self.snapshot, step, program.state_of(step.snapshot, shelf))
        self.steps += 1
        self.snapshot = step.snapshot
        return self


@settings(CALM, max_examples=100)
@given(MODELS, SEEDS, st.integers(0, 3), st.booleans())
def test_every_moment_of_a_run_is_replayed(
    bpmn: bytes, seed: int, switch: int, put_away: bool
) -> None:
    filmed = Filmed([server(bpmn)], Random(seed), switch, film=Film(is_put_away=put_away))
    filmed.start()
    while filmed.film.runs and filmed.steps < LONGEST:
        filmed.turn()


@settings(CALM, max_examples=100)
@given(MODELS, SEEDS, st.integers(0, 20))
def test_also_where_somebody_meddles(bpmn: bytes, seed: int, times: int) -> None:
    """Jobs fail, errors come, values change, tokens are moved by hand; then all is cancelled."""
    filmed = Filmed([server(bpmn)], Random(seed))
    filmed.start()
    for _ in range(times):
        if filmed.film.runs:
            filmed.turn(meddle)
    if filmed.film.runs:
        filmed.cancel()
    replay = filmed.film.replay
    assert [replay.places, replay.waits, replay.owners, replay.called] == [{}, {}, {}, {}]


@settings(CALM, max_examples=40)
@given(MODELS, SEEDS)
def test_nothing_is_forgotten_by_a_checkpoint(bpmn: bytes, seed: int) -> None:
    filmed = Filmed([server(bpmn)], Random(seed))
    filmed.start()
    for _ in range(6):
        if filmed.film.runs:
            filmed.turn()
    replay = filmed.film.replay
    assert Replay.of(replay.seq, as_json(replay.kept())) == replay
