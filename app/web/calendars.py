"""Working calendars: look at a year, change it, see what open deadlines would move, then save."""

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.calendars import Calendar, wall
from app.domain.errors import Conflict, InvalidInput, InvalidState
from app.domain.permissions import Action, allows
from app.doors import asks, service
from app.usecases import calendars, clocks, overrides
from app.usecases.ports import Work
from app.web import calendar_edits, calendar_page
from app.web.admin_rail import CALENDARS, rail
from app.web.calendar_page import FIRST_YEAR, LAST_YEAR
from app.web.context import actor

pages = Blueprint("calendars", __name__)

LONGEST_TYPED = 2_000
CHANGED_MEANWHILE = (
    "Lịch này vừa được người khác sửa. Nội dung bạn nhập vẫn còn dưới đây; "
    "hãy xem bản mới rồi lưu lại."
)


@pages.get("/admin/calendars")
@asks(Action.VIEW_INSTANCES)
def index() -> str:
    with service().open_work(read_only=True) as work:
        rows, free = calendar_page.overview(work)
        groups = rail(work, actor(), CALENDARS)
    may_edit = allows(actor(), Action.EDIT_CALENDAR)
    return render_template(
        "calendars/index.html", rows=rows, free=free, groups=groups, may_edit=may_edit
    )


@pages.post("/admin/calendars")
@asks(Action.EDIT_CALENDAR)
def create() -> Response:
    agency_id = request.form.get("agency_id", "")
    if not agency_id:
        flash("Hãy chọn cơ quan cần lịch riêng.", "warning")
        return redirect(CALENDARS, 303)
    with service().open_work() as work:
        made = overrides.create(work, actor(), agency_id)
    flash(f"Đã tạo “{made.name}”. Những gì lịch này không ghi thì theo lịch cấp trên.", "success")
    return redirect(f"{CALENDARS}/{made.id}", 303)


@pages.get("/admin/calendars/<calendar_id>")
@asks(Action.VIEW_INSTANCES)
def show(calendar_id: str) -> Response:
    return _page(calendar_id)


def _page(
    calendar_id: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    message: str = "",
    status: int = 200,
) -> Response:
    """Draw a calendar. With `typed`, what was typed stands in its form again."""
    with service().open_work(read_only=True) as work:
        calendar = work.calendars.get(calendar_id)
        view = calendar_page.build(work, actor(), calendar, _year(work))
    html = render_template(
        "calendars/show.html",
        page=view,
        typed={"do": "", **view.suggested, **(typed or {})},
        errors=errors or {},
        message=message,
    )
    return make_response(html, status)


def _year(work: Work) -> int:
    text = request.values.get("shown_year") or request.values.get("year", "")
    if text.isascii() and text.isdecimal() and len(text) == 4:
        return min(max(int(text), FIRST_YEAR), LAST_YEAR)
    return wall(work.now()).year


@pages.post("/admin/calendars/<calendar_id>/changes")
@asks(Action.EDIT_CALENDAR)
def change(calendar_id: str) -> Response | str:
    """Say what a change would move; once that is confirmed, save it and say what has moved."""
    typed = {name: text[:LONGEST_TYPED] for name, text in request.form.items()}
    try:
        if typed.get("confirmed"):
            return _save(calendar_id, typed)
        return _preview(calendar_id, typed)
    except InvalidInput as error:
        errors = {name: texts[0] for name, texts in error.fields.items()}
        message = "" if errors else error.message
        return _page(calendar_id, typed=typed, errors=errors, message=message, status=422)
    except Conflict:
        return _page(calendar_id, typed=typed, message=CHANGED_MEANWHILE, status=409)


def _preview(calendar_id: str, typed: Mapping[str, str]) -> str:
    with service().open_work(read_only=True) as work:
        edit = _edit(work, calendar_id, typed)
        moves = calendar_page.move_rows(work, calendars.preview(work, actor(), edit.calendar))
        year = _year(work)
    return render_template(
        "calendars/preview.html",
        calendar_id=calendar_id,
        name=edit.calendar.name,
        changes=edit.changes,
        moves=moves,
        kept=calendar_page.kept(typed),
        year=year,
        action="changes",
        button=("Lưu thay đổi", "primary"),
    )


def _save(calendar_id: str, typed: Mapping[str, str]) -> str:
    with service().open_work() as work:
        edit = _edit(work, calendar_id, typed)
        moved = clocks.save_calendar(work, actor(), edit.calendar, expected_version=_version(typed))
        rows = calendar_page.moved_rows(work, moved)
        year = _year(work)
    return render_template(
        "calendars/saved.html",
        name=edit.calendar.name,
        done=f"Đã lưu “{edit.calendar.name}”",
        changes=edit.changes,
        moves=rows,
        back=("Về lịch", f"{CALENDARS}/{calendar_id}?year={year}"),
    )


@pages.post("/admin/calendars/<calendar_id>/removal")
@asks(Action.EDIT_CALENDAR)
def removal(calendar_id: str) -> str:
    """Say what would move without the calendar; once that is confirmed, take it away."""
    typed = {name: request.form.get(name, "") for name in ("version", "shown_year")}
    if request.form.get("confirmed"):
        return _remove(calendar_id, _version(typed))
    with service().open_work(read_only=True) as work:
        calendar = _opened(work, calendar_id, typed)
        moves = overrides.preview_removal(work, actor(), calendar)
        rows = calendar_page.move_rows(work, moves)
        year = _year(work)
    return render_template(
        "calendars/preview.html",
        calendar_id=calendar_id,
        name=calendar.name,
        changes=[calendar_page.removal_line(calendar)],
        moves=rows,
        kept=calendar_page.kept(typed),
        year=year,
        action="removal",
        button=("Bỏ lịch này", "danger"),
    )


def _remove(calendar_id: str, version: int) -> str:
    with service().open_work() as work:
        calendar = work.calendars.get(calendar_id)
        moved = overrides.remove(work, actor(), calendar, expected_version=version)
        rows = calendar_page.moved_rows(work, moved)
    return render_template(
        "calendars/saved.html",
        name=calendar.name,
        done=f"Đã bỏ “{calendar.name}”",
        changes=[calendar_page.removal_line(calendar)],
        moves=rows,
        back=("Về các lịch", CALENDARS),
    )


def _edit(work: Work, calendar_id: str, typed: Mapping[str, str]) -> calendar_edits.Edit:
    """Read the change on the version that its author saw. Raises Conflict where there is a newer."""
    calendar = _opened(work, calendar_id, typed)
    return calendar_edits.read(calendar, typed, service().public_holidays)


def _opened(work: Work, calendar_id: str, typed: Mapping[str, str]) -> Calendar:
    calendar: Calendar = work.calendars.get(calendar_id)
    if calendar.version != _version(typed):
        raise Conflict(CHANGED_MEANWHILE)
    return calendar


def _version(typed: Mapping[str, str]) -> int:
    text = typed.get("version", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise InvalidState("Trang này đã cũ. Hãy tải lại trang.")
    return int(text)
