"""The post's side: orders, where the items are, and webhooks that say so."""

import json
import sqlite3
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final
from uuid import uuid4

from app.outbound.signatures import Key
from connectors.sandbox import callbacks
from connectors.sandbox.callbacks import Callbacks
from connectors.sandbox.faults import Faults
from connectors.sandbox.ledger import Ledger
from connectors.sandbox.system import Operation, Refusal, Request, System, Table, record, wall_clock

# What may follow; the first is what happens when nobody chooses.
_NEXT: Final[dict[str, tuple[str, ...]]] = {
    "registered": ("collected",),
    "collected": ("in_transit",),
    "in_transit": ("delivered", "failed_attempt", "returned"),
    "failed_attempt": ("delivered", "failed_attempt", "returned"),
}
_STATE_LABELS: Final = {
    "registered": "Đã nhận đơn",
    "collected": "Đã thu gom",
    "in_transit": "Đang vận chuyển",
    "failed_attempt": "Phát chưa thành công",
    "delivered": "Đã phát",
    "returned": "Chuyển hoàn",
    "cancelled": "Đã hủy",
}
_CLOSED: Final = frozenset({"delivered", "returned", "cancelled"})
_SHORTEST_ADDRESS: Final = 5  # characters; the post cannot find less than that


class PostSystem(System):
    name: ClassVar[str] = "public_post"
    title: ClassVar[str] = "Bưu chính công ích"
    calls_back: ClassVar[bool] = True
    TABLES: ClassVar[str] = (
        callbacks.TABLES
        + """
    CREATE TABLE IF NOT EXISTS orders (
        item_code TEXT PRIMARY KEY,
        order_number TEXT NOT NULL,
        receiver TEXT NOT NULL,
        cod_amount INTEGER NOT NULL,
        state TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        next_at REAL
    );
    CREATE TABLE IF NOT EXISTS events (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        event_id TEXT NOT NULL UNIQUE,
        item_code TEXT NOT NULL REFERENCES orders,
        kind TEXT NOT NULL,
        at TEXT NOT NULL,
        note TEXT NOT NULL
    );
    """
    )

    def __init__(
        self,
        ledger: Ledger,
        faults: Faults,
        keys: tuple[Key, ...],
        *,
        callback_url: str | None,
        auto_deliver: float | None,
    ) -> None:
        """`auto_deliver`: seconds after which an item takes its next step by itself."""
        super().__init__(ledger, faults, keys)
        self._auto_deliver = auto_deliver
        self.callbacks = Callbacks(ledger, faults, keys[0], callback_url, self._move_by_itself)

    def start(self) -> None:
        self.callbacks.start()

    def close(self) -> None:
        self.callbacks.stop()
        super().close()

    def operations(self) -> Mapping[str, tuple[str, Operation]]:
        return {
            "/orders": ("create_order", self._create),
            "/orders/cancellations": ("cancel_order", _cancel),
            "/orders/tracking": ("track", _track),
        }

    def state(self) -> dict[str, list[dict[str, object]]]:
        return {
            "orders": self.ledger.rows("SELECT * FROM orders ORDER BY item_code"),
            "events": self.ledger.rows("SELECT * FROM events ORDER BY number"),
            "callbacks": self.ledger.rows(
                "SELECT event_id, times, delivered, attempts FROM callbacks ORDER BY rowid"
            ),
        }

    def tables(self) -> list[Table]:
        orders = self.state()["orders"]
        return [
            Table(
                "Bưu gửi",
                ("Mã bưu gửi", "Hồ sơ", "Người nhận", "Thu hộ", "Tình trạng", "Từ lúc"),
                [
                    (
                        str(order["item_code"]),
                        str(order["order_number"]),
                        str(order["receiver"]),
                        f"{order['cod_amount']:,} đ".replace(",", "."),
                        _STATE_LABELS[str(order["state"])],
                        wall_clock(order["changed_at"]),
                    )
                    for order in orders
                ],
                [
                    {
                        _STATE_LABELS[kind]: f"/_sandbox/orders/{order['item_code']}/next?{kind}"
                        for kind in _NEXT.get(str(order["state"]), ())
                    }
                    for order in orders
                ],
            )
        ]

    def advance(self, subject: str, kind: str | None) -> dict[str, Any]:
        """Let the next thing happen to an item, and tell it. Raises Refusal."""
        with self.ledger.transaction() as db:
            order = _order(db, subject, status=404)
            following = _NEXT.get(order["state"], ())
            chosen = kind or next(iter(following), "")
            if chosen not in following:
                raise Refusal(
                    409,
                    "wrong_state",
                    f"Bưu gửi đang {order['state']}, không thể {kind or 'đi tiếp'}",
                )
            event = self._happen(db, order, chosen)
        self.callbacks.wake()
        return event

    def _create(self, request: Request) -> dict[str, Any]:
        number, receiver = request.text("order_number"), request.group("receiver")
        for name in ("customer_code", "description"):
            request.text(name)
        for party in (request.group("sender"), receiver):
            _require_party(party)
        if len(receiver["address"].strip()) < _SHORTEST_ADDRESS:
            raise Refusal(422, "address_unknown", "Không phát được tới địa chỉ người nhận")
        open_orders = request.db.execute(
            "SELECT state FROM orders WHERE order_number = ?", (number,)
        ).fetchall()
        if any(order["state"] not in _CLOSED for order in open_orders):
            raise Refusal(422, "order_exists", f"Đơn {number} đã có và chưa kết thúc")
        item_code = _item_code(request.db)
        request.db.execute(
            "INSERT INTO orders VALUES (?, ?, ?, ?, 'registered', ?, ?)",
            (
                item_code,
                number,
                receiver["name"],
                request.number("cod_amount"),
                request.at,
                self._next_at("registered"),
            ),
        )
        record(request, "create_order", item_code)
        self.callbacks.wake()  # it looks when this transaction lets go of the ledger
        return {"item_code": item_code, "accepted_at": request.at}

    def _happen(self, db: sqlite3.Connection, order: sqlite3.Row, kind: str) -> dict[str, Any]:
        event = {
            "event_id": uuid4().hex,
            "item_code": order["item_code"],
            "order_number": order["order_number"],
            "kind": kind,
            "at": datetime.now(UTC).isoformat(),
            "note": _STATE_LABELS[kind],
        }
        db.execute(
            "INSERT INTO events (event_id, item_code, kind, at, note) VALUES (?, ?, ?, ?, ?)",
            (event["event_id"], event["item_code"], kind, event["at"], event["note"]),
        )
        db.execute(
            "UPDATE orders SET state = ?, changed_at = ?, next_at = ? WHERE item_code = ?",
            (kind, event["at"], self._next_at(kind), event["item_code"]),
        )
        self.callbacks.add(db, event["item_code"], event, last=kind in _CLOSED)
        return event

    def _next_at(self, state: str) -> float | None:
        if self._auto_deliver is None or state in _CLOSED:
            return None
        return time.time() + self._auto_deliver

    def _move_by_itself(self) -> float | None:
        with self.ledger.transaction() as db:
            due = db.execute("SELECT * FROM orders WHERE next_at <= ?", (time.time(),)).fetchall()
            for order in due:
                self._happen(db, order, _NEXT[order["state"]][0])
            following = db.execute("SELECT min(next_at) AS at FROM orders").fetchone()
        at: float | None = following["at"]
        return at


