"""Events from outside: a message for the one who waits, a signal for all who do."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.schemas import Out, variables
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import broadcasts, correlation, start_events
from app.usecases.correlation import Correlation

blueprint = Blueprint(
    "api_events", __name__, url_prefix="/api/v1", description="Thông điệp và tín hiệu"
)

NAME = validate.Length(1, 200)


def _word() -> fields.String:
    return fields.String(load_default=None, allow_none=True, validate=NAME)


class MessageIn(Schema):
    """Whom it is meant for, and what it brings. `all`: everybody who waits, not just one."""

    name = _word()
    business_key = _word()
    instance_id = _word()
    token = fields.Integer(load_default=None, allow_none=True)
    keys = variables()
    local_keys = variables()
    payload = variables()
    local = variables()
    definition_id = _word()
    agency_id = fields.String(load_default="", validate=validate.Length(max=64))
    all = fields.Boolean(load_default=False)


class ReachedOut(Out):
    instance_ids = fields.List(fields.String())


class SignalIn(Schema):
    name = fields.String(required=True, validate=NAME)
    payload = variables()
    agency_id = fields.String(required=True, validate=NAME)
    instance_id = _word()


class ReceiversOut(Out):
    receivers = fields.Integer()


class ConditionsIn(Schema):
    """What is so now; `definition_id` narrows it to one process."""

    values = variables()
    agency_id = fields.String(required=True, validate=NAME)
    business_key = _word()
    definition_id = _word()


class TriggerIn(Schema):
    token = fields.Integer(required=True)
    values = variables()


@blueprint.route("/messages")
class Messages(MethodView):
    @asks(Action.SEND_EVENTS)
    @blueprint.arguments(MessageIn)
    @blueprint.response(200, ReachedOut)
    @blueprint.alt_response(404, "Problem")
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any]) -> dict[str, list[str]]:
        """Gửi ngay một thông điệp tới nơi đang chờ."""
        everybody = given.pop("all")
        wanted = Correlation(**given)
        with service().open_work() as work:
            if everybody:
                return {"instance_ids": correlation.correlate_all(work, actor(), wanted)}
            return {"instance_ids": [correlation.correlate(work, actor(), wanted)]}


@blueprint.route("/signals")
class Signals(MethodView):
    @asks(Action.SEND_EVENTS)
    @blueprint.arguments(SignalIn)
    @blueprint.response(202, ReceiversOut)
    def post(self, given: dict[str, Any]) -> dict[str, int]:
        """Phát một tín hiệu tới mọi nơi đang chờ."""
        with service().open_work() as work:
            found = broadcasts.broadcast(
                work,
                actor(),
                given["name"],
                given["payload"],
                agency_id=given["agency_id"],
                instance_id=given["instance_id"],
            )
        return {"receivers": found}


@blueprint.route("/conditions")
class Conditions(MethodView):
    @asks(Action.SEND_EVENTS)
    @blueprint.arguments(ConditionsIn)
    @blueprint.response(200, ReachedOut)
    def post(self, given: dict[str, Any]) -> dict[str, list[str]]:
        """Bắt đầu mọi quy trình có điều kiện khởi đầu đúng với dữ liệu này."""
        values = given.pop("values")
        with service().open_work() as work:
            begun = start_events.evaluate(work, actor(), values, **given)
        return {"instance_ids": begun}


@blueprint.route("/process-instances/<instance_id>/triggers")
class Triggers(MethodView):
    @asks(Action.SEND_EVENTS)
    @blueprint.arguments(TriggerIn)
    @blueprint.response(204)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str) -> None:
        """Cho một bước chờ không tên thông điệp đi tiếp."""
        with service().open_work() as work:
            correlation.trigger(work, actor(), instance_id, given["token"], given["values"])
