"""Compiled process definitions: the moves of a token, and where to find them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from app.domain.ad_hoc import Offer
from app.domain.engine import (
    ROOT_SCOPE,
    Due,
    ElementView,
    Modification,
    Problem,
    Snapshot,
    Step,
    Surroundings,
)
from app.domain.migrations import CalledProcess, Pairing, Standing
from app.usecases.ports.forms import Form


class Program(Protocol):
    """One compiled process definition. Every method is a function: no I/O, no clock.

    `at` is the instant of the step (aware, UTC). A failing expression does not raise: its
    token is parked and the step carries an IncidentRaised. Raises InvalidState where the token
    is not waiting for what is asked.
    """

    definition_id: str
    key: str

    def start(
        self,
        variables: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        business_key: str | None = None,
        message: str | None = None,
        start_event: str | None = None,
        before: Sequence[str] = (),
        started_by: str | None = None,
    ) -> Step:
        """Begin an instance at its none start event, or at the start event of `message`.

        `start_event` names a start event by id (timer, signal, condition); `before` puts the
        tokens before these elements instead, as a modification does. `started_by` becomes the
        variable that `camunda:initiator` names.
        """

    def finish(
        self,
        snapshot: Snapshot,
        token: int,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """A user task, external job or receive task at `token` is done, with these variables.

        `local` ones live in the activity only: its output mappings and error rules see them.
        """

    def resume(self, snapshot: Snapshot, token: int, *, at: datetime, programs: "Programs") -> Step:
        """Go on from an async boundary (continuation job) or from an incident (retry)."""

    def fire_timer(
        self, snapshot: Snapshot, token: int, *, at: datetime, programs: "Programs"
    ) -> Step:
        """The timer at `token` is due."""

    def deliver(
        self,
        snapshot: Snapshot,
        token: int,
        payload: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """The message or signal that `token` subscribed to has arrived.

        `payload` becomes process variables; `local` lives in the event that was waited for (an
        event sub-process, or the event with its output mappings) and goes with it.
        """

    def throw_error(
        self,
        snapshot: Snapshot,
        token: int,
        code: str,
        message: str,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """The work at `token` ended in a BPMN error; uncaught, it becomes an incident there."""

    def attempt_failed(
        self,
        snapshot: Snapshot,
        token: int,
        message: str,
        details: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        at: datetime,
        programs: "Programs",
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """The external job at `token` was tried in vain, and left these variables.

        Where a rule of the task makes a BPMN error of that, the job is closed (JobClosed); an
        error that nobody catches becomes an incident.
        """

    def fail(
        self,
        snapshot: Snapshot,
        token: int,
        message: str,
        *,
        programs: "Programs | None" = None,
    ) -> Step:
        """Park `token` with an incident: its job has no attempt left.

        `programs` is needed where a call activity may be running.
        """

    def cancel(
        self, snapshot: Snapshot, *, at: datetime, programs: "Programs | None" = None
    ) -> Step:
        """End every token of the instance. `programs` as for `fail`."""

    def choose(
        self,
        snapshot: Snapshot,
        token: int,
        element: str,
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """Begin one of the steps that an ad-hoc sub-process offers (`StepsOffered`).

        Raises InvalidState for a step that is not offered now. `finish` closes the sub-process,
        where its diagram lets people do so.
        """

    def set_variables(
        self,
        snapshot: Snapshot,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        scope: str = "0",
    ) -> Step:
        """Write variables from outside; conditional events may fire."""

    def modify(
        self,
        snapshot: Snapshot,
        change: Modification,
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """End tokens and begin elements by hand. Raises InvalidState, InvalidInput.

        A scope in which nothing is left is cancelled, not completed; so is the instance.
        """

    def obstacles(
        self,
        snapshot: Snapshot,
        target: "Program",
        mapping: Mapping[str, str],
        *,
        programs: "Programs",
        scope: str = ROOT_SCOPE,
    ) -> list[Problem]:
        """What keeps the process in `scope` from moving to `target`: ids of elements, and why.

        `scope` names the instance's own process, or one that it has called (`called`).
        """

    def migrate(
        self,
        snapshot: Snapshot,
        target: "Program",
        mapping: Mapping[str, str],
        *,
        at: datetime,
        programs: "Programs",
        scope: str = ROOT_SCOPE,
        renew: frozenset[str] = frozenset(),
    ) -> Step:
        """Move the process in `scope` to `target`; `mapping` says which elements change their id.

        Tasks, jobs, timers and subscriptions keep their token and due time; what waits at the
        elements in `renew` waits anew, for what `target` says. Where `scope` is the root, the
        snapshot belongs to `target`; else its caller goes on waiting. Raises InvalidState where
        `obstacles` finds any, and where a mapping of a sub-process that is opened or dropped
        cannot be evaluated.
        """

    def pairings(self, target: "Program", also: Iterable[str] = ()) -> list[Pairing]:
        """What becomes of each element where tokens can stand (and of those named `also`)."""

    def standing(
        self,
        snapshot: Snapshot,
        *,
        programs: "Programs",
        scope: str = ROOT_SCOPE,
        listeners: bool = False,
    ) -> list[Standing]:
        """The tokens of one process, from the outside in.

        With `listeners` also those that only listen: boundary events, starts of event
        sub-processes, events after a gateway.
        """

    def called(self, snapshot: Snapshot, *, programs: "Programs") -> list[CalledProcess]:
        """The processes that run inside the instance, called by it or by one another."""

    def form_keys(
        self,
        snapshot: Snapshot,
        *,
        at: datetime,
        programs: "Programs",
        scope: str = ROOT_SCOPE,
    ) -> dict[int, str | None]:
        """The form of each open user task, by token, as this definition says it now."""

    def offered(
        self,
        snapshot: Snapshot,
        *,
        at: datetime,
        programs: "Programs",
        token: int | None = None,
    ) -> list[Offer]:
        """What people can choose in open ad-hoc sub-processes, or in the one at `token`.

        Costs as much as the tokens of the instance; tells of 50 at most.
        """

    def start_due(self, element: str, *, at: datetime, fired: int) -> Due | None:
        """When a timer start event is due, having begun `fired` instances; None: not any more.

        Raises InvalidInput where its expression says no instant.
        """

    def local_to(
        self, snapshot: Snapshot, token: int, *, programs: "Programs"
    ) -> Mapping[str, Any]:
        """The variables of the very activity where `token` waits, or that its event is drawn on."""

    def surroundings(
        self, snapshot: Snapshot, token: int, *, programs: "Programs"
    ) -> Surroundings | None:
        """What is about a token: the process that was called, where it stands in one.

        None where the token has gone on.
        """

    def start_holds(self, element: str, variables: Mapping[str, Any], *, at: datetime) -> bool:
        """Whether the condition of a start event is true of these variables; doubt is no."""

    def active_elements(self, snapshot: Snapshot) -> list[str]:
        """Element ids that hold a token (leaves only), with repetition."""

    def elements(self) -> list[ElementView]:
        """The steps of the diagram in flow order."""


class Programs(Protocol):
    """Finds definitions, their forms and decisions; each compiled once, then cached."""

    def get(self, definition_id: str) -> Program:
        """Raises NotFound."""

    def title(self, definition_id: str) -> str:
        """What people call the process. Raises NotFound."""

    def form(self, definition_id: str, form_key: str) -> Form:
        """The form that was deployed with a definition. Raises NotFound."""

    def called(
        self,
        key: str,
        *,
        by: str,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
    ) -> Program:
        """The definition a call activity of definition `by` means. Raises NotFound."""

    def decide(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        by: str,
        at: datetime,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
        spend: Callable[[int], None] | None = None,
    ) -> Any:  # the result of a decision is a process variable
        """Evaluate a deployed decision; `spend` is told its steps. Raises NotFound, InvalidInput."""
