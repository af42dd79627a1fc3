"""The JSON API: the same verbs as the pages, described by OpenAPI 3 from its own schemas."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint as FlaskBlueprint
from flask import Flask
from flask_smorest import Api

from app.api import (
    cases,
    context,
    errors,
    events,
    external_tasks,
    health,
    hooks,
    incidents,
    instances,
    operations,
    reference,
    registrations,
    services,
    sessions,
    user_tasks,
)

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
    context.guard(app, names)
    errors.handle(app, names, pages)
