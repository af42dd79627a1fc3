"""Walking over the words of a source: looking, taking, expecting, and saying what is missing."""

from collections.abc import Callable, Collection
from typing import TypeVar

from app.feel.errors import FeelError
from app.feel.lexer import Kind, Token, tokens
from app.feel.limits import MAX_NODES

_BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_Part = TypeVar("_Part")


class Cursor:
    """The tokens of one source, the place reached, and how much was built so far."""

    def __init__(self, source: str, names: Collection[str] = ()) -> None:
        """Read all tokens; raise `FeelError` for stray signs."""
        self._source = source
        self._tokens = tokens(source, names)
        self._place = 0
        self._nesting = 0
        self._parts = 0
        self._inputs = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _take(self) -> Token:
        token = self._next
        if token.kind is not Kind.END:
            self._place += 1
        return token

    def _sign(self, *signs: str) -> bool:
        return self._next.kind is Kind.SIGN and self._next.text in signs

    def _word(self, *words: str) -> bool:
        token = self._next
        return token.kind in (Kind.NAME, Kind.KEYWORD) and token.text in words and not token.whole

    def _skip_sign(self, sign: str) -> bool:
        if self._sign(sign):
            self._place += 1
            return True
        return False

    def _skip_word(self, word: str) -> bool:
        if self._word(word):
            self._place += 1
            return True
        return False

    def _expect_sign(self, sign: str) -> Token:
        if self._sign(sign):
            return self._take()
        token = self._next
        if sign in _BRACKETS.values():
            raise self._fail(f"Thiếu dấu ngoặc đóng {sign!r} ở cột {self._column(token)}", token)
        raise self._fail(
            f"Cần {sign!r} ở cột {self._column(token)}, gặp {self._shown(token)}", token
        )

    def _expect_word(self, word: str) -> None:
        if not self._skip_word(word):
            token = self._next
            raise self._fail(
                f"Thiếu từ {word!r} ở cột {self._column(token)}, gặp {self._shown(token)}", token
            )

    def _expect_end(self) -> None:
        token = self._next
        if token.kind is not Kind.END:
            raise self._fail(f"Thừa {self._shown(token)} ở cột {self._column(token)}", token)

    def _column(self, token: Token) -> int:
        return token.start - (self._source.rfind("\n", 0, token.start) + 1) + 1

    @staticmethod
    def _shown(token: Token) -> str:
        return "hết biểu thức" if token.kind is Kind.END else f"{token.text[:30]!r}"

    def _fail(self, message: str, token: Token) -> FeelError:
        return FeelError(message, self._source, token.start)

    def _node(self, node: _Part) -> _Part:
        self._parts += 1
        if self._parts > MAX_NODES:
            raise FeelError(f"Biểu thức có hơn {MAX_NODES} thành phần", self._source)
        return node

    def _name(self, *, any_word: bool = False) -> str:
        """Read a name of one or several words."""
        token = self._next
        if token.kind is not Kind.NAME and not (any_word and token.kind is Kind.KEYWORD):
            raise self._fail(
                f"Cần một tên ở cột {self._column(token)}, gặp {self._shown(token)}", token
            )
        self._take()
        if token.whole:
            return token.text
        words = [token.text]
        while self._next.kind is Kind.NAME and not self._next.whole and not self._at_instance_of():
            words.append(self._take().text)
        return " ".join(words)

    def _at_instance_of(self) -> bool:
        return self._word("instance") and self._tokens[self._place + 1].text == "of"

    def _listed(self, part: Callable[[], _Part], closer: str) -> tuple[_Part, ...]:
        parts = [part()]
        while self._skip_sign(","):
            parts.append(part())
        if closer:
            self._expect_sign(closer)
        return tuple(parts)
