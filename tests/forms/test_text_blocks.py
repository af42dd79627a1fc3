"""Texts with values in them, and the small Markdown."""

import time
from typing import Any

import pytest

from app.feel import FeelError
from app.forms.markdown import Node, escape, plain, read_markdown
from app.forms.scope import Effort, Scope
from app.forms.template import compile_template
from tests.forms.samples import NOW


def written(source: str, **names: Any) -> str:
    return compile_template(source).text(Scope(names, names, Effort(NOW)))


def kinds(source: str) -> list[str]:
    return [node.kind for node in read_markdown(source)]


@pytest.mark.parametrize(
    ("source", "names", "text"),
    [
        ("Phí {{fee}} đồng", {"fee": 1250000}, "Phí 1.250.000 đồng"),
        ("={fee: 5}.fee", {}, "5"),
        ('="Chào " + name', {"name": "An"}, "Chào An"),
        ("{{missing}}", {}, ""),
        ("{{day}}", {"day": "2026-11-24"}, "24/11/2026"),
        ("{{yes}}", {"yes": True}, "Có"),
        ("{{list}}", {"list": ["a", 1.5]}, "a, 1,5"),
        ("{{#if fee > 0}}có{{/if}}{{#if fee < 0}}âm{{/if}}", {"fee": 1}, "có"),
        ("{{#loop items}}{{this}};{{/loop}}", {"items": ["a", "b"]}, "a;b;"),
        ("{{#loop items}}{{name}}={{i[1]}} {{/loop}}", {"items": [{"name": "a"}]}, "a=1 "),
        ("{{#loop items}}x{{/loop}}", {"items": "abc"}, ""),
        ("{ {x} } }}", {}, "{ {x} } }}"),
        ("{{#if a}}{{#loop b}}{{this}}{{/loop}}{{/if}}", {"a": True, "b": [1, 2]}, "12"),
    ],
)
def test_templates(source: str, names: dict[str, Any], text: str) -> None:
    assert written(source, **names) == text


@pytest.mark.parametrize(
    "source",
    ["{{}}", "{{ 1 + }}", "{{#if a}}", "{{/if}}", "{{#loop a}}{{/if}}", "=", "{{#if}}x{{/if}}"],
)
def test_templates_that_cannot_be_read(source: str) -> None:
    with pytest.raises(FeelError):
        compile_template(source)


def test_templates_know_what_they_read() -> None:
    assert compile_template("{{#if a}}{{b}}{{/if}}{{#loop c}}{{d}}{{/loop}}").names >= set("abcd")


def test_deep_templates_are_refused() -> None:
    with pytest.raises(FeelError):
        compile_template("{{#if a}}" * 50 + "{{/if}}" * 50)


def test_long_results_are_cut() -> None:
    assert (
        len(
            written(
                "{{#loop a}}{{#loop a}}{{b}}{{/loop}}{{/loop}}", a=list(range(200)), b="x" * 900
            )
        )
        <= 20_000
    )


def test_markdown_blocks() -> None:
    assert kinds("# Một\n\nHai\nba\n\n- a\n- b\n1. c\n\n---") == [
        "heading",
        "paragraph",
        "bullets",
        "ordered",
        "rule",
    ]
    assert len(read_markdown("- a\n- b\n* c")[0].children) == 3
    assert [node.level for node in read_markdown("# a\n## b\n###### c")] == [2, 2, 3]


def test_markdown_within_a_line() -> None:
    (paragraph,) = read_markdown("a **b _c_** `d` [e](https://x.vn/f) *g*\nh")
    assert [node.kind for node in paragraph.children] == [
        "text", "strong", "text", "code", "text", "link", "text", "em", "break", "text",
    ]  # fmt: skip
    assert paragraph.children[1].children[1] == Node("em", (Node("text", text="c"),))
    assert plain((paragraph,)).split() == ["a", "b", "c", "d", "e", "g", "h"]
    assert read_markdown("__đậm__")[0].children[0].kind == "strong"
    assert kinds("ten_bien_dai") == ["paragraph"]
    assert read_markdown("ten_bien_dai")[0].children == (Node("text", text="ten_bien_dai"),)


@pytest.mark.parametrize(
    "href", ["https://x.vn", "/tra-cuu?a=1", "#muc-1", "mailto:a@x.vn", "tel:19001234"]
)
def test_links_that_lead_somewhere(href: str) -> None:
    assert read_markdown(f"[a]({href})")[0].children[0].href == href


@pytest.mark.parametrize(
    "href",
    ["javascript:alert`1`", "JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "//evil.example", "/\\evil", "https://a@evil", "\x01javascript:x", "file:///etc"],
)  # fmt: skip
def test_links_that_run_are_only_text(href: str) -> None:
    node = read_markdown(f"[a]({href})")[0].children[0]
    assert node.href == ""
    assert node.kind != "link"


@pytest.mark.parametrize(
    "value",
    ["**đậm**", "[a](javascript:x)", "# a", "- a", "1. a", "`x`", "<b>", "a_b_", "\\*", "---"],
)
def test_values_are_never_read_as_markdown(value: str) -> None:
    (paragraph,) = read_markdown(escape(value))
    assert (paragraph.kind, plain((paragraph,))) == ("paragraph", value)
    assert {node.kind for node in paragraph.children} == {"text"}


@pytest.mark.parametrize(
    "part", ["*", "**", "__", " __a", "[", "[a](", "`", "_", "\\", "_a ", "**a", "# ", "- "]
)
def test_markdown_takes_time_by_length_only(part: str) -> None:
    began = time.process_time()
    read_markdown(part * (20_000 // len(part)))
    assert time.process_time() - began < 1
