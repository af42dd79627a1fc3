"""Cells of decision tables."""

from datetime import date

import pytest

from app.feel import FeelError, compile_unary_tests

CELLS = [
    ("-", 5, True),
    ("-", None, True),
    ("", 5, True),
    ("  ", 5, True),
    ("5", 5, True),
    ("5", 5.0, True),
    ("5", 6, False),
    ("5", "5", False),
    ("5", None, False),
    ("null", None, True),
    ("null", 1, False),
    ("-5", -5, True),
    ("< 5", 4, True),
    ("<5", 5, False),
    ("<= 5", 5, True),
    ("> 5", 6, True),
    (">= 5", 5, True),
    ("= 5", 5, True),
    ("!= 5", 6, True),
    ("!= 5", 5, False),
    ("< 5", None, False),
    ("< 5", "a", False),
    ("[1..5]", 5, True),
    ("(1..5)", 5, False),
    ("]1..5[", 1, False),
    ("]1..5[", 3, True),
    ("[1..limit]", 7, True),
    ("< limit", 9, True),
    ("< limit * 2", 19, True),
    ("limit", 10, True),
    ('"a"', "a", True),
    ('"a","b"', "b", True),
    ('"a", "b"', "c", False),
    ("1, 2, [5..7]", 6, True),
    ("< 1, > 9", 10, True),
    ("< 1, > 9", 5, False),
    ("true", True, True),
    ("true", False, False),
    ("false", False, True),
    ("true", None, False),
    ("true, false", False, True),
    ('not("a")', "b", True),
    ('not("a")', "a", False),
    ('not("a", "b")', "b", False),
    ("not(< 5)", 6, True),
    ("not([1..5])", 3, False),
    ("not([1..5], 9)", 8, True),
    ("not(null)", 3, True),
    ("not(null)", None, False),
    ("not(limit < 5) and limit > 9", False, True),
    ("? > 3", 4, True),
    ("? > 3 and ? < 5", 4, True),
    ("? > 3 and ? < 5", 6, False),
    ('contains(?, "an")', "bán an", True),
    ('not(contains(?, "an"))', "x", True),
    ('starts with(?, "H"), ends with(?, "k")', "book", True),
    ("even(?)", 4, True),
    ("? in codes", "b", True),
    ("codes", "b", True),
    ("codes", "z", False),
    ("not(codes)", "z", True),
    ("limit > 5", "anything", True),
    ("limit > 50", "anything", False),
    ('date("2026-11-24")', date(2026, 11, 24), True),
    ('< date("2026-11-24")', date(2026, 11, 23), True),
    ('[date("2026-01-01")..date("2026-12-31")]', date(2026, 5, 5), True),
    ("if limit > 5 then 1 else 2", 1, True),
    ("sum([1, 2])", 3, True),
    ("some x in ? satisfies x > 2", [1, 3], True),
    ("count(?) > 1", [1, 3], True),
    ('"a"', ["a"], False),
    ('["a", "b"]', "a", True),
    ('["a", "b"]', ["a", "b"], True),
    ("?.age > 18", {"age": 20}, True),
]


@pytest.mark.parametrize(("cell", "value", "expected"), CELLS)
def test_a_cell_accepts(cell, value, expected):
    variables = {"limit": 10, "codes": ["a", "b"]}
    assert compile_unary_tests(cell).matches(value, variables) is expected


@pytest.mark.parametrize(
    "cell", ["<", "1,", ", 1", "not(", "[1..", "a b )", "- 5 -", "=", "()", "not()"]
)
def test_a_wrong_cell_is_refused(cell):
    with pytest.raises(FeelError):
        compile_unary_tests(cell)


def test_names_leave_out_the_input():
    assert compile_unary_tests("? > limit").names == {"limit"}


def test_a_variable_called_like_the_input_does_not_shadow_it():
    assert compile_unary_tests("? = 1").matches(1, {"?": 2}) is True
