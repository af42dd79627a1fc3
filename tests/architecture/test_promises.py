"""Promises that no type can keep."""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest

from app import settings, statuses
from app.bootstrap import ROOT
from app.domain import connectors, engine, errors, forms, permissions, procedures
from app.domain.engine import Fact
from app.domain.errors import DomainError
from app.usecases import chronicle, recorders
from app.usecases.house import OPERATIONS

APP = ROOT / "app"


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path, parsed(path)


def kinds(root: type[DomainError]) -> set[type[DomainError]]:
    found = {root}
    for child in root.__subclasses__():
        found |= kinds(child)
    return found


def test_every_refusal_has_a_status_of_its_own_or_of_its_kind() -> None:
    assert {connectors, errors, forms, permissions, procedures}  # all that define refusals
    for kind in kinds(DomainError) - {DomainError}:
        if not kind.__module__.startswith("app."):
            continue
        made = kind.__new__(kind)
        assert statuses.status_of(made) != 500, kind
    assert all(400 <= status < 600 for status in statuses.STATUS.values())


def test_every_refusal_has_a_stable_code() -> None:
    ours = [kind for kind in kinds(DomainError) if kind.__module__.startswith("app.domain.")]
    codes = {kind.__dict__.get("code"): kind for kind in ours}
    assert None not in codes, codes[None]
    assert len(codes) == len(ours)


def test_every_fact_is_recorded() -> None:
    declared = {
        kind
        for _name, kind in inspect.getmembers(engine, inspect.isclass)
        if issubclass(kind, Fact) and kind is not Fact
    }
    assert set(recorders.RECORDERS) == declared
    assert set(chronicle.COMPACT) <= declared


def test_the_house_does_what_its_descriptor_says() -> None:
    described = orjson.loads((ROOT / "connectors" / "lien_mach.json").read_bytes())
    assert {operation["name"] for operation in described["operations"]} == set(OPERATIONS)


def test_every_topic_of_a_process_is_an_operation_of_a_connector() -> None:
    topics = {
        f"{content['name']}.{operation['name']}"
        for path in (ROOT / "connectors").glob("*.json")
        for content in [orjson.loads(path.read_bytes())]
        for operation in content["operations"]
    }
    named = {
        topic
        for path in (ROOT / "processes").glob("*/*.bpmn")
        for topic in re.findall(r'camunda:topic="([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= topics


def test_every_form_of_a_process_is_there() -> None:
    named = {
        key
        for path in (ROOT / "processes").glob("*/*.bpmn")
        for key in re.findall(r'camunda:formKey="([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= {path.stem for path in (ROOT / "forms").glob("*.form")}


def test_every_setting_is_documented_and_nothing_else() -> None:
    told = set(re.findall(r"\b(LM_[A-Z_]+)\b", settings.__doc__ or ""))
    assert told == settings.KNOWN - {"LM_DEMAND_ALL"}
    assert "DATABASE_URL" in (settings.__doc__ or "")


def test_every_setting_that_is_read_is_known() -> None:
    text = (APP / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ(?:, |\.get\(|\[)"(LM_[A-Z_]+)"', text))
    assert read
    assert read <= settings.KNOWN


def test_the_environment_is_read_in_one_place() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for path, tree in sources("app", "connectors")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    ]
    # Other programs than the service: the outside systems of the demo, the builder of assets.
    assert set(readers) <= {"connectors/sandbox/__main__.py", "app/assets.py"}


# Text from outside is executed nowhere: FEEL is compiled from a checked tree, by construction.
EXECUTORS = {"eval", "exec", "compile", "__import__"}
FEEL_ROOM = {"app/feel/compiler.py", "app/feel/room.py", "app/feel/expression.py"}


def test_nothing_is_executed_outside_the_feel_room() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path, tree in sources("app", "connectors")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in EXECUTORS
    }
    assert found <= FEEL_ROOM


@pytest.mark.parametrize("module", ["pickle", "marshal", "shelve", "yaml.load", "os.system"])
def test_nothing_unpacks_or_runs_what_came_from_outside(module: str) -> None:
    assert module not in {
        name for _path, tree in sources("app", "connectors") for name in used(tree)
    }


def used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


XML_READERS = {
    "etree.fromstring", "etree.XML", "etree.parse", "etree.XMLParser", "etree.XMLPullParser",
}  # fmt: skip


def test_xml_comes_in_by_one_gate() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path, tree in sources("app", "connectors")
        for name in used(tree)
        if name in XML_READERS or name.startswith(("xml.etree", "xml.dom", "xml.sax"))
    }
    assert readers == {"app/engine/xml.py"}


def test_transactions_end_in_the_store_alone() -> None:
    ending = {
        path.relative_to(ROOT).as_posix()
        for path, tree in sources("app", "connectors")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    }
    assert ending
    assert all(path.startswith("app/store/") for path in ending)


def test_the_clock_is_handed_in() -> None:
    """`datetime.now` stands where the service is wired, and in logs; nowhere a rule is decided."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for path, tree in sources("app/domain", "app/usecases", "app/engine", "app/api", "app/web")
        for name in used(tree)
        if name in {"datetime.now", "datetime.utcnow", "date.today", "time.time"}
    }
    assert asking == set()


def test_every_api_route_is_in_the_openapi_document(client: Any) -> None:
    document = client.get("/api/v1/openapi.json").json
    described = {
        (re.sub(r"\{(\w+)\}", r"<\1>", path), method.upper())
        for path, verbs in document["paths"].items()
        for method in verbs
        if method != "parameters"
    }
    routes = {
        (re.sub(r"<\w+:", "<", rule.rule), method)
        for rule in client.application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/v1/") and not rule.endpoint.startswith("api_reference.")
    }
    assert described == routes
