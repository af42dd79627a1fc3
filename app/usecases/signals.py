"""Signals: brought to everybody who waits when they are thrown, once to each.

Each receiver gets an entry of the queue, in the order in which they began to wait: the thrower's
transaction holds the lock of one instance only, and a receiver that fails holds up no other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.domain.engine import StartKind
from app.domain.waiting import StartEvent, Subscription
from app.usecases.ports import Work

SUSPENDED_PAUSE = timedelta(minutes=1)
"""Until a signal is offered again to an instance that was suspended when it came."""


@dataclass(frozen=True)
class Signal:
    """`source` says which throw it was: a receiver hears the same one once.

    `agency_id` and `business_key` are for the instances that the signal begins.
    """

    name: str
    payload: Mapping[str, Any]
    source: str
    agency_id: str
    business_key: str | None = None

    def written(self) -> dict[str, str]:
        """As an entry of the queue carries it."""
        return {
            "name": self.name,
            "payload": json.dumps(dict(self.payload), ensure_ascii=False),
            "source": self.source,
            "agency_id": self.agency_id,
            "business_key": self.business_key or "",
        }

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Signal":
        """From an entry of the queue; one of an older release carries the name alone."""
        return cls(
            name=args["name"],
            payload=json.loads(args.get("payload", "{}")),
            source=args.get("source", ""),
            agency_id=args.get("agency_id", ""),
            business_key=args.get("business_key") or None,
        )


def send(work: Work, signal: Signal, receiver: Subscription, *, later: bool = False) -> None:
    """Let a worker deliver the signal to a token; `later`: its instance is suspended just now."""
    run_at = work.now() + SUSPENDED_PAUSE if later else None
    again = f":{run_at.isoformat()}" if run_at else ""
    work.queue.enqueue(
        "signal",
        {**signal.written(), "subscription_id": receiver.id},
        run_at=run_at,
        lock=receiver.instance_id,
        dedup=f"signal:{receiver.id}:{signal.source}{again}",
    )


def send_to_starts(work: Work, signal: Signal) -> int:
    """Let workers begin an instance at each start event that waits for it; say how many."""
    waiting = work.start_events.waiting(StartKind.SIGNAL, signal.name)
    for start in waiting:
        _send_to_start(work, signal, start)
    return len(waiting)


def _send_to_start(work: Work, signal: Signal, start: StartEvent) -> None:
    work.queue.enqueue(
        "signal_start",
        {**signal.written(), "start_event_id": start.id},
        dedup=f"signal:{start.id}:{signal.source}",
    )
