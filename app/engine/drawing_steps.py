"""The same diagram as a list: for screen readers, for phones, and for people who like lists."""

from app.domain.element_words import ELEMENT_WORDS
from app.domain.engine import ElementView
from app.engine.drawing_model import ACTIVITIES, EVENTS, Model, Node, read_model
from app.engine.xml import Element

_TRIGGER_WORDS = {
    "message": "thông điệp",
    "timer": "hẹn giờ",
    "error": "lỗi",
    "escalation": "báo cấp trên",
    "signal": "tín hiệu",
    "conditional": "điều kiện",
    "link": "liên kết",
    "compensate": "bù trừ",
    "cancel": "hủy",
    "terminate": "dừng toàn bộ",
}


def describe(root: Element) -> list[ElementView]:
    """List the steps in the order in which a case meets them; inner steps follow their scope.

    `kind` is Vietnamese. A name in `next_names` has the name of the flow before it where the flow
    has one: "Đủ → Xác định phí". Steps without a name are called by their kind.
    """
    model = read_model(root)
    listed: dict[str, ElementView] = {}
    outside = [scope for scope in model.scopes if scope not in model.nodes]
    for scope in dict.fromkeys([*model.processes, *outside]):
        _list_scope(model, scope, listed)
    return list(listed.values())


def _list_scope(model: Model, scope: str, listed: dict[str, ElementView]) -> None:
    waiting = list(reversed(in_flow_order(model, scope)))
    while waiting:
        node = waiting.pop()
        if node.id in listed:
            continue
        listed[node.id] = _view(model, node)
        waiting.extend(reversed(in_flow_order(model, node.id)))


def _view(model: Model, node: Node) -> ElementView:
    following = (
        (flow.name, model.nodes[flow.target])
        for flow in model.outgoing.get(node.id, ())
        if flow.target in model.nodes
    )
    return ElementView(
        id=node.id,
        name=name_of(node),
        kind=kind_of(node),
        lane=model.lane_name(node),
        next_names=tuple(
            f"{label} → {name_of(target)}" if label else name_of(target)
            for label, target in following
        ),
    )


def kind_of(node: Node) -> str:
    """Return in Vietnamese what kind of step `node` is."""
    words = ELEMENT_WORDS.get(node.kind, node.kind)
    if node.kind not in EVENTS:
        return words
    triggers = " hoặc ".join(_TRIGGER_WORDS.get(trigger, trigger) for trigger in node.triggers)
    return f"{words} ({triggers})" if triggers else words


def name_of(node: Node) -> str:
    """Return the name of `node`, or its kind when it has none."""
    return node.name or kind_of(node)


def in_flow_order(model: Model, scope: str) -> list[Node]:
    """Return the steps of one scope so that each stands behind those that lead to it.

    Loops are cut where the walk meets itself; a boundary event follows its host; steps that
    nothing leads to come in the order of the file.
    """
    steps = {node.id: node for node in model.steps(scope)}
    followers = _followers(model, steps)
    led_to = {target for targets in followers.values() for target in targets}
    starts = [node_id for node_id in steps if node_id not in led_to]
    starts.sort(key=lambda node_id: _start_rank(steps[node_id]))
    seen: set[str] = set()
    order: list[str] = []
    for group in (starts[::-1], *([node_id] for node_id in steps)):
        finished: list[str] = []
        for start in group:
            _walk(start, followers, seen, finished)
        order += reversed(finished)
    return [steps[node_id] for node_id in order]


def _start_rank(node: Node) -> int:
    if node.kind == "startEvent":
        return 0
    return 2 if node.kind in ACTIVITIES and node.traits & {"event", "compensation"} else 1


def _followers(model: Model, steps: dict[str, Node]) -> dict[str, list[str]]:
    followers: dict[str, list[str]] = {node_id: [] for node_id in steps}
    for node_id in steps:
        followers[node_id] += [
            flow.target for flow in model.outgoing.get(node_id, ()) if flow.target in steps
        ]
    for node in steps.values():
        if node.host in steps:
            followers[node.host].append(node.id)
    return followers


def _walk(start: str, followers: dict[str, list[str]], seen: set[str], finished: list[str]) -> None:
    """Depth first without recursion, later branches first, so that the first branch is read first."""
    if start in seen:
        return
    seen.add(start)
    path = [(start, iter(reversed(followers[start])))]
    while path:
        node_id, rest = path[-1]
        following = next((target for target in rest if target not in seen), None)
        if following is None:
            finished.append(node_id)
            path.pop()
        else:
            seen.add(following)
            path.append((following, iter(reversed(followers[following]))))
