"""DMN files behind the gate: what they decide, and how to ask them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from app.domain.errors import InvalidInput
from app.engine.names import camunda
from app.engine.xml import Element, parse_xml
from app.feel import FeelError, Purse, to_json
from app.feel.decisions import DecisionModel, Decisions
from app.feel.limits import MAX_STEPS

Spend = Callable[[int], None]
_DIALECTS = ("http://camunda.org/schema/1.0/dmn", "http://operaton.org/schema/1.0/dmn")
"""Namespaces that modelers write into decision files, beside those they write into diagrams."""


class Decide(Protocol):
    """One decision; `spend` is told the steps that it took."""

    def __call__(
        self, variables: Mapping[str, Any], at: datetime, spend: Spend | None = None
    ) -> Any: ...


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
        if (tag := camunda(element, "versionTag") or _of_decisions(element, "versionTag"))
    }


def _of_decisions(element: Element, name: str) -> str | None:
    found = (element.get(f"{{{namespace}}}{name}") for namespace in _DIALECTS)
    return next((value for value in found if value is not None), None)


def compile_decision(decision_id: str, dmn: bytes) -> Decide:
    """Compile one decision of a file. Raises InvalidInput."""
    model = parse_decisions(dmn)

    def decide(variables: Mapping[str, Any], at: datetime, spend: Spend | None = None) -> Any:
        purse = Purse(MAX_STEPS)
        try:
            found = model.evaluate(decision_id, variables, now=at, purse=purse)
            return to_json(found, purse=purse)
        except FeelError as error:
            raise InvalidInput(f"Quyết định {decision_id}: {error}") from error
        finally:
            if spend is not None:
                spend(MAX_STEPS - purse.left)

    return decide
