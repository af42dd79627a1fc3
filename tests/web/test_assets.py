"""The front end's files: found by name, built once, small, and pages that work without them."""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.assets import APP, DIST, NO_NODE, SOURCE, Assets, Node, build, fingerprint

TEMPLATES = APP / "web" / "templates"
ENTRY = {"file": "app-A1.js", "css": "app-B2.css", "preload": ["c/one.js"], "integrity": "sha384-x"}
needs_build = pytest.mark.skipif(
    not (DIST / "manifest.json").is_file(), reason="the assets are not built"
)


@pytest.fixture
def source(tmp_path):
    """A front end whose "npm" and "node" only write down what they are asked."""
    folder = tmp_path / "frontend"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.js").write_text("one")
    (folder / "package-lock.json").write_text("{}")
    return folder


@pytest.fixture
def node(tmp_path):
    return fake_node(tmp_path)


def fake_node(folder: Path, ending: int = 0) -> Node:
    tool = folder / "tool"
    tool.write_text(
        f'#!/bin/sh\necho "$@" >> {folder}/asked\nmkdir -p node_modules "$ASSETS_OUT"\nexit {ending}\n'
    )
    tool.chmod(0o755)
    return Node(tool, (str(tool),))


def asked(tmp_path: Path) -> list[str]:
    file = tmp_path / "asked"
    return file.read_text().splitlines() if file.exists() else []


@pytest.fixture(autouse=True)
def out(tmp_path, monkeypatch):
    folder = tmp_path / "dist"
    monkeypatch.setenv("ASSETS_OUT", str(folder))
    return folder


# Assets


def test_a_file_is_found_by_its_plain_name():
    assets = Assets({"app.js": ENTRY, "source-sans-3.woff2": {**ENTRY, "file": "a/s.woff2"}})
    assert assets.url("app.js") == "/static/dist/app-A1.js"
    assert assets.integrity("app.js") == "sha384-x"
    assert assets.preload("app.js") == ("/static/dist/c/one.js",)
    assert assets.stylesheets("app.js") == ("/static/dist/app-B2.css",)
    assert assets.fonts() == ("/static/dist/a/s.woff2",)


def test_without_a_manifest_every_answer_is_empty_and_the_log_says_so(tmp_path, caplog):
    assets = Assets.read(tmp_path)
    assert assets.url("modeler.js") is None
    assert assets.integrity("modeler.js") == ""
    assert assets.preload("modeler.js") == assets.stylesheets("modeler.js") == assets.fonts() == ()
    assert "assets are not built" in caplog.text


def test_the_manifest_is_read_from_the_folder(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"app.js": ENTRY}))
    assert Assets.read(tmp_path, "/x/").url("app.js") == "/x/app-A1.js"


# build


def test_the_first_build_installs_and_bundles_the_second_does_nothing(source, node, out, tmp_path):
    assert build(source, out, lambda: node) == 0
    assert asked(tmp_path) == ["ci --ignore-scripts --no-progress", "build.mjs"]
    assert build(source, out, pytest.fail) == 0
    assert len(asked(tmp_path)) == 2


def test_a_changed_source_is_bundled_again_but_not_installed_again(source, node, out, tmp_path):
    build(source, out, lambda: node)
    (source / "src" / "app.js").write_text("two")
    assert build(source, out, lambda: node) == 0
    assert asked(tmp_path)[2:] == ["build.mjs"]


def test_a_changed_lock_is_installed_again(source, node, out, tmp_path):
    build(source, out, lambda: node)
    (source / "package-lock.json").write_text('{"packages": {}}')
    build(source, out, lambda: node)
    assert asked(tmp_path)[2:] == ["ci --ignore-scripts --no-progress", "build.mjs"]


def test_without_node_one_line_says_what_to_install(source, out, capsys):
    assert build(source, out, lambda: None) == NO_NODE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_failed_build_is_told_and_tried_again(source, out, tmp_path, capsys):
    broken = fake_node(tmp_path, ending=7)
    assert build(source, out, lambda: broken) == 1
    assert "7" in capsys.readouterr().err
    assert not (out / ".stamp").exists()


def test_the_fingerprint_sees_names_and_bytes_but_not_the_guide(source):
    before = fingerprint(source)
    (source / "README.md").write_text("words")
    assert fingerprint(source) == before
    (source / "src" / "app.js").rename(source / "src" / "other.js")
    assert fingerprint(source) != before


# what is committed


def test_packages_are_pinned_exactly_and_the_lock_names_no_registry():
    package = json.loads((SOURCE / "package.json").read_text())
    pins = {**package["dependencies"], **package["devDependencies"]}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", pin) for pin in pins.values())
    lock = json.loads((SOURCE / "package-lock.json").read_text())
    assert not [name for name, about in lock["packages"].items() if "resolved" in about]


@needs_build
def test_the_manifest_names_files_that_exist_with_compressed_twins():
    manifest = json.loads((DIST / "manifest.json").read_text())
    assert {"app.css", "page.js", "app.js", "modeler.js"} <= manifest.keys()
    for entry in manifest.values():
        assert (DIST / entry["file"]).is_file()
    for name in ("app.css", "app.js", "modeler.js"):
        assert (DIST / f"{manifest[name]['file']}.br").is_file()
        assert (DIST / f"{manifest[name]['file']}.gz").is_file()


@needs_build
def test_pages_stay_light():
    """Budgets of design.md §8 in bytes, brotli; the page's own HTML comes on top."""
    assets = Assets.read()
    css, page, js = (brotli_size(assets, name) for name in ("app.css", "page.js", "app.js"))
    fonts = sum((DIST / font.removeprefix(assets.base)).stat().st_size for font in assets.fonts())
    assert css <= 8 * 1024
    assert css + page + fonts <= 50 * 1024
    assert css + page + js + fonts <= 70 * 1024
    assert brotli_size(assets, "modeler.js") <= 450 * 1024


