"""Reads and checks `.form` files; what was read is kept by its content."""

from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import sha256
from threading import Lock

from app.domain.engine import Problem, Severity
from app.domain.errors import InvalidInput
from app.forms.builder import Builder
from app.forms.form import Clock, ParsedForm

KEPT = 256
"""Forms kept in memory."""


def _present() -> datetime:
    return datetime.now(UTC)


class FormRoom:
    """The forms of the service. Safe to share between threads."""

    def __init__(self, now: Clock = _present, kept: int = KEPT) -> None:
        """`now` gives the instant that `today()` and "not in the past" speak of."""
        self._now = now
        self._most = kept
        self._kept: OrderedDict[bytes, ParsedForm] = OrderedDict()
        self._lock = Lock()

    def check(self, file: str, source: bytes) -> list[Problem]:
        """Lint one file; errors forbid its use, warnings do not. Never raises."""
        builder = Builder(file)
        builder.build(source)
        return builder.problems

    def read(self, source: bytes) -> ParsedForm:
        """Give the form of a file. Raises InvalidInput where `check` reports an error."""
        key = sha256(source).digest()
        with self._lock:
            form = self._kept.get(key)
            if form is not None:
                self._kept.move_to_end(key)
                return form
        form = self._parsed(source)
        with self._lock:
            self._kept[key] = form
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return form

    def _parsed(self, source: bytes) -> ParsedForm:
        builder = Builder()
        components = builder.build(source)
        errors = [p.message for p in builder.problems if p.severity is Severity.ERROR]
        if errors:
            raise InvalidInput(
                "Biểu mẫu có lỗi nên không dùng được: " + "; ".join(errors[:3]),
                fields={"": errors[:50]},
            )
        return ParsedForm(components, self._now)
