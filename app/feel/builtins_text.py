"""Built-ins for strings (DMN 1.4, 10.3.4.3). Patterns run on RE2: time linear in the text."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

from app.feel.decimals import Number, integer_of
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_PATTERN, MAX_TEXT
from app.feel.signatures import builtin
from app.feel.values import STRING, kind_of

_CLASS = re.compile(r"(\[(?:[^\]\\]|\\.)*\])")
_SPECIAL = frozenset("\\.^$*+?()[]{}|")
_PATTERN_MEMORY = 1 << 20
"""Bytes one compiled pattern may use; nested counted repetition beyond it is refused."""


@builtin("substring", "string: string", "start position: number", "length?: number?")
def substring(
    _c: Evaluation, text: str, position: Number, length: Number | None = None
) -> str | None:
    start, size = integer_of(position), None if length is None else int(length)
    if start is None or start == 0 or (size is not None and size < 0):
        return None
    first = start - 1 if start > 0 else len(text) + start
    if first < 0:
        return None
    return text[first:] if size is None else text[first : first + size]


@builtin("string length", "string: string")
def string_length(_c: Evaluation, text: str) -> int:
    return len(text)


@builtin("upper case", "string: string")
def upper_case(_c: Evaluation, text: str) -> str:
    return text.upper()


@builtin("lower case", "string: string")
def lower_case(_c: Evaluation, text: str) -> str:
    return text.lower()


@builtin("substring before", "string: string", "match: string")
def substring_before(_c: Evaluation, text: str, match: str) -> str:
    before, found, _ = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string", "match: string")
def substring_after(_c: Evaluation, text: str, match: str) -> str:
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string", "match: string")
def contains(_c: Evaluation, text: str, match: str) -> bool:
    return match in text


@builtin("starts with", "string: string", "match: string")
def starts_with(_c: Evaluation, text: str, match: str) -> bool:
    return text.startswith(match)


@builtin("ends with", "string: string", "match: string")
def ends_with(_c: Evaluation, text: str, match: str) -> bool:
    return text.endswith(match)


@builtin("trim", "string: string")
def trim(_c: Evaluation, text: str) -> str:
    return text.strip()


@builtin("is blank", "string: string")
def is_blank(_c: Evaluation, text: str) -> bool:
    return not text.strip()


@builtin("repeat", "string: string", "count: number")
def repeat(_c: Evaluation, text: str, count: Number) -> str | None:
    times = integer_of(count)
    if times is None or times < 0:
        return None
    _fit(times * len(text))
    return text * times if text else ""


@builtin("string join", "list: list", "delimiter?: string?")
def string_join(c: Evaluation, items: list[Any], delimiter: str | None = None) -> str | None:
    if any(item is not None and kind_of(item) != STRING for item in items):
        return None
    parts = [item for item in items if item is not None]
    size = sum(map(len, parts)) + len(delimiter or "") * len(parts)
    _fit(size)
    c.spend(size >> 4)
    return (delimiter or "").join(parts)


# Patterns


@lru_cache(64)
def _pattern(pattern: str, flags: str) -> Any:
    """Compile a pattern; None if RE2 does not take it or the flags are unknown."""
    if len(pattern) > MAX_PATTERN or set(flags) - set("smixq"):
        return None
    if "q" in flags:
        pattern = re2.escape(pattern)
    elif "x" in flags:
        pattern = _unspaced(pattern)
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    options.case_sensitive = "i" not in flags
    inline = "".join(sorted(set(flags) & set("sm")))
    try:
        return re2.compile(f"(?{inline}){pattern}" if inline else pattern, options)
    except re2.error:
        return None


def _unspaced(pattern: str) -> str:
    """Take out blanks, but not those in brackets (XPath rules)."""
    return "".join(
        part if part[0] == "[" else "".join(part.split()) for part in _CLASS.split(pattern) if part
    )


@builtin("matches", "input: string", "pattern: string", "flags?: string?")
def matches(c: Evaluation, text: str, pattern: str, flags: str | None = None) -> bool | None:
    regex = _ready(c, text, pattern, flags)
    return None if regex is None else regex.search(text) is not None


@builtin("replace", "input: string", "pattern: string", "replacement: string", "flags?: string?")
def replace(
    c: Evaluation, text: str, pattern: str, replacement: str, flags: str | None = None
) -> str | None:
    regex = _ready(c, text, pattern, flags)
    if regex is None:
        return None
    plainly = flags == "q" or not set(replacement) & set("$\\")
    if plainly and _is_literal(pattern, flags):
        _fit(len(text) + text.count(pattern) * (len(replacement) - len(pattern)))
        return text.replace(pattern, replacement)
    parts = [replacement] if plainly else _replacement(replacement, regex.groups)
    made: list[str] = []
    size = last = 0
    for found in _found(c, regex, text):
        pieces = [text[last : found.start()], *_filled(parts, found)]
        last = found.end()
        made.extend(pieces)
        size += sum(map(len, pieces))
        _fit(size)
    made.append(text[last:])
    return "".join(made)


@builtin("split", "string: string", "delimiter: string")
def split(c: Evaluation, text: str, delimiter: str) -> list[str] | None:
    regex = _ready(c, text, delimiter, None)
    if regex is None:
        return None
    if _is_literal(delimiter, None):
        return text.split(delimiter)
    parts: list[str] = []
    last = 0
    for found in _found(c, regex, text):
        if found.start() < found.end():
            parts.append(text[last : found.start()])
            last = found.end()
    return [*parts, text[last:]]


@builtin("extract", "input: string", "pattern: string")
def extract(c: Evaluation, text: str, pattern: str) -> list[str] | None:
    regex = _ready(c, text, pattern, None)
    return None if regex is None else [found.group() for found in _found(c, regex, text)]


def _found(c: Evaluation, regex: Any, text: str) -> Iterator[Any]:
    """Walk over all matches. Each may have looked at all the rest of the text, so each costs."""
    for found in regex.finditer(text):
        c.spend(20 + ((len(text) - found.start()) >> 8))
        yield found


def _is_literal(pattern: str, flags: str | None) -> bool:
    """Tell whether a pattern means only itself."""
    if flags == "q":
        return bool(pattern)
    return not flags and bool(pattern) and not set(pattern) & _SPECIAL


def _fit(size: int) -> None:
    if size > MAX_TEXT:
        raise FeelEvaluationError(f"Chuỗi dài quá {MAX_TEXT} ký tự")


def _ready(c: Evaluation, text: str, pattern: str, flags: str | None) -> Any:
    c.spend((len(text) >> 2) + len(pattern))
    return _pattern(pattern, flags or "")


def _replacement(template: str, groups: int) -> list[str | int]:
    r"""Split `$1`, `\$` and `\\` out of a replacement (XPath rules)."""
    parts: list[str | int] = []
    place = 0
    while place < len(template):
        letter, after = template[place], template[place + 1 : place + 2]
        if letter == "\\" and after in ("$", "\\") and after:
            parts.append(after)
            place += 2
        elif letter == "$" and after.isdecimal() and after.isascii():
            parts.append(min(int(after), groups + 1))
            place += 2
        else:
            parts.append(letter)
            place += 1
    return parts


def _filled(parts: list[Any], found: Any) -> list[str]:
    return [part if isinstance(part, str) else _group(found, part) for part in parts]


def _group(found: Any, number: int) -> str:
    return (found.group(number) or "") if number <= len(found.groups()) else ""
