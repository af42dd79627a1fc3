"""Deadlines that run, and the calendars by which they run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.calendars import Calendar
from app.domain.clocks import Clock, ClockKind
from app.usecases.ports.repository import Page, Repository


@dataclass(frozen=True)
class ClockFilter:
    """Which open clocks are watched: `late` ones, those that will be late (False), or both (None)."""

    kinds: frozenset[ClockKind]
    agency_ids: frozenset[str] | None = None  # None: all
    late: bool | None = None


@dataclass(frozen=True)
class ClockCount:
    """Running clocks of one kind at one agency: past due, and warned of but not yet due."""

    agency_id: str
    kind: ClockKind
    late: int
    soon: int
    running: int


class Clocks(Repository[Clock], Protocol):
    def running(self, subject_kind: str, subject_id: str, kind: ClockKind) -> Clock | None:
        """The running or paused one of this kind, if any."""

    def of_subject(self, subject_kind: str, subject_id: str) -> list[Clock]: ...
    def of_subjects(self, subject_kind: str, ids: Sequence[str]) -> list[Clock]: ...
    def to_warn(self, now: datetime, limit: int) -> list[Clock]:
        """Running, past warn_at, not warned yet."""

    def to_mark_overdue(self, now: datetime, limit: int) -> list[Clock]: ...
    def open_by_calendar(self, calendar_id: str) -> list[Clock]: ...
    def overdue_page(
        self, agency_ids: frozenset[str] | None, number: int, size: int
    ) -> Page[Clock]: ...
    def watched(self, wanted: ClockFilter, number: int, size: int, now: datetime) -> Page[Clock]:
        """Running clocks that are late or will be, by the very conditions of `counts`."""

    def counts(self, wanted: ClockFilter, now: datetime) -> list[ClockCount]:
        """By agency and kind, in one query."""


class Calendars(Repository[Calendar], Protocol):
    def for_agency(self, agency_id: str) -> Calendar:
        """The agency's own calendar, else the province's."""

    def all(self) -> list[Calendar]:
        """Those in use; `get` also finds one that was taken away."""

    def remove(self, calendar_id: str, *, expected_version: int, at: datetime) -> None:
        """Keep it, for the clocks it judged, but use it no more; raises Conflict as `save`."""

    def save(self, calendar: Calendar, *, expected_version: int) -> None:
        """Replace; raises Conflict where somebody saved in between."""
