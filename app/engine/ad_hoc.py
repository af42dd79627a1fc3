"""Ad-hoc sub-processes: people choose which steps are done, in which order, and how often.

While steps can be chosen, a person is asked: a user task stands open at the token of the
sub-process itself. An ordered one asks only while nothing is at work.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from app.domain.ad_hoc import Candidates, Offer, OfferedStep
from app.domain.engine import StepsOffered, UserTaskClosed, UserTaskOpened
from app.engine.activities import moment, people
from app.engine.events import start_listening
from app.engine.faults import Fault, present
from app.engine.graph import Node, Work
from app.engine.moves import arrive
from app.engine.run import Run, operation, whole_number
from app.engine.state import BODY, INCIDENT, OFFERING, OWNING, SUBPROCESS, Scope, State, Token

KIND = "adHocSubProcess"
BEGUN = "begun"
"""In the data of the inner scope: how often each step was chosen, by element."""
MOST_AT_WORK = 200
"""Steps of one ad-hoc sub-process at work at the same time."""
MOST_OFFERS = 50
"""Open ad-hoc sub-processes that one look at an instance tells of."""
PROVIDER = "provider"


def ad_hoc(run: Run, token: Token) -> None:
    """Offer the steps inside; people choose which, in which order, how often."""
    scope = present(token.inner, "phần bên trong")
    run.wait(token, OWNING)
    start_listening(run, scope)
    run.push("inside_done", token)


def choices(node: Node) -> list[Node]:
    """The steps of an ad-hoc sub-process that a person may choose."""
    inside = present(node.inside, "sơ đồ bên trong")
    return [
        step
        for step in inside.nodes
        if step.is_activity
        and not step.incoming
        and not step.for_compensation
        and step not in inside.event_subprocesses
    ]


def inside(token: Token) -> Scope | None:
    """The inside of an ad-hoc sub-process that has begun; None for any other token."""
    inner = token.inner
    if token.node.kind != KIND or not token.begun or inner is None or inner.kind != SUBPROCESS:
        return None
    return inner


def is_open(token: Token) -> bool:
    """Steps can be chosen there, or it can be ended."""
    return token.status == OWNING and inside(token) is not None


# --- what moves it ----------------------------------------------------------------------


def choose(run: Run, token: Token, element: str) -> None:
    """Begin one of the offered steps. Raises Fault for a step that is not offered now."""
    scope = present(inside(token), "phần bên trong")
    step = next((one for one in choices(token.node) if one.id == element), None)
    if step is None:
        raise Fault(f"Bước {element} không nằm trong các bước được chọn.")
    if why := _closed(token, scope):
        raise Fault(why)
    counted = scope.data.setdefault(BEGUN, {})
    counted[element] = counted.get(element, 0) + 1
    arrive(run, step, scope)
    if token.node.ordered:
        ask_no_more(run, token, cancelled=False)


def finish(run: Run, token: Token) -> None:
    """End it because a person says so; what is still at work is cancelled.

    Raises Fault where the diagram does not let people end it now.
    """
    scope = present(inside(token), "phần bên trong")
    if why := _unfinished(run, token, scope):
        raise Fault(why)
    ask_no_more(run, token, cancelled=False)
    run.cancel_inside(scope)


def turn(run: Run, token: Token) -> None:
    """Something inside has ended: the sub-process is over, or people go on choosing."""
    scope = present(inside(token), "phần bên trong")
    over = _is_over(run, token, scope)
    if token.status == INCIDENT:
        run.wake(token)
    if over:
        ask_no_more(run, token, cancelled=True)
        run.cancel_inside(scope)
        run.push("leave", token)
    else:
        offer(run, token)


@operation
def offer(run: Run, token: Token) -> None:
    """Ask a person to choose while there is something to choose, and only then."""
    scope = present(inside(token), "phần bên trong")
    if token.data.get("closing") or (token.node.ordered and _at_work(scope)):
        ask_no_more(run, token, cancelled=True)
    elif OFFERING not in token.data:
        _ask(run, token)
    run.wait(token, OWNING)


def offer_again(run: Run) -> None:
    """After tokens were moved by hand: ask wherever steps can be chosen now."""
    for token in list(run.state.tokens.values()):
        if is_open(token):
            run.push("offer", token)


def interrupt(run: Run, scope: Scope) -> None:
    """An interrupting event sub-process has taken over; when it has ended, all is over."""
    owner = scope.owner
    if owner is not None and owner.inner is scope and inside(owner) is not None:
        owner.data["closing"] = True
        ask_no_more(run, owner, cancelled=True)


def _is_over(run: Run, token: Token, scope: Scope) -> bool:
    if token.data.get("closing") or scope.data.get("terminated"):
        return scope.live == 0
    completion = token.node.completion
    if completion is None or not run.holds(completion, scope):
        return False
    return scope.live == 0 or token.node.cancel_remaining


def _at_work(scope: Scope) -> list[Token]:
    """The tokens of chosen steps, and of what follows them."""
    events = scope.container.event_subprocesses if scope.container is not None else ()
    return [
        token
        for token in scope.tokens.values()
        if not token.is_listener and token.node not in events
    ]


def _closed(token: Token, scope: Scope) -> str:
    """Say why no step can be begun now."""
    if token.data.get("closing"):
        return "Một sự kiện đã dừng việc chọn bước ở đây."
    at_work = _at_work(scope)
    if token.node.ordered and at_work:
        return (
            f"Các bước ở đây phải làm lần lượt, bước trước chưa xong: {', '.join(_names(at_work))}."
        )
    if len(at_work) >= MOST_AT_WORK:
        return f"Đang có {len(at_work)} bước cùng chạy; hãy làm xong bớt rồi chọn tiếp."
    return ""


def _unfinished(run: Run, token: Token, scope: Scope) -> str:
    """Say why a person cannot end it now."""
    node = token.node
    if token.data.get("closing"):
        return "Phần này tự kết thúc khi xử lý xong sự kiện đã dừng nó."
    if node.completion is not None and not run.holds(node.completion, scope):
        return "Chưa đạt điều kiện hoàn thành; phần này tự kết thúc khi đạt."
    at_work = _at_work(scope)
    if at_work and not node.cancel_remaining:
        return f"Còn bước chưa xong: {', '.join(_names(at_work))}."
    return ""


def _names(tokens: Iterable[Token]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.node.name or token.node.id for token in tokens))


# --- whom it asks -----------------------------------------------------------------------


def _ask(run: Run, token: Token) -> None:
    node, scope = token.node, token.home
    work = node.work or Work()
    asked = _merged(_choosers(run, token))
    name = f"Chọn bước tiếp theo: {node.name}" if node.name else "Chọn bước tiếp theo"
    opened = UserTaskOpened(
        token.id,
        node.id,
        name,
        candidate_users=asked.users,
        candidate_groups=asked.groups,
        agency=asked.agency,
        unit=asked.unit,
        lane=node.lane,
        due=moment(run, work.due, scope),
        follow_up=moment(run, work.follow_up, scope),
        priority=whole_number(run.value(work.priority, scope)),
        public_name=work.public_name,
    )
    token.data[OFFERING] = True
    run.facts.append(opened)
    run.facts.append(StepsOffered(token.id, node.id, tuple(step.id for step in choices(node))))


def ask_no_more(run: Run, token: Token, *, cancelled: bool) -> None:
    """Close the task in which people choose, if one is open there."""
    if token.data.pop(OFFERING, False):
        run.facts.append(UserTaskClosed(token.id, token.node.id, cancelled))


def names_choosers(work: Work | None) -> bool:
    """Say whether an ad-hoc sub-process says itself who chooses."""
    return work is not None and bool(work.groups or work.users or work.assignee is not None)


def _choosers(run: Run, token: Token) -> tuple[Candidates, ...]:
    """Those who choose and end: named at the sub-process itself, else whoever does its steps."""
    if names_choosers(token.node.work):
        return (_candidates(run, present(token.node.work, "người chọn"), token.home),)
    found = (one for step in choices(token.node) for one in _doers(run, step, token.home))
    return tuple(dict.fromkeys(found))


def _doers(run: Run, step: Node, scope: Scope) -> Iterator[Candidates]:
    """Those who do a step; of a sub-process, all who do something in it.

    It may be known who does it only once another step is done: nobody is not an answer.
    """
    for work in works_of(step):
        try:
            found = _candidates(run, work, scope)
        except Fault:
            continue
        if found.groups or found.users:
            yield found


def works_of(step: Node) -> Iterator[Work]:
    """What the user tasks of a step say about people, from the outside in."""
    todo = [step]
    while todo:
        node = todo.pop()
        if node.work is not None and (node.kind == "userTask" or names_choosers(node.work)):
            yield node.work
        if node.inside is not None:
            todo.extend(reversed(node.inside.nodes))


def _candidates(run: Run, work: Work, scope: Scope) -> Candidates:
    assignee = run.text(work.assignee, scope)
    users = people(run, work.users, scope)
    return Candidates(
        people(run, work.groups, scope),
        (assignee, *users) if assignee else users,
        work.agency,
        run.text(work.unit, scope) or None,
    )


def _merged(asked: tuple[Candidates, ...]) -> Candidates:
    """One list of people; where they belong to several agencies, the agency of the service."""
    agencies = {one.agency or PROVIDER for one in asked}
    units = {one.unit for one in asked}
    return Candidates(
        tuple(dict.fromkeys(group for one in asked for group in one.groups)),
        tuple(dict.fromkeys(user for one in asked for user in one.users)),
        agencies.pop() if len(agencies) == 1 else None,
        units.pop() if len(units) == 1 else None,
    )


# --- looking ----------------------------------------------------------------------------


def offered(run: Run, token: int | None = None) -> list[Offer]:
    """What can be chosen in an instance now, or at one token of it."""
    return [_offer(run, one) for one in _open(run.state, token)]


def _open(state: State, token: int | None) -> list[Token]:
    if token is not None:
        asked = state.tokens.get(token)
        return [asked] if asked is not None and is_open(asked) else []
    found = [one for one in state.tokens.values() if is_open(one)]
    return sorted(found, key=_round)[:MOST_OFFERS]


def _round(token: Token) -> int:
    return int(token.data.get("round", 0)) + 1


def _offer(run: Run, token: Token) -> Offer:
    node, scope = token.node, present(inside(token), "phần bên trong")
    choosers = _choosers(run, token)
    running = Counter(one.node.id for one in scope.tokens.values() if not one.is_listener)
    begun: dict[str, Any] = scope.data.get(BEGUN, {})
    steps = tuple(
        OfferedStep(
            step.id,
            step.name or step.id,
            step.kind,
            _who(run, token, step, choosers),
            running[step.id],
            max(begun.get(step.id, 0), running[step.id]),
        )
        for step in choices(node)
    )
    return Offer(
        token.id,
        node.id,
        node.name or node.id,
        node.ordered,
        steps,
        choosers,
        _names(_at_work(scope)),
        closed=_closed(token, scope),
        unfinished=_why_unfinished(run, token, scope),
        round=_round(token) if token.scope.kind == BODY else None,
    )


def _who(
    run: Run, token: Token, step: Node, choosers: tuple[Candidates, ...]
) -> tuple[Candidates, ...]:
    if names_choosers(token.node.work):
        return choosers
    return tuple(dict.fromkeys(_doers(run, step, token.home))) or choosers


def _why_unfinished(run: Run, token: Token, scope: Scope) -> str:
    try:
        return _unfinished(run, token, scope)
    except Fault as fault:
        return fault.message
