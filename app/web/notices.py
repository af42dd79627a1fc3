"""Sentences for the person who is signed in."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template
from werkzeug.wrappers import Response

from app.domain.permissions import Action
from app.doors import asks, service
from app.web import formats
from app.web.auth import safe_next
from app.web.context import actor
from app.web.views import PAGE_SIZE, page_number, page_view

pages = Blueprint("notices", __name__)


@dataclass(frozen=True)
class NoticeView:
    title: str
    text: str
    href: str
    at: str
    is_new: bool


@pages.get("/notices")
@asks(Action.SEE_OWN)
def index() -> str:
    with service().open_work(read_only=True) as work:
        found = work.notices.page(actor().id, page_number(), PAGE_SIZE)
        rows = [
            NoticeView(n.title, n.text, safe_next(n.href), formats.moment(n.at), n.read_at is None)
            for n in found.items
        ]
        unread = work.notices.unread(actor().id)
    page = page_view(found, "/notices", {})
    return render_template("notices/index.html", rows=rows, page=page, unread=unread)


@pages.post("/notices/read")
@asks(Action.SEE_OWN)
def mark_read() -> Response:
    with service().open_work() as work:
        work.notices.mark_read(actor().id, work.now())
    flash("Đã đánh dấu mọi thông báo là đã đọc.", "success")
    return redirect("/notices", 303)
