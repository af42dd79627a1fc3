"""Decision models: the decisions of a DMN file, what they require, and their evaluation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lxml.etree import _Element

from app.feel.boxed import Boxed, DecisionViolation, Definition, Nothing, Run, TableTrace
from app.feel.dmn_reader import Problem, Reader
from app.feel.dmn_types import MAX_HEIGHT, ItemDefinition, Types
from app.feel.dmn_xml import attribute, child, children, local_name, reference, text_under
from app.feel.errors import FeelError
from app.feel.evaluation import Evaluation, Purse
from app.feel.expression import UnaryTests, compile_unary_tests
from app.feel.tables import DecisionTable
from app.feel.values import CONTEXT, Function, kind_of

__all__ = [
    "DecisionError",
    "DecisionModel",
    "DecisionViolation",
    "Decisions",
    "Explanation",
    "Problem",
    "TableTrace",
]

_MAX_CHAIN = 40
_NAMED = (
    "inputData",
    "decision",
    "businessKnowledgeModel",
    "decisionService",
    "variable",
    "informationItem",
    "formalParameter",
    "parameter",
    "column",
    "output",
)


class DecisionError(FeelError):
    """A DMN file that cannot be used: every problem found, each with its element."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Join the problems to one message."""
        self.problems = tuple(problems)
        super().__init__(
            "; ".join(f"{problem.element_id}: {problem.message}" for problem in self.problems[:20])
        )


@dataclass(frozen=True, slots=True)
class Explanation:
    """A result, and what each decision table on the way saw and which rules it chose."""

    decision_id: str
    result: Any
    tables: tuple[TableTrace, ...]

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """Give the rules chosen by the decision itself."""
        own = [table for table in self.tables if table.decision_id == self.decision_id]
        return own[-1].rule_ids if own else ()


@dataclass(frozen=True, slots=True)
class Element:
    """A decision, business knowledge model or decision service with what it requires."""

    id: str
    name: str
    variable: str
    type_ref: str
    logic: Boxed
    requires: tuple[str, ...] = ()
    is_service: bool = False
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


@dataclass(slots=True)
class _Session:
    """One evaluation: the variables, and the decisions made so far."""

    run: Run
    variables: Mapping[str, Any]
    made: dict[str, Any] = field(default_factory=dict)


