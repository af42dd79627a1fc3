"""The processes of the house and of the demo province, as their folders hold them."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from app import demo
from app.bootstrap import ROOT, vocabulary
from app.engine.expressions import Literal, Value
from app.engine.graph import Node, Process
from app.engine.reading import only_process
from app.engine.room import EngineRoom
from app.forms import FormRoom, ParsedForm
from app.outbound.registry import Registry

KEYS = ("postal_activity_confirmation", "service_registration", "transport_business_licence")
CASES = tuple(key for key in KEYS if key != "service_registration")
PROVIDERS = {  # P04 is registered by the department that also appraises
    "postal_activity_confirmation": "stttt",
    "service_registration": "stttt",
    "transport_business_licence": "sgtvt",
}
FORMS = ROOT / "forms"
FORM_ROOM = FormRoom()
ROOM = EngineRoom(FORM_ROOM.check)
VOCABULARY = vocabulary(Registry(ROOT / "connectors", {}))


class Scenario(NamedTuple):
    key: str
    path: Path

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = yaml.safe_load(self.path.read_text(encoding="utf-8"))
        return content

    @property
    def id(self) -> str:
        return f"{self.key}/{self.path.stem}"


def diagram(key: str) -> bytes:
    return (ROOT / "processes" / key / f"{key}.bpmn").read_bytes()


def process(key: str) -> Process:
    return only_process(diagram(key), key)


def written(value: Value | None) -> str:
    """What a diagram says in plain text, not as an expression."""
    assert isinstance(value, Literal)
    return str(value.value)


def topic(node: Node) -> str:
    return written(node.job.topic) if node.job is not None else ""


def people() -> list[dict[str, Any]]:
    """The users of the demo province, with their bindings."""
    province: dict[str, list[dict[str, Any]]] = yaml.safe_load(
        demo.PROVINCE.read_text(encoding="utf-8")
    )
    return province["users"]


def assignable(key: str) -> dict[str, list[dict[str, str]]]:
    """Whom a head of unit may choose: what `user_tasks.form_variables` adds to a form."""
    specialists = [
        {"label": user["full_name"], "value": user["username"]}
        for user in people()
        for binding in user["bindings"]
        if (binding["agency"], binding["role"]) == (PROVIDERS[key], "specialist")
    ]
    return {"people_specialist": specialists}


def form_keys(key: str) -> set[str]:
    return {form for outline in ROOM.outline(diagram(key)) for form in outline.form_keys}


def form(form_key: str) -> ParsedForm:
    return FORM_ROOM.read((FORMS / f"{form_key}.form").read_bytes())


def scenarios(*keys: str) -> list[Scenario]:
    return [
        Scenario(key, path)
        for key in keys or KEYS
        for path in sorted((ROOT / "processes" / key / "scenarios").glob("*.yaml"))
    ]


def by_name(file: str) -> Scenario:
    [found] = [one for one in scenarios() if one.id.endswith(file)]
    return found


def files(key: str) -> dict[str, bytes]:
    """What is registered and frozen: the diagram, its forms, its scenarios."""
    paths = [FORMS / f"{form_key}.form" for form_key in sorted(form_keys(key))]
    paths += [scenario.path for scenario in scenarios(key)]
    return {f"{key}.bpmn": diagram(key)} | {path.name: path.read_bytes() for path in paths}
