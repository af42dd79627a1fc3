"""The doors of pages and API alike: what a view lets people do, and who is turned away.

A view that declares nothing is refused: deny by default.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, request

from app.domain.errors import Forbidden
from app.domain.permissions import Action, Actor, require
from app.usecases.service import Service

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"


def service() -> Service:
    return cast("Service", current_app.extensions["lien_mach"])


def asks(action: Action) -> Callable[[View], View]:
    """Declare what a view lets people do; whoever may not do it anywhere is refused at the door."""
    return lambda view: _declare(view, action)


def public(view: View) -> View:
    """Declare that a view is for all, or knows its sender in another way than by signing in."""
    return _declare(view, PUBLIC)


def _declare(view: View, action: str) -> View:
    view.action = action  # type: ignore[attr-defined]
    return view


def guard(app: Flask, blueprints: frozenset[str], actor: Callable[[], Actor]) -> None:
    """Refuse every request to these blueprints whose view declares nothing, or too much for `actor`."""

    @app.before_request
    def check() -> Response | None:
        if request.blueprint not in blueprints or request.endpoint is None:
            return None
        if request.method == "OPTIONS":  # answered by Flask itself
            return None
        declared = _declared(app, request.endpoint, request.method)
        if declared is None:
            raise Forbidden("Địa chỉ này chưa khai báo quyền truy cập.")
        if isinstance(declared, Action):
            require(actor(), declared)
        return None


def _declared(app: Flask, endpoint: str, method: str) -> str | None:
    """Return what a view declares: on the function, or on the method of its class."""
    view: Any = app.view_functions[endpoint]
    owner = getattr(view, "view_class", None)
    if owner is not None:
        view = getattr(owner, "get" if method == "HEAD" else method.lower(), None)
    return cast("str | None", getattr(view, "action", None))
