"""Steps of running instances changed by hand."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.instances import InstanceOut
from app.api.migrations import ID, MOST, REASON, visible
from app.api.schemas import Out
from app.domain.engine import Modification
from app.domain.instances import ProcessInstance
from app.domain.migrations import Standing
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import modifications
from app.usecases.modifications import Modify

blueprint = Blueprint(
    "api_operations",
    __name__,
    url_prefix="/api/v1",
    description="Thao tác trên quy trình đang chạy",
)


class StandingOut(Out):
    token = fields.Integer()
    element = fields.String()
    within = fields.List(fields.Integer())
    round = fields.Integer(allow_none=True)
    holds = fields.Boolean(metadata={"description": "Có bước khác đang chạy bên trong."})
    scope = fields.String()


class ModificationIn(Schema):
    cancel = fields.List(fields.Integer(), load_default=list, validate=validate.Length(max=MOST))
    before = fields.List(ID, load_default=list, validate=validate.Length(max=MOST))
    after = fields.List(ID, load_default=list, validate=validate.Length(max=MOST))
    variables = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String()),
        load_default=dict,
        metadata={"description": "Dữ liệu theo phạm vi; “0” là toàn quy trình."},
    )
    reason = fields.String(required=True, validate=REASON)
    version = fields.Integer(load_default=None, allow_none=True)


class ModifiedOut(Out):
    active = fields.List(fields.String())
    at_once = fields.List(fields.String())
    ends = fields.Boolean()


def _modify(given: dict[str, Any]) -> Modify:
    change = Modification(tuple(given["cancel"]), tuple(given["before"]), tuple(given["after"]))
    return Modify(change, given["variables"], given["reason"], given["version"])


@blueprint.route("/process-instances/<instance_id>/tokens")
class Tokens(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.response(200, StandingOut(many=True))
    @blueprint.alt_response(404, "Problem")
    def get(self, instance_id: str) -> list[Standing]:
        """Những chỗ quy trình đang đứng."""
        with service().open_work(read_only=True) as work:
            instance = visible(work, instance_id)
            program = work.programs.get(instance.definition_id)
            return program.standing(instance.snapshot, programs=work.programs)


@blueprint.route("/process-instances/<instance_id>/modification")
class ModificationOfInstance(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(ModificationIn)
    @blueprint.response(200, InstanceOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str) -> ProcessInstance:
        """Hủy, bắt đầu bước bằng tay, có lý do; làm trọn hoặc không làm gì."""
        with service().open_work() as work:
            return modifications.modify(work, actor(), instance_id, _modify(given))


@blueprint.route("/process-instances/<instance_id>/modification-preview")
class ModificationPreview(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(ModificationIn)
    @blueprint.response(200, ModifiedOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str) -> modifications.Preview:
        """Quy trình sẽ đứng ở đâu; chưa lưu gì."""
        with service().open_work(read_only=True) as work:
            instance = visible(work, instance_id)
            return modifications.preview(work, instance, _modify(given))
