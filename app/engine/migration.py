"""Moving a running process to another version of it, or to another process.

Tokens keep their numbers, so that tasks, jobs, timers and subscriptions keep their identity and
their due time. Processes that are called stay on their own version; so does the caller of one
that is moved.
"""

from app.domain.engine import (
    ActivityEnded,
    ActivityStarted,
    CalledInstanceMigrated,
    TokenMigrated,
)
from app.engine import ad_hoc
from app.engine.events import start_listening
from app.engine.graph import Container, Node
from app.engine.migration_course import Course
from app.engine.migration_listeners import Listeners
from app.engine.moves import map_inputs
from app.engine.run import Run
from app.engine.scopes import OUTPUT
from app.engine.state import BODY, INSTANCE, JOINING, OWNING, SUBPROCESS, Scope, Token

ROUND = "round"
PASSED = "passed"


def migrate(run: Run, course: Course, definition_id: str) -> None:
    """Move every token; the course must have no problems.

    Raises Fault where a mapping of a sub-process that is opened or dropped cannot be evaluated.
    """
    listeners = Listeners(run, course)
    listeners.close()
    _hand_out(run, course)
    was = {scope.id: scope.container for scope in course.scopes}
    passed = _passed(course)
    for scope in course.scopes:
        if course.stays(scope):
            _turn(scope, course)
    _rename_called(run, course.root, definition_id)
    _Move(run, course).all()
    listeners.move()
    for token in reversed(course.dropped):
        _end(run, token)
    for key in course.forgotten:
        run.variables.forget(key)
    _pass_on(course, passed)
    for scope in course.scopes:
        if course.stays(scope):
            _fit_loop(run, scope)
    listeners.open(was)
    ad_hoc.offer_again(run)
    _sort_scopes(run)


def _rename_called(run: Run, root: Scope, definition_id: str) -> None:
    owner = root.owner
    if owner is not None:
        root.definition = definition_id
        run.facts.append(CalledInstanceMigrated(owner.id, owner.node.id, root.id, definition_id))


# --- before anything moves ----------------------------------------------------------------------


def _hand_out(run: Run, course: Course) -> None:
    """What is dropped hands out what it knows, as if it had ended: the inner first."""
    for token in reversed(course.dropped):
        inner = token.inner
        if inner is None:
            continue
        if inner.kind == SUBPROCESS:
            run.hand_out(token)
            continue
        loop = token.node.loop
        kept = run.variables.kept(f"{inner.id}{OUTPUT}")
        if loop is not None and loop.output and "out" in kept:
            run.set(token, token.scope, {loop.output: kept["out"]})
        _lend_round(run, token, inner)


def _lend_round(run: Run, owner: Token, body: Scope) -> None:
    """Rounds one after the other keep their variables in the body, which goes: they take them."""
    loop = owner.node.loop
    if loop is None or not loop.sequential:
        return
    known = run.variables.of.get(body.id) or {}
    names = ("loopCounter", loop.element)
    values = {name: known[name] for name in names if name is not None and name in known}
    for token in body.tokens.values():
        if token.inner is not None and values:
            run.set_local(token, token.inner, values)


def _passed(course: Course) -> list[tuple[Scope, str]]:
    """Complex gateways that have opened already, by the scope that stays."""
    return [
        (course.ground[scope.id], element)
        for scope in course.scopes
        for element in scope.data.pop(PASSED, ())
    ]


def _turn(scope: Scope, course: Course) -> None:
    """A scope that stays becomes one of the new version."""
    plan = course.plan
    scope.process = plan.new
    scope.records = course.records.get(scope.id, [])
    scope.joins = {}
    if scope.container is not None:
        scope.container = course.inside[scope.id]
    begun = scope.data.get(ad_hoc.BEGUN)
    if begun is not None:
        scope.data[ad_hoc.BEGUN] = {plan.mapping.get(one, one): n for one, n in begun.items()}


# --- moving -------------------------------------------------------------------------------------


