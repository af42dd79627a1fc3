"""Text as people type it in a hurry: without diacritics, without case."""

import unicodedata


def fold(text: str) -> str:
    """Strip diacritics and case: "Đỗ Thị Ánh" becomes "do thi anh"."""
    decomposed = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def found(search: str, text: str) -> bool:
    """Say whether every word of `search` stands somewhere in `text`."""
    folded = fold(text)
    return all(word in folded for word in fold(search).split())
