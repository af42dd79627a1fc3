"""Pages for people: one blueprint for each audience or noun, one guard before all of them."""

from flask import Blueprint, Flask

from app.doors import guard
from app.web import (
    ad_hoc,
    admin,
    auth,
    calendars,
    cases,
    migrations,
    notices,
    oversight,
    papers,
    registrations,
    services,
    studio,
    task_forms,
    tasks,
)
from app.web.context import actor
from app.web.failures import handle_failures
from app.web.frame import frame

BLUEPRINTS: tuple[Blueprint, ...] = (
    auth.pages,
    tasks.pages,
    task_forms.pages,
    cases.pages,
    ad_hoc.pages,
    notices.pages,
    papers.pages,
    registrations.pages,
    services.pages,
    studio.pages,
    admin.pages,
    migrations.pages,
    calendars.pages,
    oversight.pages,
)


def register(app: Flask) -> None:
    """Add the pages, what every template is given, and the pages of failures."""
    frame(app)
    guard(app, frozenset(blueprint.name for blueprint in BLUEPRINTS), actor)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    handle_failures(app)
