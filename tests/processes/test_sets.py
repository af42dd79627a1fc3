"""Each process is a set that deployment accepts: no error, and nothing an analyst should mend."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from app import demo
from app.domain.engine import DrawingStates
from app.engine.expressions import Literal
from tests.processes.sets import (
    CASES,
    FORM_ROOM,
    FORMS,
    KEYS,
    ROOM,
    VOCABULARY,
    assignable,
    diagram,
    files,
    form,
    form_keys,
    people,
    process,
    scenarios,
    written,
)

NOW = datetime(2019, 7, 9, 1, 0, tzinfo=UTC)
UNITS = {
    "postal_activity_confirmation": "Phòng Bưu chính - Viễn thông",
    "transport_business_licence": "Phòng Quản lý vận tải",
}
# Working hours of each step (procedures.yaml): P04 2/4/58/6/8/2, P10 2/2/24/4/6/2.
BUDGETS = {
    "postal_activity_confirmation": {"assign": 4, "assess": 58, "review": 6, "sign": 8, "stamp": 2},
    "transport_business_licence": {"assign": 2, "assess": 24, "review": 4, "sign": 6, "stamp": 2},
}
PAPERS = {  # the papers of the procedure, and which of them must be there
    "postal-activity-application": {"TP01": True, "TP02": True, "TP03": False, "TP04": False},
    "transport-business-application": {
        "TP01": True,
        "TP02": True,
        "TP03": True,
        "TP04": True,
        "TP05": False,
        "TP06": False,
    },
}
OWN_KEYS = {"owner_name", "identity_number", "submitter_name", "owner_phone", "owner_address"}


@pytest.mark.parametrize("key", KEYS)
def test_the_set_has_neither_errors_nor_warnings(key: str) -> None:
    problems = ROOM.check(files(key), VOCABULARY)
    assert [(one.file, one.element_id, one.message) for one in problems] == []


@pytest.mark.parametrize("key", KEYS)
def test_the_diagram_is_outlined_as_one_executable_process(key: str) -> None:
    [outline] = ROOM.outline(diagram(key))
    assert outline.key == key
    assert outline.history_days == 3650
    assert (outline.start_form_key is not None) == (key in CASES)


@pytest.mark.parametrize("key", KEYS)
def test_every_person_has_a_form_a_role_and_an_agency_or_unit(key: str) -> None:
    for node in process(key).nodes.values():
        if node.work is None:
            continue
        assert isinstance(node.work.form_key, Literal), node.id
        assert node.work.groups, node.id
        if key in CASES:
            assert node.work.public_name, f"the citizen cannot read {node.id}"
        else:
            assert node.work.agency, node.id


def test_no_form_is_left_over() -> None:
    named = set().union(*(form_keys(key) for key in KEYS))
    assert {path.stem for path in FORMS.glob("*.form")} == named


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.form")), ids=lambda path: path.stem)
def test_every_form_lints(path: Path) -> None:
    assert FORM_ROOM.check(path.name, path.read_bytes()) == []


@pytest.mark.parametrize("form_key", sorted(PAPERS))
def test_the_application_asks_for_the_papers_of_the_procedure(form_key: str) -> None:
    fields = {field.path: field for field in form(form_key).fields()}
    asked = {path: fields[path].required for path in fields if fields[path].type == "filepicker"}
    assert asked == PAPERS[form_key]
    assert {path for path, field in fields.items() if field.required} >= OWN_KEYS
    for path in asked:
        field = form(form_key).file_field(path)
        assert field is not None
        assert field.max_mb == 10


@pytest.mark.parametrize("key", CASES)
def test_steps_have_the_hours_of_the_internal_process(key: str) -> None:
    due = {
        node.id: written(node.work.due)
        for node in process(key).nodes.values()
        if node.work is not None and node.work.due is not None
    }
    assert due == {step: f"{hours} working_hour" for step, hours in BUDGETS[key].items()}


@pytest.mark.parametrize("key", CASES)
def test_units_are_named_as_the_people_of_the_province_are(key: str) -> None:
    units = {binding.get("unit") for user in people() for binding in user["bindings"]}
    named = {
        written(node.work.unit)
        for node in process(key).nodes.values()
        if node.work is not None and node.work.unit is not None
    }
    assert named == {UNITS[key], "Bộ phận một cửa"}
    assert named <= units


@pytest.mark.parametrize("part", ["registrations", "cases"])
def test_the_demo_finds_its_steps_and_its_answers(part: str) -> None:
    """`app/demo.py` plays these; every answer passes the form of its step."""
    script = yaml.safe_load(demo.LIFE.read_text(encoding="utf-8"))
    keys = {"registrations": "service_registration", "cases": "postal_activity_confirmation"}
    nodes = process(keys[part]).nodes
    steps = [step for line in script[part] for step in line.get("steps", ())]
    assert steps
    for step in steps:
        work = nodes[step["complete"]].work
        assert work is not None, step
        typed = {k: "18/07/2019" if v == "today" else v for k, v in step["with"].items()}
        submission = form(written(work.form_key)).validate(typed, assignable(keys[part]))
        assert submission.errors == {}, step


@pytest.mark.parametrize("key", KEYS)
def test_the_set_rehearses(key: str) -> None:
    runs = ROOM.rehearse(files(key), NOW)
    assert len(runs) == len(scenarios(key))
    assert [(run.name, run.message) for run in runs if not run.ok] == []


@pytest.mark.parametrize("key", KEYS)
def test_every_step_is_drawn(key: str) -> None:
    nodes = process(key).nodes
    drawn = ROOM.draw(diagram(key), DrawingStates(active=frozenset(nodes)), title=key, around=None)
    assert [one for one in nodes if f'data-element="{one}"' not in drawn] == []


def test_a_task_can_be_resubmitted_by_its_id() -> None:
    """`registrations.submit` completes this very task without answers."""
    work = process("service_registration").nodes["revise"].work
    assert work is not None
    assert form(written(work.form_key)).validate({}, {}).ok
