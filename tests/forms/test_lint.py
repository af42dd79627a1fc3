"""What the lint finds, and that reading refuses exactly what it calls an error."""

import json
from typing import Any

import pytest

from app.domain.engine import Severity
from app.domain.errors import InvalidInput
from app.forms.limits import MAX_BYTES
from app.usecases.ports import Form, Forms
from tests.forms.samples import BUILDING, choice, owners, room, source, text


def found(*components: dict[str, Any], **top: Any) -> list[tuple[str, str]]:
    problems = room().check("a.form", source(*components, **top))
    assert all(problem.file == "a.form" for problem in problems)
    return [(problem.code, problem.severity.value) for problem in problems]


def nested(depth: int) -> dict[str, Any]:
    component = text("x")
    for _ in range(depth):
        component = {"type": "group", "label": "Nhóm", "components": [component]}
    return component


def test_a_good_form_has_no_problem() -> None:
    assert found(*BUILDING) == []
    room().read(source(*BUILDING))


@pytest.mark.parametrize(
    ("component", "code"),
    [
        ({"type": "iframe", "url": "https://x"}, "form.type"),
        ({"type": "html", "content": "<b>x</b>"}, "form.type"),
        ({"type": "multipage"}, "form.type"),
        ({"type": "script"}, "form.type"),
        ({"type": ["textfield"]}, "form.type"),
        ({}, "form.type"),
        ({"type": "textfield", "label": "x"}, "form.key"),
        (text("họ_tên"), "form.key"),
        (text("_role"), "form.key"),
        (text("a..b"), "form.key"),
        (text("1a"), "form.key"),
        (text("a b"), "form.key"),
        (text("this"), "form.key"),
        (text("csrf_token"), "form.key"),
        (owners(defaultRepetitions=50, components=[owners(defaultRepetitions=50)]), "form.value"),
        (text("a" * 201), "form.key"),
        (text("x", conditional={"hide": "=a >"}), "form.feel"),
        (text("x", label="{{ a > }}"), "form.feel"),
        (text("x", description="{{#if a}} mở"), "form.feel"),
        (text("x", description="{{#while a}}"), "form.feel"),
        (text("x", defaultValue="=1 +"), "form.feel"),
        (text("x", validate={"required": "=("}), "form.feel"),
        (text("x", validate={"required": "yes"}), "form.value"),
        (text("x", validate={"pattern": "(?=a)"}), "form.pattern"),
        (text("x", validate={"pattern": "(a"}), "form.pattern"),
        (text("x", validate={"pattern": r"(a)\1"}), "form.pattern"),
        (text("x", validate={"pattern": "a" * 501}), "form.pattern"),
        (text("x", validate={"minLength": 5, "maxLength": 2}), "form.value"),
        (text("x", validate={"maxLength": 1.5}), "form.value"),
        (text("x", validate={"maxLength": 10**9}), "form.value"),
        (text("x", validate={"validationType": "url"}), "form.value"),
        (text("x", validate="required"), "form.value"),
        (text("x", properties={"identity": "passport"}), "form.value"),
        (text("x", properties={"autocomplete": "cc-number"}), "form.value"),
        (text("x", layout={"columns": 20}), "form.value"),
        (text("x", label="a\u202eb"), "form.value"),
        ({"type": "textfield", "key": "x", "label": 5}, "form.value"),
        ({"type": "number", "key": "x", "label": "x", "validate": {"min": "nhiều"}}, "form.value"),
        (
            {"type": "number", "key": "x", "label": "x", "validate": {"min": 5, "max": 1}},
            "form.value",
        ),
        ({"type": "number", "key": "x", "label": "x", "increment": 0}, "form.value"),
        ({"type": "number", "key": "x", "label": "x", "decimalDigits": -1}, "form.value"),
        (
            {"type": "number", "key": "x", "label": "x", "serializeToString": "sometimes"},
            "form.value",
        ),
        ({"type": "datetime", "key": "x", "dateLabel": "x", "subtype": "week"}, "form.value"),
        (choice("select", "x"), "form.options"),
        (choice("radio", "x", "a", "a"), "form.options"),
        (choice("checklist", "x", ""), "form.options"),
        (
            {"type": "select", "key": "x", "label": "x", "values": [{"label": "a", "value": {}}]},
            "form.options",
        ),
        ({"type": "filepicker", "key": "x", "label": "x", "accept": "pdf"}, "form.value"),
        (
            {"type": "filepicker", "key": "x", "label": "x", "properties": {"max_mb": "5000"}},
            "form.value",
        ),
        ({"type": "image", "source": "https://evil.example/x.png", "alt": "x"}, "form.image"),
        ({"type": "image", "source": "//evil.example/x.png", "alt": "x"}, "form.image"),
        ({"type": "image", "source": "javascript:alert(1)", "alt": "x"}, "form.image"),
        ({"type": "image", "source": "data:image/svg+xml;base64,AAAA", "alt": "x"}, "form.image"),
        ({"type": "table", "label": "x", "dataSource": "=a"}, "form.value"),
        ({"type": "button", "label": "x", "action": "delete"}, "form.value"),
        ({"type": "expression", "key": "x"}, "form.feel"),
        ({"type": "expression", "expression": "=1"}, "form.key"),
        ({"type": "dynamiclist", "label": "x", "components": []}, "form.key"),
        (owners(properties={"min_rows": "5", "max_rows": "2"}), "form.value"),
        (owners(properties={"max_rows": "100000"}), "form.value"),
        (nested(9), "form.depth"),
    ],
)
def test_errors(component: dict[str, Any], code: str) -> None:
    assert (code, "error") in found(component)
    with pytest.raises(InvalidInput):
        room().read(source(component))


