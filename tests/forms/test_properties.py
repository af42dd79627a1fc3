"""What must hold whatever is typed."""

import json
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.forms import Submission
from app.forms import moments, numerals
from app.forms.markdown import read_markdown
from app.forms.texts import clean
from tests.forms.samples import BUILDING, form, html, room

PARSED = form(*BUILDING)
NAMES = [info.path.replace("[]", ".0") for info in PARSED.fields()]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=40)
    | st.sampled_from(["24/11/2026", "5,25", "nha_o", "khac", "true", "0912345678", "a"])
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
TYPED = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=12), ANYTHING, max_size=12)
VARIABLES = st.dictionaries(
    st.sampled_from(["fee", "history", "area", "kind", "documents", "owners"]), ANYTHING
)


@settings(max_examples=150, deadline=None)
@given(typed=TYPED, variables=VARIABLES, strict=st.booleans())
def test_every_submission_is_answered(
    typed: dict[str, Any], variables: dict[str, Any], strict: bool
) -> None:
    submission = PARSED.validate(typed, variables, strict=strict)
    assert isinstance(submission, Submission)
    assert set(submission.values) <= {name.split(".", 1)[0] for name in NAMES}
    json.dumps(submission.values, allow_nan=False)
    orjson.dumps(submission.values)
    assert all(text for texts in submission.errors.values() for text in texts)
    PARSED.view(submission.typed, variables, submission.errors)
    PARSED.review(submission.values, variables)


@settings(max_examples=100, deadline=None)
@given(
    typed=st.dictionaries(
        st.sampled_from([*NAMES, "_seen", "_row", "x.y"]),
        st.lists(st.text(max_size=20), max_size=3),
    )
)
def test_every_posted_form_is_answered(typed: dict[str, list[str]]) -> None:
    filled = html(**{name: values for name, values in typed.items() if values})
    submission = PARSED.validate(filled, {})
    again = PARSED.validate(submission.typed, {})
    assert again.values == submission.values
    assert again.errors == submission.errors


GOOD = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(min_codepoint=33, max_codepoint=0x1EF9, blacklist_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Cn")), min_size=1, max_size=30),
        "cccd": st.from_regex(r"0[0-9]{11}", fullmatch=True),
        "phone": st.from_regex(r"09[0-9]{8}", fullmatch=True),
        "area": st.decimals(min_value=1, max_value=100_000, places=2).map(float),
        "floors": st.integers(min_value=-(10**14), max_value=10**14),
        "start": st.dates().map(lambda day: day.isoformat()),
        "kind": st.just("nha_o"),
        "way": st.sampled_from(["truc_tiep", "buu_chinh", None]),
        "papers": st.lists(st.sampled_from("abc"), unique=True),
        "promise": st.just(True),
        "owners": st.lists(st.fixed_dictionaries({"name": st.just("An"), "main": st.booleans()}), min_size=1, max_size=3),
    }
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(values=GOOD)
def test_values_come_back_from_the_page_unchanged(values: dict[str, Any]) -> None:
    first = PARSED.validate(values, {})
    assert first.errors == {}
    view = PARSED.view(first.values, {}, {})
    shown = {
        cell.path: cell.value  # type: ignore[attr-defined]
        for row in view.rows
        for cell in row.cells
        if cell.kind in {"text", "number", "date", "textarea"} and not cell.hidden
    }
    rest = {name: value for name, value in first.values.items() if name not in shown}
    assert PARSED.validate({**rest, **shown}, {}).values == first.values


@given(
    number=st.integers(-(10**15), 10**15)
    | st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=6
    )
)
def test_numbers_are_read_as_they_are_written(number: Any) -> None:
    assert numerals.read_decimal(numerals.shown(number)) == number
    exact = numerals.decimal_of(number)
    assert exact is not None
    assert numerals.read_decimal(numerals.canonical(exact)) == number


@given(moment=st.datetimes())
def test_moments_are_read_as_they_are_written(moment: Any) -> None:
    minute = moment.replace(second=0, microsecond=0)
    assert moments.read_date(moments.shown_date(minute.date())) == minute.date()
    assert moments.read_moment(moments.shown_moment(minute)) == minute


@given(text=st.text())
def test_any_text_can_be_cleaned_and_read_as_markdown(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    read_markdown(text)


@settings(deadline=None)
@given(
    raw=st.recursive(
        LEAVES,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "type",
                        "components",
                        "key",
                        "label",
                        "validate",
                        "values",
                        "conditional",
                        "hide",
                        "layout",
                        "properties",
                        "path",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_the_lint_never_fails(raw: Any) -> None:
    kinds = ["textfield", "number", "select", "group", "dynamiclist", "table", "filepicker", "text"]
    parts = [{**(raw if isinstance(raw, dict) else {}), "type": kind} for kind in kinds]
    source = json.dumps({"type": "default", "components": parts}).encode()
    problems = room().check("a.form", source)
    assert all(problem.message and problem.code for problem in problems)
    room().check("a.form", json.dumps(raw).encode())
