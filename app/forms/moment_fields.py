"""Dates, times of day, and both together."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.forms import moments
from app.forms.components import Fault, Field
from app.forms.scope import NOTHING, Dynamic, Scope, names_of
from app.forms.texts import clean

_EXAMPLES = {
    "date": "phải là ngày có thật, ví dụ 24/11/2026",
    "time": "phải là giờ có thật, ví dụ 08:30",
    "datetime": "phải là ngày và giờ có thật, ví dụ 24/11/2026 08:30",
}
_FORMATS = {"date": "date", "time": "time", "datetime": "date-time"}


@dataclass(frozen=True, kw_only=True)
class MomentField(Field):
    """A date, a time or both (`subtype`), typed as 24/11/2026 and 08:30, stored as ISO 8601."""

    subtype: str = "date"
    storing: str = "no_timezone"
    """How times are stored: no_timezone, utc_offset or utc_normalized."""
    from_today: bool = False
    earliest: Dynamic = NOTHING
    latest: Dynamic = NOTHING

    @property
    def names(self) -> frozenset[str]:
        return super().names | names_of((self.earliest, self.latest))

    def read(self, raw: Any) -> Any:
        if raw is None:
            return None
        if not isinstance(raw, str) or len(raw) > 60:
            return Fault(_EXAMPLES[self.subtype])
        text = clean(raw)
        if not text:
            return None
        return self._stored(text) or Fault(_EXAMPLES[self.subtype])

    def problems(self, value: Any, scope: Scope) -> list[str]:
        bounds = self.earliest is not NOTHING or self.latest is not NOTHING
        day = self._day(value) if bounds or self.from_today else None
        if day is None:
            return []
        if self.from_today and day < moments.on_the_wall(scope.effort.now).date():
            return ["không được ở trong quá khứ"]
        earliest, latest = _date(self.earliest, scope), _date(self.latest, scope)
        if earliest and day < earliest:
            return [f"phải từ ngày {moments.shown_date(earliest)} trở đi"]
        if latest and day > latest:
            return [f"không được sau ngày {moments.shown_date(latest)}"]
        return []

    def typed(self, value: Any) -> str:
        text = str(value or "")
        if self.subtype == "date" and (day := moments.read_date(text[:10])):
            return moments.shown_date(day)
        if self.subtype == "time" and (clock := moments.read_time(text)):
            return moments.shown_time(clock)
        if self.subtype == "datetime" and (moment := moments.read_moment(text)):
            return moments.shown_moment(moment)
        return text

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": _FORMATS[self.subtype]}

    def _stored(self, text: str) -> str | None:
        if self.subtype == "date":
            day = moments.read_date(text)
            return day.isoformat() if day else None
        if self.subtype == "time":
            clock = moments.read_time(text)
            return moments.stored_time(clock, self.storing) if clock is not None else None
        moment = moments.read_moment(text)
        return _stored_moment(moment, self.storing) if moment else None

    def _day(self, value: str) -> date | None:
        if self.subtype == "date":
            return moments.read_date(value)
        moment = moments.read_moment(value) if self.subtype == "datetime" else None
        return moment.date() if moment else None


def _stored_moment(moment: datetime, storing: str) -> str | None:
    try:
        return moments.stored_moment(moment, storing)
    except OverflowError:
        return None


def _date(bound: Dynamic, scope: Scope) -> date | None:
    value = bound.value(scope)
    return moments.read_date(value[:10]) if isinstance(value, str) else None