@pytest.mark.parametrize(
    "components",
    [
        (text("a"), text("a")),
        (text("a"), text("a.b")),
        (text("a.b"), text("a")),
        (text("a"), {"type": "group", "path": "a", "label": "x", "components": []}),
        (owners(), text("owners.x")),
        (owners(), owners()),
        (owners(components=[text("x"), text("x")]),),
        ({"type": "group", "path": "g", "label": "g", "components": [text("x")]}, text("g.x")),
    ],
)
def test_keys_are_unique(components: tuple[dict[str, Any], ...]) -> None:
    assert ("form.key", "error") in found(*components)


def test_keys_of_different_rows_do_not_collide() -> None:
    group = {"type": "group", "path": "g", "label": "g", "components": [text("name")]}
    assert found(text("name"), owners(), group, text("g.other")) == []


@pytest.mark.parametrize(
    ("component", "code"),
    [
        (text("x", label=""), "form.label"),
        ({"type": "image", "source": "/static/a.png"}, "form.label"),
        (text("x", colour="red"), "form.property"),
        (text("x", validate={"requird": True}), "form.property"),
        (text("x", properties={"lm": "1"}), "form.property"),
        (owners(label=""), "form.label"),
    ],
)
def test_warnings_do_not_forbid(component: dict[str, Any], code: str) -> None:
    assert found(component) == [(code, "warning")]
    room().read(source(component))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "form.json"),
        (b"{", "form.json"),
        (b"[]", "form.json"),
        (b"\xff\xfe", "form.json"),
        (b"NaN", "form.json"),
        (b"[" * 5000, "form.json"),
        (b'{"components": 5}', "form.json"),
        (b'{"components": [5]}', "form.json"),
        (b'{"type": "process", "components": []}', "form.json"),
        (b'{"schemaVersion": 99, "components": []}', "form.schema_version"),
        (b'{"schemaVersion": "19", "components": []}', "form.schema_version"),
        (b'{"schemaVersion": true, "components": []}', "form.schema_version"),
        (b" " * (MAX_BYTES + 1), "form.size"),
    ],
)
def test_files_that_are_no_form(content: bytes, code: str) -> None:
    problems = room().check("a.form", content)
    assert [problem.code for problem in problems] == [code]
    with pytest.raises(InvalidInput) as refusal:
        room().read(content)
    assert refusal.value.fields[""] == [problems[0].message]


def test_the_number_of_components_is_bounded() -> None:
    assert found(*({"type": "separator"} for _ in range(500))) == []
    many = found(*({"type": "separator"} for _ in range(2000)))
    assert many == [("form.count", "error")]


def test_a_problem_says_where_it_is() -> None:
    component = text("x", id="Field_1", conditional={"hide": "=a and\n  b >"})
    problem = room().check("a.form", source(component))[0]
    assert problem.severity is Severity.ERROR
    assert problem.element_id == "Field_1"
    assert problem.message.startswith("Biểu thức ở “hide” sai tại dòng 2, cột ")
    inside = room().check("a.form", source(text("y", description="Phí {{ fee }} và {{ 1 + }}")))[0]
    assert inside.element_id == "y"
    assert "dòng 1, cột 2" in inside.message


def test_forms_are_kept_by_content_and_forgotten_in_order() -> None:
    small = type(room())(kept=2)
    a, b, c = (source(text(key)) for key in "abc")
    first = small.read(a)
    assert small.read(json.loads(json.dumps(a.decode())).encode()) is first
    small.read(b)
    assert small.read(a) is first
    small.read(c)
    assert small.read(a) is first
    assert small.read(b) is not small.read(c)


def test_the_room_is_what_the_use_cases_ask_for() -> None:
    forms: Forms = room()
    form: Form = forms.read(source(text("x")))
    assert form.validate({"x": "An"}, {}).values == {"x": "An"}


def test_what_the_editor_writes_is_taken_without_a_word() -> None:
    written = [
        text("creditor", id="Field_1", layout={"row": "Row_1", "columns": None}),
        {"type": "button", "key": "submit", "label": "Gửi", "action": "submit", "id": "Field_2"},
        {"type": "group", "label": "Nhóm", "showOutline": True, "verticalAlignment": "start", "components": []},
        owners(
            showOutline=True, isRepeating=True, allowAddRemove=True, defaultRepetitions=1,
            disableCollapse=True, nonCollapsedItems=5, verticalAlignment="start",
        ),
        {"type": "number", "key": "n", "label": "Số", "increment": "1", "decimalDigits": 2, "serializeToString": True, "validate": {"min": "0", "max": ""}},
        {"type": "datetime", "key": "d", "subtype": "datetime", "dateLabel": "Ngày", "timeLabel": "Giờ", "use24h": True, "timeInterval": 15, "timeSerializingFormat": "utc_offset", "disallowPassedDates": False},
        {**choice("select", "s", "a"), "searchable": True},
        {"type": "expression", "key": "e", "expression": "=1", "computeOn": "presubmit"},
        {"type": "table", "label": "Bảng", "dataSource": "=a", "rowCount": 10, "columns": [{"key": "a", "label": "A"}]},
        {"type": "documentPreview", "label": "Tệp", "endpointKey": "=x", "dataSource": "=a", "maxHeight": 300, "title": "x"},
        {"type": "filepicker", "key": "f", "label": "Tệp", "multiple": True, "accept": ".pdf"},
        text("v", "Mã", validate={"validationType": "", "minLength": "2", "maxLength": "9"}),
    ]  # fmt: skip
    extra = {"id": "Form_1", "executionPlatform": "Camunda Cloud", "exporter": {"name": "x"}}
    assert found(*written, **extra) == []
