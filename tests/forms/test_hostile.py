"""Forms and submissions written to do harm."""

import time
from typing import Any

import pytest

from app.forms.typed import nested
from tests.forms.samples import choice, form, html, owners, room, source, text

BAD = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|a)*$", "(.*)*=.*", "^([a-z]|[a-z0-9])+#$"])
def test_patterns_run_in_linear_time(pattern: str) -> None:
    parsed = form({**text("x", validate={"pattern": pattern, "maxLength": 50_000})})
    began = time.process_time()
    parsed.validate({"x": "a" * 50_000 + "!"}, {})
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "raw", ["a@" + "a" * 50_000, "a." * 20_000, "a@" + "a-" * 20_000, "(((" * 30_000]
)
@pytest.mark.parametrize("kind", ["email", "phone"])
def test_kinds_of_text_run_in_linear_time(kind: str, raw: str) -> None:
    parsed = form(text("x", validate={"validationType": kind}))
    began = time.process_time()
    assert not parsed.validate({"x": raw}, {}).ok
    assert time.process_time() - began < 1


def test_a_flood_of_names_is_refused() -> None:
    flood = {f"owners.{number}.name": "x" for number in range(6000)}
    submission = form(owners()).validate(flood, {})
    assert set(submission.errors) == {""}
    assert submission.values == {}
    assert form(owners()).view(flood, {}, {}).rows


def test_a_flood_of_rows_is_cut() -> None:
    flood = {f"owners.{number}.name": "x" for number in range(5000)}
    submission = form(owners()).validate(flood, {})
    assert len(submission.values["owners"]) == 200
    assert submission.errors == {"owners": ["Chủ sở hữu: có tối đa 200 mục"]}


def test_names_without_end_are_dropped() -> None:
    deep = ".".join(["a"] * 10_000)
    assert nested({deep: "x", "b": "y"}) == {"b": "y"}
    assert form(text("a")).validate({deep: "x", "a": "1"}, {}).values == {"a": "1"}


def test_contradicting_names_keep_the_first() -> None:
    assert form(text("a")).validate({"a": "1", "a.b": "2"}, {}).values == {"a": "1"}
    assert form(text("a.b")).validate({"a": "1", "a.b": "2"}, {}).values == {"a": {"b": None}}
    assert form(text("a.b")).validate({"a.b": "2", "a": "1"}, {}).values == {"a": {"b": "2"}}


@pytest.mark.parametrize(
    "name", ["__proto__", "constructor", "__class__.__init__", "owners.__len__", "."]
)
def test_names_of_python_and_javascript_mean_nothing(name: str) -> None:
    assert form(text("a")).validate({name: "x"}, {}).values == {"a": None}


@pytest.mark.parametrize(
    "expression",
    [
        "={}.__class__",
        '="".__class__.__mro__',
        "=a.__globals__",
        '=__import__("os")',
        "=count(for a in 1..100000, b in 1..100000 return a)",
        '=string join(for a in 1..100000 return "xxxxxxxxxxxxxxxxxxxx")',
        "=some a in 1..100000 satisfies some b in 1..100000 satisfies a = -b",
    ],
)
def test_feel_reaches_nothing_and_ends(expression: str) -> None:
    file = source({"type": "expression", "key": "x", "expression": expression})
    errors = [p for p in room().check("a", file) if p.severity == "error"]
    if errors:
        assert {problem.code for problem in errors} == {"form.feel"}
        return
    began = time.process_time()
    submission = room().read(file).validate({}, {"a": {}})
    assert time.process_time() - began < 5
    assert (
        not submission.ok
        or submission.values["x"] is None
        or isinstance(submission.values["x"], str)
    )


def test_a_condition_that_was_stopped_refuses_the_whole_submission() -> None:
    heavy = "=count(for a in 1..100000, b in 1..100000 return a) > 0"
    submission = form(text("x", validate={"required": heavy})).validate({"x": ""}, {})
    assert set(submission.errors) == {""}


def test_all_expressions_of_a_submission_share_one_budget() -> None:
    heavy = "=count(for a in 1..90000 return a + 1) > 0"
    parts = [{"type": "expression", "key": f"x{n}", "expression": heavy} for n in range(60)]
    began = time.process_time()
    assert not form(*parts).validate({}, {}).ok
    assert time.process_time() - began < 5


def test_deep_json_is_harmless() -> None:
    deep: Any = "x"
    for _ in range(900):
        deep = {"a": [deep]}
    parsed = form(text("a"), owners(), choice("checklist", "c", "x"))
    submission = parsed.validate({"a": deep, "owners": [deep], "c": deep}, {}, strict=True)
    assert not submission.ok


def test_what_is_not_a_name_is_reported_by_strict() -> None:
    submission = form(text("a")).validate({5: "x", "a": "1"}, {}, strict=True)  # type: ignore[dict-item]
    assert list(submission.errors) == ["5"]


def test_a_posted_form_cannot_reach_a_computed_or_fixed_value() -> None:
    fixed = text("fee", readonly=True)
    total = {"type": "expression", "key": "total", "expression": "=fee"}
    posted = html(fee="0", total="0", _seen=["fee", "total", "role"], _row=["fee.0", "role.0"])
    assert form(fixed, total).validate(posted, {"fee": 500}).values == {"fee": 500, "total": 500}
