"""Text that a person typed: one normal form, no invisible mischief."""

import re
import unicodedata

_BAD = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, marks that turn the direction of writing, halves of surrogate pairs."""
_BREAK = re.compile(r"[\t\n\r\u2028\u2029]")


def clean(text: str) -> str:
    """Trim, write line ends as one character, and compose letters with their marks (NFC)."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip().strip("\ufeff")
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_printable(text: str, *, lines: bool) -> bool:
    """Tell whether nothing in the text is invisible mischief; `lines` allows line breaks."""
    return not (_BAD.search(text) or (not lines and _BREAK.search(text)))


def lowered(text: str) -> str:
    """Begin with a small letter unless the first word is an abbreviation: "CCCD" stays."""
    if len(text) > 1 and text[1].isupper():
        return text
    return text[:1].lower() + text[1:]
