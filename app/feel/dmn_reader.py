"""From the XML of boxed expressions to ones that run; every cell is compiled here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from lxml.etree import _Element

from app.feel.boxed import (
    Boxed,
    Conditional,
    Definition,
    Entries,
    Invocation,
    Items,
    Iteration,
    Nothing,
    Rows,
    Selection,
    Text,
)
from app.feel.dmn_types import Types
from app.feel.dmn_xml import attribute, child, children, local_name, text_under
from app.feel.errors import FeelError
from app.feel.expression import (
    UnaryTests,
    compile_expression,
    compile_juel,
    compile_unary_tests,
)
from app.feel.tables import Aggregation, DecisionTable, HitPolicy, Input, Output, Rule

_MAX_HEIGHT = 20
_BOXED = (
    "literalExpression",
    "decisionTable",
    "context",
    "list",
    "relation",
    "invocation",
    "functionDefinition",
    "conditional",
    "for",
    "some",
    "every",
    "filter",
)
_CELL_INPUT = "cellInput"
"""The name under which cells speak of their input in Camunda 7."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a file: the element's id and a sentence."""

    element_id: str
    message: str


@dataclass(slots=True)
class Reader:
    """Reads the boxed expressions of one file and notes what is wrong with them."""

    names: Collection[str]
    types: Types
    language: str
    problems: list[Problem] = field(default_factory=list)
    height: int = 0
    owner: str = ""

    def expression_of(self, element: _Element, *, needed: bool = True) -> Boxed:
        """Read the boxed expression inside an element."""
        found = child(element, *_BOXED)
        if found is not None:
            return self.boxed(found)
        if needed:
            self._note(element, "thiếu biểu thức")
        return Nothing()

    def boxed(self, element: _Element) -> Boxed:
        """Read a boxed expression."""
        self.height += 1
        if self.height > _MAX_HEIGHT:
            self._note(element, f"biểu thức lồng nhau quá {_MAX_HEIGHT} tầng")
            self.height -= 1
            return Nothing()
        result = self._readers()[local_name(element)](element)
        self.height -= 1
        return result

    def _readers(self) -> dict[str, Callable[[_Element], Boxed]]:
        return {
            "literalExpression": self._literal,
            "decisionTable": self._table,
            "context": self._context,
            "list": self._list,
            "relation": self._relation,
            "invocation": self._invocation,
            "functionDefinition": self.definition,
            "conditional": self._conditional,
            "for": self._iteration,
            "some": self._iteration,
            "every": self._iteration,
            "filter": self._filter,
        }

    def _note(self, element: _Element, message: str) -> None:
        self.problems.append(Problem(attribute(element, "id") or self.owner, message))

    # Text

    def _literal(self, element: _Element) -> Boxed:
        if child(element, "importedValues") is not None:
            self._note(element, "không nhận importedValues")
        return self.text(element)

    def text(self, element: _Element) -> Boxed:
        """Compile the text of a literal expression or cell; an empty one is null."""
        source = text_under(element)
        if not source:
            return Nothing()
        try:
            return self._compiled(element, source)
        except FeelError as error:
            self._note(element, error.message)
            return Nothing()

    def _compiled(self, element: _Element, source: str) -> Text:
        if self._speaks_juel(element) or "${" in source or "#{" in source:
            wrapped = source if "${" in source or "#{" in source else f"${{{source}}}"
            return Text(compile_juel(wrapped))
        return Text(compile_expression(source, self.names))

    def _speaks_juel(self, element: _Element) -> bool:
        language = (attribute(element, "expressionLanguage") or self.language).lower()
        if "juel" in language:
            return True
        if language and "feel" not in language:
            raise FeelError(f"ngôn ngữ {language!r} không được phép, chỉ có FEEL")
        return False

    def _tests(self, element: _Element) -> UnaryTests | None:
        source = text_under(element)
        if source in ("", "-"):
            return None
        try:
            if self._speaks_juel(element):
                self._note(element, "ô điều kiện phải viết bằng FEEL")
                return None
            return compile_unary_tests(source, self.names)
        except FeelError as error:
            self._note(element, f"ô {source[:60]!r}: {error.message}")
            return None

    # Tables

    def _table(self, element: _Element) -> Boxed:
        inputs = tuple(self._input(column) for column in children(element, "input"))
        policy, aggregation = self._policy(element)
        outputs = tuple(self._outputs(element, policy))
        if aggregation and len(outputs) > 1:
            self._note(element, "không gộp được khi bảng có nhiều cột kết quả")
        rules = tuple(
            self._rule(row, place, len(inputs), len(outputs))
            for place, row in enumerate(children(element, "rule"), 1)
        )
        return DecisionTable(self.owner, policy, aggregation, inputs, outputs, rules, self.types)

    def _policy(self, element: _Element) -> tuple[HitPolicy, Aggregation]:
        try:
            policy = HitPolicy(attribute(element, "hitPolicy") or HitPolicy.UNIQUE)
            aggregation = Aggregation(attribute(element, "aggregation"))
        except ValueError:
            self._note(element, "không biết hit policy hoặc cách gộp này")
            return HitPolicy.UNIQUE, Aggregation.LIST
        if aggregation and policy is not HitPolicy.COLLECT:
            self._note(element, "chỉ COLLECT mới gộp được kết quả")
        return policy, aggregation

    def _input(self, column: _Element) -> Input:
        looked_at = child(column, "inputExpression")
        label = attribute(column, "label")
        if looked_at is None or not text_under(looked_at):
            self._note(column, "cột điều kiện thiếu biểu thức")
            return Input(label, Nothing(), "", ())
        variable = attribute(column, "inputVariable")
        names = (variable, _CELL_INPUT) if variable else (_CELL_INPUT,)
        type_ref = attribute(looked_at, "typeRef")
        shown = label or text_under(looked_at)
        return Input(shown, self.text(looked_at), type_ref, names)

    def _outputs(self, element: _Element, policy: HitPolicy) -> list[Output]:
        columns = list(children(element, "output"))
        if not columns:
            self._note(element, "bảng quyết định thiếu cột kết quả")
        names = [attribute(column, "name") for column in columns]
        if len(columns) > 1 and (not all(names) or len(set(names)) < len(names)):
            self._note(element, "mỗi cột kết quả cần một tên riêng")
        return [self._output(column, policy) for column in columns]

    def _output(self, column: _Element, policy: HitPolicy) -> Output:
        type_ref = attribute(column, "typeRef")
        values = text_under(child(column, "outputValues")) or self.types.allowed(type_ref)
        ranking = None
        if policy in (HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER):
            ranking = self._ranking(column, values)
        default = child(column, "defaultOutputEntry")
        return Output(
            attribute(column, "name"),
            type_ref,
            ranking,
            None if default is None else self.text(default),
        )

    def _ranking(self, column: _Element, values: str) -> Boxed | None:
        if not values:
            self._note(column, "hit policy này cần danh sách giá trị kết quả theo thứ tự ưu tiên")
            return None
        try:
            return Text(compile_expression(f"[{values}]", self.names))
        except FeelError as error:
            self._note(column, f"danh sách giá trị kết quả: {error.message}")
            return None

    def _rule(self, row: _Element, place: int, inputs: int, outputs: int) -> Rule:
        tests = tuple(self._tests(cell) for cell in children(row, "inputEntry"))
        results = tuple(self.text(cell) for cell in children(row, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            self._note(row, f"luật {place} có số ô khác số cột")
        return Rule(attribute(row, "id") or str(place), tests, results)

    # Shapes

    def _context(self, element: _Element) -> Boxed:
        entries = []
        for entry in children(element, "contextEntry"):
            variable = child(entry, "variable", "informationItem")
            name = "" if variable is None else attribute(variable, "name")
            entries.append((name, self.expression_of(entry)))
        return Entries(tuple(entries))

    def _list(self, element: _Element) -> Boxed:
        return Items(tuple(self.boxed(item) for item in children(element, *_BOXED)))

    def _relation(self, element: _Element) -> Boxed:
        columns = tuple(attribute(column, "name") for column in children(element, "column"))
        rows = []
        for row in children(element, "row"):
            cells = tuple(self.boxed(cell) for cell in children(row, *_BOXED))
            if len(cells) != len(columns):
                self._note(row, "dòng có số ô khác số cột")
                continue
            rows.append(cells)
        return Rows(columns, tuple(rows))

    def _invocation(self, element: _Element) -> Boxed:
        names, arguments = [], []
        for binding in children(element, "binding"):
            parameter = child(binding, "parameter")
            names.append("" if parameter is None else attribute(parameter, "name"))
            arguments.append(self.expression_of(binding, needed=False))
        return Invocation(self.expression_of(element), tuple(names), tuple(arguments))

    def definition(self, element: _Element) -> Definition:
        """Read a boxed function or the logic of a business knowledge model."""
        kind = attribute(element, "kind") or "FEEL"
        if kind != "FEEL":
            self._note(element, f"hàm loại {kind} không được phép, chỉ có FEEL")
        parameters = list(children(element, "formalParameter"))
        refs = [attribute(parameter, "typeRef") for parameter in parameters]
        names = tuple(attribute(parameter, "name") for parameter in parameters)
        if len(set(names)) < len(names) or not all(names):
            self._note(element, "mỗi tham số cần một tên riêng")
        body = self.expression_of(element)
        return Definition(
            names, body, lambda c, place, value: self.types.conform(c, refs[place], value)
        )

    def _part(self, element: _Element, name: str) -> Boxed:
        found = child(element, name)
        if found is None:
            self._note(element, f"thiếu phần {name!r}")
            return Nothing()
        return self.expression_of(found)

    def _conditional(self, element: _Element) -> Boxed:
        condition, yes, no = (self._part(element, name) for name in ("if", "then", "else"))
        return Conditional(condition, yes, no)

    def _iteration(self, element: _Element) -> Boxed:
        kind = local_name(element)
        variable = attribute(element, "iteratorVariable")
        if not variable:
            self._note(element, "vòng lặp thiếu tên biến")
        body = self._part(element, "return" if kind == "for" else "satisfies")
        return Iteration(kind, variable, self._part(element, "in"), body)

    def _filter(self, element: _Element) -> Boxed:
        return Selection(self._part(element, "in"), self._part(element, "match"))
