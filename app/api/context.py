"""What every API route is given: the service, who asks, and which action the route is.

The API knows people by bearer token only, so that no other site can make a browser speak for them.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request

from app.domain.errors import Forbidden, Unauthenticated
from app.domain.permissions import Action, Actor, require
from app.usecases import sessions
from app.usecases.service import Service

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"


def service() -> Service:
    return cast("Service", current_app.extensions["lien_mach"])


def asks(action: Action) -> Callable[[View], View]:
    """Declare what a route lets people do; whoever may not do it anywhere is refused at the door."""

    def declare(view: View) -> View:
        view.action = action  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare that a route needs no token (it proves its sender in another way, or is for all)."""
    view.action = PUBLIC  # type: ignore[attr-defined]
    return view


def bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def actor() -> Actor:
    """Return who asks. Raises Unauthenticated."""
    if "api_actor" not in g:
        token = bearer()
        if token is None:
            raise Unauthenticated("Thiếu mã truy cập (Authorization: Bearer …).")
        with service().open_work(read_only=True) as work:
            g.api_actor = sessions.actor_of(work, token)
            worn = sessions.stale(work, token)
        if worn:
            with service().open_work() as work:
                sessions.touch(work, token)
    return cast("Actor", g.api_actor)


def declared_action(app: Flask, endpoint: str, method: str) -> Action | str | None:
    """Return what the route declares: on the function, or on the method of its class."""
    view: Any = app.view_functions[endpoint]
    owner = getattr(view, "view_class", None)
    if owner is not None:
        view = getattr(owner, "get" if method == "HEAD" else method.lower(), None)
    return cast("Action | str | None", getattr(view, "action", None))


def guard(app: Flask, blueprints: frozenset[str]) -> None:
    """Refuse every request to these blueprints whose view declares nothing, or too much for the actor."""

    @app.before_request
    def check() -> Response | None:
        if request.blueprint not in blueprints or request.endpoint is None:
            return None
        if request.method == "OPTIONS":
            return None
        declared = declared_action(app, request.endpoint, request.method)
        if declared is None:
            raise Forbidden("Thao tác này chưa khai báo quyền truy cập.")
        if isinstance(declared, Action):
            require(actor(), declared)
        return None
