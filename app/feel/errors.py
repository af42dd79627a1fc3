"""What may go wrong with an expression, told in Vietnamese and with its place."""


class FeelError(ValueError):
    """An expression that cannot be understood. Line and column count from 1."""

    def __init__(self, message: str, source: str = "", offset: int = 0) -> None:
        """Keep the sentence, the text and the place (`offset` counts characters from 0)."""
        super().__init__(message)
        self.message = message
        self.source = source
        before = source[: max(offset, 0)]
        self.line = before.count("\n") + 1
        self.column = len(before) - (before.rfind("\n") + 1) + 1


class FeelEvaluationError(FeelError):
    """An expression that was understood but cannot be carried through: a bound, a wrong type."""
