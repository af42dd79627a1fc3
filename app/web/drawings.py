"""Drawings of diagrams, as a page puts them in."""

from markupsafe import Markup

from app.domain.definitions import ProcessDefinition
from app.domain.engine import DrawingStates
from app.domain.instances import ProcessInstance
from app.usecases import timelines
from app.usecases.ports import Work


def of_file(
    work: Work, name: str, bpmn: bytes, states: DrawingStates, *, around: int | None = None
) -> Markup:
    """`around` crops to so many steps about the active ones. Raises InvalidInput."""
    svg = work.engine.draw(bpmn, states, title=f"Sơ đồ {name}", around=around)
    return Markup(svg)  # noqa: S704 - drawn by our own room, which escapes every text of the file


def of_definition(
    work: Work, definition: ProcessDefinition, states: DrawingStates, *, around: int | None = None
) -> Markup:
    source = work.files.read(definition.sha256)
    return of_file(work, definition.name, source, states, around=around)


def of_instance(work: Work, instance: ProcessInstance, *, around: int | None = None) -> Markup:
    """What was passed, and where it stands."""
    definition = work.definitions.get(instance.definition_id)
    states = timelines.drawing_states(work, instance)
    return of_definition(work, definition, states, around=around)
