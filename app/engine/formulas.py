"""Compiles the texts of one element, and reports those that do not compile."""

import re
from functools import lru_cache

from app.engine.dialect import MappedValue, Mapping, Passing
from app.engine.expressions import Formula, Literal, Value, expression, value
from app.engine.graph import Mapped, Pass, Retry
from app.engine.reports import Report
from app.engine.timing import parse_cycle, parse_duration
from app.feel import FeelError

_ASSIGNMENT = re.compile(r"^\s*([^\W\d][\w]*)\s*:?=(?!=)\s*(.*)$", re.DOTALL)
_DAYS = re.compile(r"\d{1,6}|P\d{1,6}D")
_NAME = re.compile(r"[^\W\d_]\w*")


@lru_cache(4096)
def is_name(text: str) -> bool:
    """Whether `text` can name a variable; names that start with `_` are kept for ourselves."""
    return _NAME.fullmatch(text) is not None


class Formulas:
    """The texts of one element, compiled one by one."""

    def __init__(self, report: Report, element: str, label: str) -> None:
        self.report = report
        self.element = element
        self.label = label

    def condition(self, text: str | None, what: str) -> Formula | None:
        """Compile a text that is always an expression."""
        if text is None or not text.strip():
            return None
        try:
            return expression(text)
        except FeelError as error:
            self.report.expression(self.element, f"{what} của {self.label}", error)
            return None

    def value(self, text: str | None, what: str) -> Value | None:
        """Compile a text that is a literal unless marked."""
        if text is None or text == "":
            return None
        try:
            return value(text)
        except FeelError as error:
            self.report.expression(self.element, f"{what} của {self.label}", error)
            return None

    def values(self, text: str | None, what: str) -> tuple[Value, ...]:
        """Compile a list with commas; an expression may hold commas of its own."""
        if text is None or not text.strip():
            return ()
        parts = [text] if text.lstrip().startswith("=") or "{" in text else text.split(",")
        found = [self.value(part.strip(), what) for part in parts if part.strip()]
        return tuple(one for one in found if one is not None)

    def integer(self, text: str | None, what: str, code: str) -> Value | None:
        """Compile a number, or an expression for one."""
        found = self.value(text, what)
        if isinstance(found, Literal):
            try:
                return Literal(int(str(found.value).strip()))
            except ValueError:
                self.report.error(
                    code,
                    self.element,
                    f"{what} của {self.label} phải là số nguyên, không phải “{found.value}”.",
                )
                return None
        return found

    def days(self, text: str | None, what: str) -> None:
        """Require a number of days, `180` or `P180D`, where anything is said."""
        if text and not _DAYS.fullmatch(text.strip()):
            self.report.error(
                "days",
                self.element,
                f"{what} của {self.label} phải là số ngày, ví dụ 180 hoặc P180D, không phải “{text}”.",
            )

    def mappings(self, written: tuple[Mapping, ...], what: str) -> tuple[tuple[str, Mapped], ...]:
        found = []
        for one in written:
            if one.script is not None:
                self.report.error(
                    "script",
                    self.element,
                    f"{what} “{one.name}” của {self.label} là mã {one.script}; "
                    "hãy thay bằng biểu thức FEEL, ví dụ: =a + b.",
                )
            elif not is_name(one.name):
                self.report.error(
                    "variable-name",
                    self.element,
                    f"{what} của {self.label} có tên biến không hợp lệ: “{one.name}”.",
                )
            else:
                found.append((one.name, self._mapped(one.value, f"{what} “{one.name}”")))
        return tuple(found)

    def _mapped(self, written: MappedValue, what: str) -> Mapped:
        if isinstance(written, list):
            return tuple(self._mapped(item, what) for item in written)
        if isinstance(written, dict):
            pairs = [
                (self.value(key, what) or Literal(key), self._mapped(item, what))
                for key, item in written.items()
            ]
            return {"map": pairs}
        return self.value(written, what) or Literal(None)

    def passes(self, written: tuple[Passing, ...], what: str) -> tuple[Pass, ...]:
        found = []
        for one in written:
            if one.source is None and one.expression is None and not one.everything:
                if one.business_key is not None:
                    found.append(Pass(business_key=self.value(one.business_key, what)))
                else:
                    self._broken_pass(what)
            elif not one.everything and not one.target:
                self._broken_pass(what)
            else:
                formula = self.value(one.expression, what)
                found.append(Pass(one.everything, one.source, formula, one.target, local=one.local))
        return tuple(found)

    def _broken_pass(self, what: str) -> None:
        self.report.error(
            "mapping",
            self.element,
            f"{what} của {self.label} thiếu nguồn hoặc đích (source, target).",
        )

    def script(self, text: str) -> tuple[tuple[str, Formula], ...]:
        """Compile a list of assignments, one per line; an expression may go over several lines."""
        found = []
        for name, formula in _statements(text):
            if name is None:
                self.report.error(
                    "script",
                    self.element,
                    f"Kịch bản của {self.label} phải là các dòng “biến = biểu thức FEEL”, "
                    f"không hiểu: “{formula[:60]}”.",
                )
                continue
            compiled = self.condition(formula, f"Phép gán “{name}”")
            if compiled is not None:
                found.append((name, compiled))
        return tuple(found)

    def retry(self, text: str | None) -> Retry:
        """Read a retry cycle; an expression is read whenever a job is made."""
        if text is None:
            return Retry()
        written = self.value(text, "Chu kỳ thử lại")
        if isinstance(written, Formula):
            return Retry(written=written)
        found = parse_retry(text)
        if found is None:
            self.report.error(
                "retry",
                self.element,
                f"Chu kỳ thử lại của {self.label} phải có dạng R5/PT10S, không phải “{text}”.",
            )
        return found or Retry()


def parse_retry(text: str) -> Retry | None:
    """Read `R5/PT10S`, or a list of growing pauses `PT10S,PT1M`; None for anything else."""
    cycle = parse_cycle(text)
    if cycle is not None and cycle.times is not None and not hasattr(cycle.every, "seconds"):
        pause = _seconds(text.partition("/")[2].split("/")[-1])
        if pause is not None:
            return Retry(cycle.times, (pause,))
    pauses = [_seconds(part) for part in text.split(",")]
    if any(one is None for one in pauses):
        return None
    return Retry(len(pauses) + 1, tuple(one for one in pauses if one is not None))


def _seconds(text: str) -> float | None:
    duration = parse_duration(text)
    if duration is None or duration.months:
        return None
    return duration.rest.total_seconds()


def _statements(text: str) -> list[tuple[str | None, str]]:
    """Split a script into assignments; a line that starts no assignment continues the last."""
    found: list[tuple[str | None, str]] = []
    for line in text.replace(";\n", "\n").splitlines():
        bare = line.strip().rstrip(";")
        if not bare or bare.startswith("//"):
            continue
        start = _ASSIGNMENT.match(bare)
        if start and is_name(start[1]):
            found.append((start[1], start[2]))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{bare}")
        else:
            found.append((None, bare))
    return found
