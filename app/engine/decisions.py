"""DMN files behind the gate: what they decide, and how to ask them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from app.domain.errors import InvalidInput
from app.engine.names import camunda
from app.engine.xml import parse_xml
from app.feel import FeelError
from app.feel.decisions import DecisionModel, Decisions

CAMUNDA_DMN = "http://camunda.org/schema/1.0/dmn"
"""What Camunda's modeler writes into decision files."""


class Decide(Protocol):
    def __call__(self, variables: Mapping[str, Any], at: datetime) -> Any: ...


def parse_decisions(dmn: bytes) -> DecisionModel:
    """Read and compile a DMN file. Raises InvalidInput."""
    try:
        return Decisions.parse(parse_xml(dmn))
    except (FeelError, ValueError) as error:
        raise InvalidInput(f"Bảng quyết định không đọc được: {error}") from error


def decision_names(dmn: bytes) -> list[tuple[str, str]]:
    """(id, name) of the decisions of a file. Raises InvalidInput."""
    model = parse_decisions(dmn)
    return [(one, model.name_of(one)) for one in model.decision_ids]


def decision_tags(dmn: bytes) -> dict[str, str]:
    """Version tags by decision id. Raises InvalidInput."""
    return {
        str(element.get("id")): tag
        for element in parse_xml(dmn).iter("{*}decision")
        if (tag := camunda(element, "versionTag") or element.get(f"{{{CAMUNDA_DMN}}}versionTag"))
    }


def compile_decision(decision_id: str, dmn: bytes) -> Decide:
    """Compile one decision of a file. Raises InvalidInput."""
    model = parse_decisions(dmn)

    def decide(variables: Mapping[str, Any], at: datetime) -> Any:
        try:
            return model.evaluate(decision_id, variables, now=at)
        except FeelError as error:
            raise InvalidInput(f"Quyết định {decision_id}: {error}") from error

    return decide
