"""How instants, sizes and numbers are written for people of the province."""

from datetime import date, datetime

from flask import Flask

from app.domain.calendars import wall

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE


def moment(at: datetime | None) -> str:
    """Write an instant by the wall clock: 24/11/2026 09:41; nothing for None."""
    return f"{wall(at):%d/%m/%Y %H:%M}" if at else ""


def short_moment(at: datetime | None) -> str:
    """Write an instant where the year is plain: 24/11, 9:41."""
    if at is None:
        return ""
    local = wall(at)
    return f"{local:%d/%m}, {local.hour}:{local:%M}"


def clock_time(at: datetime | None) -> str:
    """Write the time of day alone: 09:41."""
    return f"{wall(at):%H:%M}" if at else ""


def day(at: date | datetime | None) -> str:
    """Write a date: 24/11/2026. An instant is taken by the wall clock."""
    if at is None:
        return ""
    return f"{wall(at) if isinstance(at, datetime) else at:%d/%m/%Y}"


def size(number: int) -> str:
    """Write bytes: 640 KB, 1,2 MB."""
    if number < MEGABYTE:
        return f"{max(1, round(number / KILOBYTE))} KB"
    return f"{number / MEGABYTE:.1f} MB".replace(".", ",").replace(",0 ", " ")


FILTERS = {
    "moment": moment,
    "short_moment": short_moment,
    "clock_time": clock_time,
    "day": day,
    "size": size,
}


def add_filters(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
