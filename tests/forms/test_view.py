"""The tree a page draws, and the summaries others read."""

from typing import Any

import pytest

from app.forms.views import (
    DocumentsView,
    FieldView,
    GroupView,
    ImageView,
    ListView,
    TableView,
    TextView,
    View,
)
from tests.forms.samples import BUILDING, choice, filled, form, html, owners, text

FILE = {
    "id": "f1",
    "name": "a.pdf",
    "size": 1_258_291,
    "mime": "application/pdf",
    "sha256": "a" * 64,
}


def cells(*components: dict[str, Any], **more: Any) -> list[View]:
    view = form(*components).view(
        more.get("values", {}), more.get("variables", {}), more.get("errors", {})
    )
    return [cell for row in view.rows for cell in row.cells]


def field(component: dict[str, Any], **more: Any) -> FieldView:
    cell = cells(component, **more)[0]
    assert isinstance(cell, FieldView)
    return cell


def test_a_field_is_told_whole() -> None:
    name = text("owner.name", description="Như trong {{paper}}", validate={"required": True})
    view = field(name, errors={"owner.name": ["Nhập họ tên"]}, variables={"paper": "CCCD"})
    assert (view.kind, view.id, view.path, view.label) == (
        "text",
        "f-owner-name",
        "owner.name",
        "Họ tên",
    )
    assert (view.hint, view.errors) == ("Như trong CCCD", ("Nhập họ tên",))
    assert view.described_by == "f-owner-name--hint f-owner-name--err"
    assert view.required
    assert not view.optional
    assert field(text("x")).optional