class _Move:
    """Puts tokens where they belong, and opens what has to be around them."""

    def __init__(self, run: Run, course: Course) -> None:
        self.run = run
        self.course = course
        self.opened: dict[tuple[str, str], Scope] = {}

    def all(self) -> None:
        run, moved = self.run, {scope.id for scope in self.course.scopes}
        run.state.joins = {(scope, node) for scope, node in run.state.joins if scope not in moved}
        for token in self.course.tokens:
            if token.id in self.course.targets:
                self._one(token)

    def _one(self, token: Token) -> None:
        course, old, target = self.course, token.node, self.course.targets[token.id]
        ground = course.ground[token.scope.id]
        place = ground
        for frame in course.frames[token.id]:
            place = self._within(place, frame)
        is_elsewhere = place is not token.scope
        if token.role == INSTANCE and is_elsewhere:
            _end_round(token)
        if not target.loop and token.op == "begin_loop":
            token.op = "begin"
        _rewrite(token, target, course)
        token.node = target
        if is_elsewhere:
            _transfer(token, place)
        if old.id != target.id or is_elsewhere:
            where = place.id if is_elsewhere else ""
            self.run.facts.append(TokenMigrated(token.id, old.id, target.id, where))
        if token.status == JOINING:
            _join(self.run, token)

    def _within(self, place: Scope, frame: Node) -> Scope:
        """The inside of a sub-process: the one that is open there, or a new one."""
        found = self.course.doors.get((place.id, frame.id)) or []
        if found:
            return found[0]
        key = (place.id, frame.id)
        if key not in self.opened:
            self.opened[key] = _opened(self.run, place, frame)
        return self.opened[key]


def _opened(run: Run, place: Scope, frame: Node) -> Scope:
    """Begin a sub-process around what runs already. Clocks are not touched: nothing happened."""
    owner = run.new_token(frame, place)
    inner = run.new_scope(SUBPROCESS, owner, container=frame.inside)
    owner.begun = True
    run.facts.append(
        ActivityStarted(owner.id, frame.id, frame.kind, frame.name, place.id, inner.id)
    )
    run.wait(owner, OWNING)
    map_inputs(run, owner)
    start_listening(run, inner)
    if frame.listening:
        run.push("listen", owner)
    return inner


def _end_round(token: Token) -> None:
    """A round of a loop that is no longer one goes on as a step of its own."""
    token.role = ""
    token.data.pop(ROUND, None)
    if token.op == "instance_done":
        token.op = "depart"


def _rewrite(token: Token, target: Node, course: Course) -> None:
    """What a token remembers by the ids of elements."""
    data, plan = token.data, course.plan
    if "via" in data and target.gathers:
        data["via"] = plan.way_in(token.node, data["via"]) or data["via"]
    if "start" in data:
        data["start"] = plan.mapping.get(data["start"], data["start"])
    if "undo" in data:
        data["undo"] = course.undoing[token.id]


def _transfer(token: Token, place: Scope) -> None:
    """Put a token, its listeners and what it holds into another scope."""
    for one in (token, *token.listeners):
        one.scope.remove(one)
        one.scope = place
        place.add(one)
    inner = token.inner
    while inner is not None and inner.parent is not None and inner.parent.owner is token:
        inner = inner.parent
    if inner is not None:
        inner.parent = place


def _join(run: Run, token: Token) -> None:
    token.scope.joins.setdefault(token.node.id, []).append(token)
    if token.node.kind != "parallelGateway":
        run.state.joins.add((token.scope.id, token.node.id))


# --- after everything has moved -----------------------------------------------------------------


def _end(run: Run, token: Token) -> None:
    """End what is dropped, with its variables; nothing stands in it any more."""
    ad_hoc.ask_no_more(run, token, cancelled=True)
    run.facts.append(ActivityEnded(token.id, token.node.id, cancelled=True))
    while token.inner is not None:
        token.inner.records = []
        run.drop_scope(token.inner)
    run.remove(token)


def _pass_on(course: Course, passed: list[tuple[Scope, str]]) -> None:
    """Gateways that had opened stay so, where the tokens are that they are to swallow."""
    for ground, element in passed:
        target = course.plan.named(element)
        if target is None:
            continue
        place = _place_of(ground, target.container)
        if place is not None:
            place.data.setdefault(PASSED, []).append(target.id)


def _place_of(ground: Scope, container: Container) -> Scope | None:
    """The scope in `ground` in which tokens of a container stand."""
    places = [ground]
    for place in places:
        if place.container is container:
            return place
        places.extend(
            token.inner
            for token in place.tokens.values()
            if token.inner is not None and token.inner.kind == SUBPROCESS
        )
    return None


def _fit_loop(run: Run, scope: Scope) -> None:
    """A loop that gathers results only in the new version begins to, empty."""
    loop = scope.owner.node.loop if scope.kind == BODY and scope.owner is not None else None
    place = f"{scope.id}{OUTPUT}"
    if loop is not None and loop.output and "out" not in run.variables.kept(place):
        run.variables.keep(place, {"out": [None] * scope.data.get("count", 0)})


def _sort_scopes(run: Run) -> None:
    """A scope stands behind the one it lies in: so it is read back."""
    scopes = run.state.scopes
    ordered: dict[str, Scope] = {}
    for scope in list(scopes.values()):
        missing = []
        place: Scope | None = scope
        while place is not None and place.id not in ordered:
            missing.append(place)
            place = place.parent
        for one in reversed(missing):
            ordered[one.id] = one
    run.state.scopes = ordered
