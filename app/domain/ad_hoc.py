"""Steps that people choose: what an ad-hoc sub-process offers at this moment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Candidates:
    """Those who may take one piece of work, as the diagram says it now.

    `groups` are names of roles, `users` usernames or ids; `agency` is the part of an agency
    (provider, portal_manager, vendor; None: provider), `unit` a unit of it.
    """

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    agency: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class OfferedStep:
    """One step to choose: how often it was begun, and how often it is at work right now."""

    element: str
    name: str
    kind: str
    candidates: tuple[Candidates, ...]
    running: int
    begun: int

    @property
    def done(self) -> int:
        return max(0, self.begun - self.running)


@dataclass(frozen=True)
class Offer:
    """An open ad-hoc sub-process.

    `candidates` are those who may end it, and begin the steps that name nobody. `round` is that
    of the loop around it, from 1. `closed` says why no step can be begun now, `unfinished` why
    it cannot be ended now; empty: it can.
    """

    token: int
    element: str
    name: str
    ordered: bool
    steps: tuple[OfferedStep, ...]
    candidates: tuple[Candidates, ...]
    at_work: tuple[str, ...]
    closed: str
    unfinished: str
    round: int | None = None

    @property
    def begun(self) -> int:
        """How many steps were begun in it so far."""
        return sum(step.begun for step in self.steps)

    def step(self, element: str) -> OfferedStep | None:
        return next((step for step in self.steps if step.element == element), None)
