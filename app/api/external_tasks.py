"""Service tasks for workers outside: fetch, then answer with the fence that came with the task."""

from datetime import timedelta
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.schemas import Out, variables
from app.domain.permissions import Action
from app.domain.waiting import LEASE, Job
from app.doors import asks, service
from app.usecases import external_tasks
from app.usecases.external_tasks import LONGEST_LEASE, MOST, Answer

blueprint = Blueprint(
    "api_external_tasks",
    __name__,
    url_prefix="/api/v1/external-tasks",
    description="Công việc giao cho chương trình bên ngoài",
)

SECONDS = validate.Range(1, LONGEST_LEASE.total_seconds())


class FetchIn(Schema):
    topics = fields.List(
        fields.String(validate=validate.Length(1, 200)),
        required=True,
        validate=validate.Length(1, 50),
    )
    limit = fields.Integer(load_default=1, validate=validate.Range(1, MOST))
    lease_seconds = fields.Integer(load_default=int(LEASE.total_seconds()), validate=SECONDS)


class ExternalTaskOut(Out):
    id = fields.String()
    topic = fields.String()
    element = fields.String()
    instance_id = fields.String()
    parameters = fields.Dict()
    attempts = fields.Integer()
    max_attempts = fields.Integer()
    fence = fields.Integer(metadata={"description": "Gửi lại số này khi trả lời."})
    lease_until = fields.AwareDateTime(allow_none=True)
    state = fields.String()


class FencedIn(Schema):
    fence = fields.Integer(required=True, validate=validate.Range(min=1))


class ExternalCompletionIn(FencedIn):
    values = variables()


class ErrorIn(FencedIn):
    code = fields.String(required=True, validate=validate.Length(1, 200))
    message = fields.String(load_default="", validate=validate.Length(max=2_000))
    values = variables()


class FailureIn(FencedIn):
    message = fields.String(required=True, validate=validate.Length(1, 2_000))
    retry_after_seconds = fields.Integer(load_default=None, validate=SECONDS)
    for_good = fields.Boolean(load_default=False)


class LeaseIn(FencedIn):
    lease_seconds = fields.Integer(required=True, validate=SECONDS)


@blueprint.route("/fetches")
class Fetches(MethodView):
    @asks(Action.DO_EXTERNAL_TASKS)
    @blueprint.arguments(FetchIn)
    @blueprint.response(200, ExternalTaskOut(many=True))
    def post(self, given: dict[str, Any]) -> list[Job]:
        """Nhận việc của các chủ đề, giữ trong thời gian đã hẹn."""
        return external_tasks.fetch(
            service().open_work,
            actor(),
            given["topics"],
            limit=given["limit"],
            lease=timedelta(seconds=given["lease_seconds"]),
        )


@blueprint.route("/<job_id>/completion")
class Completion(MethodView):
    @asks(Action.DO_EXTERNAL_TASKS)
    @blueprint.arguments(ExternalCompletionIn)
    @blueprint.response(200, ExternalTaskOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], job_id: str) -> Job:
        """Đã làm xong; kết quả trở thành dữ liệu của quy trình."""
        with service().open_work() as work:
            answer = Answer(job_id, given["fence"])
            return external_tasks.complete(work, actor(), answer, given["values"])


@blueprint.route("/<job_id>/error")
class BusinessRefusal(MethodView):
    @asks(Action.DO_EXTERNAL_TASKS)
    @blueprint.arguments(ErrorIn)
    @blueprint.response(200, ExternalTaskOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], job_id: str) -> Job:
        """Kết thúc bằng lỗi nghiệp vụ; sơ đồ bắt lỗi theo mã."""
        with service().open_work() as work:
            return external_tasks.throw_error(
                work,
                actor(),
                Answer(job_id, given["fence"]),
                given["code"],
                message=given["message"],
                values=given["values"],
            )


@blueprint.route("/<job_id>/failure")
class Failure(MethodView):
    @asks(Action.DO_EXTERNAL_TASKS)
    @blueprint.arguments(FailureIn)
    @blueprint.response(200, ExternalTaskOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], job_id: str) -> Job:
        """Chưa làm được: thử lại sau, hoặc thành sự cố khi hết lượt."""
        pause = given["retry_after_seconds"]
        with service().open_work() as work:
            return external_tasks.fail(
                work,
                actor(),
                Answer(job_id, given["fence"]),
                given["message"],
                retry_after=None if pause is None else timedelta(seconds=pause),
                for_good=given["for_good"],
            )


@blueprint.route("/<job_id>/lease")
class Lease(MethodView):
    @asks(Action.DO_EXTERNAL_TASKS)
    @blueprint.arguments(LeaseIn)
    @blueprint.response(200, ExternalTaskOut)
    @blueprint.alt_response(409, "Problem")
    def put(self, given: dict[str, Any], job_id: str) -> Job:
        """Giữ việc thêm một thời gian."""
        lease = timedelta(seconds=given["lease_seconds"])
        with service().open_work() as work:
            return external_tasks.extend(work, actor(), Answer(job_id, given["fence"]), lease)
