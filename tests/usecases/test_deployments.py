"""What cannot run is refused at deployment, with the element and a sentence."""

from typing import Any

import pytest

from app.domain.definitions import DefinitionState
from app.domain.errors import InvalidInput, InvalidState
from app.usecases import deployments
from app.usecases.chronicle import THE_SYSTEM
from tests.engine import diagrams as d
from tests.service import House
from tests.usecases import desk


def refused(house: House, files: dict[str, bytes]) -> dict[str, list[str]]:
    with house.open_work() as work:
        file_set = deployments.freeze(work, files)
    with pytest.raises(InvalidInput) as refusal, house.open_work() as work:
        deployments.deploy(work, file_set, source="test", actor=THE_SYSTEM)
    return refusal.value.fields


def straight(*inner: str, **attributes: Any) -> bytes:
    wanted = {"camunda__candidateGroups": "specialist", **attributes}
    return d.straight(d.user("a", *inner, **wanted), identifiers=("a",))


BAD = {
    "malformed": b"<definitions",
    "not_xml": b"\x00\x01\x02",
    "doctype": b'<!DOCTYPE x [<!ENTITY a "b">]><definitions/>',
    "no_process": b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>',
    "not_executable": straight().replace(b'isExecutable="true"', b'isExecutable="false"'),
    "unknown_role": straight(camunda__candidateGroups="vua"),
    "unknown_form": straight(camunda__formKey="khong-co"),
    "unknown_agency": straight(lm__agency="sao-hoa"),
    "unknown_clock": straight(d.extensions('<lm:clock kind="K99" on="enter" action="start"/>')),
    "unknown_connector": d.straight(d.external("a", topic="thu.gui"), identifiers=("a",)),
    "missing_parameter": d.straight(
        d.external("a", topic="public_post.create_order"), identifiers=("a",)
    ),
    "wrong_expression": d.straight(d.script("a", "x = 1 +"), identifiers=("a",)),
    "python_script": d.straight(
        '<scriptTask id="a" scriptFormat="python"><script>import os</script></scriptTask>',
        identifiers=("a",),
    ),
    "unknown_process": d.straight(
        d.node("callActivity", "a", calledElement="khong_co"), identifiers=("a",)
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_refused_with_a_sentence_and_nothing_kept(one_house: House, name: str) -> None:
    fields = refused(one_house, {"p.bpmn": BAD[name]})
    assert all(place.startswith("p.bpmn#") for place in fields)
    assert all(text.strip() for texts in fields.values() for text in texts)
    with one_house.open_work(read_only=True) as work:
        assert work.definitions.latest("p") is None


@pytest.mark.parametrize(
    "name", ["unknown_role", "unknown_form", "unknown_connector", "missing_parameter"]
)
def test_the_element_is_named(one_house: House, name: str) -> None:
    assert "p.bpmn#a" in refused(one_house, {"p.bpmn": BAD[name]})


def test_all_or_none(one_house: House) -> None:
    good = straight().replace(b'id="p"', b'id="tot"')
    refused(one_house, {"a.bpmn": good, "b.bpmn": BAD["unknown_role"]})
    with one_house.open_work(read_only=True) as work:
        assert work.definitions.latest("tot") is None


def test_a_broken_form_or_decision_refuses_the_set(one_house: House) -> None:
    assert refused(one_house, {"p.bpmn": straight(), "f.form": b"{"})
    assert refused(one_house, {"p.bpmn": straight(), "d.dmn": b"<definitions"})


def test_the_same_files_again_are_the_next_version(one_house: House) -> None:
    first, second = (desk.deploy(one_house, straight()) for _ in range(2))
    assert (first.version, second.version) == (1, 2)
    assert first.sha256 == second.sha256
    running = desk.begin(one_house, first)
    with one_house.open_work(read_only=True) as work:
        latest = work.definitions.latest("p")
        assert latest is not None
        assert latest.id == second.id
        assert work.instances.get(running).definition_id == first.id


def test_a_definition_is_suspended_and_activated_once(one_house: House) -> None:
    made = desk.deploy(one_house, straight())
    admin = one_house.actor("viet.admin")
    with one_house.open_work() as work:
        deployments.suspend_definition(work, admin, made.id)
    with one_house.open_work() as work, pytest.raises(InvalidState):
        deployments.suspend_definition(work, admin, made.id)
    with one_house.open_work() as work:
        deployments.activate_definition(work, admin, made.id)
    with one_house.open_work() as work, pytest.raises(InvalidState):
        deployments.activate_definition(work, admin, made.id)


def test_suspending_a_definition_leaves_a_trace(one_house: House) -> None:
    made = desk.deploy(one_house, straight())
    admin = one_house.actor("viet.admin")
    with one_house.open_work() as work:
        deployments.suspend_definition(work, admin, made.id, " Thủ tục bị bãi bỏ ")
    one_house.clock.pass_(hours=1)
    with one_house.open_work() as work:
        deployments.activate_definition(work, admin, made.id, "Bãi bỏ nhầm")
    with one_house.open_work(read_only=True) as work:
        told = [(e.state, e.actor_name, e.reason) for e in work.definitions.events(made.id)]
    assert told == [
        (DefinitionState.ACTIVE, admin.name, "Bãi bỏ nhầm"),
        (DefinitionState.SUSPENDED, admin.name, "Thủ tục bị bãi bỏ"),
    ]


def test_a_message_begins_one_process(one_house: House) -> None:
    drawn = d.process(
        d.start("s", d.on_message("moi")),
        d.user("a", camunda__candidateGroups="specialist"),
        d.chain("s", "a"),
        around=d.message("moi"),
    )
    desk.deploy(one_house, drawn)
    again = desk.deploy(one_house, drawn)
    assert again.version == 2, "its own older version is no other process"
    with pytest.raises(InvalidInput, match="moi"):
        desk.deploy(one_house, drawn.replace(b'id="p"', b'id="q"'))
