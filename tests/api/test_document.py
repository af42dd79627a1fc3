"""The OpenAPI document: complete, consistent, readable by people too."""

import re
from typing import Any

import pytest

from tests.api.conftest import Caller

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(nobody: Caller) -> dict[str, Any]:
    found: dict[str, Any] = nobody.get("/openapi.json")
    return found


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, verbs in document["paths"].items()
        for method, operation in verbs.items()
        if method in METHODS
    ]


def test_it_is_openapi_3_with_bearer_security(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.")
    assert document["info"]["title"]
    scheme = document["components"]["securitySchemes"]["token"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert document["security"] == [{"token": []}]


def test_every_operation_says_what_it_is_and_what_it_answers(document: dict[str, Any]) -> None:
    found = operations(document)
    assert len(found) >= 25
    for name, operation in found:
        assert operation.get("summary"), name
        assert operation.get("tags"), name
        assert any(str(status).startswith("2") for status in operation["responses"]), name
        assert all(
            answer.get("description") or "$ref" in answer
            for answer in operation["responses"].values()
        ), name


def test_every_parameter_of_a_path_is_described(document: dict[str, Any]) -> None:
    for path, verbs in document["paths"].items():
        shared = verbs.get("parameters", [])
        for method in METHODS & verbs.keys():
            told = {
                p["name"]
                for p in (*shared, *verbs[method].get("parameters", []))
                if p["in"] == "path"
            }
            assert told == set(re.findall(r"\{(\w+)\}", path)), (method, path)


def test_only_signing_in_needs_no_token(document: dict[str, Any]) -> None:
    free = {name for name, operation in operations(document) if operation.get("security") == []}
    assert free == {"POST /api/v1/sessions"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        assert reference.startswith("#/")
        where: Any = document
        for part in reference[2:].split("/"):
            assert part in where, reference
            where = where[part]


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for value in part.values() for found in references(value)]
    if isinstance(part, list):
        return [found for value in part for found in references(value)]
    return []


def test_every_schema_is_used_and_typed(document: dict[str, Any]) -> None:
    unused = {"PaginationMetadata"}  # of the library, for a way of paging that we do not use
    used = unused | {reference.rpartition("/")[2] for reference in references(document)}
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("type") == "object", name
        assert name in used, name


def test_refusals_are_described_as_problem_details(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["Problem"]
    assert {"type", "title", "status", "code", "detail"} <= set(schema["required"])
    content = document["components"]["responses"]["Problem"]["content"]
    assert list(content) == ["application/problem+json"]


def test_people_can_read_it(nobody: Caller) -> None:
    answer = nobody.client.get("/api/v1/")
    assert answer.status_code == 200
    assert "Hoàn thành việc" in answer.text
    assert "<script>" not in answer.text, "nothing in line: the policy would stop it"


def test_an_unknown_address_is_a_problem_detail_too(nobody: Caller, caller: Any) -> None:
    assert nobody.get("/khong-co", 404)["code"] == "not_found"
    problem = caller("viet.admin").ask("PATCH", "/me", 405)
    assert problem["code"] == "method_not_allowed"