class DecisionModel:
    """The decisions of one file, compiled; evaluate them as often as you like, from any thread."""

    def __init__(
        self, elements: Mapping[str, Element], inputs: Mapping[str, tuple[str, str]], types: Types
    ) -> None:
        """Keep elements and input data (id → name and type); use `Decisions.parse`."""
        self._elements = dict(elements)
        self._inputs = dict(inputs)
        self._types = types

    @property
    def decision_ids(self) -> tuple[str, ...]:
        """Give the ids of all decisions, in the order of the file."""
        return tuple(
            element.id
            for element in self._elements.values()
            if not element.is_service and not isinstance(element.logic, Definition)
        )

    def name_of(self, decision_id: str) -> str:
        """Give the name people know a decision by."""
        return self._elements[decision_id].name

    def evaluate(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        now: datetime | None = None,
        purse: Purse | None = None,
    ) -> Any:
        """Decide. One output gives its value, several a dict; list policies give lists.

        Raises `DecisionViolation` when rules contradict the hit policy, `FeelError` for an
        unknown id, `FeelEvaluationError` when a bound is met. A `purse` pays.
        """
        return self.explain(decision_id, variables, now=now, purse=purse).result

    def explain(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        now: datetime | None = None,
        purse: Purse | None = None,
    ) -> Explanation:
        """Decide, and tell which rules of which tables did it."""
        element = self._elements.get(decision_id)
        if element is None:
            raise FeelError(f"Không có quyết định {decision_id!r}")
        run = Run(Evaluation(now, purse=purse))
        try:
            session = _Session(run, self._fitted(run.budget, variables))
            result = self._value(session, decision_id)
        finally:
            run.budget.settle()
        return Explanation(decision_id, result, tuple(run.traces))

    def _fitted(self, c: Evaluation, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Give the input data their declared types."""
        fitted = dict(variables)
        for name, type_ref in self._inputs.values():
            if type_ref and name in fitted:
                fitted[name] = self._types.admit(c, type_ref, fitted[name])
        return fitted

    def _value(self, session: _Session, element_id: str) -> Any:
        if element_id in session.made:
            return session.made[element_id]
        element = self._elements[element_id]
        if element.is_service:
            value: Any = self._service(session, element)
        else:
            value = self._decided(session, element)
        session.made[element_id] = value
        return value

    def _decided(self, session: _Session, element: Element) -> Any:
        session.run.budget.spend(len(session.variables) + 1)
        scope = dict(session.variables)
        for required_id in element.requires:
            self._bring(session, scope, required_id)
        value = element.logic.run(session.run, scope)
        return self._types.conform(session.run.budget, element.type_ref, value)

    def _bring(self, session: _Session, scope: dict[str, Any], required_id: str) -> None:
        """Put a required decision or function into the scope, as the standard names it.

        The outputs of a required table also stand under their own names, as in Camunda 7.
        """
        required = self._elements[required_id]
        value = self._value(session, required_id)
        scope[required.variable] = value
        if not isinstance(required.logic, DecisionTable):
            return
        names = [column.name for column in required.logic.outputs if column.name]
        if len(required.logic.outputs) == 1 and names:
            scope.setdefault(names[0], value)
        elif kind_of(value) == CONTEXT:
            for name in names:
                scope.setdefault(name, value.get(name))

    def _service(self, session: _Session, element: Element) -> Function:
        """Make the function a decision service is: its inputs in, its output decisions out."""
        parameters = tuple(self._parameter(input_id) for input_id in element.inputs)

        def code(_c: Evaluation, *arguments: Any) -> Any:
            given = dict(zip(element.inputs, arguments, strict=True))
            named = {self._parameter(input_id): value for input_id, value in given.items()}
            made = {key: value for key, value in given.items() if key in self._elements}
            inner = _Session(session.run, {**session.variables, **named}, made)
            results = {
                self._elements[output].variable: self._value(inner, output)
                for output in element.outputs
            }
            return next(iter(results.values())) if len(results) == 1 else results

        return Function(parameters, code, 10)

    def _parameter(self, input_id: str) -> str:
        if input_id in self._inputs:
            return self._inputs[input_id][0]
        return self._elements[input_id].variable


class Decisions:
    """Reads DMN 1.1 to 1.5."""

    @staticmethod
    def parse(xml_root: _Element) -> DecisionModel:
        """Compile a model from the root of a file that was read safely.

        Raises `DecisionError` with every problem found.
        """
        return _Parsing(xml_root).model()


class _Parsing:
    """The reading of one file."""

    def __init__(self, root: _Element) -> None:
        self._root = root
        names = {
            attribute(element, "name") for element in root.iter() if local_name(element) in _NAMED
        }
        self._broken: list[Problem] = []
        self._types = Types(
            {
                attribute(item, "name"): self._item_definition(item)
                for item in children(root, "itemDefinition")
            }
        )
        self._reader = Reader(names - {""}, self._types, attribute(root, "expressionLanguage"))
        self._elements: dict[str, Element] = {}

    def model(self) -> DecisionModel:
        if local_name(self._root) != "definitions":
            self._note("", "tệp không phải DMN")
        for imported in children(self._root, "import"):
            self._note(attribute(imported, "name"), "không nhập được tệp khác (import)")
        for element in children(
            self._root, "decision", "businessKnowledgeModel", "decisionService"
        ):
            self._add(element)
        inputs = {
            attribute(element, "id"): self._input(element)
            for element in children(self._root, "inputData")
        }
        self._check(inputs)
        self._reader.problems.extend(self._broken)
        if child(self._root, "decision") is None and not self._reader.problems:
            self._note("", "tệp không có quyết định (decision) nào")
        if self._reader.problems:
            raise DecisionError(self._reader.problems)
        return DecisionModel(self._elements, inputs, self._types)

    def _note(self, element_id: str, message: str) -> None:
        self._reader.problems.append(Problem(element_id, message))

    def _add(self, element: _Element) -> None:
        element_id = attribute(element, "id")
        if not element_id or element_id in self._elements:
            self._note(element_id, "mỗi quyết định cần một id riêng")
            return
        self._reader.owner = element_id
        variable = child(element, "variable")
        name = attribute(element, "name") or element_id
        self._elements[element_id] = Element(
            element_id,
            name,
            (attribute(variable, "name") if variable is not None else "") or name,
            attribute(variable, "typeRef") if variable is not None else "",
            self._logic(element),
            requires=_references(element, "requiredDecision", "requiredKnowledge"),
            is_service=local_name(element) == "decisionService",
            inputs=_direct(element, "inputDecision") + _direct(element, "inputData"),
            outputs=_direct(element, "outputDecision"),
        )

    def _logic(self, element: _Element) -> Boxed:
        match local_name(element):
            case "decision":
                return self._reader.expression_of(element)
            case "businessKnowledgeModel":
                logic = child(element, "encapsulatedLogic")
                if logic is not None:
                    return self._reader.definition(logic)
                self._note(attribute(element, "id"), "mô hình tri thức thiếu phần logic")
        return Nothing()

    @staticmethod
    def _input(element: _Element) -> tuple[str, str]:
        variable = child(element, "variable")
        name = attribute(element, "name")
        if variable is None:
            return name, ""
        return attribute(variable, "name") or name, attribute(variable, "typeRef")

    def _item_definition(self, element: _Element, height: int = 0) -> ItemDefinition:
        allowed = text_under(child(element, "allowedValues"))
        return ItemDefinition(
            text_under(element, "typeRef"),
            tuple(
                (attribute(component, "name"), self._item_definition(component, height + 1))
                for component in children(element, "itemComponent")
                if height < MAX_HEIGHT
            ),
            attribute(element, "isCollection") == "true",
            allowed,
            self._allowed_tests(element, allowed),
        )

    def _allowed_tests(self, element: _Element, allowed: str) -> UnaryTests | None:
        if not allowed:
            return None
        try:
            return compile_unary_tests(allowed)
        except FeelError as error:
            name = attribute(element, "id") or attribute(element, "name")
            self._broken.append(Problem(name, f"giá trị cho phép: {error.message}"))
            return None

    def _check(self, inputs: Mapping[str, tuple[str, str]]) -> None:
        """Look for references to nothing, circles and chains too long."""
        for element in self._elements.values():
            known = set(self._elements)
            for required in (*element.requires, *element.outputs):
                if required not in known:
                    self._note(element.id, f"cần {required!r} nhưng tệp không có")
            for required in element.inputs:
                if required not in known and required not in inputs:
                    self._note(element.id, f"cần {required!r} nhưng tệp không có")
        heights: dict[str, int] = {}
        for element_id in self._elements:
            self._height(element_id, heights, ())

    def _height(self, element_id: str, heights: dict[str, int], above: tuple[str, ...]) -> int:
        if element_id in heights or element_id not in self._elements:
            return heights.get(element_id, 0)
        if element_id in above:
            self._note(element_id, "các quyết định cần nhau thành vòng tròn")
            heights[element_id] = 0
            return 0
        if len(above) > _MAX_CHAIN:
            self._note(element_id, f"chuỗi quyết định dài quá {_MAX_CHAIN}")
            heights[element_id] = 0
            return 0
        element = self._elements[element_id]
        below = (
            self._height(required, heights, (*above, element_id))
            for required in (*element.requires, *element.outputs)
        )
        heights[element_id] = 1 + max(below, default=0)
        return heights[element_id]


def _references(element: _Element, *names: str) -> tuple[str, ...]:
    return tuple(
        reference(target)
        for requirement in children(element, "informationRequirement", "knowledgeRequirement")
        for target in children(requirement, *names)
    )


def _direct(element: _Element, name: str) -> tuple[str, ...]:
    return tuple(reference(target) for target in children(element, name))
