"""The one-stop-shop system (Hệ thống một cửa điện tử): publication of services, case status."""

from typing import Any, Final

from app.domain.connectors import Call, PermanentFailure
from app.outbound.http import HttpSession
from connectors.answers import instant_of, text_of

LABEL: Final = "Hệ thống một cửa"

# National case statuses, as the one-stop systems of the provinces hold them (domain.md §2.6).
NATIONAL_STATUSES: Final = {
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}


class OneStopShop:
    """Speaks to the one-stop system; every question may be put twice under the same key."""

    def __init__(self, session: HttpSession) -> None:
        self._session = session

    def call(self, call: Call) -> dict[str, Any]:
        """Ask. Raises TemporaryFailure, PermanentFailure or BusinessError."""
        match call.operation:
            case "publish_service":
                return self._publish(call)
            case "withdraw_service":
                return self._withdraw(call)
            case "report_status":
                return self._report(call)
            case _:
                raise PermanentFailure(f"{LABEL} không có thao tác “{call.operation}”.")

    def _publish(self, call: Call) -> dict[str, Any]:
        answer = self._session.post("/services", call.parameters, key=call.key)
        return {
            "service_id": text_of(answer, "service_id", LABEL),
            "accepted_at": instant_of(answer, "accepted_at", LABEL),
        }

    def _withdraw(self, call: Call) -> dict[str, Any]:
        answer = self._session.post("/services/withdrawals", call.parameters, key=call.key)
        return {
            "service_id": text_of(answer, "service_id", LABEL),
            "withdrawn_at": instant_of(answer, "withdrawn_at", LABEL),
        }

    def _report(self, call: Call) -> dict[str, Any]:
        status = call.parameters.get("status")
        if not isinstance(status, int | float) or status not in NATIONAL_STATUSES:
            raise PermanentFailure(
                f"Trạng thái quốc gia {status} không có; phải là số nguyên từ 1 đến 10. "
                "Hãy sửa tham số trong sơ đồ quy trình."
            )
        number = int(status)
        message = {**call.parameters, "status": number, "status_name": NATIONAL_STATUSES[number]}
        answer = self._session.post("/case-statuses", message, key=call.key)
        return {
            "receipt_id": text_of(answer, "receipt_id", LABEL),
            "accepted_at": instant_of(answer, "accepted_at", LABEL),
        }
