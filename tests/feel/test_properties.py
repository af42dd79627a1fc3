"""Whatever the text and whatever the variables: an answer or a FeelError, never anything else."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.feel import (
    FeelError,
    FeelEvaluationError,
    compile_expression,
    compile_juel,
    compile_unary_tests,
    to_json,
)
from app.feel.builtins_registry import BUILTINS
from app.feel.values import Months

calm = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

WORDS = [
    *[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        "?",
        "@",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "..",
        ";",
        "\\",
        '"',
        "'",
        "`",
        "|",
        "&",
        "!",
        "~",
        "^",
        "$",
        "#",
    ],
    *[
        "and",
        "or",
        "not",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "between",
        "true",
        "false",
        "null",
    ],
    *[
        "instance",
        "of",
        "function",
        "external",
        "item",
        "partial",
        "date",
        "time",
        "duration",
        "string",
        "count",
        "sum",
        "sort",
    ],
    *["number", "list", "context", "x", "y", "Họ", "tên", "xs"],
    '"a"',
    '@"P1D"',
    '"2026-01-01"',
    "1",
    "0",
    "2.5",
    "1e9",
    "\n",
    "//",
    "/*",
    "*/",
    "${",
    "}",
]
soup = st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join)

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["2026-01-01", "P1D", "08:30:00", "5"])
)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
feel_values = (
    json_values
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([None, UTC]))
    | st.times()
    | st.timedeltas()
    | st.builds(Months, st.integers(-(10**10), 10**10))
    | st.decimals(allow_nan=True, allow_infinity=True)
)
variables = st.fixed_dictionaries(
    {"x": feel_values, "y": feel_values, "xs": st.lists(feel_values, max_size=5)}
)


def outcome(action):
    """Run, and insist on JSON or a `FeelError` with a sentence and a place."""
    try:
        json.dumps(action(), allow_nan=False)
    except FeelError as refused:
        error = refused
    else:
        return
    assert error.message
    assert min(error.line, error.column) >= 1


@calm
@given(st.text(max_size=60) | soup, variables)
@example("a" * 10, {})
@example("\ud800", {})
@example("(" * 49 + "1" + ")" * 49, {})
def test_any_text_is_understood_or_refused(source, scope):
    outcome(lambda: to_json(compile_expression(source).evaluate(scope)))
    outcome(lambda: compile_unary_tests(source).matches(scope.get("x"), scope))
    outcome(lambda: to_json(compile_juel(f"${{{source}}}").evaluate(scope)))


def grown(inner):
    """Grow well-formed expressions from smaller ones."""
    binary = st.sampled_from(
        ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or", "in"]
    )
    return st.one_of(
        st.builds("({} {} {})".format, inner, binary, inner),
        st.builds("if {} then {} else {}".format, inner, inner, inner).map("({})".format),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("[{}..{})".format, inner, inner),
        st.builds("{{a: {}, x: {}}}".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({}).{}".format, inner, st.sampled_from(["a", "x", "year", "days", "start"])),
        st.builds("(for z in {} return {})".format, inner, inner),
        st.builds("(some x in {} satisfies {})".format, inner, inner),
        st.builds("(every y in {} satisfies {})".format, inner, inner),
        st.builds("({} between {} and {})".format, inner, inner, inner),
        st.builds("(function(x, z) {})({}, {})".format, inner, inner, inner),
        st.builds("(-{})".format, inner),
        st.builds("({} instance of number)".format, inner),
    )


leaves = st.sampled_from(
    [
        "x",
        "y",
        "xs",
        "z",
        "item",
        "1",
        "0",
        "-2.5",
        '"a"',
        "true",
        "null",
        '@"2026-01-31"',
        '@"P1M"',
        '@"PT1H"',
        "[1..3]",
    ]
)
expressions = st.recursive(leaves, grown, max_leaves=12)


@calm
@given(expressions, variables)
def test_any_expression_gives_json_or_meets_a_bound(source, scope):
    compiled = compile_expression(source)
    outcome(lambda: to_json(compiled.evaluate(scope)))
    assert compiled.names <= {"x", "y", "xs", "z", "item"}


calls = st.sampled_from(sorted(BUILTINS)).flatmap(
    lambda name: st.lists(
        st.sampled_from(
            [
                "x",
                "y",
                "xs",
                "1",
                '"a"',
                "-1",
                "null",
                "[1, 2]",
                "{a: 1}",
                "[1..2]",
                "function(p, q) p",
            ]
        ),
        max_size=4,
    ).map(lambda arguments: f"{name}({', '.join(arguments)})")
)


@settings(calm, max_examples=800)
@given(calls, variables)
def test_any_built_in_takes_any_argument(source, scope):
    outcome(lambda: to_json(compile_expression(source).evaluate(scope)))


@calm
@given(json_values | st.dates() | st.timedeltas(timedelta(days=-9999), timedelta(days=9999)))
def test_what_string_writes_is_read_again(value):
    if isinstance(value, str):
        return
    text = compile_expression("string([v])").evaluate({"v": value})
    source = text if not isinstance(value, date | timedelta) else f'[@"{text[1:-1]}"]'
    if any(letter in repr(value) for letter in ("\\", "{", "nan", "inf", "'", '"')):
        return
    assert compile_expression(f"({source}) = [v]").evaluate({"v": value}) is True


numbers = st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, places=6)


@calm
@given(numbers, numbers)
def test_sums_and_products_are_exact(left, right):
    scope = {"x": left, "y": right}

    def exactly(source):
        return Fraction(compile_expression(source).evaluate(scope))

    assert exactly("x + y") == Fraction(left) + Fraction(right)
    assert exactly("x - y") == Fraction(left) - Fraction(right)
    assert exactly("x * y") == Fraction(left) * Fraction(right)


@calm
@given(st.floats(-1e15, 1e15))
def test_a_float_means_the_digits_it_shows(value):
    result = compile_expression("x + 0").evaluate({"x": value})
    assert Decimal(result) == Decimal(repr(value))


truths = st.sampled_from([True, False, None])


@calm
@given(st.lists(truths, min_size=1, max_size=5))
def test_and_and_or_follow_kleene(values):
    scope = {f"v{place}": value for place, value in enumerate(values)}
    conjunction = False if False in values else None if None in values else True
    disjunction = True if True in values else None if None in values else False
    assert compile_expression(" and ".join(scope)).evaluate(scope) is conjunction
    assert compile_expression(" or ".join(scope)).evaluate(scope) is disjunction


@calm
@given(feel_values, feel_values)
def test_order_is_consistent(left, right):
    scope = {"x": left, "y": right}
    try:
        less, more, at_least, equal = (
            compile_expression(source).evaluate(scope)
            for source in ("x < y", "y > x", "x >= y", "x = y")
        )
    except FeelEvaluationError:
        return
    assert less is more
    assert at_least is (None if less is None else not less)
    if less is True:
        assert equal is False


@calm
@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    st.timedeltas(timedelta(-9999), timedelta(9999)),
)
def test_adding_and_subtracting_time_are_inverse(moment, span):
    scope = {"m": moment, "s": span}
    assert compile_expression("(m + s) - s = m").evaluate(scope) is True
    assert compile_expression("(m + s) - m = s").evaluate(scope) is True


@calm
@given(st.times(), st.timedeltas(timedelta(-99), timedelta(99)))
def test_the_clock_goes_around(clock: time, span):
    assert compile_expression("(c + s) - s = c").evaluate({"c": clock, "s": span}) is True
