"""What becomes of every scope and token of one running process, and what cannot move.

As in Camunda 7: a token goes on where its element is in the new version. Sub-processes that the
new version does not have are dropped around it; those that only the new version has are opened
around it. It cannot leave a sub-process that goes on, and it cannot enter a loop that is new.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.domain.engine import Problem, Severity
from app.engine import ad_hoc
from app.engine.graph import Container, Node
from app.engine.migration_plan import Plan, inner_scopes, way_down
from app.engine.migration_records import Carried, carry, carry_inside
from app.engine.pairing import FRAMES, loop_of, repeated_otherwise, unlike
from app.engine.rules import label
from app.engine.state import (
    ASYNC,
    BODY,
    HANDLER,
    INCIDENT,
    INSTANCE,
    OUTSIDE,
    OWNING,
    SUBPROCESS,
    Scope,
    Token,
)


@dataclass
class Course:
    """Where everything goes.

    `ground` says in which scope, of those that stay, the tokens of each scope end up; `inside`
    is the container of each that stays. `frames` are to be opened around a token; `doors` are
    sub-processes that are open already, by the scope they are in and their element.
    """

    plan: Plan
    root: Scope
    scopes: list[Scope] = field(default_factory=list)  # from the outside in
    ground: dict[str, Scope] = field(default_factory=dict)
    inside: dict[str, Container] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    targets: dict[int, Node] = field(default_factory=dict)  # tokens that go on; no listeners
    frames: dict[int, tuple[Node, ...]] = field(default_factory=dict)
    dropped: list[Token] = field(default_factory=list)  # owners of what ends, from the outside in
    doors: dict[tuple[str, str], list[Scope]] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    undoing: dict[int, dict[str, Any]] = field(default_factory=dict)  # what tokens are about to
    forgotten: list[str] = field(default_factory=list)  # variables kept for what is dropped
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, node: Node, message: str) -> None:
        self.problems.append(Problem(Severity.ERROR, "migration", message, element_id=node.id))

    def stays(self, scope: Scope) -> bool:
        return self.ground.get(scope.id) is scope

    def keep(self, scope: Scope, container: Container | None) -> None:
        self.scopes.append(scope)
        self.ground[scope.id] = scope
        if container is not None:
            self.inside[scope.id] = container


def chart(root: Scope, plan: Plan) -> Course:
    """Work out what becomes of the process in `root`; nothing is changed."""
    course = Course(plan, root)
    course.keep(root, plan.new.root)
    for scope in course.scopes:
        for token in scope.tokens.values():
            if not token.is_listener:
                _decide(course, token)
    course.tokens = [token for scope in course.scopes for token in scope.tokens.values()]
    going = [token for token in course.tokens if token.id in course.targets]
    for token in going:
        _find_door(course, token)
    for token in going:
        _check(course, token)
    _check_listeners(course)
    _check_joins(course)
    _carry_records(course)
    return course


# --- what goes on, and what is dropped --------------------------------------------------------


def _decide(course: Course, token: Token) -> None:
    node, target = token.node, course.plan.named(token.node.id)
    if target is None and _may_drop(token):
        _drop(course, token)
        return
    if target is None:
        course.refuse(node, _missing(course, node))
    elif why := unlike(node, target) or _repeated_otherwise(token, target):
        course.refuse(node, why)
        target = None
    if target is not None and _loses_rounds(token, target):
        course.dropped.append(token)
        _sink(course, token)
        return
    if target is not None:
        course.targets[token.id] = target
    for inner in reversed(inner_scopes(token)):
        course.keep(inner, _container(inner, target))


def _container(inner: Scope, target: Node | None) -> Container | None:
    """Where the tokens of a scope stand in the new version; None where nobody can say."""
    if target is None:
        return None
    return target.inside if inner.kind == SUBPROCESS else target.container


def _missing(course: Course, node: Node) -> str:
    if node.id in course.plan.mapping:
        return f"{label(node)} đang có việc nên không bỏ được; hãy chọn bước thay thế."
    return f"{label(node)} không có trong phiên bản mới; hãy chọn bước thay thế."


def _may_drop(token: Token) -> bool:
    """A sub-process, or all rounds of one, in which something stands that can go on without it."""
    inner = token.inner
    return (
        inner is not None
        and inner.kind in (SUBPROCESS, BODY)
        and inner.live > 0
        and token.status == OWNING
        and token.role in ("", INSTANCE)
        and token.node.kind in (*FRAMES, ad_hoc.KIND)
    )


def _drop(course: Course, token: Token) -> None:
    node = token.node
    if node.enter_clocks or node.leave_clocks:
        course.refuse(
            node,
            f"{label(node)} điều khiển đồng hồ thời hạn nên không bỏ được khi đang chạy; "
            "hãy ghép với một tiến trình con của phiên bản mới.",
        )
    course.dropped.append(token)
    _sink(course, token)


def _sink(course: Course, token: Token) -> None:
    """What stood in a dropped scope ends up where its owner stood."""
    ground = course.ground[token.scope.id]
    for inner in reversed(inner_scopes(token)):
        course.scopes.append(inner)
        course.ground[inner.id] = ground


def _loses_rounds(token: Token, target: Node) -> bool:
    """The owner of rounds that go on as steps of their own."""
    inner = token.inner
    has_rounds = inner is not None and inner.kind == BODY and inner.live > 0
    return has_rounds and not loop_of(target)


def _repeated_otherwise(token: Token, target: Node) -> str:
    """Before an activity begins, and after it has ended, it does not matter how it is repeated."""
    node, inner = token.node, token.inner
    if token.status in (ASYNC, INCIDENT) and token.op in OUTSIDE and token.role != INSTANCE:
        return ""
    is_counting = inner is not None and inner.kind == BODY and inner.live == 0
    return repeated_otherwise(node, target, both_ways=is_counting)


# --- places -----------------------------------------------------------------------------------


def _find_door(course: Course, token: Token) -> None:
    """Work out what has to be opened around a token; an open sub-process lets others in."""
    ground = course.ground[token.scope.id]
    container = course.inside.get(ground.id)
    if container is None or token.role == HANDLER:
        course.frames[token.id] = ()
        return
    target = course.targets[token.id]
    frames = way_down(container, target.container)
    if frames is None:
        _refuse_outside(course, token, ground, target)
    course.frames[token.id] = frames or ()
    inner = token.inner
    is_open = token.status == OWNING and inner is not None and inner.kind == SUBPROCESS
    if frames == () and inner is not None and is_open and token.role == "":
        course.doors.setdefault((ground.id, target.id), []).append(inner)


def _refuse_outside(course: Course, token: Token, ground: Scope, target: Node) -> None:
    frame = ground.owner.node if ground.owner is not None else token.node
    there = course.inside[ground.id].node or frame
    goes_on = "vẫn tiếp tục" if label(there) == label(frame) else "chuyển sang đó"
    course.refuse(
        token.node,
        f"{_there(token.node, target)} nằm ngoài {label(there)}, mà {label(frame)} {goes_on}; "
        f"hãy ghép lại, hoặc không chuyển {label(frame)}.",
    )


def _there(node: Node, target: Node) -> str:
    """What a step is in the new version, in a sentence that says where that lies."""
    if label(node) == label(target):
        return f"{label(node)} ở phiên bản mới"
    return f"{label(target)}, nơi {label(node)} chuyển sang,"


def _check(course: Course, token: Token) -> None:
    node, target, plan = token.node, course.targets[token.id], course.plan
    place: Scope | None = course.ground[token.scope.id]
    for frame in course.frames[token.id]:
        found = course.doors.get((place.id, frame.id), []) if place is not None else []
        if len(found) > 1:
            course.refuse(
                node,
                f"{_there(node, target)} nằm trong {label(frame)}, đang chạy "
                f"{len(found)} lượt; không rõ là lượt nào.",
            )
        elif not found and frame.loop is not None:
            course.refuse(
                node,
                f"{_there(node, target)} nằm trong {label(frame)} là bước lặp; "
                "không rõ thuộc lượt nào.",
            )
        place = found[0] if found else None
    flows = {flow.id for flow in target.outgoing}
    if any(flow not in flows for flow in token.data.get("flows", ())):
        course.refuse(node, f"{label(node)} đã chọn luồng ra mà phiên bản mới không có.")
    start = plan.old.nodes.get(token.data.get("start", ""))
    if start is not None and plan.starter(start) is None:
        course.refuse(node, f"{label(node)} sắp bắt đầu bằng sự kiện mà phiên bản mới không có.")


def _check_listeners(course: Course) -> None:
    """An event that a person has paired must go on waiting; it is not closed behind their back."""
    plan = course.plan
    for token in course.tokens:
        node = token.node
        if token.is_listener and plan.mapping.get(node.id) and plan.heir(token) is None:
            target = plan.named(node.id) or node
            course.refuse(
                node,
                f"{label(node)} không chờ tiếp ở {label(target)} được vì hai sự kiện không thuộc "
                "cùng một bước hoặc không cùng loại; hãy ghép lại, hoặc chọn “Không chuyển”.",
            )


# --- joins ------------------------------------------------------------------------------------


def _check_joins(course: Course) -> None:
    """A join must still be able to open, and to tell by which flow each token has come."""
    taken: dict[tuple[str, str], tuple[str, str]] = {}
    for scope in course.scopes:
        for element, waiting in scope.joins.items():
            node = course.plan.old.nodes[element]
            target = course.plan.target(node)
            if target is None or not waiting:
                continue  # said already
            place = (course.ground[scope.id].id, target.id)
            if taken.setdefault(place, (scope.id, element)) != (scope.id, element):
                course.refuse(node, f"{label(node)} dùng chung một cổng đích với cổng khác.")
            for why in _join_problems(course.plan, node, target, waiting):
                course.refuse(node, why)


def _join_problems(plan: Plan, node: Node, target: Node, waiting: list[Token]) -> Iterator[str]:
    if target.kind == "parallelGateway" and target.incoming <= len(waiting):
        yield (
            f"{label(node)} đang giữ {len(waiting)} nhánh, "
            f"nhưng ở phiên bản mới chỉ có {target.incoming} luồng vào."
        )
    if target.gathers and any(
        plan.way_in(node, token.data.get("via", "")) is None for token in waiting
    ):
        yield f"{label(node)} có nhánh đến bằng luồng không còn nữa."


# --- what may have to be undone -----------------------------------------------------------------


def _carry_records(course: Course) -> None:
    """What was done in a dropped scope can be undone from where the scope was."""
    for scope in course.scopes:
        ground = course.ground[scope.id]
        container = course.inside.get(ground.id)
        if container is None:
            continue
        carried = carry(course.plan, scope.records, container)
        course.records.setdefault(ground.id, []).extend(carried.records)
        _note(course, carried)
    for token in course.tokens:
        target = course.targets.get(token.id)
        if "undo" in token.data and target is not None:
            carried = carry_inside(course.plan, token.data["undo"], target)
            course.undoing[token.id] = carried.records[0]
            _note(course, carried)


def _note(course: Course, carried: Carried) -> None:
    course.forgotten.extend(carried.forgotten)
    for node, why in carried.problems:
        course.refuse(node, why)
