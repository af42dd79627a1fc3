"""What lies where nobody would look: entries of the queue that were given up, messages nobody awaits."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.doors import service
from app.usecases.ports import Parked, Work
from app.web import formats, variables
from app.web.admin_rail import INSTANCES, QUEUE
from app.web.views import PAGE_SIZE, PageView, page_view

KINDS = {
    "job": "Gọi hệ thống ngoài",
    "timer": "Đến giờ hẹn",
    "correlate": "Ghép thông điệp",
    "signal": "Gửi tín hiệu",
}


@dataclass(frozen=True)
class ParkedRow:
    id: str
    kind: str
    about: str
    href: str  # of the instance it belongs to, where it is known
    code: str
    attempts: int
    error: str


@dataclass(frozen=True)
class MessageRow:
    name: str
    key: str
    received: str
    expires: str
    payload: variables.VariableRow


@dataclass(frozen=True)
class QueuePage:
    parked: list[ParkedRow]
    messages: list[MessageRow]
    page: PageView


def build(work: Work, number: int) -> QueuePage:
    waiting = work.inbox.uncorrelated(number, PAGE_SIZE)
    return QueuePage(
        parked=[_parked(work, entry) for entry in service().parked.parked()],
        messages=[
            MessageRow(
                name=message.name,
                key=variables.masked(message.key or ""),
                received=formats.moment(message.received_at),
                expires=formats.moment(message.expires_at),
                payload=variables.row("payload", message.payload),
            )
            for message in waiting.items
        ],
        page=page_view(waiting, QUEUE, {}),
    )


def _parked(work: Work, entry: Parked) -> ParkedRow:
    about, instance_id = _about(work, entry.kind, entry.args)
    instance = work.instances.find(instance_id)
    return ParkedRow(
        id=entry.id,
        kind=KINDS.get(entry.kind, entry.kind),
        about=about,
        href=f"{INSTANCES}/{instance.id}" if instance else "",
        code=instance.business_key if instance else "",
        attempts=entry.attempts,
        error=entry.error,
    )


def _about(work: Work, kind: str, args: Mapping[str, str]) -> tuple[str, str]:
    """What an entry is about, and the id of its instance (or "")."""
    if kind == "job" and (job := work.jobs.find(args.get("job_id", ""))) is not None:
        return job.topic or job.element, job.instance_id
    if kind == "timer" and (timer := work.timers.find(args.get("timer_id", ""))) is not None:
        return timer.element, timer.instance_id
    if kind == "signal":
        waiting = work.subscriptions.find(args.get("subscription_id", ""))
        return args.get("name", ""), waiting.instance_id if waiting else ""
    return ", ".join(variables.masked(value) for value in args.values() if value), ""