def brotli_size(assets: Assets, name: str) -> int:
    return (DIST / f"{assets.url(name).removeprefix(assets.base)}.br").stat().st_size


@needs_build
def test_every_bundled_licence_is_told():
    notices = (DIST / "THIRD-PARTY.txt").read_text()
    for name in ("bpmn-js ", "htmx.org ", "@fontsource-variable/source-sans-3 ", "preact "):
        assert f"\n{name}" in f"\n{notices}"
    assert "watermark" in notices or "bpmn.io" in notices


@needs_build
def test_the_style_sheet_asks_for_the_latin_and_vietnamese_faces_only():
    css = (DIST / Assets.read().url("app.css").removeprefix("/static/dist/")).read_text()
    assert set(re.findall(r"source-sans-3-([a-z-]+)-wght", css)) == {"latin", "vietnamese"}


# templates


@pytest.fixture
def environment():
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    made.globals.update(
        assets=Assets({"app.js": ENTRY, "app.css": ENTRY}), csrf_token=lambda: "token<"
    )
    return made


def page(environment, text, **context):
    return environment.from_string('{% extends "layout.html" %}' + text).render(
        request=None,
        nav=[("Công việc", "/tasks", True, 3)],
        current_user=SimpleNamespace(name="<b>Hồng", unit="Một cửa"),
        search_url="/cases",
        **context,
    )


def test_the_frame_has_no_inline_code_and_escapes_what_it_shows(environment):
    html = page(environment, "{% block title %}Việc{% endblock %}{% block main %}x{% endblock %}")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", html)
    assert "&lt;b&gt;Hồng" in html
    assert 'content="token&lt;"' in html
    assert '<html lang="vi"' in html
    assert html.index('class="skip"') < html.index("<header")
    assert '<a href="/tasks" aria-current="page">' in html


def test_the_frame_works_before_assets_are_built(environment):
    environment.globals["assets"] = Assets()
    html = page(environment, "{% block main %}Nội dung{% endblock %}")
    assert "Nội dung" in html
    assert "<script" not in html
    assert "stylesheet" not in html


def test_the_foot_with_keys_is_there_only_when_a_page_has_some(environment):
    hints = '{% block keys %}{{ ui.key_hints([("J", "K", "di chuyển")]) }}{% endblock %}'
    assert '<footer class="keys">' in page(environment, hints)
    assert '<footer class="keys">' not in page(environment, "")


def macro(environment, call, **context):
    return environment.from_string('{% import "ui.html" as ui with context %}' + call).render(
        **context
    )


def test_a_deadline_has_a_shape_and_words(environment):
    clock = {"state": "overdue", "text": "Quá hạn 2 ngày", "at": "25/11, 10:00"}
    html = macro(environment, "{{ ui.due_badge(clock) }}", clock=clock)
    assert "mark-overdue" in html
    assert "Quá hạn 2 ngày" in html
    assert "Không có hạn" in macro(environment, "{{ ui.due_badge(None) }}")


def test_a_disabled_button_tells_the_reason_and_cannot_submit(environment):
    html = macro(environment, '{{ ui.button("Ký", "primary", disabled_reason="chỉ lãnh đạo") }}')
    assert 'type="button"' in html
    assert 'aria-disabled="true"' in html
    assert "chỉ lãnh đạo</span>" in html


def test_a_button_shows_its_key_and_asks_its_question(environment):
    html = macro(environment, '{{ ui.button("Xong", key="ctrl+enter", confirm="Chắc?") }}')
    assert 'data-key="ctrl+enter"' in html
    assert "<kbd>Ctrl Enter</kbd>" in html
    assert 'data-confirm="Chắc?"' in html


def test_a_field_in_error_is_tied_to_its_hint_and_error(environment):
    html = macro(
        environment, '{{ ui.text_field("so", "Số", "<1>", hint="Ghi đúng", error="Nhập số") }}'
    )
    assert 'aria-describedby="so-hint so-err"' in html
    assert 'aria-invalid="true"' in html
    assert 'value="&lt;1&gt;"' in html
    assert html.index('id="so-err"') < html.index("<input")


def test_the_error_summary_links_to_the_fields(environment):
    html = macro(environment, '{{ ui.error_summary({"so": "Nhập số"}) }}')
    assert 'href="#so"' in html
    assert "Có 1 mục cần sửa" in html
    assert macro(environment, "{{ ui.error_summary({}) }}").strip() == ""


def test_page_data_cannot_end_its_element(environment):
    html = macro(environment, '{{ ui.page_data("d", {"x": "</script><b>"}) }}')
    assert html.count("</script>") == 1
    assert "<b>" not in html


def test_facts_keep_markup_and_show_a_dash_for_nothing(environment):
    html = macro(
        environment,
        '{{ ui.summary_list([("Tên", name), ("Trống", ""), ("Thẻ", tag)]) }}',
        name="<i>",
        tag=Markup("<b>x</b>"),
    )
    assert "&lt;i&gt;" in html
    assert "<dd>–</dd>" in html
    assert "<b>x</b>" in html


def test_the_error_page_gives_back_what_was_typed(environment):
    html = environment.get_template("errors.html").render(
        request=None,
        nav=None,
        current_user=None,
        search_url=None,
        kept="<đã nhập>",
        request_id="r1",
    )
    assert "&lt;đã nhập&gt;" in html
    assert "r1" in html
