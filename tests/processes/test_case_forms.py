"""What the shared forms of cases offer and say to those who work on them."""

from datetime import datetime, timedelta

import pytest

from app.domain.calendars import Duration, Unit, wall
from app.forms.markdown import Node
from app.forms.views import FieldView, FormView, TextView
from tests.processes.sets import CASES, assignable, form
from tests.processes.story import CALENDAR

MONDAY = datetime.fromisoformat("2019-07-08T09:30:00+07:00")
WEEK = [MONDAY + timedelta(days=days) for days in range(7)]


@pytest.mark.parametrize("key", CASES)
def test_the_head_chooses_among_the_people_of_the_unit(key: str) -> None:
    known = assignable(key)
    [choice] = [
        cell
        for row in form("case-assignment").view({}, known, {}).rows
        for cell in row.cells
        if isinstance(cell, FieldView) and cell.path == "specialist"
    ]
    offered = [(one.label, one.value) for one in choice.options if one.value]
    assert offered == [(one["label"], one["value"]) for one in known["people_specialist"]]
    assert offered
    assert choice.optional


def test_naming_nobody_leaves_it_to_the_unit_and_a_stranger_is_refused() -> None:
    known = assignable("postal_activity_confirmation")
    nobody = form("case-assignment").validate({"specialist": ""}, known)
    assert nobody.ok
    assert nobody.values["specialist"] is None
    stranger = form("case-assignment").validate({"specialist": "quyen.specialist"}, known)
    assert "specialist" in stranger.errors


@pytest.mark.parametrize("received", WEEK, ids=lambda at: f"{at:%A}")
def test_the_assessment_names_the_last_day_for_a_supplement_request(received: datetime) -> None:
    """NĐ 61/2018 Đ19.4: 3 working days; the same day that a clock would show in a plain week."""
    known = {"received_at": received.isoformat(timespec="seconds"), "supplement_count": 0}
    last = wall(CALENDAR.due(received, Duration.of(3, Unit.WORKING_DAY.value)).at)
    [said] = rules(form("case-assessment").view({}, known, {}))
    assert f"tiếp nhận ngày {received:%d/%m/%Y}, hết ngày {last:%d/%m/%Y}" in said


@pytest.mark.parametrize("known", [{}, {"received_at": MONDAY.isoformat(), "supplement_count": 1}])
def test_the_rule_is_not_shown_where_nothing_may_be_asked(known: dict[str, object]) -> None:
    assert rules(form("case-assessment").view({}, known, {})) == []


def rules(drawn: FormView) -> list[str]:
    texts = [
        "".join(map(words, cell.nodes))
        for row in drawn.rows
        for cell in row.cells
        if isinstance(cell, TextView) and not cell.hidden
    ]
    return [text for text in texts if "3 ngày làm việc" in text]


def words(node: Node) -> str:
    return node.text + "".join(map(words, node.children))
