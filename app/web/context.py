"""Who asks for a page: people are known by the cookie of their session."""

from typing import cast

from flask import g, request

from app.domain.errors import Unauthenticated
from app.domain.permissions import Actor
from app.doors import service
from app.usecases import sessions

COOKIE = "lm_session"


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
        return sessions.recognise(service().open_work, token)
    except Unauthenticated:
        return None
