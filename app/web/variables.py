"""Process variables for people who watch: read only, by scope, identity numbers masked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROOT_SCOPE = "0"
IDENTITY_NAME = "identity"
DIGITS = re.compile(r"\d{7,}")
IDENTITY = re.compile(r"(?<![\w-])(?:\d{12}|\d{9})(?![\w-])")
LONG = 120  # characters shown before a value is folded
MOST = 20_000  # characters of one value that a page carries
TYPES = {str: "chữ", bool: "đúng/sai", int: "số", float: "số", list: "danh sách", dict: "nhóm"}


@dataclass(frozen=True)
class VariableRow:
    name: str
    kind: str
    text: str
    head: str  # the beginning of a long value; empty where the whole is short


@dataclass(frozen=True)
class Scope:
    title: str
    rows: list[VariableRow]


def scopes(variables: Mapping[str, Mapping[str, Any]]) -> list[Scope]:
    """The process itself first, then the scopes within it."""
    return [
        Scope(
            scope_title(name),
            [row(key, values[key]) for key in sorted(values)],
        )
        for name, values in sorted(
            variables.items(), key=lambda pair: (pair[0] != ROOT_SCOPE, pair[0])
        )
        if values
    ]


def scope_title(scope: str) -> str:
    return "Toàn quy trình" if scope == ROOT_SCOPE else f"Phạm vi {scope}"


def row(name: str, value: Any) -> VariableRow:
    text = masked(_text(value))
    if IDENTITY_NAME in name.lower() and isinstance(value, str | int):
        text = DIGITS.sub(lambda found: _hidden(found[0]), text)
    if len(text) > MOST:
        text = f"{text[:MOST]}… (còn {len(text) - MOST} ký tự)"
    is_long = len(text) > LONG or "\n" in text
    head = " ".join(text[: LONG * 2].split())[:LONG] + "…" if is_long else ""
    return VariableRow(name, TYPES.get(type(value), ""), text, head)


def _text(value: Any) -> str:
    if value is None:
        return "trống"
    if isinstance(value, bool):
        return "đúng" if value else "sai"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def masked(text: str) -> str:
    """Hide the middle of identity numbers: 12 digits (CCCD) or 9 (CMND)."""
    return IDENTITY.sub(lambda found: _hidden(found[0]), text)


def _hidden(number: str) -> str:
    return f"{number[:3]}{'•' * (len(number) - 6)}{number[-3:]}"
