"""Tables of `expression => JSON` lines, and a way to play them."""

import json
from datetime import UTC, datetime
from typing import Any

from app.feel import compile_expression, to_json

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
VARIABLES: dict[str, Any] = {
    "a": 3,
    "b": 4.5,
    "name": "An",
    "Họ tên": "Trần Thị Bình",
    "yes": True,
    "no": False,
    "nothing": None,
    "xs": [1, 2, 3, 4],
    "person": {"name": "An", "age": 30, "address": {"city": "Huế"}},
    "people": [
        {"name": "An", "age": 30, "monthly salary": 12_000_000},
        {"name": "Bình", "age": 17, "monthly salary": 0},
        {"name": "Chi", "age": 45, "monthly salary": 25_500_000.5},
    ],
}


def cases(table: str) -> list[tuple[str, Any]]:
    """Read the lines of a table; blank lines and `#` lines say nothing."""
    lines = (line.strip() for line in table.splitlines())
    rows = [line.rsplit(" => ", 1) for line in lines if line and not line.startswith("#")]
    return [(source.strip(), json.loads(expected)) for source, expected in rows]


def value(source: str, variables: dict[str, Any] | None = None) -> Any:
    """Evaluate and give the result in JSON types."""
    scope = VARIABLES if variables is None else variables
    return to_json(compile_expression(source).evaluate(scope, now=NOW))


def same(left: Any, right: Any) -> bool:
    """Compare JSON values, keeping booleans and numbers apart."""
    return json.dumps(left, sort_keys=True) == json.dumps(right, sort_keys=True)
