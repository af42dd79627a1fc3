"""Work that waits for people."""

from sqlalchemy import Index, Table

from app.domain.user_tasks import TaskState, UserTask
from app.store.schema import (
    entity,
    instant,
    is_word,
    json,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    searchable,
    tenant,
    word,
    words,
)

user_tasks = Table(
    "user_tasks",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("instance_id"),
    number("token"),
    words("element"),
    words("name"),
    maybe("form_key"),
    json("roles"),
    instant("created_at"),
    words("case_code"),
    words("subject_name"),
    words("person_name"),
    words("definition_key"),
    maybe("unit"),
    json("candidates"),
    maybe("assignee"),
    words("assignee_name"),
    instant("due_at", nullable=True),
    words("due_source"),
    instant("follow_up_at", nullable=True),
    number("priority"),
    maybe("public_name"),
    word("state", TaskState),
    number("version"),
    json("draft", nullable=True),
    instant("draft_at", nullable=True),
    instant("completed_at", nullable=True),
    maybe("completed_by"),
    words("completed_by_name"),
    words("search_text"),
    Index("ix_user_tasks_instance_id", "instance_id", "token"),
)
column = user_tasks.c
still_open = is_word(column.state, TaskState.OPEN)
partial_index(
    "ix_user_tasks_agency",
    column.tenant_id,
    column.agency_id,
    column.due_at,
    column.id,
    where=still_open,
)
partial_index(
    "ix_user_tasks_assignee",
    column.tenant_id,
    column.assignee,
    column.due_at,
    column.id,
    where=still_open & column.assignee.isnot(None),
)

entity(
    UserTask,
    user_tasks,
    version=column.version,
    recent=lambda task: task.state is TaskState.OPEN,
)
searchable(UserTask, "case_code", "name", "subject_name", "person_name")
