"""The OpenAPI document, and a page of it that people can read."""

from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template
from flask_smorest import Api

from app.doors import public

blueprint = Blueprint("api_reference", __name__, url_prefix="/api/v1", template_folder="templates")
METHODS = ("get", "post", "put", "patch", "delete")


def keep(app: Flask, api: Api) -> None:
    """Hold on to the document's maker; the document itself is made when asked for."""
    app.extensions["lien_mach_api"] = api


def document() -> dict[str, Any]:
    return cast("dict[str, Any]", current_app.extensions["lien_mach_api"].spec.to_dict())


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    return jsonify(document())


@blueprint.get("/")
@public
def page() -> str:
    """The same document, for reading: groups, routes, fields in and out."""
    spec = document()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, verbs in spec["paths"].items():
        for method in METHODS:
            if method in verbs:
                operation = verbs[method]
                tag = (operation.get("tags") or ["Khác"])[0]
                groups.setdefault(tag, []).append(
                    {
                        "method": method.upper(),
                        "path": path,
                        "summary": operation.get("summary", ""),
                        "query": [
                            p["name"] for p in operation.get("parameters", []) if p["in"] == "query"
                        ],
                        "body": _schema_name(operation.get("requestBody")),
                        "answers": sorted(operation.get("responses", {})),
                    }
                )
    labels = {tag["name"]: tag.get("description", "") for tag in spec.get("tags", [])}
    schemas = {
        name: schema.get("properties", {})
        for name, schema in sorted(spec["components"]["schemas"].items())
    }
    return render_template("reference.html", groups=groups, labels=labels, schemas=schemas)


def _schema_name(body: dict[str, Any] | None) -> str:
    if not body:
        return ""
    schema = next(iter(body["content"].values()))["schema"]
    return str(schema.get("$ref", "")).rpartition("/")[2]
