"""Text in a drawing: how wide it is, where it breaks, and how it is written safely."""

import re
import unicodedata
from functools import lru_cache
from html import escape as escape_html

from app.engine.drawing_metrics import REGULAR, SEMIBOLD, UNKNOWN

LINE_HEIGHT = 1.25
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """Return `text` for element content or a quoted attribute; what XML cannot hold is dropped."""
    return escape_html(_NOT_IN_XML.sub("", text))


def number(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    text = f"{value:.1f}"
    return text.removesuffix(".0")


@lru_cache(maxsize=8192)
def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of `text` in pixels at a font size of `size` pixels."""
    widths = SEMIBOLD if bold else REGULAR
    letters = unicodedata.normalize("NFC", text)
    return sum(widths.get(letter, UNKNOWN) for letter in letters) * size / 1000


def wrap(
    text: str, width: float, size: float, *, most: int = 99, bold: bool = False
) -> tuple[str, ...]:
    """Break `text` into at most `most` lines of `width` pixels; an ellipsis tells of more."""
    lines: list[str] = []
    line = ""
    for word in _pieces(text, width, size, bold):
        longer = f"{line} {word}" if line else word
        if line and width_of(longer, size, bold=bold) > width:
            lines.append(line)
            line = word
        else:
            line = longer
    if line:
        lines.append(line)
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[: most - 1], _shortened(lines[most - 1], width, size, bold))


def _pieces(text: str, width: float, size: float, bold: bool) -> list[str]:
    """Return the words of `text`, cutting those that are wider than a line."""
    pieces: list[str] = []
    for word in text.split():
        rest = word
        while len(rest) > 1 and width_of(rest, size, bold=bold) > width:
            cut = _fitting(rest, width, size, bold)
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return pieces


def _fitting(word: str, width: float, size: float, bold: bool) -> int:
    """Return how many letters of `word` fit, at least one; combining marks stay with theirs."""
    used, cut = 0.0, 0
    for letter in word:
        used += width_of(letter, size, bold=bold)
        if used > width and cut:
            break
        cut += 1
    while cut < len(word) and unicodedata.combining(word[cut]):
        cut += 1
    return cut


def _shortened(line: str, width: float, size: float, bold: bool) -> str:
    while line and width_of(f"{line}…", size, bold=bold) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"
