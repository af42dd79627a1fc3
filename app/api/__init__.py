"""The JSON API: the same verbs as the pages, described by OpenAPI 3 from its own schemas."""

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint as FlaskBlueprint
from flask import Flask, abort, request
from flask_smorest import Api

from app.api import (
    ad_hoc,
    batches,
    cases,
    errors,
    events,
    external_tasks,
    health,
    hooks,
    incidents,
    instances,
    migrations,
    operations,
    reference,
    registrations,
    services,
    sessions,
    user_tasks,
)
from app.api.context import actor
from app.doors import guard

TITLE = "Liền Mạch API"
DESCRIBED = (
    sessions,
    user_tasks,
    registrations,
    services,
    cases,
    instances,
    incidents,
    operations,
    migrations,
    batches,
    ad_hoc,
    external_tasks,
    events,
)
PLAIN = (hooks, health, reference)


def register(app: Flask, *, exempt: Callable[[FlaskBlueprint], Any]) -> None:
    """Put the API's routes on the application; `exempt` frees a blueprint of CSRF.

    The API knows people by bearer token and hooks by signature: no browser lends them a cookie.
    """
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "info": {"description": "Điều phối quy trình dịch vụ công trực tuyến."},
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
            "security": [{"token": []}],
        },
    )
    pages = errors.handlers_of(app)  # before flask-smorest puts its own in their place
    api = Api(app)
    errors.describe(api)
    for module in DESCRIBED:
        api.register_blueprint(module.blueprint)
    for module in PLAIN:
        app.register_blueprint(module.blueprint)
    names = frozenset(module.blueprint.name for module in (*DESCRIBED, *PLAIN))
    for module in (*DESCRIBED, *PLAIN):
        exempt(module.blueprint)
    reference.keep(app, api)
    guard(app, names, actor)
    app.before_request(_read_strictly)
    errors.handle(app, names, pages)


def _read_strictly() -> None:
    """Refuse JSON that the standard reader takes, or falls over: NaN, bottomless lists, half letters.

    The body is read again by whoever wants it; orjson is through in microseconds.
    """
    if request.path.startswith("/api/") and request.is_json:
        body = request.get_data(cache=True)
        try:
            orjson.loads(body or b"null")
        except orjson.JSONDecodeError:
            abort(400)
