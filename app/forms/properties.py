"""Reads one component's properties from form-js JSON, and notes what is wrong with them."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import re2

from app.domain.engine import Problem, Severity
from app.feel import FeelError, compile_expression
from app.forms import numerals
from app.forms.limits import MAX_PATTERN
from app.forms.scope import NOTHING, Dynamic
from app.forms.template import EMPTY, Template, compile_template
from app.forms.text_fields import Pattern
from app.forms.texts import is_printable

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20

Report = Callable[[Problem], None]


class Properties:
    """One JSON object of the form. Every getter notes the name, so that the rest is unknown."""

    def __init__(self, raw: dict[str, Any], element_id: str, report: Report, known: str) -> None:
        self.raw = raw
        self.element_id = element_id
        self._report = report
        self._read = set(known.split())

    def error(self, code: str, message: str) -> None:
        """Note something that forbids the form to be used."""
        self._report(Problem(Severity.ERROR, code, message, element_id=self.element_id))

    def warning(self, code: str, message: str) -> None:
        """Note something that the author should look at."""
        self._report(Problem(Severity.WARNING, code, message, element_id=self.element_id))

    def get(self, name: str) -> Any:
        """The raw value."""
        self._read.add(name)
        return self.raw.get(name)

    def part(self, name: str, known: str = "") -> "Properties":
        """A nested object, such as `validate`."""
        value = self.get(name)
        if value is not None and not isinstance(value, dict):
            self._wrong(name, "một nhóm thuộc tính")
        inner = value if isinstance(value, dict) else {}
        return Properties(inner, self.element_id, self._report, known)

    def text(self, name: str) -> str:
        """A written-out text."""
        value = self.get(name)
        if value is None or isinstance(value, str):
            return value or ""
        self._wrong(name, "chữ")
        return ""

    def template(self, name: str) -> Template:
        """A text with FEEL inside."""
        source = self.text(name)
        if not is_printable(source, lines=True):
            self.error("form.value", f"Thuộc tính “{name}” có ký tự điều khiển")
            return EMPTY
        try:
            return compile_template(source) if source else EMPTY
        except FeelError as error:
            self._feel(name, error)
            return EMPTY

    def dynamic(self, name: str, *, bare: bool = False) -> Dynamic:
        """A literal, or a FEEL expression after "="; `bare` takes any text as an expression."""
        value = self.get(name)
        if not isinstance(value, str) or not (bare or value.startswith("=")):
            return NOTHING if value is None else Dynamic(value)
        source = value.strip()
        return self.expression(name, source.removeprefix("=")) if source else NOTHING

    def expression(self, name: str, source: str) -> Dynamic:
        """A FEEL expression; one that cannot be read is noted and counts as nothing."""
        try:
            return Dynamic(None, compile_expression(source))
        except FeelError as error:
            self._feel(name, error)
            return NOTHING

    def condition(self, name: str) -> Dynamic:
        """True, false, or a FEEL expression."""
        dynamic = self.dynamic(name)
        if dynamic.expression is None and dynamic.literal not in (None, True, False):
            self._wrong(name, "true, false hoặc một biểu thức bắt đầu bằng “=”")
            return NOTHING
        return dynamic

    def bound(self, name: str) -> Dynamic:
        """A number, a text that is one, or a FEEL expression."""
        dynamic = self.dynamic(name)
        literal = dynamic.literal
        if isinstance(literal, str):
            literal = _plain_number(literal) if literal.strip() else None
            if literal is None and dynamic.literal.strip():
                self._wrong(name, "một số hoặc một biểu thức bắt đầu bằng “=”")
            return Dynamic(literal) if literal is not None else NOTHING
        if literal is not None and numerals.decimal_of(literal) is None:
            self._wrong(name, "một số hoặc một biểu thức bắt đầu bằng “=”")
            return NOTHING
        return dynamic

    def whole(self, name: str, lowest: int, highest: int) -> int | None:
        """A whole number between two bounds, also where it is written as a text."""
        value = self.get(name)
        if value is None or value == "":
            return None
        exact = _plain_number(value) if isinstance(value, str) else value
        if isinstance(exact, bool) or not isinstance(exact, int) or not lowest <= exact <= highest:
            self._wrong(name, f"một số nguyên từ {lowest} đến {highest}")
            return None
        return exact

    def decimal(self, name: str) -> Decimal | None:
        """A number greater than zero."""
        value = self.get(name)
        if value is None or value == "":
            return None
        number = _plain_number(value) if isinstance(value, str) else value
        exact = numerals.decimal_of(number)
        if exact is None or exact <= 0:
            self._wrong(name, "một số lớn hơn 0")
            return None
        return exact

    def flag(self, name: str, *, default: bool = False) -> bool:
        """True or false, also where the editor wrote it as a text."""
        value = self.get(name)
        if value is None or value == "":
            return default
        if value in (True, False):
            return bool(value)
        if value in ("true", "false"):
            return bool(value == "true")
        self._wrong(name, "true hoặc false")
        return default

    def choice(self, name: str, allowed: Iterable[str], default: str) -> str:
        """One of some words."""
        value = self.text(name) or default
        if value in allowed:
            return value
        self._wrong(name, "một trong: " + ", ".join(sorted(allowed)))
        return default

    def key(self, name: str) -> tuple[str, ...]:
        """A path such as "owner.name"; empty where it is missing or not safe."""
        value = self.text(name)
        if not value:
            return ()
        if len(value) > 200 or not _KEY.fullmatch(value):
            self.error(
                "form.key",
                f"Khóa “{value[:60]}” chỉ được gồm chữ không dấu, chữ số và “_”, bắt đầu bằng chữ",
            )
            return ()
        return tuple(value.split("."))

    def pattern(self, name: str) -> Pattern | None:
        """A regular expression that runs in linear time."""
        source = self.text(name)
        if not source:
            return None
        try:
            if len(source) > MAX_PATTERN:
                self.error("form.pattern", f"Mẫu kiểm tra dài hơn {MAX_PATTERN} ký tự")
                return None
            pattern: Pattern = re2.compile(source, _OPTIONS)
        except re2.error:
            self.error(
                "form.pattern",
                f"Mẫu kiểm tra “{source[:60]}” không dùng được "
                "(không hỗ trợ tham chiếu ngược và nhìn trước, nhìn sau)",
            )
            return None
        return pattern

    def finish(self, where: str = "") -> None:
        """Warn about names that nobody asked for."""
        unknown = sorted(str(name) for name in self.raw if name not in self._read)
        if unknown:
            names = ", ".join(name[:40] for name in unknown[:5])
            self.warning("form.property", f"Thuộc tính không có tác dụng{where}: {names}")

    def _wrong(self, name: str, wanted: str) -> None:
        self.error("form.value", f"Thuộc tính “{name}” phải là {wanted}")

    def _feel(self, name: str, error: FeelError) -> None:
        self.error(
            "form.feel",
            f"Biểu thức ở “{name}” sai tại dòng {error.line}, cột {error.column}: {error.message}",
        )


def _plain_number(text: str) -> int | float | None:
    """Read a number as a program writes it; what an author wrote has no grouping dots."""
    text = text.strip()
    if not re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", text, re.ASCII):
        return None
    return numerals.json_number(Decimal(text))
