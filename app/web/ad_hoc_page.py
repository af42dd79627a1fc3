"""Steps to choose, as a part of a page: of a task, a case, or an instance."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.ad_hoc import Candidates, Offer, OfferedStep
from app.domain.instances import INSTANCE_NOT_ACTIVE, ProcessInstance
from app.domain.people import ROLE_LABELS, Role
from app.domain.permissions import Actor
from app.usecases import ad_hoc
from app.usecases.ad_hoc import Offered
from app.usecases.ports import Work

NOT_YOURS = "Các bước này chờ người khác chọn."
TAKEN = "Việc chọn bước đã có {name} nhận."
BY_SYSTEM = "Hệ thống tự làm"
BY_PEOPLE = frozenset({"userTask", "manualTask", "task", "subProcess", "transaction"})


@dataclass(frozen=True)
class StepView:
    element: str
    name: str
    people: str
    states: list[tuple[str, str]]  # text and kind of a tag
    begun: int
    label: str
    may_begin: bool


@dataclass(frozen=True)
class OfferView:
    """`note` says why nothing can be begun, `unfinished` why it cannot be ended; empty: it can.

    `cancels` is what ending it takes away.
    """

    anchor: str
    name: str
    guide: str
    note: str
    steps: list[StepView]
    href: str  # its commands stand below this address
    begun: int
    may_end: bool
    unfinished: str
    cancels: str


def of_instance(
    work: Work, actor: Actor, instance: ProcessInstance, token: int | None = None
) -> list[OfferView]:
    """Build what can be chosen in an instance, or at one token of it; shown to whoever may look."""
    seen = ad_hoc.offered(work, actor, instance, token)
    stopped = INSTANCE_NOT_ACTIVE.get(instance.state, "")
    return [_view(one, instance, stopped) for one in seen]


def _view(seen: Offered, instance: ProcessInstance, stopped: str) -> OfferView:
    """`stopped` says why nothing at all can be done with the instance."""
    offer = seen.offer
    held = stopped or (TAKEN.format(name=seen.taken_by) if seen.taken_by else "")
    note = held or offer.closed or ("" if seen.concerns else NOT_YOURS)
    return OfferView(
        anchor=f"tu-chon-{offer.token}",
        name=f"{offer.name}, lượt {offer.round}" if offer.round else offer.name,
        guide=_guide(offer),
        note=note,
        steps=[
            _step(step, may_begin=not note and step.element in seen.may_begin)
            for step in offer.steps
        ],
        href=f"/offered-steps/{instance.id}/{offer.token}",
        begun=offer.begun,
        may_end=seen.may_end,
        unfinished=held or offer.unfinished,
        cancels=", ".join(offer.at_work),
    )


def _guide(offer: Offer) -> str:
    if offer.ordered:
        return "Mỗi lúc chỉ làm một bước; làm xong mới chọn bước tiếp theo."
    return "Có thể làm nhiều bước cùng lúc, theo thứ tự tùy ý; một bước có thể làm nhiều lần."


def _step(step: OfferedStep, *, may_begin: bool) -> StepView:
    return StepView(
        element=step.element,
        name=step.name,
        people=_people(step),
        states=_states(step),
        begun=step.begun,
        label="Làm thêm lần nữa" if step.begun else "Bắt đầu",
        may_begin=may_begin,
    )


def _states(step: OfferedStep) -> list[tuple[str, str]]:
    found = []
    if step.running:
        found.append((_times("Đang làm", step.running), "warn"))
    if step.done:
        found.append((_times("Đã làm", step.done), "ok"))
    return found or [("Chưa làm", "plain")]


def _times(what: str, number: int) -> str:
    return what if number == 1 else f"{what} ({number} lần)"


def _people(step: OfferedStep) -> str:
    return people_of(step.candidates) if step.kind in BY_PEOPLE else BY_SYSTEM


def people_of(asked: Sequence[Candidates]) -> str:
    """The roles that work waits for, as people call them; else the names it gives."""
    known = set(Role)
    roles = [ROLE_LABELS[Role(g)] for one in asked for g in one.groups if g in known]
    users = [user for one in asked for user in one.users]
    return ", ".join(dict.fromkeys(roles or users))
