"""Build the service from its settings: the only place that knows everybody."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from app.domain.cases import PostalState
from app.domain.clocks import ClockKind
from app.domain.connectors import Connector
from app.domain.engine import Vocabulary
from app.domain.people import AgencyPart, Role
from app.engine.decisions import compile_decision
from app.engine.room import EngineRoom
from app.forms import FormRoom
from app.outbound.http import HttpSession, Partner
from app.outbound.public_holidays import UNVERIFIED_NOTES, vietnam_exceptions
from app.outbound.registry import Registry
from app.outbound.signatures import Key, verify
from app.passwords import Argon2Passwords
from app.settings import Settings
from app.store.work import Rooms, Store
from app.usecases import (
    batches,
    broadcasts,
    clocks,
    jobs,
    messages,
    past,
    start_events,
    timers,
)
from app.usecases.house import TheHouse
from app.usecases.ports import OpenWork
from app.usecases.post import PostalNews
from app.usecases.service import ReadPost, Service
from app.usecases.signals import Signal
from connectors.one_stop_shop import OneStopShop
from connectors.public_post import PostalEventKind, PublicPost, parse_event

ROOT = Path(__file__).resolve().parent.parent
Handler = Callable[[OpenWork, Mapping[str, str]], None]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Assembly:
    """The parts that a process starts: `handlers` do what the queue hands out, by kind."""

    settings: Settings
    store: Store
    service: Service
    handlers: Mapping[str, Handler]
    rebuild: Callable[[Callable[[], datetime]], "Assembly"]

    def played_by(self, clock: Callable[[], datetime]) -> "Assembly":
        """The same service on the same database, by another clock (the demo's past)."""
        return self.rebuild(clock)


def connectors(settings: Settings) -> dict[str, Connector]:
    """The outside systems that the settings name; a topic of another one becomes an incident."""
    built: dict[str, Connector] = {}
    if settings.one_stop_url:
        session = _session(
            "Hệ thống một cửa", settings.one_stop_url, settings.one_stop_keys, settings
        )
        built["one_stop_shop"] = OneStopShop(session)
    if settings.post_url:
        session = _session("Bưu chính công ích", settings.post_url, settings.post_keys, settings)
        built["public_post"] = PublicPost(session, customer_code=settings.post_customer)
    return built


def _session(
    label: str, url: str, keys: tuple[tuple[str, str], ...], settings: Settings
) -> HttpSession:
    host = urlsplit(url).hostname or ""
    partner = Partner(
        label=label,
        base_url=url,
        keys=as_keys(keys),
        allowed_hosts=(host, *settings.allowed_hosts),
    )
    return HttpSession(partner)


def as_keys(pairs: tuple[tuple[str, str], ...]) -> tuple[Key, ...]:
    return tuple(Key(key_id, secret.encode()) for key_id, secret in pairs)


POSTAL_STATES = {
    PostalEventKind.COLLECTED: PostalState.COLLECTED,
    PostalEventKind.IN_TRANSIT: PostalState.IN_TRANSIT,
    PostalEventKind.FAILED_ATTEMPT: PostalState.IN_TRANSIT,
    PostalEventKind.DELIVERED: PostalState.DELIVERED,
    PostalEventKind.RETURNED: PostalState.RETURNED,
}


def post_reader(settings: Settings, now: Callable[[], datetime]) -> ReadPost | None:
    """Verify the signature of what the post sends, then read it."""
    keys = as_keys(settings.hook_keys)
    if not keys:
        return None

    def read_post(headers: Mapping[str, str], body: bytes) -> PostalNews:
        verify(headers, body, keys, now())
        event = parse_event(body)
        return PostalNews(
            event_id=event.event_id,
            item_code=event.item_code,
            order_number=event.order_number,
            kind=event.kind.value,
            state=POSTAL_STATES[event.kind],
            at=event.at,
            note=event.note,
        )

    return read_post


def vocabulary(registry: Registry) -> Vocabulary:
    return Vocabulary(
        roles=frozenset(Role),
        agencies=frozenset(AgencyPart),
        topics=registry.topics(),
        clocks=frozenset(ClockKind),
    )


def handlers(registry: Registry) -> dict[str, Handler]:
    """What the queue may hand out. Each can be run again without harm (style.md, rule 9)."""
    return {
        "job": lambda open_work, args: jobs.run(open_work, registry, args["job_id"]),
        "timer": lambda open_work, args: timers.fire(open_work, args["timer_id"]),
        "correlate": lambda open_work, args: messages.correlate(
            open_work, args["name"], args["key"]
        ),
        "signal": lambda open_work, args: broadcasts.deliver(
            open_work, args["subscription_id"], Signal.read(args)
        ),
        "signal_start": lambda open_work, args: broadcasts.begin(
            open_work, args["start_event_id"], Signal.read(args)
        ),
        "start_timer": lambda open_work, args: start_events.fire(open_work, args["start_event_id"]),
        "checkpoint": lambda open_work, args: past.keep_checkpoint(
            open_work, args["instance_id"], int(args["seq"])
        ),
        "batch": lambda open_work, args: batches.work_off(open_work, args["batch_id"]),
    }


TICKS: dict[str, tuple[float, Callable[[OpenWork], int]]] = {
    "timers": (1.0, timers.enqueue_due),
    "starts": (1.0, start_events.enqueue_due),
    "clocks": (30.0, clocks.tick),
    "sweep": (60.0, jobs.sweep),
}
"""What each node's clock does: seconds between two ticks, and the use case."""


def build(
    settings: Settings,
    *,
    now: Callable[[], datetime] = utc_now,
    outside: Mapping[str, Connector] | None = None,
    passwords: Argon2Passwords | None = None,
) -> Assembly:
    """Wire everything. `outside` replaces the connectors that the settings would build."""
    registry = Registry(ROOT / "connectors", connectors(settings) if outside is None else outside)
    forms = FormRoom(now=now)
    rooms = Rooms(
        engine=EngineRoom(forms.check),
        compile_decision=compile_decision,
        forms=forms,
        passwords=passwords or Argon2Passwords(),
        house=TheHouse(),
        vocabulary=vocabulary(registry),
    )
    store = Store(settings.database_url, now=now, tenant_id=settings.tenant_id, rooms=rooms)
    service = Service(
        open_work=store.open_work,
        together=store.together,
        connectors=registry,
        now=now,
        parked=store.queue,
        read_post=post_reader(settings, now),
        demo=settings.mode == "demo",
        ready=store.ready,
        public_holidays=lambda year: vietnam_exceptions([year]),
        holiday_notes=UNVERIFIED_NOTES,
    )

    def rebuild(clock: Callable[[], datetime]) -> Assembly:
        return build(settings, now=clock, outside=outside, passwords=passwords)

    return Assembly(settings, store, service, handlers(registry), rebuild)


def demo_secret(data_dir: Path, name: str) -> str:
    """Return a secret of the demo, made at its first start and kept beside its database."""
    path = data_dir / f"{name}.secret"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()
