"""Hidden, fixed and computed parts, and rows of lists."""

from typing import Any

import orjson
import pytest

from tests.forms.samples import choice, form, html, owners, text

KIND = choice("select", "kind", "house", "other")
OTHER = text(
    "other", "Loại khác", conditional={"hide": '=kind != "other"'}, validate={"required": True}
)


def test_a_hidden_field_is_neither_checked_nor_stored() -> None:
    parsed = form(KIND, OTHER)
    assert parsed.validate({"kind": "house", "other": "x"}, {}).values == {"kind": "house"}
    assert parsed.validate({"kind": "other"}, {}).errors == {"other": ["Nhập loại khác"]}
    assert parsed.validate({"kind": "other", "other": "x"}, {}).ok


def test_hiding_goes_on_through_what_was_hidden() -> None:
    third = text("third", conditional={"hide": "=other = null"})
    parsed = form(third, OTHER, KIND)
    hidden = parsed.validate({"kind": "house", "other": "x", "third": "y"}, {"other": "old"})
    assert hidden.values == {"kind": "house"}
    shown = parsed.validate({"kind": "other", "other": "x", "third": "y"}, {})
    assert shown.values["third"] == "y"


def test_conditions_that_bite_their_tail_come_to_an_end() -> None:
    a = text("a", conditional={"hide": "=b = null"})
    b = text("b", conditional={"hide": "=a != null"})
    submission = form(a, b).validate({"a": "x", "b": "y"}, {})
    assert set(submission.values) <= {"a", "b"}


def test_a_hidden_group_hides_what_is_in_it() -> None:
    group = {
        "type": "group",
        "path": "site",
        "label": "Nơi",
        "conditional": {"hide": "=not(has_site)"},
        "components": [text("street", "Đường", validate={"required": True})],
    }
    parsed = form({"type": "checkbox", "key": "has_site", "label": "Có nơi"}, group)
    assert parsed.validate({}, {}).values == {"has_site": False}
    assert parsed.validate({"has_site": True}, {}).errors == {"site.street": ["Nhập đường"]}


@pytest.mark.parametrize(("fee", "ok"), [(5, False), (0, True), (None, True)])
def test_required_may_depend_on_a_variable(fee: Any, ok: bool) -> None:
    parsed = form(text("x", validate={"required": "=fee > 0"}))
    assert parsed.validate({}, {"fee": fee}).ok is ok


def test_bounds_may_be_computed() -> None:
    number = {"type": "number", "key": "x", "label": "Số", "validate": {"max": "=limit"}}
    assert form(number).validate({"x": "5"}, {"limit": 5}).ok
    assert form(number).validate({"x": "6"}, {"limit": 5}).errors == {"x": ["Số không được quá 5"]}
    line = text("x", validate={"maxLength": "=limit", "minLength": "=2"})
    assert not form(line).validate({"x": "abcdef"}, {"limit": 5}).ok
    assert not form(line).validate({"x": "a"}, {"limit": 5}).ok
    assert form(line).validate({"x": "abc"}, {}).ok


@pytest.mark.parametrize("fixed", [True, "=true", "=x_fixed"])
def test_nobody_types_into_a_field_that_is_read_only(fixed: Any) -> None:
    parsed = form(text("x", readonly=fixed, defaultValue="mặc định"))
    assert parsed.validate({"x": "giả"}, {"x": "thật", "x_fixed": True}).values == {"x": "thật"}
    assert parsed.validate({"x": "giả"}, {"x_fixed": True}).values == {"x": "mặc định"}


@pytest.mark.parametrize("fixed", [True, "=true"])
def test_a_disabled_field_is_not_stored(fixed: Any) -> None:
    parsed = form(text("x", disabled=fixed, validate={"required": True}))
    assert parsed.validate({"x": "giả"}, {"x": "thật"}).values == {}


def test_a_read_only_answer_cannot_be_used_to_open_a_condition() -> None:
    level = text("level", readonly=True)
    secret = text("secret", conditional={"hide": '=level != "chief"'})
    typed = {"level": "chief", "secret": "x"}
    assert form(level, secret).validate(typed, {"level": "clerk"}).values == {"level": "clerk"}


def test_a_computed_value_cannot_be_typed() -> None:
    total = {"type": "expression", "key": "total", "expression": "=a * 2"}
    double = {"type": "expression", "key": "double", "expression": "=total * 2"}
    number = {"type": "number", "key": "a", "label": "A"}
    values = form(double, total, number).validate({"a": "1,5", "total": "999"}, {}).values
    assert values == {"a": 1.5, "total": 3, "double": 6}


def test_computed_dates_are_stored_as_text() -> None:
    day = {
        "type": "expression",
        "key": "day",
        "expression": '=date("2026-11-24") + duration("P1D")',
    }
    now = {"type": "expression", "key": "now", "expression": "=today()"}
    values = form(day, now).validate({}, {}).values
    assert values == {"day": "2026-11-25", "now": "2026-11-24"}


def test_rows_of_a_list() -> None:
    parsed = form(owners(properties={"min_rows": "1", "max_rows": "2"}))
    both = parsed.validate(
        html(owners__0__name="An", owners__5__name="Bình", owners__5__main="true"), {}
    )
    rows = [{"name": "An", "main": False}, {"name": "Bình", "main": True}]
    assert both.values == {"owners": rows}
    assert parsed.validate({"owners": rows}, {}).values == {"owners": rows}
    assert parsed.validate({"owners": []}, {}).errors == {
        "owners": ["Chủ sở hữu: cần ít nhất 1 mục"]
    }
    many = parsed.validate({"owners": rows + rows}, {})
    assert many.errors == {"owners": ["Chủ sở hữu: có tối đa 2 mục"]}
    assert len(many.values["owners"]) == 2
    wrong = parsed.validate({"owners": [{"name": ""}, {"name": "x"}]}, {})
    assert wrong.errors == {"owners.0.name": ["Nhập họ và tên"]}


