"""What may have to be undone (`records`), as another version would have written it down."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.engine.graph import Container, Node
from app.engine.migration_plan import Plan, way_down
from app.engine.pairing import loop_of
from app.engine.records import PLAIN
from app.engine.rules import label
from app.engine.state import BODY, SUBPROCESS


@dataclass
class Carried:
    """`forgotten` are variables that were kept for sub-processes which are dropped."""

    records: list[dict[str, Any]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    problems: list[tuple[Node, str]] = field(default_factory=list)

    def add(self, other: "Carried") -> None:
        self.records.extend(other.records)
        self.forgotten.extend(other.forgotten)
        self.problems.extend(other.problems)


def carry(plan: Plan, records: Iterable[dict[str, Any]], container: Container) -> Carried:
    """Write records anew for a scope whose container is `container` in the new version.

    What is undone inside a sub-process that only the new version has is written inside it, so
    that its handler runs there. A completed sub-process without a successor leaves what was done
    inside it.
    """
    carried = Carried()
    for record in records:
        is_handled = "h" in record
        one = _handled(plan, record, container) if is_handled else _inside(plan, record, container)
        carried.add(one)
    return carried


def carry_inside(plan: Plan, record: dict[str, Any], target: Node) -> Carried:
    """Write the record of a sub-process anew, which `target` is about to undo."""
    is_frame = record["k"] == SUBPROCESS and target.inside is not None
    inner = carry(plan, record["in"], (target.inside if is_frame else None) or target.container)
    written = {**record, "a": target.id, "in": inner.records}
    if _by_event(target, written) and not _by_event(plan.old.nodes[record["a"]], record):
        written[PLAIN] = True
    return Carried([written], inner.forgotten, inner.problems)


def _handled(plan: Plan, record: dict[str, Any], container: Container) -> Carried:
    """What undoes an activity has not begun: it is what the new version has drawn for it."""
    node, handler_id = plan.old.nodes[record["a"]], record["h"]
    activity = plan.named(node.id)
    if activity is None:
        return _lost(node)
    handler = activity.compensator
    is_meant = not plan.mapping.get(handler_id) or plan.named(handler_id) is handler
    if handler is None or not is_meant:
        return _unhandled(node)
    return _placed({**record, "a": activity.id, "h": handler.id}, handler, container)


def _inside(plan: Plan, record: dict[str, Any], container: Container) -> Carried:
    """A sub-process that was completed, or all rounds of one."""
    node = plan.old.nodes[record["a"]]
    target = plan.named(node.id)
    if _by_event(node, record) and (target is None or not _by_event(target, record)):
        return _unhandled(node)
    if target is None or (record["k"] == BODY and not loop_of(target)):
        hoisted = carry(plan, record["in"], container)
        hoisted.forgotten.extend([record["v"]] if "v" in record else [])
        return hoisted
    if plan.target(node) is None:
        return _lost(node)
    inner = carry_inside(plan, record, target)
    outer = _placed(inner.records[0], target, container)
    return Carried(outer.records, inner.forgotten, [*inner.problems, *outer.problems])


def _by_event(node: Node, record: dict[str, Any]) -> bool:
    """Whether a completed sub-process is undone by an event sub-process of its own."""
    inside = node.inside if record["k"] == SUBPROCESS and PLAIN not in record else None
    return inside is not None and inside.compensation_handler is not None


def _lost(node: Node) -> Carried:
    why = f"{label(node)} còn phải hoàn tác được nhưng không có trong phiên bản mới."
    return Carried(problems=[(node, why)])


def _unhandled(node: Node) -> Carried:
    why = f"{label(node)} còn phải hoàn tác được nhưng phiên bản mới không còn bước hoàn tác ấy."
    return Carried(problems=[(node, why)])


def _placed(record: dict[str, Any], undoes: Node, container: Container) -> Carried:
    """Wrap a record into the sub-processes that lie around what undoes it."""
    frames = way_down(container, undoes.container)
    if frames is None:
        why = f"{label(undoes)} còn phải hoàn tác được nhưng ở phiên bản mới nằm ngoài tiến trình con."
        return Carried(problems=[(undoes, why)])
    for frame in reversed(frames):
        record = {"a": frame.id, "k": SUBPROCESS, "in": [record]}
        if _by_event(frame, record):
            record[PLAIN] = True
    return Carried([record])
