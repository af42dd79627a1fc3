"""Hostile diagrams: nothing is fetched, nothing runs, nothing hangs."""

import time

import pytest

from app.domain.errors import InvalidInput
from app.engine.reading import read
from app.engine.room import EngineRoom
from tests.engine import diagrams as d
from tests.engine.desk import Desk, Shelf

EXPRESSIONS = [
    "__import__('os').system('true')",
    "().__class__.__bases__",
    "open('/etc/passwd')",
    "${''.getClass().forName('java.lang.Runtime')}",
    "${execution.getProcessEngineServices()}",
    "9**9**9",
    "for i in 1..100000000 return i",
    'string join(for i in 1..100000 return "aaaaaaaaaa")',
    'matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")',
    "(" * 5000 + "1" + ")" * 5000,
    "1" + "+1" * 20000,
    "lambda: 1",
    "[x for x in y]",
    "{a: {a: {a: 1}}}.a.a.a.a.__class__",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_an_expression_can_only_fail(text):
    written = text.replace("&", "&amp;").replace("<", "&lt;")
    bpmn = d.process(
        d.start(),
        d.node(
            "serviceTask",
            "t",
            camunda__expression=f"={written}" if "${" not in text else written,
            camunda__resultVariable="x",
        ),
        d.user("a"),
        d.chain("s", "t", "a"),
    )
    begun = time.process_time()
    reading = read(bpmn)
    if not reading.report.errors:
        shelf = Shelf()
        desk = Desk(shelf, shelf.add(bpmn)).start({"y": [1]})
        assert "root:" not in str(desk.variables)
        assert len(str(desk.variables)) < 1_000_000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>',
        b'<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]><d>&a;</d>',
        b'<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><d>&b;</d>',
        b"<d>" * 300 + b"</d>" * 300,
        b"<d>" + b"<x/>" * 30_000 + b"</d>",
        b"\x00\x01",
        b"",
    ],
)
def test_hostile_xml_is_refused(text):
    room = EngineRoom(lambda file, source: [])
    with pytest.raises(InvalidInput):
        room.outline(text)
    with pytest.raises(InvalidInput):
        room.compile("p:1", "p", text)


@pytest.mark.parametrize(
    "values",
    [
        {"typename": "Decimal"},
        {"x": {"typename": "x", "__class__": "y"}},
        {"x": {"data": [{"typename": 1}]}},
    ],
)
def test_a_user_s_data_is_never_taken_for_types(values):
    shelf = Shelf()
    desk = Desk(
        shelf,
        shelf.add(d.straight(d.user("a"), d.user("b"), identifiers=("a", "b"))),
        restored=True,
    )
    desk.start()
    desk.finish("a", values)
    assert desk.variables == values
    desk.finish("b")
    assert desk.ended is not None


def test_strange_names_are_only_text():
    bpmn = d.process(
        d.start("s", name="&lt;script&gt;"),
        d.user("a", camunda__assignee="'; drop table x; --"),
        d.chain("s", "a"),
    )
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start()
    assert desk.facts[-1].assignee == "'; drop table x; --"


def test_a_collection_that_is_too_long_is_an_incident():
    bpmn = d.process(d.start(), d.user("a", d.many(collection="ds")), d.chain("s", "a"))
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start({"ds": list(range(20_000))})
    assert "10000" in desk.incidents[0]
