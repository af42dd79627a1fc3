"""For whoever watches the service: whether the process lives, and may be given work."""

from flask import Blueprint, Response, jsonify

from app.doors import public, service

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """The database answers and its schema is ours; 503 otherwise."""
    ready = service().ready()
    answer = jsonify(status="ready" if ready else "not ready")
    answer.status_code = 200 if ready else 503
    return answer
