"""Forms: read once, then asked what was typed and what to draw."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from app.domain.engine import Problem
from app.domain.forms import Submission


class FileLimits(Protocol):
    """What a file field says of itself."""

    @property
    def max_count(self) -> int: ...


class FormField(Protocol):
    """A field; "owners[].name" is the path of one in a list."""

    @property
    def path(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def required(self) -> bool: ...


class Form(Protocol):
    """One form-js form, parsed."""

    @property
    def reads(self) -> frozenset[str]:
        """The names of variables that any part of it depends on."""

    def validate(self, typed: Mapping[str, Any], variables: Mapping[str, Any]) -> Submission:
        """Check and convert what was typed; `variables` feed conditions and defaults."""

    def view(
        self,
        values: Mapping[str, Any],
        variables: Mapping[str, Any],
        errors: Mapping[str, Sequence[str]],
        *,
        read_only: bool = False,
    ) -> Any:  # a tree of plain objects for the templates, see app/forms
        """What a page needs to draw the form."""

    def changed_rows(
        self, typed: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """What was typed, with the row added or removed whose button was pressed, if one was."""

    def review(
        self, values: Mapping[str, Any], variables: Mapping[str, Any] | None = None
    ) -> list[tuple[str, str]]:
        """Label and shown value of every field that is not hidden."""

    def fields(self) -> Sequence[FormField]:
        """Every field in order; those of lists once."""

    def file_field(self, path: str) -> FileLimits | None:
        """The file field at a path such as "owners.0.card"; None for any other."""


class Forms(Protocol):
    def check(self, file: str, source: bytes) -> list[Problem]:
        """Lint one `.form` file."""

    def read(self, source: bytes) -> Form:
        """Parse (cached by content). Raises InvalidInput."""
