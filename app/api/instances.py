"""Process definitions and instances, for those who run the house."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields

from app.api.context import actor
from app.api.schemas import Out, ReasonIn, SearchQuery, paged
from app.domain.definitions import ProcessDefinition
from app.domain.instances import HistoryEntry, InstanceState, ProcessInstance
from app.domain.permissions import Action, require
from app.doors import asks, service
from app.usecases import instances
from app.usecases.ports import InstanceFilter, Page

blueprint = Blueprint("api_instances", __name__, url_prefix="/api/v1", description="Quy trình")


class DefinitionOut(Out):
    id = fields.String()
    key = fields.String()
    version = fields.Integer()
    name = fields.String()
    version_tag = fields.String(allow_none=True)
    sha256 = fields.String()
    state = fields.String()
    deployed_at = fields.AwareDateTime()


class InstanceOut(Out):
    id = fields.String()
    definition_id = fields.String()
    definition_key = fields.String()
    business_key = fields.String()
    agency_id = fields.String()
    state = fields.String()
    version = fields.Integer()
    started_at = fields.AwareDateTime()
    moved_at = fields.AwareDateTime(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    end_reason = fields.String()
    open_incidents = fields.Integer()


class InstanceDetail(InstanceOut):
    active_elements = fields.List(fields.String())


class HistoryOut(Out):
    seq = fields.Integer()
    at = fields.AwareDateTime()
    kind = fields.String()
    element = fields.String()
    name = fields.String()
    actor_name = fields.String()


class InstanceQuery(SearchQuery):
    state = fields.Enum(InstanceState, by_value=True, load_default=None)
    definition_key = fields.String(load_default=None)
    with_incidents = fields.Boolean(load_default=False)


@blueprint.route("/process-definitions")
class Definitions(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.response(200, DefinitionOut(many=True))
    def get(self) -> list[ProcessDefinition]:
        """Phiên bản mới nhất của mỗi quy trình."""
        with service().open_work(read_only=True) as work:
            found = (work.definitions.latest(key) for key in work.definitions.keys())  # noqa: SIM118 - a query, not a dict
            return [definition for definition in found if definition is not None]


@blueprint.route("/process-instances")
class Instances(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(InstanceQuery, location="query")
    @blueprint.response(200, paged(InstanceOut, "Instance"))
    def get(self, query: dict[str, Any]) -> Page[ProcessInstance]:
        """Tìm quy trình theo trạng thái, loại, mã hồ sơ."""
        wanted = InstanceFilter(
            state=query["state"],
            definition_key=query["definition_key"],
            search=query["search"],
            with_incidents=query["with_incidents"],
        )
        with service().open_work(read_only=True) as work:
            return work.instances.page(wanted, query["page"], query["size"])


@blueprint.route("/process-instances/<instance_id>")
class Instance(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.response(200, InstanceDetail)
    @blueprint.alt_response(404, "Problem")
    def get(self, instance_id: str) -> dict[str, Any]:
        """Một quy trình và nơi nó đang đứng."""
        with service().open_work(read_only=True) as work:
            instance = work.instances.get(instance_id)
            require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
            program = work.programs.get(instance.definition_id)
            shown: dict[str, Any] = dict(InstanceOut().dump(instance))
            at = program.active_elements(instance.snapshot)
        entity = {name: getattr(instance, name) for name in shown if hasattr(instance, name)}
        return {**entity, "active_elements": at}


@blueprint.route("/process-instances/<instance_id>/history")
class History(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.response(200, HistoryOut(many=True))
    def get(self, instance_id: str) -> list[HistoryEntry]:
        """Nhật ký, cũ trước mới sau."""
        with service().open_work(read_only=True) as work:
            instance = work.instances.get(instance_id)
            require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
            return work.instances.history(instance_id)


@blueprint.route("/process-instances/<instance_id>/cancellation")
class Cancellation(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(ReasonIn)
    @blueprint.response(200, InstanceOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, str], instance_id: str) -> ProcessInstance:
        """Hủy quy trình, có lý do."""
        with service().open_work() as work:
            return instances.cancel(work, actor(), instance_id, given["reason"])


@blueprint.route("/process-instances/<instance_id>/suspension")
class Suspension(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.response(200, InstanceOut)
    def put(self, instance_id: str) -> ProcessInstance:
        """Tạm dừng."""
        with service().open_work() as work:
            return instances.suspend(work, actor(), instance_id)

    @asks(Action.OPERATE_INSTANCES)
    @blueprint.response(200, InstanceOut)
    def delete(self, instance_id: str) -> ProcessInstance:
        """Tiếp tục."""
        with service().open_work() as work:
            return instances.resume(work, actor(), instance_id)
