"""User tasks: list, claim, hand over, keep a draft, complete."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.schemas import Out, SearchQuery, paged
from app.domain.permissions import Action
from app.domain.user_tasks import UserTask
from app.doors import asks, service
from app.usecases import user_tasks
from app.usecases.ports import DueFilter, Page, Queue, TaskFilter

blueprint = Blueprint(
    "api_user_tasks", __name__, url_prefix="/api/v1/user-tasks", description="Công việc"
)


class TaskOut(Out):
    id = fields.String()
    name = fields.String()
    element = fields.String()
    instance_id = fields.String()
    case_code = fields.String()
    subject_name = fields.String()
    person_name = fields.String()
    agency_id = fields.String()
    unit = fields.String(allow_none=True)
    roles = fields.List(fields.String())
    assignee = fields.String(allow_none=True)
    assignee_name = fields.String()
    form_key = fields.String(allow_none=True)
    state = fields.String()
    version = fields.Integer()
    priority = fields.Integer()
    created_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    due_source = fields.String()
    completed_at = fields.AwareDateTime(allow_none=True)
    completed_by_name = fields.String()


class TaskQuery(SearchQuery):
    queue = fields.Enum(Queue, by_value=True, load_default=Queue.MINE)
    due = fields.Enum(DueFilter, by_value=True, load_default=None)
    definition_key = fields.String(load_default=None)
    sort = fields.String(load_default="due", validate=validate.OneOf(["due", "created", "code"]))


class AssignmentIn(Schema):
    user_id = fields.String(
        load_default=None, metadata={"description": "Bỏ trống: chính người gọi nhận việc."}
    )


class CompletionIn(Schema):
    values = fields.Dict(keys=fields.String(), load_default=dict)
    version = fields.Integer(load_default=None)


class DraftIn(Schema):
    values = fields.Dict(keys=fields.String(), required=True)


@blueprint.route("")
class Tasks(MethodView):
    @asks(Action.LIST_TASKS)
    @blueprint.arguments(TaskQuery, location="query")
    @blueprint.response(200, paged(TaskOut, "Task"))
    def get(self, query: dict[str, Any]) -> Page[UserTask]:
        """Danh sách công việc của người gọi."""
        wanted = TaskFilter(
            actor=actor(),
            queue=query["queue"],
            due=query["due"],
            definition_key=query["definition_key"],
            search=query["search"],
            sort=query["sort"],
        )
        with service().open_work(read_only=True) as work:
            return work.user_tasks.page(wanted, query["page"], query["size"], work.now())


@blueprint.route("/<task_id>")
class Task(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.response(200, TaskOut)
    @blueprint.alt_response(404, "Problem")
    def get(self, task_id: str) -> UserTask:
        """Một việc."""
        with service().open_work(read_only=True) as work:
            return user_tasks.visible(work, actor(), task_id)


@blueprint.route("/<task_id>/assignment")
class Assignment(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.arguments(AssignmentIn)
    @blueprint.response(200, TaskOut)
    @blueprint.alt_response(409, "Problem")
    def put(self, given: dict[str, str | None], task_id: str) -> UserTask:
        """Nhận việc, hoặc giao cho người khác."""
        with service().open_work() as work:
            if given["user_id"] in {None, actor().id}:
                return user_tasks.claim(work, actor(), task_id)
            return user_tasks.assign(work, actor(), task_id, str(given["user_id"]))

    @asks(Action.WORK_TASK)
    @blueprint.response(200, TaskOut)
    def delete(self, task_id: str) -> UserTask:
        """Trả việc lại cho nhóm."""
        with service().open_work() as work:
            return user_tasks.release(work, actor(), task_id)


@blueprint.route("/<task_id>/draft")
class Draft(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.arguments(DraftIn)
    @blueprint.response(204)
    def put(self, draft: dict[str, Any], task_id: str) -> None:
        """Lưu nháp, không kiểm tra."""
        with service().open_work() as work:
            user_tasks.keep_draft(work, actor(), task_id, draft["values"])


@blueprint.route("/<task_id>/completion")
class Completion(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.arguments(CompletionIn)
    @blueprint.response(200, TaskOut)
    @blueprint.alt_response(409, "Problem")
    @blueprint.alt_response(422, "Problem")
    def post(self, completion: dict[str, Any], task_id: str) -> UserTask:
        """Hoàn thành việc với nội dung của biểu mẫu."""
        command = user_tasks.CompleteTask(
            task_id, actor(), completion["values"], completion["version"]
        )
        return service().together(task_id, lambda work: user_tasks.complete(work, command))