@pytest.mark.parametrize("raw", ["x", 5, None, {"a": 1}, [1, "x", None], {"0": "x"}])
def test_a_list_takes_anything_for_rows_and_lives(raw: Any) -> None:
    submission = form(owners()).validate({"owners": raw}, {})
    assert all(row == {"name": None, "main": False} for row in submission.values["owners"])


def test_rows_see_themselves_and_what_is_around_them() -> None:
    share = {"type": "number", "key": "share", "label": "Phần"}
    why = text("why", "Lý do", conditional={"hide": "=share < 50"}, validate={"required": True})
    number = {
        "type": "expression",
        "key": "n",
        "expression": "=i[1] * factor + count(parent.owners)",
    }
    mine = {"type": "expression", "key": "mine", "expression": "=this.share"}
    parsed = form(owners(components=[share, why, number, mine]))
    submission = parsed.validate({"owners": [{"share": "10"}, {"share": "90"}]}, {"factor": 10})
    assert submission.errors == {"owners.1.why": ["Nhập lý do"]}
    assert submission.values["owners"][0] == {"share": 10, "n": 12, "mine": 10}
    assert submission.values["owners"][1]["n"] == 22


def test_a_list_that_may_not_change_keeps_its_rows() -> None:
    parsed = form(owners(allowAddRemove=False, defaultRepetitions=2))
    rows = [{"name": "An"}, {"name": "Bình"}]
    assert parsed.validate({"owners": rows}, {}).ok
    assert parsed.validate({"owners": rows[:1]}, {}).errors == {
        "owners": ["Chủ sở hữu: phải có đúng 2 mục"]
    }
    assert parsed.validate({"owners": rows[:1]}, {"owners": [{}]}).ok


def test_lists_and_groups_nest() -> None:
    inner = {
        "type": "dynamiclist",
        "path": "plots",
        "label": "Thửa",
        "components": [text("no", "Số thửa")],
    }
    group = {"type": "group", "path": "land", "label": "Đất", "components": [inner]}
    parsed = form(owners(components=[text("name"), group]))
    submission = parsed.validate(html(owners__0__name="An", owners__0__land__plots__1__no="12"), {})
    assert submission.values == {"owners": [{"name": "An", "land": {"plots": [{"no": "12"}]}}]}


def test_dotted_keys_and_groups_of_one_path_share_an_object() -> None:
    a = {"type": "group", "path": "site", "label": "A", "components": [text("street")]}
    b = {"type": "group", "path": "site", "label": "B", "components": [text("ward")]}
    parsed = form(a, b, text("owner.name"), text("owner.phone"))
    submission = parsed.validate(html(site__street="1", site__ward="2", owner__name="An"), {})
    assert submission.values == {
        "site": {"street": "1", "ward": "2"},
        "owner": {"name": "An", "phone": None},
    }


def test_only_declared_names_are_read() -> None:
    parsed = form(text("name"), owners())
    typed = {"name": "An", "role": "admin", "owners": [{"name": "B", "id": 1}], "_x": "1"}
    assert parsed.validate(typed, {}).values == {
        "name": "An",
        "owners": [{"name": "B", "main": False}],
    }
    strict = parsed.validate(typed, {}, strict=True)
    assert sorted(strict.errors) == ["_x", "owners.0.id", "role"]
    assert strict.errors["role"] == ["Biểu mẫu không có trường này"]
    assert parsed.validate({"name": "An", "owners": []}, {}, strict=True).ok


def test_what_the_caller_sent_is_never_changed() -> None:
    sent: dict[str, Any] = {"owner": {"a": 1}, "owner.name": "x", "owners": [{"name": "B"}]}
    before = repr(sent)
    form(text("owner.name"), owners()).validate(sent, {})
    assert repr(sent) == before


def test_rows_of_a_fixed_list_stay_whatever_button_is_sent() -> None:
    parsed = form(owners(allowAddRemove=False))
    changed = parsed.changed_rows(html(owners__0__name="An", **{"_add:owners": "1"}), {})
    assert changed is not None
    assert len(changed["owners"]) == 1


def test_a_full_list_takes_no_more_rows() -> None:
    parsed = form(owners(properties={"max_rows": "1"}))
    changed = parsed.changed_rows(html(owners__0__name="An", **{"_add:owners": "1"}), {})
    assert changed is not None
    assert len(changed["owners"]) == 1


def test_durations_and_other_values_that_json_cannot_hold_become_null() -> None:
    span = {
        "type": "expression",
        "key": "x",
        "expression": '=[duration("P1D"), 1/3, {a: 10 ** 400}]',
    }
    assert form(span).validate({}, {}).values == {"x": [None, 1 / 3, {"a": None}]}


def test_computed_values_can_always_be_stored() -> None:
    big = {"type": "expression", "key": "big", "expression": "=10 ** 30"}
    half = {"type": "expression", "key": "half", "expression": '="\\uD800x"'}
    values = form(big, half).validate({}, {}).values
    assert values["big"] == 1e30
    assert orjson.dumps(values)
