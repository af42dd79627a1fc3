"""Texts with FEEL inside: "Phí là {{phi}} đồng", {{#if …}}…{{/if}}, {{#loop …}}…{{/loop}}."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.feel import Expression, FeelError, compile_expression
from app.forms.limits import MAX_DEPTH, MAX_ROWS, MAX_TEXT
from app.forms.scope import Dynamic, Scope

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_OPENERS = {"#if ": "/if", "#loop ": "/loop"}

Escape = Callable[[str], str]


class Part(Protocol):
    """A piece of a template."""

    @property
    def names(self) -> frozenset[str]:
        """The variables it reads."""

    def write(self, scope: Scope, escape: Escape) -> str:
        """Its text in this scope; what comes from values passes `escape`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the author wrote."""

    text: str
    names: frozenset[str] = frozenset()

    def write(self, scope: Scope, escape: Escape) -> str:
        del scope, escape
        return self.text


@dataclass(frozen=True, slots=True)
class Insert:
    """`{{expression}}`."""

    dynamic: Dynamic

    @property
    def names(self) -> frozenset[str]:
        return self.dynamic.names

    def write(self, scope: Scope, escape: Escape) -> str:
        return escape(self.dynamic.text(scope))


@dataclass(frozen=True, slots=True)
class Block:
    """Parts that stand or not by an expression."""

    dynamic: Dynamic
    parts: tuple[Part, ...]

    @property
    def names(self) -> frozenset[str]:
        return self.dynamic.names.union(*(part.names for part in self.parts))


class When(Block):
    """`{{#if expression}}…{{/if}}`."""

    __slots__ = ()

    def write(self, scope: Scope, escape: Escape) -> str:
        return _join(self.parts, scope, escape) if self.dynamic.flag(scope) else ""


class Loop(Block):
    """`{{#loop expression}}…{{/loop}}`: once for each item, which is `this`."""

    __slots__ = ()

    def write(self, scope: Scope, escape: Escape) -> str:
        items = self.dynamic.value(scope)
        written: list[str] = []
        length = 0
        for number, item in enumerate(items[:MAX_ROWS] if isinstance(items, list) else ()):
            written.append(_join(self.parts, _item_scope(scope, item, number), escape))
            length += len(written[-1])
            if length > MAX_TEXT:
                break
        return "".join(written)[:MAX_TEXT]


@dataclass(frozen=True, slots=True)
class Template:
    """A text ready to be filled in."""

    parts: tuple[Part, ...]
    names: frozenset[str]

    def text(self, scope: Scope, escape: Escape = str) -> str:
        """The text in this scope, at most `MAX_TEXT` characters."""
        return _join(self.parts, scope, escape)


EMPTY = Template((), frozenset())


def compile_template(source: str) -> Template:
    """Read a text; "=…" is one expression. Raises FeelError, with the place in `source`."""
    if source.startswith("="):
        return _template([Insert(Dynamic(None, compile_expression(source[1:])))])
    return _template(_Reader(source).read())


def _template(parts: Sequence[Part]) -> Template:
    names = frozenset(name for part in parts for name in part.names)
    return Template(tuple(parts), names)


def _join(parts: Sequence[Part], scope: Scope, escape: Escape) -> str:
    if len(parts) == 1:
        return parts[0].write(scope, escape)[:MAX_TEXT]
    return "".join(part.write(scope, escape) for part in parts)[:MAX_TEXT]


def _item_scope(scope: Scope, item: object, number: int) -> Scope:
    own = item if isinstance(item, dict) else {}
    inner = scope.row(own, number)
    return Scope({**inner.names, "this": item}, own, scope.effort, inner.index)


class _Reader:
    """Reads one template from left to right; blocks may stand inside each other."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0

    def read(self, closer: str = "", depth: int = 0) -> list[Part]:
        parts: list[Part] = []
        while match := _TAG.search(self.source, self.at):
            self._words(parts, match.start())
            self.at = match.end()
            tag = match[1].strip()
            if tag == closer and closer:
                return parts
            parts.append(self._part(tag, match.start(1), depth))
        if closer:
            raise FeelError(f"Khối này thiếu {{{{{closer}}}}}", self.source, self.at)
        self._words(parts, len(self.source))
        return parts

    def _words(self, parts: list[Part], end: int) -> None:
        if end > self.at:
            parts.append(Words(self.source[self.at : end]))

    def _part(self, tag: str, start: int, depth: int) -> Part:
        if depth > MAX_DEPTH:
            raise FeelError("Các khối lồng nhau quá sâu", self.source, start)
        for opener, closer in _OPENERS.items():
            if tag.startswith(opener):
                dynamic = Dynamic(None, self._expression(tag[len(opener) :], start))
                inner = tuple(self.read(closer, depth + 1))
                return When(dynamic, inner) if closer == "/if" else Loop(dynamic, inner)
        if tag.startswith(("#", "/")):
            raise FeelError(f"Không hiểu {{{{{tag[:40]}}}}}", self.source, start)
        return Insert(Dynamic(None, self._expression(tag, start)))

    def _expression(self, text: str, start: int) -> Expression:
        offset = self.source.index(text, start) if text else start
        try:
            return compile_expression(text)
        except FeelError as error:
            inside = _offset(text, error.line, error.column)
            raise FeelError(error.message, self.source, offset + inside) from error


def _offset(text: str, line: int, column: int) -> int:
    lines = text.split("\n")
    return sum(len(part) + 1 for part in lines[: line - 1]) + column - 1
