"""A descriptor that is wrong is refused by file, place and reason."""

import json

import pytest

from app.domain.errors import InvalidInput
from app.outbound.descriptors import read_descriptor, read_descriptors

GOOD = {
    "name": "echo",
    "label": "Tiếng vọng",
    "description": "Trả lại những gì nhận được.",
    "operations": [
        {
            "name": "say",
            "label": "Nói",
            "parameters": [
                {"name": "text", "label": "Lời", "type": "string", "required": True, "hint": "…"},
                {"name": "tone", "label": "Giọng", "type": "string", "choices": ["high", "low"]},
            ],
            "results": [{"name": "heard", "label": "Nghe", "type": "boolean"}],
            "errors": {"too_loud": "To quá."},
        }
    ],
}


def write(folder, content, name="echo"):
    path = folder / f"{name}.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def changed(path, value):
    """A copy of GOOD in which one place differs; a value of None removes it."""
    copy = json.loads(json.dumps(GOOD))
    *way, last = path
    place = copy
    for step in way:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return copy


def test_a_good_descriptor_is_read(tmp_path):
    descriptor = read_descriptor(write(tmp_path, GOOD))
    assert descriptor.topics() == {"echo.say": frozenset({"text"})}
    (operation,) = descriptor.operations
    assert operation.parameters[1].choices == ("high", "low")
    assert operation.results[0].type == "boolean"
    assert operation.errors == {"too_loud": "To quá."}


def test_a_folder_is_read_by_name(tmp_path):
    write(tmp_path, {**GOOD, "name": "b"}, "b")
    write(tmp_path, {**GOOD, "name": "a"}, "a")
    assert [each.name for each in read_descriptors(tmp_path)] == ["a", "b"]


OPERATION = ("operations", 0)
PARAMETER = (*OPERATION, "parameters", 0)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("{", "không phải JSON hợp lệ"),
        ("[]", "phải là một đối tượng"),
        (changed(("name",), "other"), "name phải là “echo”"),
        (changed(("name",), "Echo!"), "name: chỉ gồm chữ thường"),
        (changed(("label",), None), "label: phải là một chuỗi không rỗng"),
        (changed(("label",), " "), "label: phải là một chuỗi không rỗng"),
        (changed(("colour",), "red"), "có mục không hiểu: colour"),
        (changed(("operations",), []), "cần ít nhất một thao tác"),
        (changed(("operations",), {}), "operations: phải là một danh sách"),
        (changed(("operations",), GOOD["operations"] * 2), "operations: có hai mục trùng tên"),
        (changed(OPERATION, 7), "operations[0]: phải là một đối tượng"),
        (changed((*OPERATION, "label"), None), "operations[0].label"),
        (changed((*OPERATION, "errors"), []), "operations[0].errors"),
        (changed((*OPERATION, "errors"), {"Bad Code": "x"}), "mã “Bad Code”"),
        (changed((*OPERATION, "errors"), {"code": ""}), "thiếu ý nghĩa"),
        (changed((*PARAMETER, "type"), "date"), "operations[0].parameters[0].type"),
        (changed((*PARAMETER, "type"), None), "operations[0].parameters[0].type"),
        (changed((*PARAMETER, "required"), "yes"), "parameters[0].required"),
        (changed((*PARAMETER, "choices"), [1]), "parameters[0].choices"),
        (changed((*PARAMETER, "choices"), "a,b"), "parameters[0].choices"),
        (changed((*PARAMETER, "default"), "x"), "có mục không hiểu: default"),
        (changed((*PARAMETER, "name"), "tone"), "operations[0].parameters: có hai mục trùng tên"),
        (changed((*OPERATION, "results", 0, "choices"), ["a"]), "results[0].choices: chỉ dùng cho"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, content, complaint):
    with pytest.raises(InvalidInput) as refused:
        read_descriptor(write(tmp_path, content))
    assert refused.value.message.startswith("echo.json: ")
    assert complaint in refused.value.message
