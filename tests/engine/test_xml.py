"""What strangers send is read by one gate, which refuses quickly and says why."""

import ast
import gzip
import re
import time
from pathlib import Path

import pytest

from app.domain.errors import InvalidInput
from app.engine.xml import MAX_DEPTH, MAX_ELEMENTS, MalformedXml, UnsafeXml, local_name, parse_xml

ROOT = Path(__file__).resolve().parents[2]
GATE = ROOT / "app" / "engine" / "xml.py"


def laughs(levels: int) -> bytes:
    entities = '<!ENTITY l0 "lol">' + "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, levels + 1)
    )
    return f"<!DOCTYPE d [{entities}]><d>&l{levels};</d>".encode()


def nested(depth: int) -> bytes:
    return b"<a>" * depth + b"</a>" * depth


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("TOP-SECRET-42")
    return path.as_uri()


def refused(data: bytes) -> InvalidInput:
    started = time.perf_counter()
    with pytest.raises(InvalidInput) as caught:
        parse_xml(data)
    assert time.perf_counter() - started < 2
    assert caught.value.message.endswith(".")
    return caught.value


ATTACKS = {
    "plain document type": b"<!DOCTYPE a><a/>",
    "internal entity": b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    "entity in an attribute": b'<!DOCTYPE a [<!ENTITY x "y">]><a b="&x;"/>',
    "UTF-16 with declaration": (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
    ).encode("utf-16"),
    "UTF-16 without declaration": '<!DOCTYPE a [<!ENTITY x "y">]><a/>'.encode("utf-16"),
    "UTF-7": (
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4APA-a/+AD4-'  # <!DOCTYPE a>
    ),
    "behind a comment": b"<!-- x --><!DOCTYPE a><a/>",
    "behind a long comment": b"<!--" + b"x" * 200_000 + b"--><!DOCTYPE a><a/>",
    "billion laughs": laughs(9),
    "million laughs": laughs(6),
    "few laughs": laughs(1),
    "quadratic blow-up": (
        b'<!DOCTYPE d [<!ENTITY q "' + b"A" * 100_000 + b'">]><d>' + b"&q;" * 4000 + b"</d>"
    ),
    "small quadratic blow-up": (
        b'<!DOCTYPE d [<!ENTITY q "' + b"A" * 50_000 + b'">]><d>' + b"&q;" * 190 + b"</d>"
    ),
    "parser's own depth limit": nested(10_000),
    "our depth limit": nested(MAX_DEPTH + 1),
    "too many elements": b"<a>" + b"<b/>" * 1_000_000 + b"</a>",
    "one element too many": b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>",
    "50 MB": b"<a>" + b"x" * 50_000_000 + b"</a>",
    "inclusion": (
        b'<a xmlns:xi="http://www.w3.org/2001/XInclude">'
        b'<xi:include href="file:///etc/passwd" parse="text"/></a>'
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_as_unsafe(name):
    assert isinstance(refused(ATTACKS[name]), UnsafeXml)


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY a SYSTEM "{uri}">',
        '<!ENTITY % p SYSTEM "{uri}"> %p;',
        '<!ENTITY a PUBLIC "x" "{uri}">',
    ],
)
def test_a_file_is_never_fetched(secret, subset):
    data = f"<!DOCTYPE d [{subset.format(uri=secret)}]><d>&a;</d>".encode()
    assert "TOP-SECRET" not in str(refused(data))


@pytest.mark.parametrize("uri", ["file:///etc/passwd", "http://127.0.0.1:9/x.dtd"])
def test_an_external_document_type_is_refused(uri):
    assert isinstance(refused(f'<!DOCTYPE d SYSTEM "{uri}"><d/>'.encode()), UnsafeXml)


