"""The public post (bưu chính công ích): orders, their cancellation, and what happens to an item."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from app.domain.connectors import Call, PermanentFailure
from app.domain.errors import InvalidInput
from app.outbound.http import HttpSession, nonsense
from connectors.answers import instant_of, text_of, utc

LABEL: Final = "Bưu chính công ích"

_LARGEST_EVENT = 65536  # bytes
_LONGEST_TEXT = 200  # characters
_LONGEST_NOTE = 1000  # characters
_PARTY = ("name", "phone", "address", "district", "province", "email")


class PostalEventKind(StrEnum):
    """What can happen to an item on its way."""

    COLLECTED = "collected"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    FAILED_ATTEMPT = "failed_attempt"
    RETURNED = "returned"


@dataclass(frozen=True)
class PostalEvent:
    """One thing that happened to an item. `event_id` is the same when it is told again."""

    event_id: str
    item_code: str
    order_number: str  # the case code
    kind: PostalEventKind
    at: datetime
    note: str = ""


class PublicPost:
    """Speaks to the post; every question may be put twice under the same key."""

    def __init__(self, session: HttpSession, *, customer_code: str) -> None:
        """`customer_code` is what the post calls the province (CustomerCode)."""
        self._session = session
        self._customer_code = customer_code

    def call(self, call: Call) -> dict[str, Any]:
        """Ask. Raises TemporaryFailure, PermanentFailure or BusinessError."""
        match call.operation:
            case "create_order":
                return self._create(call)
            case "cancel_order":
                answer = self._session.post("/orders/cancellations", call.parameters, key=call.key)
                return {"cancelled_at": instant_of(answer, "cancelled_at", LABEL)}
            case "track":
                return self._track(call)
            case _:
                raise PermanentFailure(f"{LABEL} không có thao tác “{call.operation}”.")

    def _create(self, call: Call) -> dict[str, Any]:
        given = call.parameters
        message = {
            "customer_code": given.get("customer_code") or self._customer_code,
            "order_number": given.get("order_number"),
            "cod_amount": _amount(given.get("cod_amount", 0)),
            "sender": {**_party(given, "sender"), "note": given.get("sender_note", "")},
            "receiver": _party(given, "receiver"),
            "description": given.get("description"),
        }
        answer = self._session.post("/orders", message, key=call.key)
        return {
            "item_code": text_of(answer, "item_code", LABEL),
            "accepted_at": instant_of(answer, "accepted_at", LABEL),
        }

    def _track(self, call: Call) -> dict[str, Any]:
        answer = self._session.post("/orders/tracking", call.parameters, key=call.key)
        events = answer.get("events")
        if not isinstance(events, list):
            raise nonsense(LABEL)
        return {
            "state": text_of(answer, "state", LABEL),
            "events": [_tracked(event) for event in events],
        }


def parse_event(body: bytes) -> PostalEvent:
    """Read the body of a webhook whose signature has been verified. Raises InvalidInput."""
    if len(body) > _LARGEST_EVENT:
        raise InvalidInput("Sự kiện bưu chính quá dài.")
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("Sự kiện bưu chính không phải JSON hợp lệ.") from error
    if not isinstance(content, dict):
        raise InvalidInput("Sự kiện bưu chính phải là một đối tượng JSON.")
    return PostalEvent(
        event_id=_event_text(content, "event_id"),
        item_code=_event_text(content, "item_code"),
        order_number=_event_text(content, "order_number"),
        kind=_event_kind(content),
        at=_event_instant(content),
        note=_event_note(content),
    )


def _party(given: Mapping[str, Any], who: str) -> dict[str, str]:
    return {part: given.get(f"{who}_{part}", "") for part in _PARTY}


def _amount(value: float) -> int:
    """Money is whole đồng and never negative."""
    if not float(value).is_integer() or value < 0:
        raise PermanentFailure(
            f"Tiền thu hộ {value} phải là số đồng nguyên, không âm. "
            "Hãy sửa tham số trong sơ đồ quy trình."
        )
    return int(value)


def _tracked(event: object) -> dict[str, str]:
    if not isinstance(event, dict):
        raise nonsense(LABEL)
    return {
        "kind": text_of(event, "kind", LABEL),
        "at": instant_of(event, "at", LABEL),
        "note": str(event.get("note", ""))[:_LONGEST_NOTE],
    }


def _event_text(content: dict[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
        raise InvalidInput(
            "Sự kiện bưu chính thiếu thông tin.",
            fields={name: [f"Phải là chuỗi không rỗng, tối đa {_LONGEST_TEXT} ký tự."]},
        )
    return value


def _event_kind(content: dict[str, Any]) -> PostalEventKind:
    try:
        return PostalEventKind(_event_text(content, "kind"))
    except ValueError as error:
        raise InvalidInput(
            "Sự kiện bưu chính có loại không hiểu.",
            fields={"kind": [f"Phải là một trong {', '.join(PostalEventKind)}."]},
        ) from error


def _event_instant(content: dict[str, Any]) -> datetime:
    try:
        return utc(_event_text(content, "at"))
    except ValueError as error:
        raise InvalidInput(
            "Sự kiện bưu chính có thời điểm không hiểu.",
            fields={"at": ["Phải là thời điểm ISO 8601 có múi giờ."]},
        ) from error


def _event_note(content: dict[str, Any]) -> str:
    note = content.get("note", "")
    if not isinstance(note, str) or len(note) > _LONGEST_NOTE:
        raise InvalidInput(
            "Sự kiện bưu chính có ghi chú không hợp lệ.",
            fields={"note": [f"Phải là chuỗi, tối đa {_LONGEST_NOTE} ký tự."]},
        )
    return note
