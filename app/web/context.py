"""What every page is given: the service, who asks, and which action the page is.

A page that declares no action is refused: deny by default.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request

from app.domain.errors import Forbidden, Unauthenticated
from app.domain.permissions import Action, Actor, require
from app.usecases import sessions
from app.usecases.service import Service

View = TypeVar("View", bound=Callable[..., Any])

COOKIE = "lm_session"
PUBLIC = "public"


def service() -> Service:
    return cast("Service", current_app.extensions["lien_mach"])


def asks(action: Action) -> Callable[[View], View]:
    """Declare what a page lets people do; whoever may not do it anywhere is refused at the door."""

    def declare(view: View) -> View:
        view.action = action  # type: ignore[attr-defined]
        return view

    return declare


def public(view: View) -> View:
    """Declare that a page is for everybody, signed in or not."""
    view.action = PUBLIC  # type: ignore[attr-defined]
    return view


def actor() -> Actor:
    """Return who asks. Raises Unauthenticated."""
    found = known_actor()
    if found is None:
        raise Unauthenticated("Hãy đăng nhập để tiếp tục.")
    return found


def known_actor() -> Actor | None:
    """Return who asks, if anybody is signed in; looked up once for each request."""
    if "actor" not in g:
        g.actor = _look_up()
    return cast("Actor | None", g.actor)


def _look_up() -> Actor | None:
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    try:
        with service().open_work(read_only=True) as work:
            found = sessions.actor_of(work, token)
            worn = sessions.stale(work, token)
    except Unauthenticated:
        return None
    if worn:
        with service().open_work() as work:
            sessions.touch(work, token)
    return found


def guard(app: Flask, blueprints: frozenset[str]) -> None:
    """Refuse every request to these blueprints whose view declares nothing, or too much for the actor."""

    @app.before_request
    def check() -> Response | None:
        if request.blueprint not in blueprints or request.endpoint is None:
            return None
        declared = getattr(app.view_functions[request.endpoint], "action", None)
        if declared is None:
            raise Forbidden("Trang này chưa khai báo quyền truy cập.")
        if isinstance(declared, Action):
            require(actor(), declared)
        return None
