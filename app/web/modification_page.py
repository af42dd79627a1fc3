"""Changing by hand where an instance stands: which steps end, which begin, what that leads to."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from app.domain.engine import DrawingStates, ElementView, Modification
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.migrations import Standing
from app.domain.permissions import Actor
from app.usecases import modifications
from app.usecases.modifications import Modify
from app.usecases.ports import Work
from app.web import drawings
from app.web.admin_rail import INSTANCES, refusal
from app.web.operation_words import kind_of

ROOT = "0"
VARIABLE_ROWS = 3
MOST_CHARACTERS = 2_000
MOST_STEPS = 200  # of each list that a form may send


@dataclass(frozen=True)
class Typed:
    """What the form holds, as it was typed."""

    cancel: tuple[int, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    scope: str = ROOT
    reason: str = ""
    version: int | None = None

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "Typed":
        version = form.get("version", "")
        tokens = form.getlist("cancel")[:MOST_STEPS]
        return cls(
            cancel=tuple(int(one) for one in tokens if one.isdecimal() and len(one) < 10),
            before=tuple(form.getlist("before")[:MOST_STEPS]),
            after=tuple(form.getlist("after")[:MOST_STEPS]),
            names=tuple(one.strip() for one in form.getlist("name")[:VARIABLE_ROWS]),
            values=tuple(one[:MOST_CHARACTERS] for one in form.getlist("value")[:VARIABLE_ROWS]),
            scope=form.get("scope", ROOT)[:20],
            reason=form.get("reason", "")[:MOST_CHARACTERS],
            version=int(version) if version.isdecimal() and len(version) < 10 else None,
        )

    def command(self) -> Modify:
        pairs = zip(self.names, self.values, strict=False)
        values = {name: _value(text) for name, text in pairs if name}
        return Modify(
            Modification(self.cancel, self.before, self.after),
            {self.scope: values} if values else {},
            self.reason,
            self.version,
        )

    def rows(self) -> list[tuple[str, str]]:
        names = (*self.names, *[""] * VARIABLE_ROWS)[:VARIABLE_ROWS]
        values = (*self.values, *[""] * VARIABLE_ROWS)[:VARIABLE_ROWS]
        return list(zip(names, values, strict=True))


def _value(text: str) -> Any:
    """A number, truth value, list or map as JSON writes it; anything else is text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


@dataclass(frozen=True)
class TokenRow:
    token: int
    label: str
    checked: bool


@dataclass(frozen=True)
class StepRow:
    id: str
    name: str
    kind: str
    tokens: list[TokenRow]
    before: bool
    after: bool
    after_reason: str  # why the step cannot be passed over


@dataclass(frozen=True)
class Outcome:
    """What the change would lead to."""

    steps: list[str]
    at_once: list[str]  # what the house does by itself, and goes on
    ends: bool
    diagram: Markup


@dataclass(frozen=True)
class ModificationPage:
    href: str
    code: str
    process: str
    version: int
    diagram: Markup
    steps: list[StepRow]
    scopes: list[tuple[str, str]]
    typed: Typed
    outcome: Outcome | None
    refusal: str
    errors: Mapping[str, str]


def build(
    work: Work,
    actor: Actor,
    instance: ProcessInstance,
    typed: Typed,
    *,
    preview: bool = False,
    errors: Mapping[str, str] | None = None,
) -> ModificationPage:
    program = work.programs.get(instance.definition_id)
    standing = program.standing(instance.snapshot, programs=work.programs)
    views = program.elements()
    names = {view.id: view.name or view.id for view in views}
    return ModificationPage(
        href=f"{INSTANCES}/{instance.id}",
        code=instance.business_key,
        process=work.definitions.get(instance.definition_id).name,
        version=instance.version,
        diagram=drawings.of_instance(work, instance),
        steps=[_step(view, standing, typed) for view in views],
        scopes=[
            (ROOT, "Toàn quy trình"),
            *[
                (one.scope, f"Bên trong {names.get(one.element, one.element)}")
                for one in standing
                if one.scope != ROOT
            ],
        ],
        typed=typed,
        outcome=_outcome(work, instance, typed, names) if preview else None,
        refusal=_refusal(actor, instance),
        errors=errors or {},
    )


def _refusal(actor: Actor, instance: ProcessInstance) -> str:
    if instance.state is InstanceState.SUSPENDED:
        return refusal(actor) or "Quy trình đang tạm dừng; hãy cho chạy tiếp trước."
    if instance.state is not InstanceState.ACTIVE:
        return refusal(actor) or "Quy trình đã kết thúc."
    return refusal(actor)


def _step(view: ElementView, standing: list[Standing], typed: Typed) -> StepRow:
    here = [one for one in standing if one.element == view.id]
    ways = len(view.next_names)
    return StepRow(
        id=view.id,
        name=view.name or view.id,
        kind=kind_of(view.kind),
        tokens=[
            TokenRow(one.token, _token_label(one, len(here)), one.token in typed.cancel)
            for one in here
        ],
        before=view.id in typed.before,
        after=view.id in typed.after,
        after_reason="" if ways == 1 else "nhiều luồng ra" if ways else "không có luồng ra",
    )


def _token_label(one: Standing, of: int) -> str:
    if one.round is not None:
        return f"lượt {one.round}"
    inside = ", gồm mọi bước bên trong" if one.holds else ""
    return f"số {one.token}{inside}" if of > 1 else f"đang ở đây{inside}"


def _outcome(
    work: Work, instance: ProcessInstance, typed: Typed, names: Mapping[str, str]
) -> Outcome:
    seen = modifications.preview(work, instance, typed.command())
    counts = Counter(seen.active)
    steps = [
        f"{names.get(element, element)}{f' ({count})' if count > 1 else ''}"
        for element, count in counts.items()
    ]
    at_once = [names.get(element, element) for element in seen.at_once]
    states = DrawingStates(
        active=frozenset(counts) | frozenset(seen.at_once),
        badges={one: n for one, n in counts.items() if n > 1},
    )
    definition = work.definitions.get(instance.definition_id)
    drawing = drawings.of_definition(work, definition, states)
    return Outcome(steps, at_once, seen.ends, drawing)
