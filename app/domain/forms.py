"""Forms as the use cases see them: fields, errors, and what a person typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Submission:
    """What came of checking a submission.

    `values` holds only declared fields, converted to JSON types; `errors` maps a field path
    ("owners.0.name") to Vietnamese sentences; `typed` is what the person typed, to be shown
    again. Nothing may be stored as process variables while `errors` is not empty.
    """

    values: dict[str, Any]
    errors: dict[str, list[str]] = field(default_factory=dict)
    typed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.errors