def _cancel(request: Request) -> dict[str, Any]:
    request.text("reason")
    order = _order(request.db, request.text("item_code"), status=422)
    if order["state"] == "cancelled":
        return {"cancelled_at": order["changed_at"]}
    if order["state"] != "registered":
        raise Refusal(422, "too_late", "Bưu gửi đã được thu gom, không hủy được nữa")
    request.db.execute(
        "UPDATE orders SET state = 'cancelled', changed_at = ?, next_at = NULL WHERE item_code = ?",
        (request.at, order["item_code"]),
    )
    record(request, "cancel_order", order["item_code"])
    return {"cancelled_at": request.at}


def _track(request: Request) -> dict[str, Any]:
    order = _order(request.db, request.text("item_code"), status=422)
    events = request.db.execute(
        "SELECT kind, at, note FROM events WHERE item_code = ? ORDER BY number",
        (order["item_code"],),
    )
    return {"state": order["state"], "events": [dict(event) for event in events]}


def _order(db: sqlite3.Connection, item_code: str, *, status: int) -> sqlite3.Row:
    order: sqlite3.Row | None = db.execute(
        "SELECT * FROM orders WHERE item_code = ?", (item_code,)
    ).fetchone()
    if order is None:
        raise Refusal(status, "item_unknown", f"Không có bưu gửi {item_code}")
    return order


def _require_party(party: Mapping[str, Any]) -> None:
    for part in ("name", "phone", "address", "province"):
        value = party.get(part)
        if not isinstance(value, str) or not value.strip():
            given = json.dumps(party, ensure_ascii=False)
            raise Refusal(400, "bad_field", f"{part} phải là chuỗi không rỗng, nhận được {given}")


def _item_code(db: sqlite3.Connection) -> str:
    """Number an item as the postal union does (S10): two letters, nine digits, country."""
    serial = db.execute("SELECT count(*) FROM orders").fetchone()[0] + 1
    digits = f"{serial:08d}"
    weighted = sum(
        int(digit) * weight for digit, weight in zip(digits, (8, 6, 4, 2, 3, 5, 9, 7), strict=True)
    )
    check = {10: 0, 11: 5}.get(11 - weighted % 11, 11 - weighted % 11)
    return f"CP{digits}{check}VN"