BROKEN = {
    "nothing": b"",
    "blank": b" \n ",
    "prose": "Xin chào".encode(),
    "zeros": b"<a>\0</a>",
    "only zeros": b"\0" * 100,
    "compressed": gzip.compress(b"<a/>"),
    "unfinished": b"<a><b>",
    "crossed": b"<a><b></a></b>",
    "two roots": b"<a/><b/>",
    "unknown entity": b"<a>&unknown;</a>",
    "unknown encoding": b'<?xml version="1.0" encoding="bogus"?><a/>',
    "wrong encoding": b'<?xml version="1.0" encoding="UTF-8"?><a>\xff\xfe</a>',
    "unbound prefix": b"<bpmn:a/>",
    "attribute twice": b'<a b="1" b="2"/>',
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_not_xml_is_refused_as_malformed(name):
    assert isinstance(refused(BROKEN[name]), MalformedXml)


def test_the_refusal_says_where():
    error = refused(b"<a>\n  <b>\n</a>")
    assert isinstance(error, MalformedXml)
    assert error.line == 3
    assert f"dòng 3, cột {error.column}" in error.message


def test_comments_and_instructions_stay_outside():
    root = parse_xml(b"<?x y?><!-- a --><a>1<!-- b -->2<?php z?>3<![CDATA[<4>]]></a><!-- c -->")
    assert root.text == "123<4>"
    assert len(root) == 0
    assert root.getprevious() is None
    assert root.getnext() is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_honest_encodings_are_read(encoding):
    declared = encoding.replace("-sig", "")
    text = f'<?xml version="1.0" encoding="{declared}"?><a>é</a>'
    assert parse_xml(text.encode(encoding)).text == "é"


def test_the_limits_themselves_are_allowed():
    assert len(parse_xml(b"<a>" + b"<b/>" * (MAX_ELEMENTS - 1) + b"</a>")) == MAX_ELEMENTS - 1
    assert local_name(parse_xml(nested(MAX_DEPTH))) == "a"


def test_local_names_lose_their_namespace():
    assert local_name(parse_xml(b'<x:task xmlns:x="urn:x"/>')) == "task"
    assert local_name(parse_xml(b"<task/>")) == "task"


FORBIDDEN_MODULES = re.compile(
    r"xml(\.|$)|lxml\.(html|objectify|sax|ElementInclude)|defusedxml|xmltodict|bs4|html5lib"
)
FORBIDDEN_CALLS = frozenset(
    {
        "XML",
        "HTML",
        "XMLID",
        "XMLParser",
        "XMLPullParser",
        "HTMLParser",
        "ETCompatXMLParser",
        "iterparse",
        "parseid",
        "fromstringlist",
        "xinclude",
        "XInclude",
        "add_bpmn_str",
        "add_bpmn_io",
        "add_bpmn_file",
        "add_bpmn_files",
        "add_bpmn_files_by_glob",
        "add_dmn_str",
        "add_dmn_io",
        "add_dmn_file",
        "add_dmn_files",
        "add_dmn_files_by_glob",
    }
)


def back_doors(source: str) -> list[str]:
    """Every way of reading XML in `source` that does not go through the gate."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names if FORBIDDEN_MODULES.match(name.name)]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            module = node.module or ""
            names = [f"{module}.{name.name}" for name in node.names]
            found += [name for name in [module, *names] if FORBIDDEN_MODULES.match(name)]
            if module == "lxml.etree":
                found += [name for name in names if not name.endswith(("._Element", ".QName"))]
        elif isinstance(node, ast.Attribute):
            of_lxml = isinstance(node.value, ast.Name) and node.value.id in {"etree", "ET"}
            if node.attr in FORBIDDEN_CALLS or (of_lxml and node.attr in {"parse", "fromstring"}):
                found.append(node.attr)
    return found


@pytest.mark.parametrize(
    "source",
    [
        "import xml.etree.ElementTree as ET",
        "from xml.dom import minidom",
        "from lxml import objectify",
        "from lxml.etree import fromstring",
        "from lxml import etree\netree.fromstring(data)",
        "from lxml import etree\netree.parse(path)",
        "from lxml import etree\netree.iterparse(path)",
        "parser.add_bpmn_str(data)",
    ],
)
def test_the_search_for_back_doors_finds_them(source):
    assert back_doors(source)


def test_there_is_no_other_gate():
    files = [
        path
        for room in ("app", "connectors")
        for path in (ROOT / room).rglob("*.py")
        if path != GATE and "node_modules" not in path.parts
    ]
    assert files
    found = {str(path.relative_to(ROOT)): back_doors(path.read_text()) for path in files}
    assert {path: doors for path, doors in found.items() if doors} == {}


def test_the_parser_is_pinned():
    assert '"lxml==6.' in (ROOT / "pyproject.toml").read_text()
