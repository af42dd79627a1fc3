"""Problems found while a diagram is read, compiled and linted."""

from app.domain.engine import Problem, Severity
from app.feel import FeelError


class Report:
    """Collects problems of one file. Sentences are Vietnamese and say what to do."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self._problems: dict[Problem, None] = {}

    def error(self, code: str, element: str, message: str) -> None:
        self._add(Severity.ERROR, code, element, message)

    def warning(self, code: str, element: str, message: str) -> None:
        self._add(Severity.WARNING, code, element, message)

    def expression(self, element: str, what: str, error: FeelError) -> None:
        """An expression that does not compile, with its place."""
        self.error(
            "expression",
            element,
            f"{what}: {error.message} (dòng {error.line}, cột {error.column}).",
        )

    def _add(self, severity: Severity, code: str, element: str, message: str) -> None:
        self._problems[Problem(severity, code, message, self.file, element)] = None

    @property
    def problems(self) -> list[Problem]:
        """Each problem once, in the order in which they were found."""
        return list(self._problems)

    @property
    def errors(self) -> list[Problem]:
        return [one for one in self.problems if one.severity is Severity.ERROR]