@pytest.mark.parametrize(
    ("component", "value", "typed", "shown"),
    [
        ({"type": "number", "key": "x", "label": "x"}, 1250000.5, "1.250.000,5", "1.250.000,5"),
        ({"type": "number", "key": "x", "label": "x"}, 2026, "2026", "2026"),
        ({"type": "number", "key": "x", "label": "x", "appearance": {"suffixAdorner": "m²"}}, 5.25, "5,25", "5,25 m²"),
        ({"type": "number", "key": "x", "label": "x"}, "năm", "năm", "năm"),
        ({"type": "datetime", "key": "x", "dateLabel": "x"}, "2026-11-24", "24/11/2026", "24/11/2026"),
        ({"type": "datetime", "key": "x", "dateLabel": "x"}, "31/02/2026", "31/02/2026", "31/02/2026"),
        ({"type": "datetime", "key": "x", "dateLabel": "x", "subtype": "datetime"}, "2026-11-24T01:30Z", "24/11/2026 08:30", "24/11/2026 08:30"),
        ({"type": "datetime", "key": "x", "timeLabel": "x", "subtype": "time"}, "01:30Z", "08:30", "08:30"),
        (text("x", validate={"validationType": "phone"}), "0912345678", "0912345678", "0912 345 678"),
        (choice("select", "x", "a"), "a", "a", "Mục a"),
        (choice("checklist", "x", "a", "b"), ["a", "b"], "", "Mục a, Mục b"),
        ({"type": "checkbox", "key": "x", "label": "x"}, True, "true", "Có"),
        (text("x"), None, "", ""),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_write_them(
    component: dict[str, Any], value: Any, typed: str, shown: str
) -> None:
    view = field(component, variables={"x": value})
    assert (view.value, view.shown) == (typed, shown)


def test_what_was_typed_comes_before_what_is_stored_before_the_default() -> None:
    name = text("x", defaultValue="mặc định")
    assert field(name).value == "mặc định"
    assert field(name, variables={"x": "cũ"}).value == "cũ"
    assert field(name, variables={"x": "cũ"}, values={"x": ""}).value == ""
    assert field(text("x", defaultValue="=fee + 1"), variables={"fee": 1}).value == "2"
    tick = {"type": "checkbox", "key": "x", "label": "x", "defaultValue": True}
    assert field(tick).checked
    assert not field(tick, values=html(_seen="x")).checked


def test_options_tell_what_is_chosen() -> None:
    view = field(choice("checklist", "x", "a", "b"), values={"x": ["b"]})
    assert [(option.id, option.value, option.chosen) for option in view.options] == [
        ("f-x--1", "a", False),
        ("f-x--2", "b", True),
    ]
    assert view.target == "f-x--1"
    assert field(choice("select", "x", "a")).target == "f-x"


def test_files_tell_their_limits() -> None:
    picker = {"type": "filepicker", "key": "x", "label": "x", "accept": ".pdf, .jpg,.png"}
    view = field(picker, variables={"x": [FILE]})
    assert (view.limit, view.accept) == ("PDF, JPG, PNG; tối đa 10 MB", ".pdf,.jpg,.png")
    assert [(file.id, file.name, file.size) for file in view.files] == [("f1", "a.pdf", "1,2 MB")]
    assert view.shown == "a.pdf"
    assert field({"type": "filepicker", "key": "x", "label": "x"}).limit == "Tối đa 10 MB"
    parsed = form({**picker, "multiple": True}, owners(components=[{**picker, "key": "card"}]))
    assert parsed.view({}, {}, {}).rows[0].cells[0].several  # type: ignore[attr-defined]
    at_row = parsed.file_field("owners.3.card")
    assert at_row is not None
    assert (at_row.max_mb, at_row.max_count) == (10, 1)
    for path in ("owners.card", "owners.x.card", "other", "", "owners.3", "owners.3.card.x"):
        assert parsed.file_field(path) is None


def test_hidden_parts_are_marked_and_say_why() -> None:
    other = text("other", conditional={"hide": '=kind != "b"'})
    parsed = form(choice("select", "kind", "a", "b"), other)
    view = parsed.view({"kind": "a"}, {}, {})
    cell = view.rows[1].cells[0]
    assert cell.hidden
    assert cell.depends_on == ("kind",)
    assert view.depends_on == ("kind",)
    assert not parsed.view({"kind": "b"}, {}, {}).rows[1].cells[0].hidden
    assert form(text("x", conditional={"hide": "=fee > 1"})).view({}, {}, {}).depends_on == ()


def test_parts_of_one_layout_row_stand_side_by_side() -> None:
    parts = [text(key, layout={"row": row, "columns": columns}) for key, row, columns in [
        ("a", "r1", 4), ("b", "r1", None), ("c", "r1", None), ("d", "r2", None), ("e", None, None)
    ]]  # fmt: skip
    rows = form(*parts).view({}, {}, {}).rows
    assert [[cell.columns for cell in row.cells] for row in rows] == [[4, 6, 6], [None], [None]]


def test_a_list_offers_what_it_allows() -> None:
    limited = owners(properties={"min_rows": "1", "max_rows": "2"})
    one = cells(limited)[0]
    assert isinstance(one, ListView)
    assert (len(one.items), one.items[0].remove, one.add) == (1, "", "_add:owners")
    assert one.add_label == "Thêm chủ sở hữu"
    two = cells(limited, variables={"owners": [{"name": "A"}, {"name": "B"}]})[0]
    assert isinstance(two, ListView)
    assert (two.items[1].remove, two.items[1].label, two.add) == (
        "_remove:owners:1",
        "Chủ sở hữu 2",
        "",
    )
    fixed = cells(owners(allowAddRemove=False, defaultRepetitions=3))[0]
    assert isinstance(fixed, ListView)
    assert (len(fixed.items), fixed.items[0].remove, fixed.add) == (3, "", "")


def test_rows_are_added_and_removed_by_buttons() -> None:
    parsed = form(text("title"), owners(properties={"min_rows": "1", "max_rows": "3"}))
    typed = {"title": "x", "owners.0.name": "An", "owners.1.name": "Bình"}
    added = parsed.changed_rows(html(**{**_double(typed), "_add:owners": "1"}), {})
    assert added is not None
    assert [row.get("name") for row in added["owners"]] == ["An", "Bình", None]
    removed = parsed.changed_rows(html(**{**_double(typed), "_remove:owners:0": "1"}), {})
    assert removed is not None
    assert [row["name"] for row in removed["owners"]] == ["Bình"]
    assert removed["title"] == "x"
    assert len(parsed.view(removed, {}, {}).rows) == 2
    assert parsed.changed_rows(html(**_double(typed)), {}) is None
    once = parsed.changed_rows(html(**{"owners__0__name": "An", "_remove:owners:0": "1"}), {})
    assert once is not None
    assert len(once["owners"]) == 1


@pytest.mark.parametrize(
    "command",
    [
        "_add:title",
        "_add:",
        "_add:owners.0",
        "_remove:owners",
        "_remove:owners:9",
        "_remove:owners:-1",
        "_remove:owners:x",
        "_add:nothing.0.x",
        "_remove:owners:0:0",
        "_add:owners.9.phones",
        "_remove:owners:٠",
    ],
)
def test_other_commands_change_nothing(command: str) -> None:
    parsed = form(text("title"), owners())
    typed = html(title="x", owners__0__name="An", owners__1__name="B", **{command: "1"})
    changed = parsed.changed_rows(typed, {})
    assert changed is not None
    assert [row["name"] for row in changed["owners"]] == ["An", "B"]


def test_rows_within_rows_and_groups() -> None:
    phones = {
        "type": "dynamiclist",
        "path": "phones",
        "label": "Điện thoại",
        "components": [text("no")],
    }
    group = {"type": "group", "path": "home", "label": "Nhà", "components": [phones]}
    parsed = form({"type": "group", "label": "x", "components": [owners(components=[group])]})
    typed = html(owners__0__home__phones__0__no="1", **{"_add:owners.0.home.phones": "1"})
    changed = parsed.changed_rows(typed, {})
    assert changed == {"owners": [{"home": {"phones": [{"no": "1"}, {}]}}]}


def test_a_list_may_be_emptied_and_stays_empty() -> None:
    parsed = form(owners())
    typed = html(_row="owners.0", _seen="owners", **{"_remove:owners:0": "1"})
    changed = parsed.changed_rows(typed, {"owners": [{"name": "cũ"}]})
    assert changed == {"owners": []}
    view = parsed.view(changed, {"owners": [{"name": "cũ"}]}, {}).rows[0].cells[0]
    assert isinstance(view, ListView)
    assert view.items == ()


def test_errors_are_summed_up_in_the_order_of_the_page() -> None:
    parsed = form(text("a"), choice("radio", "b", "x"), owners())
    errors = {"": ["Toàn biểu mẫu"], "owners.0.name": ["Ba"], "b": ["Hai"], "a": ["Một"]}
    lines = parsed.view({}, {}, errors).errors
    assert [(line.target, line.text) for line in lines] == [
        ("f-a", "Một"),
        ("f-b--1", "Hai"),
        ("f-owners-0-name", "Chủ sở hữu 1: Ba"),
        ("", "Toàn biểu mẫu"),
    ]


def test_what_is_only_to_be_read() -> None:
    view = form(text("x", validate={"required": True})).view({"x": "An"}, {}, {}, read_only=True)
    cell = view.rows[0].cells[0]
    assert isinstance(cell, FieldView)
    assert cell.fixed
    assert view.read_only
    assert field(text("x", readonly=True), variables={"x": "cũ"}, values={"x": "giả"}).value == "cũ"


def test_blocks() -> None:
    drawn = cells(
        {"type": "text", "text": "Chào **{{name}}**"},
        {"type": "image", "source": "=photo", "alt": "Ảnh"},
        {"type": "image", "source": "=photo2", "alt": "Ảnh"},
        {"type": "table", "label": "T", "dataSource": "=rows", "columnsExpression": '=[{key: "a", label: "A"}]'},
        {"type": "documentPreview", "label": "D", "dataSource": "=docs"},
        {"type": "group", "label": "G", "components": []},
        variables={
            "name": "*An*",
            "photo": "/files/1.png",
            "photo2": "https://evil.example/1.png",
            "rows": [{"a": "2026-11-24"}, {"b": 1}, "x"],
            "docs": [FILE, {"documentId": "d", "metadata": {"fileName": "b.pdf"}}, {"x": 1}, 5],
        },
    )  # fmt: skip
    block, image, bad, table, documents, group = drawn
    assert isinstance(block, TextView)
    assert block.nodes[0].children[1].children[0].text == "*An*"
    assert isinstance(image, ImageView)
    assert image.source == "/files/1.png"
    assert isinstance(bad, ImageView)
    assert bad.source == ""
    assert isinstance(table, TableView)
    assert (table.heads, table.cells) == (("A",), (("24/11/2026",), ("",)))
    assert isinstance(documents, DocumentsView)
    assert [(file.id, file.name, file.size) for file in documents.files] == [
        ("f1", "a.pdf", "1,2 MB"),
        ("d", "b.pdf", ""),
    ]
    assert isinstance(group, GroupView)


def test_a_summary_of_the_answers() -> None:
    parsed = form(*BUILDING)
    pairs = parsed.review(parsed.validate(filled(), {}).values, {})
    assert ("Diện tích", "1250,5 m²") in pairs
    assert ("Chủ sở hữu 2 – Họ và tên", "Bình") in pairs
    assert ("Bản vẽ", "") in pairs
    assert "Loại khác" not in [label for label, _ in pairs]
    held = form(text("x", readonly=True)).review({"x": "An"})
    assert held == [("Họ tên", "An")]


def test_a_flat_list_of_fields() -> None:
    infos = {info.path: info for info in form(*BUILDING).fields()}
    assert infos["owners[].name"].required
    assert infos["site.street"].label == "Đường"
    assert infos["total"].computed
    assert not infos["other"].required


def test_a_json_schema() -> None:
    schema = form(*BUILDING).json_schema()
    assert schema["additionalProperties"] is False
    assert schema["required"] == ["name", "cccd", "phone", "start", "kind", "promise"]
    assert schema["properties"]["site"]["properties"]["street"]["type"] == ["string", "null"]
    assert schema["properties"]["owners"]["maxItems"] == 3
    assert schema["properties"]["owners"]["items"]["required"] == ["name"]
    assert schema["properties"]["way"]["enum"] == ["truc_tiep", "buu_chinh", None]
    assert "total" not in schema["properties"]


def test_what_may_be_hidden_is_not_required_by_the_schema() -> None:
    inner = text("street", validate={"required": True})
    group = {"type": "group", "path": "g", "label": "g", "components": [inner]}
    kept = form(group).json_schema()["properties"]["g"]
    assert kept["required"] == ["street"]
    loose = form({**group, "conditional": {"hide": "=a"}}).json_schema()["properties"]["g"]
    assert "required" not in loose
    assert (
        "required" not in form(text("x", validate={"required": True}, readonly=True)).json_schema()
    )


def _double(typed: dict[str, str]) -> dict[str, str]:
    return {name.replace(".", "__"): value for name, value in typed.items()}
