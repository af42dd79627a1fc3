"""The history of an instance as rows: what was done, by whom, and what it brought about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.instances import HistoryEntry, ProcessInstance
from app.usecases import timelines
from app.usecases.ports import Work
from app.web import formats, variables
from app.web.admin_rail import INSTANCES
from app.web.views import address

HISTORY_PIECE = 50
PLACE = "#chi-tiet"  # of the tabs in the page
FILTERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people": ("Người làm", ("complete", "claim", "release", "assign", "choose", "finish")),
    "system": ("Hệ thống", ("start", "job", "operation", "timer", "message", "signal")),
    "trouble": ("Sự cố", ("failure", "error", "retry")),
    "admin": ("Quản trị", ("suspend", "resume", "cancel", "modify", "migrate", "rebind")),
}
"""What the history can be narrowed to, by the kinds of its entries."""
MOST_DETAILS = 40  # facts of one step that are told


@dataclass(frozen=True)
class HistoryRow:
    seq: int
    at: str
    label: str
    step: str
    who: str
    note: str
    details: list[str]
    is_failure: bool
    href: str  # of the state right after it


@dataclass(frozen=True)
class Piece:
    """A page of the history. Addresses are empty where they would lead nowhere."""

    rows: list[HistoryRow]
    total: int
    filters: list[tuple[str, str, bool]]
    newest_url: str
    older_url: str
    film_url: str


def piece(
    work: Work,
    instance: ProcessInstance,
    names: Mapping[str, str],
    before: int | None,
    kind: str = "",
) -> Piece:
    """One piece, newest first; `before`: the oldest one shown so far, `kind`: one of `FILTERS`."""
    kind = kind if kind in FILTERS else ""
    found = work.instances.history(
        instance.id,
        kinds=FILTERS[kind][1] if kind else None,
        limit=HISTORY_PIECE + 1,
        before=before,
    )
    entries = found[-HISTORY_PIECE:]
    href = f"{INSTANCES}/{instance.id}"
    asked: dict[str, str | int | None] = {"tab": "history", "kind": kind}
    older = address(href, asked, before=entries[0].seq) if len(found) > len(entries) else ""
    return Piece(
        rows=[_entry(entry, names, past_url(instance, entry.seq)) for entry in reversed(entries)],
        total=instance.history_seq,
        filters=[
            (label, address(href, {**asked, "kind": key}) + PLACE, key == kind)
            for key, (label, _kinds) in {"": ("Tất cả", ()), **FILTERS}.items()
        ],
        newest_url=address(href, asked) + PLACE if before is not None else "",
        older_url=older + PLACE if older else "",
        film_url=past_url(instance, instance.history_seq) if instance.history_seq else "",
    )


def details_of(
    work: Work, instance: ProcessInstance, seq: int, names: Mapping[str, str]
) -> list[str]:
    """What one entry says that its step brought about."""
    entries = work.instances.history(instance.id, limit=1, before=seq + 1)
    return _details(entries[0].data.get("facts", ()), names) if entries else []


def past_url(instance: ProcessInstance, seq: int) -> str:
    """Where the state right after an entry of the history is shown."""
    return f"{INSTANCES}/{instance.id}?at={seq}"


def command_label(command: str) -> str:
    return "Hoàn thành" if command == "complete" else timelines.LABELS.get(command, command)


def _entry(entry: HistoryEntry, names: Mapping[str, str], href: str) -> HistoryRow:
    step = names.get(entry.element, "")
    return HistoryRow(
        seq=entry.seq,
        at=formats.moment(entry.at),
        label=command_label(entry.kind),
        step=step,
        who=entry.actor_name,
        note=variables.masked(entry.name) if entry.name != step else "",
        details=_details(entry.data.get("facts", ()), names),
        is_failure=entry.kind == "failure",
        href=href,
    )


def _details(facts: Any, names: Mapping[str, str]) -> list[str]:
    told = [text for fact in facts if (text := _fact(fact, names))]
    more = len(told) - MOST_DETAILS
    return [*told[:MOST_DETAILS], f"và {more} thay đổi khác"] if more > 0 else told


def _fact(fact: Any, names: Mapping[str, str]) -> str:
    """Tell one fact as history keeps it (chronicle.COMPACT); flows are seen in the drawing."""
    match fact:
        case ["+", element, *_]:
            return f"Vào: {names.get(element, element)}"
        case ["-", element]:
            return f"Xong: {names.get(element, element)}"
        case ["x", element]:
            return f"Hủy: {names.get(element, element)}"
        case ["=", _, dict() as values]:
            return f"Ghi dữ liệu: {', '.join(sorted(values))}"
        case ["!", element, message, *_]:
            return f"Sự cố tại {names.get(element, element)}: {message}"
        case ["m" | "s", _, name]:
            return f"Gửi: {name}"
        case ["k", _, kind, action]:
            return f"Đồng hồ {kind}: {CLOCK_ACTIONS.get(action, action)}"
        case ["~", element, to, *_]:
            name, other = names.get(element, element), names.get(to, to)
            return f"Chuyển: {name}" + ("" if name == other else f" sang {other}")
        case [".", *_]:
            return "Kết thúc quy trình"
    return ""


CLOCK_ACTIONS = {
    "start": "bắt đầu tính",
    "stop": "dừng",
    "pause": "tạm dừng",
    "resume": "tiếp tục",
    "restart": "tính lại từ đầu",
}
