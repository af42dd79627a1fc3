"""Text as people search it: without diacritics, without case."""

import unicodedata
from functools import lru_cache

LONGEST = 200  # characters of a search that are looked at
MARKS = "\\%_"


class _WithoutMarks(dict[int, int | None]):
    """For `str.translate`: drops combining marks; learns each character once."""

    def __missing__(self, code: int) -> int | None:
        self[code] = None if unicodedata.combining(chr(code)) else code
        return self[code]


_without_marks = _WithoutMarks()


@lru_cache(maxsize=8_192)
def fold(text: str) -> str:
    """Strip diacritics and case: "Đỗ Thị Ánh" becomes "do thi anh"."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join(decomposed.translate(_without_marks).split())


def pattern(word: str) -> str:
    """A LIKE pattern (escape: backslash) for text that contains `word`."""
    for mark in MARKS:
        word = word.replace(mark, "\\" + mark)
    return f"%{word}%"


def starting(word: str) -> str:
    """A LIKE pattern for text that begins with `word`."""
    return pattern(word)[1:]
