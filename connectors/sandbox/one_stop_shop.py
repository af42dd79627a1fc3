"""The one-stop system's side: services it has put on the portal, statuses it has been told."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from connectors.answers import utc
from connectors.sandbox.system import Operation, Refusal, Request, System, Table, record, wall_clock

_PROCEDURE = re.compile(r"\d\.\d{6}(\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?")
_RETURNED = 10  # Đã trả kết quả


class OneStopSystem(System):
    name: ClassVar[str] = "one_stop_shop"
    title: ClassVar[str] = "Hệ thống một cửa điện tử"
    TABLES: ClassVar[str] = """
    CREATE TABLE IF NOT EXISTS services (
        service_code TEXT PRIMARY KEY,
        service_id TEXT NOT NULL,
        name TEXT NOT NULL,
        level TEXT NOT NULL,
        agency_code TEXT NOT NULL,
        version INTEGER NOT NULL,
        checksum TEXT NOT NULL,
        published_at TEXT NOT NULL,
        withdrawn_at TEXT
    );
    CREATE TABLE IF NOT EXISTS case_statuses (
        case_code TEXT PRIMARY KEY,
        status INTEGER NOT NULL,
        status_name TEXT NOT NULL,
        step_name TEXT NOT NULL,
        unit TEXT NOT NULL,
        at TEXT NOT NULL
    );
    """

    def operations(self) -> Mapping[str, tuple[str, Operation]]:
        return {
            "/services": ("publish_service", _publish),
            "/services/withdrawals": ("withdraw_service", _withdraw),
            "/case-statuses": ("report_status", _report),
        }

    def state(self) -> dict[str, list[dict[str, object]]]:
        return {
            "services": self.ledger.rows("SELECT * FROM services ORDER BY service_code"),
            "case_statuses": self.ledger.rows("SELECT * FROM case_statuses ORDER BY case_code"),
        }

    def tables(self) -> list[Table]:
        state = self.state()
        services = [
            [
                *(str(service[column]) for column in _SERVICE_COLUMNS),
                wall_clock(service["published_at"]),
                wall_clock(service["withdrawn_at"]),
            ]
            for service in state["services"]
        ]
        statuses = [
            [*(str(status[column]) for column in _STATUS_COLUMNS), wall_clock(status["at"])]
            for status in state["case_statuses"]
        ]
        return [
            Table(
                "Dịch vụ trên cổng",
                ("Mã dịch vụ", "Tên", "Mức độ", "Cơ quan", "Phiên bản", "Đăng tải", "Gỡ"),
                services,
            ),
            Table(
                "Tình trạng hồ sơ",
                ("Mã số hồ sơ", "Trạng thái", "Bước", "Đơn vị", "Thời điểm"),
                statuses,
            ),
        ]


_SERVICE_COLUMNS = ("service_code", "name", "level", "agency_code", "version")
_STATUS_COLUMNS = ("case_code", "status_name", "step_name", "unit")


def _publish(request: Request) -> dict[str, Any]:
    code, version, checksum = (
        request.text("service_code"),
        request.number("version"),
        request.text("checksum"),
    )
    for name in ("appraisal_document", "announcement_document"):
        _require_document(name, request.group(name))
    if not _PROCEDURE.fullmatch(request.text("procedure_code")):
        raise Refusal(422, "procedure_unknown", "Chưa có thủ tục này trên hệ thống một cửa")
    known = request.db.execute("SELECT * FROM services WHERE service_code = ?", (code,)).fetchone()
    if known is not None and (version, checksum) != (known["version"], known["checksum"]):
        _require_newer(version, known["version"])
    service_id = known["service_id"] if known is not None else f"MC-{uuid4().hex[:12]}"
    request.db.execute(
        "INSERT OR REPLACE INTO services VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
        (
            code,
            service_id,
            request.text("name"),
            request.text("level"),
            request.text("agency_code"),
            version,
            checksum,
            request.at,
        ),
    )
    record(request, "publish_service", code)
    return {"service_id": service_id, "accepted_at": request.at}


def _withdraw(request: Request) -> dict[str, Any]:
    code = request.text("service_code")
    request.text("reason")
    known = request.db.execute("SELECT * FROM services WHERE service_code = ?", (code,)).fetchone()
    if known is None:
        raise Refusal(422, "service_unknown", "Không có dịch vụ này trên hệ thống một cửa")
    if known["withdrawn_at"]:
        return {"service_id": known["service_id"], "withdrawn_at": known["withdrawn_at"]}
    request.db.execute(
        "UPDATE services SET withdrawn_at = ? WHERE service_code = ?", (request.at, code)
    )
    record(request, "withdraw_service", code)
    return {"service_id": known["service_id"], "withdrawn_at": request.at}


def _report(request: Request) -> dict[str, Any]:
    code, status, at = request.text("case_code"), request.number("status"), _instant(request)
    if not 1 <= status <= _RETURNED:
        raise Refusal(400, "bad_field", "status phải từ 1 đến 10")
    last = request.db.execute(
        "SELECT status, at FROM case_statuses WHERE case_code = ?", (code,)
    ).fetchone()
    if last is None or at >= datetime.fromisoformat(last["at"]):
        if last is not None and last["status"] == _RETURNED != status:
            raise Refusal(422, "case_closed", "Hồ sơ đã trả kết quả")
        values = (code, status, *map(request.text, ("status_name", "step_name", "unit")))
        request.db.execute(
            "INSERT OR REPLACE INTO case_statuses VALUES (?, ?, ?, ?, ?, ?)",
            (*values, at.isoformat()),
        )
    record(request, "report_status", code)
    return {"receipt_id": f"BN-{uuid4().hex[:12]}", "accepted_at": request.at}


def _require_newer(version: int, current: int) -> None:
    if version <= current:
        raise Refusal(
            422, "version_not_newer", f"Đã có phiên bản {current}, không nhận phiên bản {version}"
        )


def _require_document(name: str, document: Mapping[str, Any]) -> None:
    number, day = document.get("number"), document.get("date")
    try:
        complete = bool(number) and bool(datetime.fromisoformat(str(day)))
    except ValueError:
        complete = False
    if not complete:
        given = json.dumps(document, ensure_ascii=False)
        raise Refusal(400, "bad_field", f"{name} cần number và date, nhận được {given}")


def _instant(request: Request) -> datetime:
    try:
        return utc(request.text("at"))
    except ValueError:
        raise Refusal(400, "bad_field", "at phải là thời điểm ISO 8601 có múi giờ") from None
