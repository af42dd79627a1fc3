"""FEEL, the language of conditions, mappings, forms and decisions: compiled and guarded.

compile_expression("fee > 0 and approved = true").evaluate({"fee": 5, "approved": True})
"""

from app.feel.errors import FeelError, FeelEvaluationError
from app.feel.evaluation import Purse
from app.feel.expression import (
    Expression,
    UnaryTests,
    compile_any,
    compile_expression,
    compile_juel,
    compile_unary_tests,
)
from app.feel.text import to_json

__all__ = [
    "Expression",
    "FeelError",
    "FeelEvaluationError",
    "Purse",
    "UnaryTests",
    "compile_any",
    "compile_expression",
    "compile_juel",
    "compile_unary_tests",
    "to_json",
]
