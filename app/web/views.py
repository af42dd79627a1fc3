"""What templates are given: plain views, built while the transaction is open."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from app.domain.calendars import Calendar, Unit
from app.domain.cases import CaseStatus, Paper
from app.domain.clocks import CLOCK_RULES, Clock, ClockKind, ClockState
from app.domain.remaining import Measure, remaining_text
from app.domain.user_tasks import UserTask
from app.usecases.ports import Page, Work
from app.usecases.timelines import TimelineItem
from app.web import formats

T = TypeVar("T")

PAGE_SIZE = 25
MOST_PAGES = 10_000
PLAIN_HOURS = {Unit.HOUR, Unit.CALENDAR_DAY}

STATUS_KINDS = {
    CaseStatus.NEW: "warn",
    CaseStatus.WAITING: "warn",
    CaseStatus.PAYING: "warn",
    CaseStatus.DENIED: "bad",
    CaseStatus.CANCELLED: "plain",
    CaseStatus.STOPPED: "bad",
    CaseStatus.RELEASING: "ok",
    CaseStatus.POSTING: "ok",
    CaseStatus.DONE: "ok",
}
"""Kind of the tag that shows a status; the others are plain blue."""


# --- lists ------------------------------------------------------------------------------


@dataclass(frozen=True)
class PageView:
    """Where a page of a list stands; its neighbours are None at the ends."""

    first: int
    last: int
    total: int
    previous_url: str | None
    next_url: str | None


def page_number() -> int:
    """The page that is asked for, from 1; what makes no sense is the first one."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < 9 else 1


def address(path: str, parameters: Mapping[str, str | int | None], **changed: str | int) -> str:
    """A path with a query string; empty parameters are left out."""
    wanted = {k: v for k, v in {**parameters, **changed}.items() if v not in (None, "")}
    return f"{path}?{urlencode(wanted)}" if wanted else path


def page_view(page: Page[T], path: str, parameters: Mapping[str, str | int | None]) -> PageView:
    first = (page.number - 1) * page.size + 1

    def beside(number: int) -> str | None:
        return address(path, parameters, page=number) if 1 <= number <= page.pages else None

    return PageView(
        first=first if page.items else 0,
        last=first + len(page.items) - 1 if page.items else 0,
        total=page.total,
        previous_url=beside(min(page.number - 1, page.pages)),
        next_url=beside(page.number + 1),
    )


# --- deadlines --------------------------------------------------------------------------


@dataclass(frozen=True)
class Due:
    """A deadline as a mark, a word and an instant: `state` names the shape and the colour."""

    state: str  # overdue, today, soon, ok, paused, met, none
    text: str
    at: str = ""


PAUSED = Due("paused", "Tạm dừng")

CLOCK_STATES = {
    ClockState.PAUSED: "paused",
    ClockState.MET: "met",
    ClockState.MISSED: "overdue",
    ClockState.CANCELLED: "none",
}


def clock_due(clock: Clock, now: datetime, calendar: Calendar) -> Due:
    remaining = clock.remaining(now, calendar)
    state = CLOCK_STATES.get(clock.state, remaining.level.value)
    return Due(state, remaining.text, formats.short_moment(clock.due_at))


def task_due(task: UserTask, now: datetime, calendar: Calendar) -> Due | None:
    """Word a task's own due instant, as the clock that set it would (plain hours or working ones)."""
    if task.due_at is None:
        return None
    rule = CLOCK_RULES[ClockKind(task.due_source)] if task.due_source in set(ClockKind) else None
    length = rule.duration if rule else None
    by_wall = length is not None and length.unit in PLAIN_HOURS
    warn_at = task.due_at
    if rule is not None and not by_wall:
        warn_at = calendar.subtract_working_hours(task.due_at, rule.warn_lead)
    measure = Measure(None if by_wall else calendar)
    remaining = remaining_text(now, task.due_at, warn_at, measure)
    return Due(remaining.level.value, remaining.text, formats.short_moment(task.due_at))


@dataclass(frozen=True)
class ClockView:
    """A legal clock with the reason why it is due then."""

    name: str
    source: str
    due: Due
    started: str
    explanation: tuple[str, ...]
    note: str = ""


def clock_views(work: Work, subject_kind: str | None, subject_id: str | None) -> list[ClockView]:
    """The clocks of a subject: those that run first, then those that were judged."""
    if subject_kind is None or subject_id is None:
        return []
    clocks = work.clocks.of_subject(subject_kind, subject_id)
    return [_clock_view(work, clock) for clock in sorted(clocks, key=lambda c: not c.is_open)]


def _clock_view(work: Work, clock: Clock) -> ClockView:
    return ClockView(
        name=clock.rule.name_vi,
        source=clock.rule.source,
        due=clock_due(clock, work.now(), work.calendars.get(clock.calendar_id)),
        started=formats.moment(clock.started_at),
        explanation=(clock.explanation.text,),
        note=clock.rule.internal_vi,
    )


@dataclass
class Calendars:
    """The calendars of agencies, looked up once for each page."""

    work: Work
    known: dict[str, Calendar]

    @classmethod
    def of(cls, work: Work) -> "Calendars":
        return cls(work, {})

    def at(self, agency_id: str) -> Calendar:
        if agency_id not in self.known:
            self.known[agency_id] = self.work.calendars.for_agency(agency_id)
        return self.known[agency_id]


# --- facts ------------------------------------------------------------------------------


@dataclass(frozen=True)
class TimelineView:
    state: str
    title: str
    detail: str


def timeline_views(items: list[TimelineItem]) -> list[TimelineView]:
    return [
        TimelineView(
            item.state,
            item.label,
            ", ".join(part for part in (item.who, formats.short_moment(item.at)) if part),
        )
        for item in items
    ]


@dataclass(frozen=True)
class DocumentView:
    name: str
    href: str
    note: str


def document_views(papers: list[Paper]) -> list[DocumentView]:
    return [DocumentView(paper.name, f"/papers/{paper.id}", _note(paper)) for paper in papers]


def _note(paper: Paper) -> str:
    """The component of the dossier by its code (TP01), how large, since when."""
    code = paper.component if paper.component.isupper() else ""
    parts = (code, formats.size(paper.size), formats.short_moment(paper.uploaded_at))
    return " · ".join(part for part in parts if part)
