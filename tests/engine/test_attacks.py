"""Hostile diagrams: nothing is fetched, nothing runs, nothing hangs."""

import sys
import time

import pytest

from app.domain.engine import IncidentRaised
from app.domain.errors import InvalidInput, InvalidState
from app.engine.decisions import compile_decision
from app.engine.reading import read
from app.engine.room import EngineRoom
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Desk, Shelf
from tests.feel import dmn

SECONDS = 10 if sys.gettrace() is None else 150
"""Processor time; measuring coverage makes everything about ten times slower."""

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


def manual(*identifiers: str) -> str:
    return "".join(d.node("manualTask", one) for one in identifiers)


BREEDING = {
    "two ways back": d.process(
        d.start(),
        manual("g", "m", "n"),
        d.chain("s", "g", "m", "g"),
        d.chain("g", "n"),
        d.flow("n", "g", identifier="nua"),
    ),
    "a task each round": d.process(
        d.start(), manual("g", "n"), d.user("u"), d.chain("s", "g", "u"), d.chain("g", "n", "g")
    ),
    "a condition that its own path makes true": d.process(
        d.start(),
        d.sub("ho", d.start("s2"), d.user("a"), d.chain("s2", "a")),
        d.boundary("b", "ho", d.on_condition("dem > 0"), interrupting=False),
        d.script("x", "dem = dem + 1"),
        d.chain("s", "ho"),
        d.chain("b", "x"),
    ),
    "rounds of rounds": d.process(
        d.start(),
        d.sub(
            "ho", d.many("10000"), d.start("s2"), d.user("a", d.many("10000")), d.chain("s2", "a")
        ),
        d.chain("s", "ho"),
    ),
}


@pytest.mark.parametrize("bpmn", BREEDING.values(), ids=BREEDING)
def test_a_step_that_breeds_tokens_has_not_happened(bpmn):
    shelf = Shelf()
    program = shelf.add(bpmn)
    begun = time.process_time()
    with pytest.raises(InvalidState, match="không dứt"):
        program.start({"dem": 1}, at=NOON, programs=shelf)
    assert time.process_time() - begun < SECONDS


COSTLY = {
    "a list that grows in a circle": "x = append(x, y)",
    "a loop in each round of a circle": "y = count(for i in 1..30000 return i)",
    "a large value copied in each round": "y = x",
}


@pytest.mark.parametrize("text", COSTLY.values(), ids=COSTLY)
def test_all_expressions_of_a_step_share_one_purse(text):
    bpmn = d.process(
        d.start(),
        d.node("exclusiveGateway", "g"),
        d.script("t", text),
        d.chain("s", "g", "t", "g"),
    )
    shelf = Shelf()
    program = shelf.add(bpmn)
    begun = time.process_time()
    step = program.start({"x": ["z"] * 10_000, "y": "z" * 9_000}, at=NOON, programs=shelf)
    assert time.process_time() - begun < SECONDS
    [told] = [one for one in step.facts if isinstance(one, IncidentRaised)]
    assert "quá nhiều bước" in told.message


FAR = {
    "a date before time": d.at_date("0001-01-01T00:00:00"),
    "a date after time": d.at_date("9999-12-31T23:59:59-12:00"),
    "a cycle that runs back": d.every("R/-PT1S"),
    "a cycle that stands still": d.every("R/PT0S"),
    "a cycle from before time": d.every("R900/P900Y/2026-01-01"),
    "a cycle without end": d.every(f"R{'9' * 5_000}/PT1S"),
    "a long duration": d.after("P99999999999999999999D"),
    "a cron of large numbers": d.every("0-999999999 * * * * ?"),
    "many working days": d.after("999999999999 working_day"),
}


@pytest.mark.parametrize("event", FAR.values(), ids=FAR)
def test_timers_that_no_calendar_holds_are_refused(event):
    bpmn = d.process(
        d.start(),
        d.user("a"),
        d.boundary("b", "a", event),
        d.user("z"),
        d.chain("s", "a"),
        d.chain("b", "z"),
    )
    assert "timer" in {problem.code for problem in read(bpmn).report.errors}


@pytest.mark.parametrize("text", ["P9000Y", '=@"9999-12-31" + @"P400D"', "=dai"])
def test_instants_out_of_the_calendar_are_incidents(text):
    bpmn = d.process(d.start(), d.user("a", camunda__dueDate=text), d.chain("s", "a"))
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start({"dai": "P9999Y"})
    assert desk.incidents == [] if "@" in text else "lịch" in desk.incidents[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("so", "9" * 100_000), ("so", 10**30), ("so", 1e300), ("so", "x" * 100_000), ("so", [1] * 5)],
)
def test_numbers_of_any_size_are_at_most_an_incident(name, value):
    bpmn = d.process(
        d.start(),
        d.node("parallelGateway", "g"),
        d.user("a", d.many(f"={name}")),
        d.user("b", camunda__priority=f"={name}"),
        d.chain("s", "g", "a"),
        d.chain("g", "b"),
    )
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start({name: value})
    assert len(desk.incidents) == 2
    assert all(len(told) < 2_100 for told in desk.incidents)


def decided(logic: str, variables: dict[str, object] | None = None) -> object:
    text = f'<definitions xmlns="{dmn.DMN}" id="d" name="d">{logic}</definitions>'
    return compile_decision("x", text.encode())(variables or {}, NOON)


def test_what_a_decision_gives_can_be_kept_as_a_variable():
    logic = dmn.literal('{n: 0.1 + 0.2, d: @"2026-01-02", t: @"PT36H", m: @"P14M", r: [1..3]}')
    given = decided(dmn.decision(logic))
    assert given == {"n": 0.3, "d": "2026-01-02", "t": "P1DT12H", "m": "P1Y2M", "r": "[1..3]"}


def test_a_decision_that_unfolds_without_end_is_stopped():
    chain = "".join(
        dmn.decision(
            dmn.literal(f"[d{n - 1}, d{n - 1}, d{n - 1}]" if n else "[1, 2, 3]"),
            f"d{n}",
            dmn.needs("requiredDecision", f"d{n - 1}") if n else "",
        )
        for n in range(38)
    )
    begun = time.process_time()
    with pytest.raises(InvalidInput, match="quá nhiều bước"):
        decided(
            chain + dmn.decision(dmn.literal("d37"), requires=dmn.needs("requiredDecision", "d37"))
        )
    assert time.process_time() - begun < SECONDS


def test_decisions_of_a_step_share_its_purse():
    shelf = Spendthrift()
    bpmn = d.process(
        d.start(),
        d.node("businessRuleTask", "q", camunda__decisionRef="x", camunda__resultVariable="kq"),
        d.chain("s", "q", "q"),
    )
    step = shelf.add(bpmn).start({}, at=NOON, programs=shelf)
    [told] = [one for one in step.facts if isinstance(one, IncidentRaised)]
    assert "quyết định" in told.message
    assert shelf.times < 30


class Spendthrift(Shelf):
    """Its decisions take half a million steps each."""

    times = 0

    def decide(self, decision_id, variables, **how):
        self.times += 1
        how["spend"](500_000)
        return 1
