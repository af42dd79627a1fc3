"""Every table, gathered: importing this module fills `metadata`."""

from app.store import (
    batches,
    calendars,
    cases,
    clocks,
    counters,
    definitions,
    drafts,
    embedded_queue,
    files,
    incidents,
    instances,
    people,
    procedures,
    replies,
    start_events,
    user_tasks,
    waiting,
)
from app.store.schema import metadata

__all__ = [
    "batches",
    "calendars",
    "cases",
    "clocks",
    "counters",
    "definitions",
    "drafts",
    "embedded_queue",
    "files",
    "incidents",
    "instances",
    "metadata",
    "people",
    "procedures",
    "replies",
    "start_events",
    "user_tasks",
    "waiting",
]
