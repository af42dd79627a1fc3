"""Steps that people choose: what is offered, begin a step, end the choosing."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.schemas import Out
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import ad_hoc
from app.usecases.ad_hoc import ChooseStep, FinishChoosing, Offered

blueprint = Blueprint(
    "api_ad_hoc",
    __name__,
    url_prefix="/api/v1/process-instances/<instance_id>/offered-steps",
    description="Bước tự chọn",
)

BEGUN = "Số lần đã bắt đầu mà người gọi biết; khác thì 409. Bỏ trống: không kiểm tra."


class CandidatesOut(Out):
    groups = fields.List(fields.String())
    users = fields.List(fields.String())
    agency = fields.String(allow_none=True)
    unit = fields.String(allow_none=True)


class StepOut(Out):
    element = fields.String()
    name = fields.String()
    kind = fields.String()
    running = fields.Integer()
    begun = fields.Integer()
    done = fields.Integer()
    candidates = fields.List(fields.Nested(CandidatesOut))
    may_begin = fields.Boolean(metadata={"description": "Người gọi được bắt đầu bước này."})


class OfferOut(Out):
    token = fields.Integer()
    element = fields.String()
    name = fields.String()
    round = fields.Integer(allow_none=True)
    ordered = fields.Boolean(metadata={"description": "Mỗi lúc chỉ một bước."})
    begun = fields.Integer()
    at_work = fields.List(fields.String())
    closed = fields.String(metadata={"description": "Vì sao lúc này không chọn được."})
    unfinished = fields.String(metadata={"description": "Vì sao lúc này không kết thúc được."})
    taken_by = fields.String(metadata={"description": "Đồng nghiệp đã nhận việc chọn bước."})
    may_end = fields.Boolean()
    steps = fields.List(fields.Nested(StepOut))


class ChoiceIn(Schema):
    element = fields.String(required=True, validate=validate.Length(min=1, max=255))
    begun = fields.Integer(load_default=None, allow_none=True, metadata={"description": BEGUN})


class EndIn(Schema):
    begun = fields.Integer(load_default=None, allow_none=True, metadata={"description": BEGUN})


def _told(seen: Offered) -> dict[str, Any]:
    offer = seen.offer
    names = ("token", "element", "name", "round", "ordered", "begun", "at_work")
    steps = [
        {**_fields(step, StepOut), "may_begin": step.element in seen.may_begin}
        for step in offer.steps
    ]
    return {
        **{name: getattr(offer, name) for name in (*names, "closed", "unfinished")},
        "taken_by": seen.taken_by,
        "may_end": seen.may_end,
        "steps": steps,
    }


def _fields(thing: object, schema: type[Out]) -> dict[str, Any]:
    return {name: getattr(thing, name) for name in schema().fields if hasattr(thing, name)}


def _left(instance_id: str) -> list[dict[str, Any]]:
    """What is offered after a command, of what the caller may see."""
    with service().open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        found = ad_hoc.offered(work, actor(), instance)
        return [_told(seen) for seen in found if seen.concerns]


@blueprint.route("")
class OfferedSteps(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.response(200, OfferOut(many=True))
    @blueprint.alt_response(404, "Problem")
    def get(self, instance_id: str) -> list[dict[str, Any]]:
        """Các bước được chọn ở những tiến trình tùy chọn đang mở."""
        with service().open_work(read_only=True) as work:
            return [_told(seen) for seen in ad_hoc.visible(work, actor(), instance_id)]


@blueprint.route("/<int:token>/choices")
class Choices(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.arguments(ChoiceIn)
    @blueprint.response(200, OfferOut(many=True))
    @blueprint.alt_response(404, "Problem")
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str, token: int) -> list[dict[str, Any]]:
        """Bắt đầu một bước; trả về những gì còn được chọn."""
        command = ChooseStep(instance_id, actor(), token, given["element"], given["begun"])
        with service().open_work() as work:
            ad_hoc.choose(work, command)
        return _left(instance_id)


@blueprint.route("/<int:token>/completion")
class Completion(MethodView):
    @asks(Action.WORK_TASK)
    @blueprint.arguments(EndIn)
    @blueprint.response(200, OfferOut(many=True))
    @blueprint.alt_response(404, "Problem")
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str, token: int) -> list[dict[str, Any]]:
        """Kết thúc phần tự chọn; bước đang làm dở bị hủy, nếu sơ đồ cho phép."""
        command = FinishChoosing(instance_id, actor(), token, given["begun"])
        with service().open_work() as work:
            ad_hoc.finish(work, command)
        return _left(instance_id)
