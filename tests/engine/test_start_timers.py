"""When timer start events are due, and the tags that decisions carry."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.engine import Due, WorkingDuration
from app.domain.errors import InvalidInput
from app.engine.decisions import decision_tags
from tests.engine import diagrams as d
from tests.engine.desk import Shelf

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("event", "fired", "due"),
    [
        (d.after("PT1H"), 0, NOW + HOUR),
        (d.after("PT1H"), 1, None),
        (d.after("5 working_day"), 0, WorkingDuration(5, "working_day")),
        (d.at_date("2026-03-02T09:00"), 0, NOW + HOUR),
        (d.every("R2/PT1H"), 1, NOW + HOUR),
        (d.every("R2/PT1H"), 2, None),
        (d.every("R/PT1H"), 1_000, NOW + HOUR),
        (d.every("R/2026-03-03T00:00Z/PT1H"), 0, datetime(2026, 3, 3, tzinfo=UTC)),
        (d.every("R/2026-03-03T00:00Z/PT1H"), 1, NOW + HOUR),
    ],
)
def test_when_it_is_due(shelf: Shelf, event: str, fired: int, due: Due | None) -> None:
    program = shelf.add(d.process(d.start("s", event), d.end(), d.chain("s", "e")))
    assert program.start_due("s", at=NOW, fired=fired) == due


@pytest.mark.parametrize("event", [d.after("${khong_co}"), d.every("${khong_co}"), d.on_message()])
def test_what_says_no_instant_is_refused(shelf: Shelf, event: str) -> None:
    drawn = d.process(d.start("s", event), d.end(), d.chain("s", "e"), around=d.message())
    program = shelf.add(drawn)
    with pytest.raises(InvalidInput):
        program.start_due("s", at=NOW, fired=0)


@pytest.mark.parametrize(
    "dialect",
    [
        "http://camunda.org/schema/1.0/dmn",
        "http://operaton.org/schema/1.0/dmn",
        "http://camunda.org/schema/1.0/bpmn",
    ],
)
def test_decisions_carry_tags(dialect: str) -> None:
    dmn = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
        f' namespace="n" xmlns:x="{dialect}">'
        '<decision id="a" name="A" x:versionTag="1.0"/><decision id="b" name="B"/>'
        "</definitions>"
    )
    assert decision_tags(dmn.encode()) == {"a": "1.0"}
