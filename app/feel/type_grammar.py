"""The grammar of types: `list<number>`, `context<a: string>`, `function<Any> -> date`."""

from app.feel.cursor import Cursor
from app.feel.feeltype import ANY, NAMED, FeelType
from app.feel.limits import MAX_NESTING


class TypeGrammar(Cursor):
    """Reads types."""

    def _type(self) -> FeelType:
        self._nesting += 1
        token = self._next
        if self._nesting > MAX_NESTING:
            raise self._fail(f"Kiểu lồng nhau quá {MAX_NESTING} tầng", token)
        kind = NAMED.get(self._name())
        if kind is None:
            raise self._fail(f"Không có kiểu này ở cột {self._column(token)}", token)
        found = self._node(self._typed(kind))
        self._nesting -= 1
        return found

    def _typed(self, kind: str) -> FeelType:
        if not self._skip_sign("<"):
            return FeelType(kind)
        if kind == "context":
            return FeelType(kind, entries=self._listed(self._typed_entry, closer=">"))
        if kind == "function":
            parameters: tuple[FeelType, ...] = ()
            if not self._skip_sign(">"):
                parameters = self._listed(self._type, closer=">")
            result = self._type() if self._skip_sign("->") else FeelType(ANY)
            return FeelType(kind, result, parameters=parameters)
        item = self._type()
        self._expect_sign(">")
        return FeelType(kind, item)

    def _typed_entry(self) -> tuple[str, FeelType]:
        name = self._name(any_word=True)
        self._expect_sign(":")
        return name, self._type()
