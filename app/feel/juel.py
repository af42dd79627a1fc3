"""The `${…}` people really write in diagrams, parsed into the same tree as FEEL."""

import re
from decimal import Decimal

from app.feel.errors import FeelError
from app.feel.limits import MAX_NESTING, MAX_NODES, MAX_SOURCE
from app.feel.nodes import Choice, Conjunction, Disjunction, Literal, Name, Node, Operation, Path

_TOKEN = re.compile(
    r"\s+|(?P<number>[0-9]{1,34}(?:\.[0-9]{1,34})?(?:[eE][+-]?[0-9]{1,3})?)"
    r"""|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"|(?P<name>[^\W\d][\w$]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]}])",
    re.DOTALL,
)
_WORDS = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "eq": "==",
    "ne": "!=",
    "lt": "<",
    "gt": ">",
    "le": "<=",
    "ge": ">=",
    "div": "/",
    "mod": "%",
}
_EQUALITY = {"==": "_j_equal", "!=": "_j_unequal"}
_RELATION = {"<": "_j_less", "<=": "_j_at_most", ">": "_j_greater", ">=": "_j_at_least"}
_CONDITIONS = frozenset((*_EQUALITY.values(), *_RELATION.values(), "_j_opposite", "_j_empty"))
_SUM = {"+": "_j_add", "-": "_j_subtract"}
_PRODUCT = {"*": "_j_multiply", "/": "_j_divide", "%": "_j_remainder"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_READ_VARIABLE = ("getVariable", "getVariableLocal")


def parse_juel(source: str) -> Node:
    """Parse text with `${…}` parts; text around them makes a string of the whole."""
    if len(source) > MAX_SOURCE:
        raise FeelError(f"Biểu thức dài quá {MAX_SOURCE} ký tự", source[:100])
    parts: list[Node] = []
    place = 0
    text = source.strip()
    start = source.find(text)
    while place < len(text):
        opening = _opening(text, place)
        if opening > place:
            parts.append(Literal(text[place:opening]))
        if opening == len(text):
            break
        parser = _Parser(source, start + opening + 2)
        parts.append(parser.whole())
        place = parser.place - start
        if len(parts) > MAX_NESTING:
            raise FeelError(f"Có hơn {MAX_NESTING} đoạn ${{…}}", source)
    return parts[0] if len(parts) == 1 else Operation("_j_joined", tuple(parts))


def _opening(text: str, place: int) -> int:
    found = [text.find(mark, place) for mark in ("${", "#{")]
    return min((index for index in found if index >= 0), default=len(text))


class _Parser:
    """Recursive descent over one `${…}`; `place` ends behind its closing brace."""

    def __init__(self, source: str, place: int) -> None:
        self._source = source
        self.place = place
        self._nesting = 0
        self._parts = 0
        self._kind = ""
        self._text = ""
        self._start = place
        self._advance()

    def whole(self) -> Node:
        node = self._expression()
        if self._text != "}" or self._kind != "sign":
            raise self._fail(f"Thiếu dấu ngoặc đóng '}}' ở cột {self._start + 1}")
        return node

    def _advance(self) -> None:
        while True:
            found = _TOKEN.match(self._source, self.place)
            self._start = self.place
            if not found:
                if self.place >= len(self._source):
                    self._kind, self._text = "end", ""
                    return
                raise self._fail(f"Ký tự lạ {self._source[self.place]!r} ở cột {self.place + 1}")
            self.place = found.end()
            if found.lastgroup:
                break
        self._kind, self._text = found.lastgroup, found.group()
        if self._kind == "name" and self._text in _WORDS:
            self._kind, self._text = "sign", _WORDS[self._text]

    def _fail(self, message: str) -> FeelError:
        return FeelError(message, self._source, self._start)

    def _made(self, helper: str, *operands: Node) -> Node:
        self._parts += 1
        if self._parts > MAX_NODES:
            raise self._fail(f"Biểu thức có hơn {MAX_NODES} thành phần")
        return Operation(helper, operands, self._start)

    def _skip(self, sign: str) -> bool:
        if self._kind == "sign" and self._text == sign:
            self._advance()
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._skip(sign):
            raise self._fail(f"Cần {sign!r} ở cột {self._start + 1}")

    def _expression(self) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self._fail(f"Biểu thức lồng nhau quá {MAX_NESTING} tầng")
        node = self._any_of()
        if self._skip("?"):
            yes = self._expression()
            self._expect(":")
            node = Choice(self._truth(node), yes, self._expression())
        self._nesting -= 1
        return node

    def _any_of(self) -> Node:
        parts = [self._all_of()]
        while self._skip("||"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else Disjunction(self._truths(parts))

    def _all_of(self) -> Node:
        parts = [self._chain(0)]
        while self._skip("&&"):
            parts.append(self._chain(0))
        return parts[0] if len(parts) == 1 else Conjunction(self._truths(parts))

    def _truths(self, parts: list[Node]) -> tuple[Node, ...]:
        return tuple(self._truth(part) for part in parts)

    def _truth(self, part: Node) -> Node:
        """Read a part as a condition, unless it is one anyway."""
        if isinstance(part, Operation) and part.helper in _CONDITIONS:
            return part
        return self._made("_j_truth", part)

    def _chain(self, level: int) -> Node:
        levels = (_EQUALITY, _RELATION, _SUM, _PRODUCT)
        if level == len(levels):
            return self._unary()
        node = self._chain(level + 1)
        while self._kind == "sign" and self._text in levels[level]:
            helper = levels[level][self._text]
            self._advance()
            node = self._made(helper, node, self._chain(level + 1))
        return node

    def _unary(self) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self._fail(f"Biểu thức lồng nhau quá {MAX_NESTING} tầng")
        node = self._prefixed()
        self._nesting -= 1
        return node

    def _prefixed(self) -> Node:
        if self._skip("!"):
            return self._made("_j_opposite", self._unary())
        if self._skip("-"):
            return self._made("_j_negative", self._unary())
        if self._kind == "name" and self._text == "empty":
            self._advance()
            return self._made("_j_empty", self._unary())
        return self._reached(self._primary())

    def _reached(self, node: Node) -> Node:
        while True:
            if self._skip("."):
                node = self._member(node)
            elif self._skip("["):
                node = self._made("_j_element", node, self._expression())
                self._expect("]")
            else:
                return node

    def _member(self, base: Node) -> Node:
        if self._kind != "name":
            raise self._fail(f"Cần một tên ở cột {self._start + 1}")
        name = self._text
        self._advance()
        if not self._skip("("):
            return Path(base, name, self._start)
        arguments = self._arguments()
        if base == Name("execution") and name in _READ_VARIABLE:
            return self._variable(arguments)
        return self._made("_j_method", base, Literal(name), *arguments)

    def _variable(self, arguments: list[Node]) -> Node:
        """Read `execution.getVariable('x')` as `x`."""
        match arguments:
            case [Literal(str(name))]:
                return Name(name)
        raise self._fail("getVariable cần tên biến trong dấu nháy")

    def _arguments(self) -> list[Node]:
        arguments: list[Node] = []
        if self._skip(")"):
            return arguments
        arguments.append(self._expression())
        while self._skip(","):
            arguments.append(self._expression())
        self._expect(")")
        return arguments

    def _primary(self) -> Node:
        kind, text = self._kind, self._text
        if kind == "end":
            raise self._fail("Biểu thức kết thúc giữa chừng: thiếu '}'")
        if self._skip("("):
            node = self._expression()
            self._expect(")")
            return node
        if kind == "sign":
            raise self._fail(f"Không hiểu {text!r} ở cột {self._start + 1}")
        self._parts += 1
        self._advance()
        if kind == "number":
            return Literal(int(text) if text.isdigit() else Decimal(text))
        if kind == "string":
            return Literal(re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL))
        if text in _CONSTANTS:
            return Literal(_CONSTANTS[text])
        if self._kind == "sign" and self._text == "(":
            raise self._fail(f"Hàm {text!r} không được phép trong ${{…}}")
        return Name(text)
