"""Words into a tree: the grammar of FEEL (DMN 1.4, 10.3.1.2)."""

from app.feel.errors import FeelError
from app.feel.feeltype import FeelType
from app.feel.lexer import Kind, Token
from app.feel.limits import MAX_NESTING
from app.feel.nodes import (
    Arithmetic,
    Between,
    Call,
    Choice,
    Comparison,
    Conjunction,
    Context,
    Definition,
    Disjunction,
    Filter,
    InstanceOf,
    Interval,
    Iterator,
    ListOf,
    Literal,
    Loop,
    Membership,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    Test,
)
from app.feel.temporal import read_temporal
from app.feel.type_grammar import TypeGrammar

_COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
_BINDING = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}
_CONSTANTS = {"true": True, "false": False, "null": None}
_CLOSERS = (")", "]", "}", ",", ":")


class Parser(TypeGrammar):
    """Recursive descent over the tokens of one source, bounded in nesting and parts."""

    def expression_only(self) -> Node:
        """Parse the whole source as one expression."""
        if self._next.kind is Kind.END:
            raise self._fail("Biểu thức trống", self._next)
        node = self._expression()
        self._expect_end()
        return node

    def unary_tests_only(self) -> Node:
        """Parse the whole source as unary tests upon `?`."""
        if self._sign("-") and self._tokens[1].kind is Kind.END:
            return Literal(value=True)
        negated = self._negated_tests()
        if negated is not None:
            return negated
        tests = self._listed(self._test, closer="")
        self._expect_end()
        return Membership(Name("?"), tests)

    def _negated_tests(self) -> Node | None:
        if not (self._word("not") and self._tokens[1].text == "("):
            return None
        self._place = 2
        try:
            tests = self._listed(self._test, closer=")")
            self._expect_end()
        except FeelError:
            self._place = self._nesting = 0
            return None
        return Membership(Name("?"), tests, negated=True)

    # Expressions, from the loosest binding to the tightest

    def _expression(self) -> Node:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self._fail(f"Biểu thức lồng nhau quá {MAX_NESTING} tầng", self._next)
        node = self._disjunction()
        self._nesting -= 1
        return node

    def _disjunction(self) -> Node:
        at = self._next.start
        parts = [self._conjunction()]
        while self._skip_word("or"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else self._node(Disjunction(tuple(parts), at))

    def _conjunction(self) -> Node:
        at = self._next.start
        parts = [self._comparison()]
        while self._skip_word("and"):
            parts.append(self._comparison())
        return parts[0] if len(parts) == 1 else self._node(Conjunction(tuple(parts), at))

    def _comparison(self) -> Node:
        node = self._arithmetic()
        while True:
            token = self._next
            if self._sign(*_COMPARISONS):
                self._take()
                node = self._node(Comparison(token.text, node, self._arithmetic(), token.start))
            elif self._skip_word("between"):
                low = self._arithmetic()
                self._expect_word("and")
                node = self._node(Between(node, low, self._arithmetic(), token.start))
            elif self._skip_word("in"):
                node = self._node(Membership(node, self._members(), at=token.start))
            else:
                return node

    def _arithmetic(self, weakest: int = 1) -> Node:
        """Read operators that bind at least as strongly as `weakest`, from left to right."""
        node = self._signed()
        while self._next.kind is Kind.SIGN and _BINDING.get(self._next.text, 0) >= weakest:
            token = self._take()
            right = self._arithmetic(_BINDING[token.text] + 1)
            node = self._node(Arithmetic(token.text, node, right, token.start))
        return node

    def _signed(self) -> Node:
        token = self._next
        if not self._skip_sign("-"):
            return self._instance()
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise self._fail(f"Biểu thức lồng nhau quá {MAX_NESTING} tầng", token)
        value = self._signed()
        self._nesting -= 1
        return self._node(Negation(value, token.start))

    def _instance(self) -> Node:
        node = self._postfix(self._primary())
        while self._at_instance_of():
            at = self._take().start
            self._take()
            node = self._node(InstanceOf(node, self._type(), at))
        return node

    def _postfix(self, node: Node, *, interval_end: bool = False) -> Node:
        while True:
            token = self._next
            if self._skip_sign("."):
                node = self._node(Path(node, self._name(any_word=True), token.start))
            elif self._sign("["):
                if interval_end and self._bracket_closes():
                    return node
                self._take()
                condition = self._expression()
                self._expect_sign("]")
                node = self._node(Filter(node, condition, token.start))
            elif self._sign("("):
                node = self._call(node)
            else:
                return node

    def _bracket_closes(self) -> bool:
        """Tell whether `[` ends an open interval (`[1..5[`) rather than begins a filter."""
        after = self._tokens[self._place + 1]
        return (
            after.kind is Kind.END
            or (after.kind is Kind.SIGN and after.text in (*_CLOSERS, *_COMPARISONS))
            or (after.kind is Kind.KEYWORD and after.text in ("and", "or", "then", "else"))
        )

    def _call(self, function: Node) -> Node:
        at = self._expect_sign("(").start
        named = self._next.kind in (Kind.NAME, Kind.KEYWORD) and self._names_argument()
        if named:
            pairs = self._listed(self._named_argument, closer=")")
            names = tuple(name for name, _ in pairs)
            return self._node(Call(function, tuple(node for _, node in pairs), names, at))
        if self._skip_sign(")"):
            return self._node(Call(function, (), at=at))
        return self._node(Call(function, self._listed(self._expression, closer=")"), at=at))

    def _names_argument(self) -> bool:
        place = self._place
        while self._tokens[place].kind in (Kind.NAME, Kind.KEYWORD):
            place += 1
        return self._tokens[place].text == ":" and self._tokens[place].kind is Kind.SIGN

    def _named_argument(self) -> tuple[str, Node]:
        name = self._name(any_word=True)
        self._expect_sign(":")
        return name, self._expression()

    # Values

    def _primary(self) -> Node:
        token = self._next
        if token.kind is Kind.NUMBER or token.kind is Kind.STRING:
            self._take()
            return self._node(Literal(token.value, token.start))
        if token.kind is Kind.SIGN:
            return self._bracketed(token)
        if token.kind is Kind.KEYWORD:
            return self._worded(token)
        if token.kind is Kind.END:
            raise self._fail(f"Biểu thức kết thúc giữa chừng ở cột {self._column(token)}", token)
        if self._word("function") and self._tokens[self._place + 1].text == "(":
            return self._definition()
        self._inputs += token.text == "?"
        return self._node(Name(self._name(), token.start))

    def _bracketed(self, token: Token) -> Node:
        self._take()
        match token.text:
            case "(":
                return self._group(token)
            case "[":
                return self._list_or_interval(token)
            case "]":
                low = self._arithmetic()
                return self._interval(token, low)
            case "{":
                return self._context(token)
            case "@":
                return self._at_literal(token)
        raise self._fail(f"Không hiểu {self._shown(token)} ở cột {self._column(token)}", token)

    def _worded(self, token: Token) -> Node:
        following = self._tokens[self._place + 1]
        if token.text in ("and", "or") and following.text == "(":
            self._take()
            return self._node(Name(token.text, token.start))
        if token.text in _CONSTANTS:
            self._take()
            return self._node(Literal(_CONSTANTS[token.text], token.start))
        match token.text:
            case "if":
                return self._choice()
            case "for":
                return self._loop()
            case "some" | "every":
                return self._quantified()
        raise self._fail(f"Từ {token.text!r} không đứng được ở cột {self._column(token)}", token)

    def _group(self, token: Token) -> Node:
        if self._sign(*_COMPARISONS):
            test = self._test()
            self._expect_sign(")")
            return self._half_open(test, token)
        node = self._expression()
        if self._sign(".."):
            return self._interval(token, node)
        if self._skip_sign(","):
            items = (node, *self._listed(self._expression, closer=")"))
            return self._node(ListOf(items, token.start))
        self._expect_sign(")")
        return node

    def _half_open(self, test: Test, token: Token) -> Node:
        """Make `(< 5)` a range without lower end."""
        nothing, included = Literal(None), test.operator in ("<=", ">=", "=")
        match test.operator:
            case "<" | "<=":
                node = Interval(nothing, test.operand, low_included=False, high_included=included)
            case ">" | ">=":
                node = Interval(test.operand, nothing, included, high_included=False)
            case "=":
                node = Interval(test.operand, test.operand)
            case _:
                raise self._fail(f"Không có khoảng '!=' ở cột {self._column(token)}", token)
        return self._node(node)

    def _list_or_interval(self, token: Token) -> Node:
        if self._skip_sign("]"):
            return self._node(ListOf((), token.start))
        first = self._expression()
        if self._sign(".."):
            return self._interval(token, first)
        items = [first]
        while self._skip_sign(","):
            items.append(self._expression())
        self._expect_sign("]")
        return self._node(ListOf(tuple(items), token.start))

    def _interval(self, opening: Token, low: Node) -> Node:
        self._expect_sign("..")
        high = self._interval_end()
        closing = self._take()
        if closing.kind is not Kind.SIGN or closing.text not in ("]", ")", "["):
            raise self._fail(f"Thiếu dấu ngoặc đóng khoảng ở cột {self._column(closing)}", closing)
        return self._node(
            Interval(low, high, opening.text == "[", closing.text == "]", at=opening.start)
        )

    def _interval_end(self) -> Node:
        if self._sign("-", "(") or self._next.kind is Kind.KEYWORD:
            return self._arithmetic()
        node = self._postfix(self._primary(), interval_end=True)
        while self._sign("+", "-", "*", "/", "**"):
            token = self._take()
            right = self._postfix(self._primary(), interval_end=True)
            node = self._node(Arithmetic(token.text, node, right, token.start))
        return node

    def _context(self, token: Token) -> Node:
        if self._skip_sign("}"):
            return self._node(Context((), token.start))
        entries = self._listed(self._entry, closer="}")
        seen: set[str] = set()
        for name, _ in entries:
            if name in seen:
                raise self._fail(f"Tên {name!r} có hai lần trong một ngữ cảnh", token)
            seen.add(name)
        return self._node(Context(entries, token.start))

    def _entry(self) -> tuple[str, Node]:
        token = self._next
        if token.kind is Kind.STRING:
            self._take()
            name = str(token.value)
        else:
            name = self._name(any_word=True)
        self._expect_sign(":")
        return name, self._expression()

    def _at_literal(self, token: Token) -> Node:
        literal = self._take()
        if literal.kind is not Kind.STRING:
            raise self._fail(f"Sau '@' ở cột {self._column(token)} cần một chuỗi", token)
        value = read_temporal(str(literal.value))
        if value is None:
            raise self._fail(f"{literal.text} không phải ngày, giờ hay khoảng thời gian", literal)
        return self._node(Literal(value, token.start))

    # Words with a shape of their own

    def _choice(self) -> Node:
        at = self._take().start
        condition = self._expression()
        self._expect_word("then")
        yes = self._expression()
        self._expect_word("else")
        return self._node(Choice(condition, yes, self._expression(), at))

    def _loop(self) -> Node:
        at = self._take().start
        iterators = self._listed(self._iterator, closer="")
        self._expect_word("return")
        return self._node(Loop(iterators, self._expression(), at))

    def _quantified(self) -> Node:
        token = self._take()
        iterators = self._listed(self._iterator, closer="")
        self._expect_word("satisfies")
        condition = self._expression()
        return self._node(Quantified(token.text == "every", iterators, condition, token.start))

    def _iterator(self) -> Iterator:
        name = self._name()
        self._expect_word("in")
        source = self._expression()
        if self._skip_sign(".."):
            source = self._node(Interval(source, self._expression(), counts=True))
        return Iterator(name, source)

    def _definition(self) -> Node:
        at = self._take().start
        self._expect_sign("(")
        parameters: tuple[tuple[str, FeelType | None], ...] = ()
        if not self._skip_sign(")"):
            parameters = self._listed(self._parameter, closer=")")
        token = self._next
        if self._word("external"):
            raise self._fail("Hàm ngoài (external) không được phép", token)
        names = tuple(name for name, _ in parameters)
        if len(set(names)) < len(names):
            raise self._fail("Hai tham số trùng tên", token)
        types = tuple(kind for _, kind in parameters)
        return self._node(Definition(names, self._expression(), types, at))

    def _parameter(self) -> tuple[str, FeelType | None]:
        name = self._name()
        return name, self._type() if self._skip_sign(":") else None

    # Tests

    def _members(self) -> tuple[Test, ...]:
        """Read what stands after `in`: one test, or several in parentheses."""
        opening = self._next
        if not self._skip_sign("("):
            return (self._test(single=True),)
        if self._sign(*_COMPARISONS):
            return self._listed(self._test, closer=")")
        first = self._test()
        if self._sign(".."):
            interval = self._postfix(self._interval(opening, first.operand))
            return (Test("", interval),)
        tests = [first]
        while self._skip_sign(","):
            tests.append(self._test())
        self._expect_sign(")")
        return tuple(tests)

    def _test(self, *, single: bool = False) -> Test:
        token = self._next
        if self._sign(*_COMPARISONS):
            self._take()
            return self._node(Test(token.text, self._arithmetic()))
        inputs = self._inputs
        operand = self._arithmetic() if single else self._expression()
        return self._node(Test("", operand, self._inputs > inputs or _is_condition(operand)))


def _is_condition(node: Node) -> bool:
    return isinstance(
        node,
        Comparison | Conjunction | Disjunction | Between | Membership | Quantified | InstanceOf,
    )
