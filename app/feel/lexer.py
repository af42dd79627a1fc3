"""Text into words: numbers, strings, names and signs, each with its place."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from app.feel.decimals import DECIMALS
from app.feel.errors import FeelError
from app.feel.limits import MAX_SOURCE, PRECISION

KEYWORDS = frozenset(
    [
        "and",
        "or",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "true",
        "false",
        "null",
    ]
)
SPACED_NAMES = (
    "date and time",
    "days and time duration",
    "years and months duration",
    "get or else",
)
"""Built-in names that contain a keyword, so that plain words cannot make them up."""

_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_ABOVE = "\U00010000-\U000effff"
_WORD = rf"(?:[^\W\d]|[?{_ABOVE}])[\w\u00b7\u0300-\u036f\u203f\u2040?'{_ABOVE}]*"
_TOKEN = re.compile(
    r"(?P<skip>\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)"
    rf"|(?P<number>{_NUMBER})"
    r'|(?P<string>"(?:[^"\\]|\\.)*")'
    rf"|(?P<word>{_WORD})"
    r"|(?P<quoted>`[^`\n]+`)"
    r"|(?P<sign>\.\.|<=|>=|!=|\*\*|->|/(?!\*)|[-+*=<>(){}\[\],.:@])",
    re.DOTALL,
)
_PAIR = r"u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"
_ESCAPE = re.compile(rf"\\(?:{_PAIR}|u([0-9a-fA-F]{{4}})|U([0-9a-fA-F]{{6}})|(.))", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


class Kind(StrEnum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    KEYWORD = "keyword"
    SIGN = "sign"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word of the source; `whole` names were recognised at once and join no other word."""

    kind: Kind
    text: str
    start: int
    end: int
    value: int | Decimal | str | None = None
    whole: bool = False


def tokens(source: str, names: Collection[str] = ()) -> list[Token]:
    """Split `source`; `names` are known names that may contain signs or keywords."""
    if len(source) > MAX_SOURCE:
        raise FeelError(f"Biểu thức dài quá {MAX_SOURCE} ký tự", source[:100])
    known = _known_names(frozenset(names))
    return [*_scan(source, known), Token(Kind.END, "", len(source), len(source))]


def _scan(source: str, known: re.Pattern[str]) -> Iterator[Token]:
    place = 0
    while place < len(source):
        found = known.match(source, place)
        if found:
            name = plain_name(found.group())
            yield Token(Kind.NAME, name, place, found.end(), whole=True)
            place = found.end()
            continue
        found = _TOKEN.match(source, place)
        if not found:
            raise _stray(source, place)
        place = found.end()
        token = _token(source, found)
        if token:
            yield token


def _token(source: str, found: re.Match[str]) -> Token | None:
    text, start, end = found.group(), found.start(), found.end()
    match found.lastgroup:
        case "number":
            return Token(Kind.NUMBER, text, start, end, _number(source, text, start))
        case "string":
            return Token(Kind.STRING, text, start, end, unescape(text[1:-1]))
        case "word":
            kind = Kind.KEYWORD if text in KEYWORDS else Kind.NAME
            return Token(kind, unicodedata.normalize("NFC", text), start, end)
        case "quoted":
            return Token(Kind.NAME, plain_name(text[1:-1]), start, end, whole=True)
        case "sign":
            return Token(Kind.SIGN, text, start, end)
    return None


def plain_name(text: str) -> str:
    """Give a name its one spelling: single blanks, composed letters."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def unescape(text: str) -> str:
    r"""Resolve the escapes of a string literal; an unknown one such as `\d` stays as it is."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_unescape_one, text)


def _unescape_one(found: re.Match[str]) -> str:
    high, low, short, long, other = found.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) & 0x3FF) << 10) + (int(low, 16) & 0x3FF))
    if other:
        return _SIMPLE.get(other, found.group())
    number = int(short or long, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def _number(source: str, text: str, start: int) -> int | Decimal:
    if text.isdigit() and len(text) <= PRECISION:
        return int(text)
    try:
        return DECIMALS.create_decimal(text)
    except ArithmeticError:
        raise FeelError(f"Số quá lớn ở cột {start + 1}", source, start) from None


@lru_cache(256)
def _known_names(names: frozenset[str]) -> re.Pattern[str]:
    every = [*SPACED_NAMES, *(name for name in names if not _is_plain(name))]
    spaced = (
        r"\s+".join(re.escape(word) for word in name.split())
        for name in sorted(every, key=len, reverse=True)
    )
    return re.compile(rf"(?:{'|'.join(spaced)})(?![\w\u0300-\u036f])")


def _is_plain(name: str) -> bool:
    words = name.split()
    return not words or all(re.fullmatch(_WORD, word) and word not in KEYWORDS for word in words)


def _stray(source: str, place: int) -> FeelError:
    if source[place] == '"':
        return FeelError(
            f"Thiếu dấu nháy kép đóng cho chuỗi bắt đầu ở cột {place + 1}", source, place
        )
    if source.startswith("/*", place):
        return FeelError(f"Chú thích mở ở cột {place + 1} không được đóng", source, place)
    return FeelError(f"Ký tự lạ {source[place]!r} ở cột {place + 1}", source, place)
