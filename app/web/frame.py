"""What surrounds every page: the navigation, who is signed in, what is new for them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from jinja2 import FileSystemLoader

from app.assets import Assets
from app.domain.people import ROLE_LABELS
from app.domain.permissions import Action, Actor, allows
from app.doors import service
from app.web import formats
from app.web.context import known_actor

TEMPLATES = Path(__file__).parent / "templates"
NAVIGATION: tuple[tuple[str, str, Action], ...] = (
    ("Công việc", "/tasks", Action.LIST_TASKS),
    ("Thông báo", "/notices", Action.SEE_OWN),
    ("Hồ sơ", "/cases", Action.VIEW_CASE),
    ("Đăng ký dịch vụ", "/registrations", Action.VIEW_REGISTRATION),
    ("Dịch vụ", "/services", Action.VIEW_SERVICES),
    ("Thiết kế", "/studio", Action.EDIT_DRAFT),
    ("Giám sát", "/admin", Action.VIEW_INSTANCES),
    ("Thời hạn", "/oversight", Action.OVERSEE),
)


@dataclass(frozen=True)
class CurrentUser:
    name: str
    unit: str


def frame(app: Flask) -> None:
    """Give every template the assets, the filters and the frame of whoever asks."""
    app.jinja_loader = FileSystemLoader(TEMPLATES)
    formats.add_filters(app)
    app.jinja_env.globals["assets"] = Assets.read(base="/static/")
    app.context_processor(surroundings)


def surroundings() -> dict[str, Any]:
    """The context of the frame, looked up once for each request; fragments need none of it."""
    if "surroundings" not in g:
        someone = None if request.headers.get("HX-Request") else known_actor()
        g.surroundings = {} if someone is None else _of(someone)
    return dict(g.surroundings)


def _of(actor: Actor) -> dict[str, Any]:
    with service().open_work(read_only=True) as work:
        unread = work.notices.unread(actor.id)
        first = actor.bindings[0] if actor.bindings else None
        agency = work.agencies.get(first.agency_id).short_name if first else ""
    role = ROLE_LABELS[first.role] if first else ""
    return {
        "nav": [
            (label, href, _is_here(href), unread if href == "/notices" else 0)
            for label, href, action in NAVIGATION
            if allows(actor, action)
        ],
        "current_user": CurrentUser(
            actor.name, " · ".join(part for part in (role, agency) if part)
        ),
        "search_url": "/tasks" if allows(actor, Action.LIST_TASKS) else None,
        "home_url": "/",
        "sign_out_url": "/sign-out",
    }


def _is_here(href: str) -> bool:
    section = "/".join(request.path.split("/")[: href.count("/") + 1])
    return section == href
