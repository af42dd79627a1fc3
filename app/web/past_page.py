"""An instance as it was after one of its steps: where it stood, and what it knew."""

from dataclasses import dataclass, replace

from markupsafe import Markup

from app.domain.instances import ProcessInstance
from app.usecases import past
from app.usecases.ports import Work
from app.usecases.replay import PastState
from app.web import drawings, formats, history_rows, past_changes, subjects, variables
from app.web.admin_rail import INSTANCES
from app.web.case_page import Status
from app.web.cockpit import anchor
from app.web.history_rows import command_label, past_url
from app.web.instance_list import STATES
from app.web.past_changes import Changes


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
    changes: Changes
    details: list[str]  # what history says of the step
    status: Status
    tasks: list[str]
    waits: list[str]


def build(work: Work, instance: ProcessInstance, seq: int) -> PastPage:
    """Raises NotFound where the history has no entry of that number."""
    *before, state = past.states_at(work, instance, seq)
    definition_id = past.definition_at(work, instance, seq)
    definition = work.definitions.get(definition_id)
    steps = _steps(work, definition_id, state)
    href = f"{INSTANCES}/{instance.id}"
    links = {step.anchor.removeprefix(anchor("")): f"#{step.anchor}" for step in steps}
    states = replace(state.drawing, links=links)
    names = {view.id: view.name or view.id for view in work.programs.get(definition_id).elements()}
    step = names.get(state.element, "")
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
        diagram=drawings.of_definition(work, definition, states),
        steps=steps,
        scopes=variables.scopes(state.variables),
        changes=past_changes.between(before[0] if before else None, state, names),
        details=history_rows.details_of(work, instance, seq, names),
        status=STATES[state.state],
        tasks=[names.get(element, element) for element in sorted(state.tasks.values())],
        waits=[past_changes.wait_text(wait, names) for wait in state.waits.values()],
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
