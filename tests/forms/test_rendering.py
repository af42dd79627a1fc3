"""The pages drawn from the tree: every input has a name to call it by, nothing is unescaped."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.forms import ParsedForm
from tests.forms.samples import BUILDING, choice, filled, form, html, owners, text
from tests.forms.test_hostile import BAD

TEMPLATES = Path(__file__).parents[2] / "app" / "web" / "templates"
PAGE = (
    '{% from "forms/form.html" import render_errors, render_form, render_review %}'
    "{{ render_errors(view) }}<form>{{ render_form(view, href) }}</form>{{ render_review(pairs) }}"
)
VOID = {"input", "br", "hr", "img"}
FILE = {"id": "f1", "name": "a.pdf", "size": 10, "mime": "application/pdf", "sha256": "a" * 64}


class Page(HTMLParser):
    """Elements with their attributes and their text, and whether all are closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: dict[int, str] = {}
        self.open: list[tuple[str, int]] = []
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, number in self.open:
            self.words[number] = self.words.get(number, "") + data

    def all(self, *tags: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.elements if tag in tags]

    def text(self, tag: str) -> list[str]:
        return [
            self.words.get(n, "").strip()
            for n, (name, _) in enumerate(self.elements)
            if name == tag
        ]


def drawn(
    parsed: ParsedForm, values: Any, variables: Any, errors: Any, *, read_only: bool = False
) -> Page:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
    )
    view = parsed.view(values, variables, errors, read_only=read_only)
    page = environment.from_string(PAGE, globals=None).render(
        view=view, href=lambda file_id: f"/files/{file_id}", pairs=parsed.review(values, variables)
    )
    return Page(f"<main>{page}</main>")


def check(page: Page) -> None:
    """What must hold on every page."""
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {attributes["for"] for attributes in page.all("label")}
    assert labelled <= set(ids)
    for attributes in page.all("input", "select", "textarea"):
        if attributes.get("type") != "hidden":
            assert attributes["id"] in labelled, attributes
    for _, attributes in page.elements:
        assert not any(name.startswith("on") or name == "style" for name in attributes)
        assert set(attributes.get("aria-describedby", "").split()) <= set(ids)
        if attributes.get("href", "").startswith("#"):
            assert attributes["href"][1:] in ids
    assert page.all("script", "style", "iframe") == []
    assert all(text for text in page.text("legend") + page.text("label") + page.text("button"))


VARIABLES = {
    "fee": 1_250_000,
    "documents": [FILE],
    "history": [{"d": "2026-01-02", "n": 100_000}],
    "drawing": [FILE],
}


@pytest.mark.parametrize("read_only", [False, True])
def test_a_full_form(read_only: bool) -> None:
    parsed = form(*BUILDING)
    submission = parsed.validate(filled(), VARIABLES)
    page = drawn(parsed, submission.typed, VARIABLES, {}, read_only=read_only)
    check(page)
    assert ("textarea" in {tag for tag, _ in page.elements}) is not read_only
    assert ("Gửi" in page.text("button")) is not read_only
    assert "1.250.000" in page.words[0]
    assert "/files/f1" in {attributes.get("href") for attributes in page.all("a")}


def test_a_form_with_errors_says_so_at_the_field_and_above() -> None:
    parsed = form(*BUILDING)
    submission = parsed.validate(html(area="năm", start="31/02/2026"), {})
    page = drawn(parsed, submission.typed, {}, submission.errors)
    check(page)
    area = next(a for a in page.all("input") if a.get("name") == "area")
    assert area["value"] == "năm"
    assert area["aria-invalid"] == "true"
    assert area["aria-describedby"] == "f-area--err"
    assert "Có 8 mục cần sửa" in page.words[0]
    assert "Ngày khởi công dự kiến phải là ngày có thật, ví dụ 24/11/2026" in page.words[0]
    assert [text for text in page.text("label") if "Ghi chú" in text] == [
        "Ghi chú (không bắt buộc)"
    ]


def test_names_are_paths_and_rows_can_be_changed_without_scripts() -> None:
    page = drawn(form(owners()), {"owners": [{"name": "An"}, {}]}, {}, {})
    check(page)
    names = {attributes.get("name") for attributes in page.all("input", "button")}
    assert {"owners.0.name", "owners.1.main", "_add:owners", "_remove:owners:1"} <= names
    first = page.all("button")[0]
    assert "name" not in first, "the key Enter must not press a button that removes a row"


def test_a_page_sent_back_unchanged_gives_the_same_values() -> None:
    parsed = form(*BUILDING)
    values = parsed.validate(filled(), {}).values
    again = parsed.validate(sent_back(drawn(parsed, values, {}, {})), {})
    assert again.errors == {}
    assert again.values == values


def test_files_stay_and_can_be_removed() -> None:
    page = drawn(form(*BUILDING), {}, VARIABLES, {})
    names = {(a.get("name"), a.get("value")) for a in page.all("input", "button")}
    assert {("_file:drawing", "f1"), ("_remove_file:drawing", "f1")} <= names


@pytest.mark.parametrize(
    "component",
    [
        text("x", BAD, description=BAD, appearance={"prefixAdorner": BAD, "suffixAdorner": BAD}),
        {"type": "textarea", "key": "x", "label": BAD},
        choice("radio", "x", BAD, label=BAD),
        choice("select", "x", BAD, label=BAD),
        choice("checklist", "x", BAD, label=BAD),
        {"type": "text", "text": BAD},
        {"type": "text", "text": "{{x}}"},
        {"type": "image", "source": "/a.png", "alt": BAD},
        {"type": "table", "label": BAD, "dataSource": "=[{a: x}]", "columns": [{"key": "a", "label": BAD}]},
        {"type": "button", "label": BAD},
        {"type": "group", "label": BAD, "components": [text("x", BAD)]},
        owners(label=BAD, components=[text("x", BAD)]),
        {"type": "documentPreview", "label": BAD, "dataSource": "=[{id: x, name: x}]"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("read_only", [False, True])
def test_nothing_leaves_unescaped(component: dict[str, Any], read_only: bool) -> None:
    typed = {"x": BAD, "owners": [{"x": BAD}]}
    page = drawn(form(component), typed, {"x": BAD}, {"x": [BAD], "": [BAD]}, read_only=read_only)
    check(page)
    assert {tag for tag, _ in page.elements}.isdisjoint({"script", "b"})
    assert not any("onerror" in attributes for attributes in page.all("img"))


def test_a_text_that_begins_with_a_line_break_keeps_it() -> None:
    area = {"type": "textarea", "key": "x", "label": "Ghi chú"}
    page = drawn(form(area), {"x": "một\nhai"}, {}, {})
    assert page.text("textarea") == ["một\nhai"]


def sent_back(page: Page) -> Any:
    """What a browser would post."""
    posted: dict[str, list[str]] = {}
    select = ""
    for number, (tag, a) in enumerate(page.elements):
        if tag == "select":
            select = a["name"]
        if tag == "option" and "selected" in a:
            posted.setdefault(select, []).append(a["value"])
        if tag == "textarea":
            posted.setdefault(a["name"], []).append(page.words.get(number, "").removeprefix("\n"))
        ticks = a.get("type") in {"radio", "checkbox"}
        if tag == "input" and a.get("type") != "file" and ("checked" in a or not ticks):
            posted.setdefault(a["name"], []).append(a["value"])
    return html(**posted)
