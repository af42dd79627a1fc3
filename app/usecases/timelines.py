"""What happened in an instance, told to people: a timeline, and the marks of a drawn diagram."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.engine import DrawingStates
from app.domain.instances import HistoryEntry, IncidentState, ProcessInstance
from app.usecases.ports import Work

LABELS = {
    "start": "Bắt đầu",
    "claim": "Nhận việc",
    "choose": "Chọn bước",
    "finish": "Kết thúc phần tự chọn",
    "release": "Trả lại việc",
    "assign": "Giao việc",
    "cancel": "Hủy quy trình",
    "suspend": "Tạm dừng",
    "resume": "Tiếp tục",
    "retry": "Chạy lại sau sự cố",
    "failure": "Sự cố",
    "error": "Hệ thống ngoài từ chối",
    "timer": "Đến thời điểm hẹn",
    "message": "Nhận thông điệp",
    "signal": "Nhận tín hiệu",
    "job": "Hệ thống ngoài trả lời",
    "operation": "Tự động",
    "rebind": "Chuyển phiên bản quy trình",
    "migrate": "Chuyển sang phiên bản khác",
    "modify": "Sửa bước",
}
SHOWN = frozenset({"complete", "start", *LABELS})


@dataclass(frozen=True)
class TimelineItem:
    label: str
    who: str
    at: datetime | None
    state: str  # done, current, failed


def timeline(work: Work, instance: ProcessInstance, *, limit: int = 200) -> list[TimelineItem]:
    """Tell the story of an instance, oldest first, ending with where it stands now."""
    program = work.programs.get(instance.definition_id)
    names = {view.id: view.name for view in program.elements()}
    items = [
        _item(entry, names)
        for entry in work.instances.history(instance.id, limit=limit)
        if entry.kind in SHOWN
    ]
    open_at = {
        i.element for i in work.incidents.of_instance(instance.id) if i.state is IncidentState.OPEN
    }
    for element in dict.fromkeys(program.active_elements(instance.snapshot)):
        failed = element in open_at
        state, who = ("failed", "đang có sự cố") if failed else ("current", "đang ở đây")
        items.append(TimelineItem(names.get(element, element), who, None, state))
    return items


def _item(entry: HistoryEntry, names: dict[str, str]) -> TimelineItem:
    step = names.get(entry.element) or entry.name
    if entry.kind in {"complete", "start"} and step:
        label = step
    else:
        label = f"{LABELS[entry.kind]}: {step}" if step else LABELS[entry.kind]
    state = "failed" if entry.kind == "failure" else "done"
    return TimelineItem(label, entry.actor_name, entry.at, state)


def drawing_states(
    work: Work, instance: ProcessInstance, entries: Sequence[HistoryEntry] | None = None
) -> DrawingStates:
    """Mark what is done, active, in trouble or cancelled, and the flows that were taken."""
    if entries is None:
        entries = work.instances.history(instance.id, limit=2_000)
    done: set[str] = set()
    cancelled: set[str] = set()
    flows: set[str] = set()
    for entry in entries:
        for fact in entry.data.get("facts", ()):
            match fact[0]:
                case "-":
                    done.add(fact[1])
                    cancelled.discard(fact[1])
                case "x":
                    cancelled.add(fact[1])
                case ">":
                    flows.add(fact[1])
    active = frozenset(work.programs.get(instance.definition_id).active_elements(instance.snapshot))
    incidents = frozenset(
        i.element for i in work.incidents.of_instance(instance.id) if i.state is IncidentState.OPEN
    )
    return DrawingStates(
        done=frozenset(done) - active,
        active=active - incidents,
        incident=incidents,
        cancelled=frozenset(cancelled) - done - active,
        flows=frozenset(flows),
    )
