"""How elements, batches and their items are called on the pages of operations."""

from app.domain.batches import Batch, BatchKind, BatchState, ItemState
from app.web.case_page import Status

KINDS = {
    "userTask": "việc của người",
    "serviceTask": "việc của hệ thống",
    "sendTask": "gửi thông điệp",
    "receiveTask": "chờ thông điệp",
    "businessRuleTask": "bảng quyết định",
    "scriptTask": "tính toán",
    "manualTask": "việc ngoài hệ thống",
    "callActivity": "gọi quy trình khác",
    "subProcess": "tiến trình con",
    "transaction": "giao dịch",
    "adHocSubProcess": "các bước tùy chọn",
    "startEvent": "sự kiện bắt đầu",
    "endEvent": "sự kiện kết thúc",
    "boundaryEvent": "sự kiện biên",
    "intermediateCatchEvent": "chờ sự kiện",
    "intermediateThrowEvent": "phát sự kiện",
    "exclusiveGateway": "cổng chọn một",
    "parallelGateway": "cổng song song",
    "inclusiveGateway": "cổng chọn nhiều",
    "complexGateway": "cổng phức hợp",
    "eventBasedGateway": "cổng chờ sự kiện",
}

BATCHES = {
    BatchKind.MIGRATE: "Chuyển phiên bản",
    BatchKind.RETRY: "Chạy lại sự cố",
    BatchKind.CANCEL: "Hủy quy trình",
    BatchKind.SUSPEND: "Tạm dừng",
    BatchKind.RESUME: "Cho chạy tiếp",
}

BATCH_STATES = {
    BatchState.RUNNING: Status("Đang làm", "warn"),
    BatchState.DONE: Status("Đã xong", "ok"),
    BatchState.CANCELLED: Status("Đã dừng", "plain"),
}
PARTLY = Status("Xong một phần", "warn")
NOT_DONE = Status("Không được", "bad")

ITEM_STATES = {
    ItemState.WAITING: Status("Chưa đến lượt", "plain"),
    ItemState.DONE: Status("Được", "ok"),
    ItemState.FAILED: Status("Không được", "bad"),
    ItemState.LEFT_OUT: Status("Không làm", "plain"),
}


def outcome(batch: Batch) -> Status:
    """How a batch stands: one that is over but missed something is not simply done."""
    if batch.state is not BatchState.DONE or not batch.failed:
        return BATCH_STATES[batch.state]
    return PARTLY if batch.done else NOT_DONE


def kind_of(kind: str) -> str:
    return KINDS.get(kind, "bước")
