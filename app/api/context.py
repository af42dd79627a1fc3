"""Who asks for a route: people are known by bearer token only.

So no other site can make a browser speak for them.
"""

from typing import cast

from flask import g, request

from app.domain.errors import Unauthenticated
from app.domain.permissions import Actor
from app.doors import service
from app.usecases import sessions


def bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def actor() -> Actor:
    """Return who asks, looked up once for each request. Raises Unauthenticated."""
    if "api_actor" not in g:
        token = bearer()
        if token is None:
            raise Unauthenticated("Thiếu mã truy cập (Authorization: Bearer …).")
        g.api_actor = sessions.recognise(service().open_work, token)
    return cast("Actor", g.api_actor)
