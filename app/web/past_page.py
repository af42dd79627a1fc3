"""An instance as it was after one of its steps: where it stood, and what it knew."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from app.domain.instances import ProcessInstance
from app.usecases import past
from app.usecases.past import PastState
from app.usecases.ports import Work
from app.web import formats, subjects, variables
from app.web.admin_rail import INSTANCES
from app.web.cockpit import anchor, command_label, past_url


@dataclass(frozen=True)
class PastStep:
    """A row of the list beside the drawing; the drawing links to its anchor."""

    anchor: str
    name: str
    lane: str
    state: str
    kind: str  # of its tag
    count: int  # tokens that stood there


@dataclass(frozen=True)
class PastPage:
    href: str
    code: str
    process: str
    at: str
    after: str  # the step by which it came about
    who: str
    seq: int
    last: int
    previous_url: str
    next_url: str
    history_url: str
    diagram: Markup
    steps: list[PastStep]
    scopes: list[variables.Scope]


def build(work: Work, instance: ProcessInstance, seq: int) -> PastPage:
    """Raises NotFound where the history has no entry of that number."""
    state = past.state_at(work, instance, seq)
    definition_id = past.definition_at(work, instance, seq)
    definition = work.definitions.get(definition_id)
    steps = _steps(work, definition_id, state)
    href = f"{INSTANCES}/{instance.id}"
    links = {step.anchor.removeprefix(anchor("")): f"#{step.anchor}" for step in steps}
    svg = work.engine.draw(
        work.files.read(definition.sha256),
        replace(state.drawing, links=links),
        title=f"Sơ đồ {definition.name}",
        around=None,
    )
    names = {step.anchor: step.name for step in steps}
    step = names.get(anchor(state.element), "")
    label = command_label(state.command)
    last = instance.history_seq
    return PastPage(
        href=href,
        code=instance.business_key,
        process=f"{definition.name}, phiên bản {definition.version}",
        at=formats.moment(state.at),
        after=f"{label}: {step}" if step else label,
        who=state.actor,
        seq=seq,
        last=last,
        previous_url=past_url(instance, seq - 1) if seq > 1 else "",
        next_url=past_url(instance, seq + 1) if seq < last else "",
        history_url=f"{href}?tab=history#chi-tiet",
        diagram=Markup(svg),  # noqa: S704 - drawn by our own room, which escapes every text
        steps=steps,
        scopes=variables.scopes(state.variables),
    )


def _steps(work: Work, definition_id: str, state: PastState) -> list[PastStep]:
    return [
        PastStep(
            anchor(view.id),
            view.name or view.id,
            view.lane or "",
            *subjects.state_tag(view.id, state.drawing),
            state.active.get(view.id, 0),
        )
        for view in work.programs.get(definition_id).elements()
    ]
