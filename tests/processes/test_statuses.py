"""Whatever way a token takes, every change of status on it is a legal one."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

from app.domain.cases import NATIONAL_STATUS, CaseStatus
from app.domain.errors import InvalidState
from app.domain.procedures import RegistrationState
from app.engine.expressions import Formula, Literal
from app.engine.graph import Flow, Node
from app.usecases.cases import CLOSING
from tests.processes.sets import CASES, process, topic
from tests.processes.story import STARTED, a_case, a_registration

S = TypeVar("S")
OUTCOMES = {
    "approved": RegistrationState.APPROVED,
    "revision": RegistrationState.REVISION,
    "rejected": RegistrationState.REJECTED,
}


def parameter(node: Node, name: str) -> str:
    written = dict(node.inputs).get(name)
    if isinstance(written, Literal):
        return str(written.value)
    assert isinstance(written, Formula)
    return written.source


def case_after(node: Node, status: CaseStatus) -> set[CaseStatus]:
    case = a_case(status)
    match topic(node):
        case "lien_mach.case_accept":
            case.accept(STARTED, STARTED, 1)
        case "lien_mach.case_status":
            case.move_to(CaseStatus(parameter(node, "status")))
        case "lien_mach.case_close":
            case.move_to(CLOSING[parameter(node, "outcome")])
        case "one_stop_shop.report_status":
            assert parameter(node, "status") == str(NATIONAL_STATUS[status]), node.id
    return {case.status}


def registration_after(node: Node, state: RegistrationState) -> set[RegistrationState]:
    found = set()
    match topic(node):
        case "lien_mach.registration_decide":
            given = parameter(node, "outcome")
            for outcome in OUTCOMES if given == "outcome" else (given,):
                registration = a_registration(state)
                registration.decide(outcome, "", None, "")
                found.add(registration.state)
        case "lien_mach.registration_freeze":
            registration = a_registration(state)
            registration.freeze("checksum", STARTED)
            found.add(registration.state)
        case "lien_mach.publish_service":
            registration = a_registration(state)
            registration.publish(1, STARTED)
            found.add(registration.state)
    return found or {state}


def spread(start: Node, first: S, after: Callable[[Node, S], set[S]]) -> dict[str, set[S]]:
    """All states in which each node can be left, over all ways; raises where one is illegal."""
    left: dict[str, set[S]] = {}
    todo: list[tuple[Node, S]] = [(start, first)]
    while todo:
        node, state = todo.pop()
        for result in after(node, state):
            if result in left.setdefault(node.id, set()):
                continue
            left[node.id].add(result)
            todo.extend((flow.target, result) for flow in open_flows(node, result))
        todo.extend((boundary, state) for boundary in node.boundaries)
    return left


def open_flows(node: Node, state: object) -> Iterable[Flow]:
    """Behind the conclusion of an appraisal only the flow of that conclusion is open."""
    if node.id != "outcome_result":
        return node.outgoing
    named = {
        flow.id: OUTCOMES[flow.condition.source.split('"')[1]]
        for flow in node.outgoing
        if flow.condition is not None
    }
    others = set(OUTCOMES.values()) - set(named.values())
    return [
        flow
        for flow in node.outgoing
        if state in ({named[flow.id]} if flow.id in named else others)
    ]


@pytest.mark.parametrize("key", CASES)
def test_every_way_of_a_case_is_legal(key: str) -> None:
    [start] = process(key).root.starts
    left = spread(start, CaseStatus.NEW, case_after)
    assert set(left) == set(process(key).nodes)
    ends = {"refused": CaseStatus.DENIED, "denied": CaseStatus.DENIED, "returned": CaseStatus.DONE}
    assert {end: left[end] for end in ends} == {end: {status} for end, status in ends.items()}


def test_every_way_of_a_registration_is_legal() -> None:
    [start] = process("service_registration").root.starts
    left = spread(start, RegistrationState.SUBMITTED, registration_after)
    assert set(left) == set(process("service_registration").nodes)
    assert left["rejected"] == {RegistrationState.REJECTED}
    assert left["published"] == {RegistrationState.PUBLISHED}


def test_an_illegal_way_is_seen() -> None:
    nodes = process("postal_activity_confirmation").nodes
    with pytest.raises(InvalidState):
        case_after(nodes["accept"], CaseStatus.WAITING)
    with pytest.raises(AssertionError):
        case_after(nodes["report_done"], CaseStatus.RELEASING)
