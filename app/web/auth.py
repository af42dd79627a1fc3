"""Sign in, sign out, and where each person begins."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request
from flask import session as form_session
from werkzeug.wrappers import Response

from app.domain.errors import TooManyAttempts
from app.domain.people import Role
from app.domain.permissions import Action, Actor, allows
from app.doors import public, service
from app.usecases import sessions
from app.web.context import COOKIE, known_actor

pages = Blueprint("auth", __name__)

MOST_CHARACTERS = 200
HINTS = 40
WATCHERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})


@dataclass(frozen=True)
class DemoUser:
    username: str
    name: str
    position: str


def safe_next(wanted: str | None) -> str:
    """A path of ours, else the start page: nobody is sent to another site after signing in."""
    text = wanted or "/"
    parts = urlsplit(text)
    plain = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if plain and not parts.scheme and not parts.netloc and "\\" not in text else "/"


def start_of(actor: Actor) -> str:
    """Where a person's work begins: officers at their tasks, watchers at what runs."""
    if actor.bindings and {binding.role for binding in actor.bindings} <= WATCHERS:
        return "/admin/instances"
    if allows(actor, Action.LIST_TASKS):
        return "/tasks"
    return "/studio" if allows(actor, Action.EDIT_DRAFT) else "/notices"


@pages.get("/")
@public
def start() -> Response:
    someone = known_actor()
    return redirect("/sign-in" if someone is None else start_of(someone), 303)


@pages.get("/sign-in")
@public
def sign_in_page() -> Response:
    where = safe_next(request.args.get("next"))
    if known_actor() is not None:
        return redirect(where, 303)
    return _page(where)


@pages.post("/sign-in")
@public
def sign_in() -> Response:
    where = safe_next(request.form.get("next"))
    username = request.form.get("username", "").strip()[:MOST_CHARACTERS]
    password = request.form.get("password", "")[:MOST_CHARACTERS]
    try:
        with service().open_work() as work:
            token = sessions.sign_in(
                work,
                username,
                password,
                address=request.remote_addr or "",
                user_agent=request.user_agent.string,
            )
    except TooManyAttempts as error:
        return _page(where, username, error=error.message, status=429)
    if token is None:
        return _page(where, username, error=sessions.WRONG, status=422)
    response = redirect(where, 303)
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Lax",
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        path="/",
    )
    return response


@pages.post("/sign-out")
@public
def sign_out() -> Response:
    token = request.cookies.get(COOKIE)
    if token:
        with service().open_work() as work:
            sessions.sign_out(work, token)
    form_session.clear()
    flash("Bạn đã đăng xuất.", "success")
    response = redirect("/sign-in", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


def _page(where: str, username: str = "", *, error: str = "", status: int = 200) -> Response:
    html = render_template(
        "auth/sign_in.html", next=where, username=username, error=error, demo_users=_demo_users()
    )
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _demo_users() -> list[DemoUser]:
    """Whom to sign in as, in a demo; nobody's names are shown in production."""
    if not service().demo:
        return []
    with service().open_work(read_only=True) as work:
        found = sorted((u for u in work.users.all() if u.active), key=lambda u: u.username)
        return [DemoUser(u.username, u.full_name, u.position) for u in found[:HINTS]]
