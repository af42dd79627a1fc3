"""Work that waits for a person."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.errors import Conflict, InvalidState


class TaskState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class UserTask:
    """`assignee` is a field, not a state. `version` travels with the page and comes back with it.

    `roles` are the roles that may take it, at `agency_id` (and in `unit`, where one is named).
    `draft` is what was typed and not yet sent: kept whatever happens to the assignment.
    """

    id: str
    tenant_id: str
    agency_id: str
    instance_id: str
    token: int
    element: str
    name: str
    form_key: str | None
    roles: list[str]
    created_at: datetime
    case_code: str = ""  # what people search by: code of the case or registration
    subject_name: str = ""  # procedure or service the case is about
    person_name: str = ""  # owner of the case
    definition_key: str = ""
    unit: str | None = None
    candidates: list[str] = field(default_factory=list)  # usernames
    assignee: str | None = None  # user id
    assignee_name: str = ""
    due_at: datetime | None = None
    due_source: str = ""  # the legal clock that sets due_at (K4, …); empty: the diagram's own
    follow_up_at: datetime | None = None
    priority: int = 50
    public_name: str | None = None
    state: TaskState = TaskState.OPEN
    version: int = 0
    draft: dict[str, Any] | None = None
    draft_at: datetime | None = None
    completed_at: datetime | None = None
    completed_by: str | None = None
    completed_by_name: str = ""

    def require_open(self) -> None:
        if self.state is TaskState.COMPLETED:
            by = f" bởi {self.completed_by_name}" if self.completed_by_name else ""
            raise InvalidState(
                f"Việc này đã được hoàn thành{by}. Hãy quay lại danh sách công việc."
            )
        if self.state is TaskState.CANCELLED:
            raise InvalidState("Việc này không còn cần làm vì quy trình đã chuyển sang bước khác.")

    def require_version(self, version: int | None) -> None:
        """Refuse a page that was drawn before somebody else changed the task."""
        if version is not None and version != self.version:
            raise Conflict(
                "Việc này đã thay đổi sau khi bạn mở trang. "
                "Nội dung bạn nhập vẫn còn; hãy xem lại rồi gửi lần nữa."
            )

    def claim(self, user_id: str, name: str) -> None:
        self.require_open()
        if self.assignee not in {None, user_id}:
            raise Conflict(f"Việc này đã có {self.assignee_name} nhận.")
        self.assignee, self.assignee_name = user_id, name

    def release(self) -> None:
        self.require_open()
        self.assignee, self.assignee_name = None, ""

    def assign(self, user_id: str, name: str) -> None:
        self.require_open()
        self.assignee, self.assignee_name = user_id, name

    def keep_draft(self, values: dict[str, Any], at: datetime) -> None:
        self.require_open()
        self.draft, self.draft_at = values, at

    def complete(self, by: str, name: str, at: datetime) -> None:
        self.require_open()
        self.state = TaskState.COMPLETED
        self.completed_at, self.completed_by, self.completed_by_name = at, by, name
        self.draft = None

    def follow(self, definition_key: str, form_key: str | None) -> None:
        """Go on in another definition: by its form; who, until when and the draft stay."""
        self.require_open()
        self.definition_key, self.form_key = definition_key, form_key

    def cancel(self) -> None:
        if self.state is TaskState.OPEN:
            self.state = TaskState.CANCELLED
