"""Decision tables: which rules hit, and what the hit policy makes of them (DMN 1.4, 8.2.10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.feel import operators
from app.feel.boxed import Boxed, DecisionViolation, Run, Scope, TableTrace
from app.feel.dmn_types import Types
from app.feel.equality import equal, order
from app.feel.evaluation import Evaluation
from app.feel.expression import UnaryTests


class HitPolicy(StrEnum):
    """What several matching rules mean."""

    UNIQUE = "UNIQUE"
    ANY = "ANY"
    PRIORITY = "PRIORITY"
    FIRST = "FIRST"
    COLLECT = "COLLECT"
    RULE_ORDER = "RULE ORDER"
    OUTPUT_ORDER = "OUTPUT ORDER"


class Aggregation(StrEnum):
    """What COLLECT makes of the outputs; LIST keeps them."""

    LIST = ""
    SUM = "SUM"
    COUNT = "COUNT"
    MIN = "MIN"
    MAX = "MAX"


@dataclass(frozen=True, slots=True)
class Input:
    """An input column: what is looked at, and under which names cells may speak of it."""

    label: str
    expression: Boxed
    type_ref: str
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """An output column; `ranking` lists its values from the best, for the priority policies."""

    name: str
    type_ref: str
    ranking: Boxed | None
    default: Boxed | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a test for each input (None: anything), an expression for each output."""

    id: str
    tests: tuple[UnaryTests | None, ...]
    outputs: tuple[Boxed, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched, with the values of its outputs."""

    rule_id: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A decision table ready to run."""

    decision_id: str
    policy: HitPolicy
    aggregation: Aggregation
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    types: Types

    def run(self, run: Run, scope: Scope) -> Any:
        """Match the rules and apply the hit policy; raise `DecisionViolation` if it is broken."""
        values = [self._input(run, column, scope) for column in self.inputs]
        hits = self._hits(run, scope, values)
        chosen = self._chosen(run, scope, hits)
        result = self._result(run, scope, chosen)
        run.traces.append(
            TableTrace(
                self.decision_id,
                tuple(
                    (column.label, value) for column, value in zip(self.inputs, values, strict=True)
                ),
                tuple(hit.rule_id for hit in chosen),
                result,
            )
        )
        return result

    def _input(self, run: Run, column: Input, scope: Scope) -> Any:
        value = column.expression.run(run, scope)
        return self.types.fit(run.budget, column.type_ref, value)

    def _hits(self, run: Run, scope: Scope, values: Sequence[Any]) -> list[Hit]:
        run.budget.spend(len(scope) * len(values))
        scopes = [
            {**dict.fromkeys(column.variables, value), **scope, "?": value}
            for column, value in zip(self.inputs, values, strict=True)
        ]
        hits: list[Hit] = []
        for rule in self.rules:
            if self._matches(run.budget, rule, scopes):
                outputs = tuple(output.run(run, scope) for output in rule.outputs)
                hits.append(Hit(rule.id, self._typed(run, outputs)))
                if self.policy is HitPolicy.FIRST:
                    break
        return hits

    @staticmethod
    def _matches(c: Evaluation, rule: Rule, scopes: Sequence[Scope]) -> bool:
        c.spend(len(scopes) + 1)
        return all(
            test is None or test.passes(c, scope)
            for test, scope in zip(rule.tests, scopes, strict=True)
        )

    def _typed(self, run: Run, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(
            self.types.fit(run.budget, column.type_ref, value)
            for column, value in zip(self.outputs, values, strict=True)
        )

    # Hit policies

    def _chosen(self, run: Run, scope: Scope, hits: list[Hit]) -> list[Hit]:
        match self.policy:
            case HitPolicy.UNIQUE if len(hits) > 1:
                raise self._violation("chỉ cho một luật khớp nhưng có nhiều luật cùng khớp", hits)
            case HitPolicy.ANY:
                if any(not _same(run.budget, hit, hits[0]) for hit in hits):
                    raise self._violation("các luật cùng khớp cho kết quả khác nhau", hits)
                return hits[:1]
            case HitPolicy.PRIORITY:
                return self._ranked(run, scope, hits)[:1]
            case HitPolicy.OUTPUT_ORDER:
                return self._ranked(run, scope, hits)
        return hits

    def _violation(self, what: str, hits: Sequence[Hit]) -> DecisionViolation:
        rules = [hit.rule_id for hit in hits]
        return DecisionViolation(
            f"Bảng quyết định {self.decision_id!r} ({self.policy}): {what}: {', '.join(rules)}",
            self.decision_id,
            rules,
        )

    def _ranked(self, run: Run, scope: Scope, hits: list[Hit]) -> list[Hit]:
        rankings = [
            column.ranking.run(run, scope) if column.ranking else [] for column in self.outputs
        ]
        run.budget.spend(len(hits) * sum(map(len, rankings)))
        return sorted(
            hits,
            key=lambda hit: [
                _rank(run.budget, ranking, value)
                for ranking, value in zip(rankings, hit.values, strict=True)
            ],
        )

    # Results

    def _result(self, run: Run, scope: Scope, hits: list[Hit]) -> Any:
        several = self.policy in (
            HitPolicy.COLLECT,
            HitPolicy.RULE_ORDER,
            HitPolicy.OUTPUT_ORDER,
        )
        if not hits and any(column.default for column in self.outputs):
            default = self._shaped(
                tuple(
                    column.default.run(run, scope) if column.default else None
                    for column in self.outputs
                )
            )
            return [default] if several and not self.aggregation else default
        if not several:
            return self._shaped(hits[0].values) if hits else None
        if self.aggregation:
            return self._aggregated(run.budget, [hit.values[0] for hit in hits])
        return [self._shaped(hit.values) for hit in hits]

    def _shaped(self, values: tuple[Any, ...]) -> Any:
        if len(self.outputs) == 1:
            return values[0]
        return {column.name: value for column, value in zip(self.outputs, values, strict=True)}

    def _aggregated(self, c: Evaluation, values: list[Any]) -> Any:
        if self.aggregation is Aggregation.COUNT:
            return len(values)
        if not values:
            return None
        result = values[0]
        for value in values[1:]:
            result = self._folded(c, result, value)
        return result

    def _folded(self, c: Evaluation, left: Any, right: Any) -> Any:
        if self.aggregation is Aggregation.SUM:
            return operators.plus(c, left, right)
        found = order(left, right)
        if found is None:
            return None
        smaller, larger = (left, right) if found <= 0 else (right, left)
        return smaller if self.aggregation is Aggregation.MIN else larger


def _same(c: Evaluation, left: Hit, right: Hit) -> bool:
    return all(equal(c, a, b) is True for a, b in zip(left.values, right.values, strict=True))


def _rank(c: Evaluation, ranking: Sequence[Any], value: Any) -> int:
    for place, known in enumerate(ranking):
        if equal(c, known, value) is True:
            return place
    return len(ranking)
