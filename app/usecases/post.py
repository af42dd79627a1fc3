"""Results returned by public post: orders and what the post tells of them (QĐ 45/2016)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.cases import FINAL_POSTAL, PostalOrder, PostalState
from app.domain.errors import NotFound
from app.usecases import messages
from app.usecases.ports import Work

# The message a diagram waits for at each end of a postal way; its key is the case code.
ENDINGS = {PostalState.DELIVERED: "post_delivered", PostalState.RETURNED: "post_returned"}


def register(work: Work, case_id: str, item_code: str) -> dict[str, Any]:
    """Note the order that the post has taken; the same item again changes nothing."""
    if work.postal_orders.by_item(item_code) is None:
        case = work.cases.get(case_id)
        work.postal_orders.add(
            PostalOrder(
                id=work.new_id(),
                tenant_id=work.tenant_id,
                agency_id=case.agency_id,
                case_id=case.id,
                item_code=item_code,
                state=PostalState.REGISTERED,
                created_at=work.now(),
            )
        )
    return {"item_code": item_code}


@dataclass(frozen=True)
class PostalNews:
    """One thing the post tells of an item; `event_id` is the same when it is told again."""

    event_id: str
    item_code: str
    order_number: str  # the case code
    kind: str  # as the post says it
    state: PostalState
    at: datetime
    note: str = ""


def hear(work: Work, news: PostalNews) -> bool:
    """Take in one event of the post; heard twice or out of order, it counts once.

    The post may speak before our own answer to the order was recorded: the order is then noted
    from the event. Raises NotFound for a case that is not ours.
    """
    order = work.postal_orders.by_item(news.item_code)
    if order is None:
        case = work.cases.by_code(news.order_number)
        if case is None:
            raise NotFound("Không có hồ sơ nào mang mã này.")
        register(work, case.id, news.item_code)
        order = work.postal_orders.by_item(news.item_code)
    if order is None:
        raise NotFound("Không ghi nhận được vận đơn.")
    event = {
        "event_id": news.event_id,
        "kind": news.kind,
        "at": news.at.isoformat(),
        "note": news.note,
    }
    before = order.state
    fresh = order.hear(event, news.state)
    if fresh and order.state in FINAL_POSTAL and before not in FINAL_POSTAL:
        name = ENDINGS.get(order.state)
        if name:
            code = work.cases.get(order.case_id).code
            payload = {"post_state": order.state.value, "post_note": news.note}
            messages.receive(work, name, code, payload, dedup=f"post:{news.event_id}")
    return fresh
