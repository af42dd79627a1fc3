"""Boxed expressions of DMN, ready to run (DMN 1.4, chapters 7 and 10.3.1)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.feel.access import call_named, fit, items_of
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.expression import Expression
from app.feel.values import LIST, Function, kind_of

Scope = Mapping[str, Any]


class DecisionViolation(FeelEvaluationError):
    """A decision that contradicts itself: which one, what for, and the rules concerned."""

    def __init__(self, message: str, decision_id: str, rule_ids: Sequence[str] = ()) -> None:
        """Keep the sentence, the decision and the rules."""
        super().__init__(message)
        self.decision_id = decision_id
        self.rule_ids = tuple(rule_ids)


@dataclass(frozen=True, slots=True)
class TableTrace:
    """What one decision table saw and did: for the history."""

    decision_id: str
    inputs: tuple[tuple[str, Any], ...]
    rule_ids: tuple[str, ...]
    output: Any


@dataclass(slots=True)
class Run:
    """One evaluation of a model: its budget and what its tables did."""

    budget: Evaluation
    traces: list[TableTrace] = field(default_factory=list)


class Boxed(Protocol):
    """Something with a value in a scope."""

    def run(self, run: Run, scope: Scope) -> Any:
        """Give the value."""
        ...


@dataclass(frozen=True, slots=True)
class Nothing:
    """An empty cell."""

    def run(self, run: Run, scope: Scope) -> Any:
        """Give null."""
        del run, scope


@dataclass(frozen=True, slots=True)
class Text:
    """A literal expression."""

    expression: Expression

    def run(self, run: Run, scope: Scope) -> Any:
        """Evaluate the text."""
        run.budget.spend(1)
        return self.expression.run(run.budget, scope)


@dataclass(frozen=True, slots=True)
class Entries:
    """A boxed context; an entry without name is the result of the whole."""

    entries: tuple[tuple[str, Boxed], ...]

    def run(self, run: Run, scope: Scope) -> Any:
        """Evaluate the entries in order, each seeing those before it."""
        made: dict[str, Any] = {}
        seen = dict(scope)
        run.budget.spend(len(seen))
        for name, boxed in self.entries:
            value = boxed.run(run, seen)
            if not name:
                return value
            made[name] = seen[name] = value
        return made


@dataclass(frozen=True, slots=True)
class Items:
    """A boxed list."""

    items: tuple[Boxed, ...]

    def run(self, run: Run, scope: Scope) -> Any:
        """Evaluate every item."""
        return [item.run(run, scope) for item in self.items]


@dataclass(frozen=True, slots=True)
class Rows:
    """A relation: rows under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed, ...], ...]

    def run(self, run: Run, scope: Scope) -> Any:
        """Evaluate to a list of contexts."""
        return [
            {name: cell.run(run, scope) for name, cell in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class Definition:
    """A boxed function."""

    parameters: tuple[str, ...]
    body: Boxed
    fit: Callable[[Evaluation, int, Any], Any]

    def run(self, run: Run, scope: Scope) -> Any:
        """Make the function; it sees what stands around it."""

        def code(c: Evaluation, *arguments: Any) -> Any:
            fitted = [self.fit(c, place, value) for place, value in enumerate(arguments)]
            inner = {**scope, **dict(zip(self.parameters, fitted, strict=True))}
            return self.body.run(run, inner)

        return Function(self.parameters, code, 10 + len(scope))


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call of a function with named arguments."""

    function: Boxed
    names: tuple[str, ...]
    arguments: tuple[Boxed, ...]

    def run(self, run: Run, scope: Scope) -> Any:
        """Call it; null if it is no function."""
        values = [argument.run(run, scope) for argument in self.arguments]
        return call_named(run.budget, self.function.run(run, scope), self.names, values)


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed if, then, else."""

    condition: Boxed
    yes: Boxed
    no: Boxed

    def run(self, run: Run, scope: Scope) -> Any:
        """Evaluate one of both branches."""
        chosen = self.yes if self.condition.run(run, scope) is True else self.no
        return chosen.run(run, scope)


@dataclass(frozen=True, slots=True)
class Iteration:
    """A boxed for, some or every."""

    kind: str
    variable: str
    source: Boxed
    body: Boxed

    def run(self, run: Run, scope: Scope) -> Any:
        """Evaluate the body for every item."""
        source = self.source.run(run, scope)
        if source is None:
            return None
        results: list[Any] = []
        for item in items_of(run.budget, source):
            run.budget.spend(len(scope) + 1)
            partial = {"partial": list(results)} if self.kind == "for" else {}
            run.budget.spend(len(results))
            results.append(self.body.run(run, {**scope, **partial, self.variable: item}))
        if self.kind == "for":
            return fit(results)
        return _quantified(results, decisive=self.kind == "some")


def _quantified(results: list[Any], *, decisive: bool) -> bool | None:
    if any(result is decisive for result in results):
        return decisive
    return (not decisive) if all(result is (not decisive) for result in results) else None


@dataclass(frozen=True, slots=True)
class Selection:
    """A boxed filter."""

    source: Boxed
    condition: Boxed

    def run(self, run: Run, scope: Scope) -> Any:
        """Keep the items that meet the condition."""
        source = self.source.run(run, scope)
        if source is None:
            return None
        kept = []
        for item in source if kind_of(source) == LIST else [source]:
            run.budget.spend(len(scope) + 1)
            entries = item if isinstance(item, dict) else {}
            if self.condition.run(run, {**scope, **entries, "item": item}) is True:
                kept.append(item)
        return kept
