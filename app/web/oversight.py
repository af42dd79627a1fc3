"""The page of those who follow and urge on: what is late and what will be, over all agencies."""

from flask import Blueprint, render_template, request

from app.domain.errors import Forbidden
from app.domain.permissions import Action
from app.doors import asks, service
from app.web import oversight_page
from app.web.context import actor
from app.web.views import page_number

pages = Blueprint("oversight", __name__)


@pages.get("/oversight")
@asks(Action.OVERSEE)
def index() -> str:
    with service().open_work(read_only=True) as work:
        agencies = oversight_page.reach(work, actor())
        if not agencies:
            raise Forbidden("Bạn không được giao theo dõi thời hạn của cơ quan nào.")
        ids = frozenset(agency.id for agency in agencies)
        wanted = oversight_page.Wanted.of(request.args, ids)
        view = oversight_page.build(work, actor(), agencies, wanted, page_number())
    return render_template("oversight/index.html", page=view)
