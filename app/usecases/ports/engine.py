"""The engine room: reads, checks, rehearses, compiles and draws files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from app.domain.engine import DrawingStates, Problem, ProcessOutline, Rehearsal, Vocabulary
from app.usecases.ports.programs import Program


class Engine(Protocol):
    """Reads, checks, compiles and draws diagrams."""

    def outline(self, bpmn: bytes) -> list[ProcessOutline]:
        """The executable processes of a file. Raises InvalidInput for malformed or hostile XML."""

    def decisions(self, dmn: bytes) -> list[tuple[str, str]]:
        """(id, name) of the decisions of a file. Raises InvalidInput."""

    def decision_tags(self, dmn: bytes) -> dict[str, str]:
        """By id, the version tags of those decisions of a file that carry one."""

    def check(self, files: Mapping[str, bytes], vocabulary: Vocabulary) -> list[Problem]:
        """Lint a whole set of files: .bpmn, .dmn, .form, .yaml. Never raises for bad content."""

    def rehearse(self, files: Mapping[str, bytes], at: datetime) -> list[Rehearsal]:
        """Play the processes of a set in memory, by its scenario files (`.yaml`).

        Without a scenario, every process is walked with plausible answers to each form.
        """

    def compile(self, definition_id: str, key: str, bpmn: bytes) -> Program:
        """Compile one process of a file. Raises InvalidInput where `check` reports an error."""

    def draw(self, bpmn: bytes, states: DrawingStates, *, title: str, around: int | None) -> str:
        """SVG; `around` crops to so many steps about the active ones."""
