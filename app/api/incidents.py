"""Incidents: what needs a person, retried one by one or many at once."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.schemas import Out, SearchQuery, paged
from app.domain.instances import Incident, IncidentState
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import incidents
from app.usecases.ports import Page

blueprint = Blueprint(
    "api_incidents", __name__, url_prefix="/api/v1/incidents", description="Sự cố"
)


class IncidentOut(Out):
    id = fields.String()
    instance_id = fields.String()
    agency_id = fields.String()
    element = fields.String()
    message = fields.String()
    job_id = fields.String(allow_none=True)
    state = fields.String()
    created_at = fields.AwareDateTime()
    resolved_at = fields.AwareDateTime(allow_none=True)
    resolution = fields.String()


class IncidentQuery(SearchQuery):
    state = fields.Enum(IncidentState, by_value=True, load_default=IncidentState.OPEN)


class ManyIn(Schema):
    incident_ids = fields.List(fields.String(), required=True, validate=validate.Length(1, 500))


class OutcomeOut(Out):
    incident_id = fields.String()
    ok = fields.Boolean()
    result = fields.Enum(incidents.Result, by_value=True)
    message = fields.String()


@blueprint.route("")
class Incidents(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(IncidentQuery, location="query")
    @blueprint.response(200, paged(IncidentOut, "Incident"))
    def get(self, query: dict[str, Any]) -> Page[Incident]:
        """Sự cố đang mở hoặc đã xử lý."""
        with service().open_work(read_only=True) as work:
            return work.incidents.page(
                query["state"], query["page"], query["size"], search=query["search"]
            )


@blueprint.route("/<incident_id>/resolution")
class Resolution(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.response(200, IncidentOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, incident_id: str) -> Incident:
        """Cho chạy lại."""
        with service().open_work() as work:
            return incidents.retry(work, actor(), incident_id)


@blueprint.route("/resolutions")
class Resolutions(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(ManyIn)
    @blueprint.response(200, OutcomeOut(many=True))
    def post(self, given: dict[str, list[str]]) -> list[incidents.Outcome]:
        """Cho chạy lại nhiều sự cố; kết quả thật của từng cái."""
        return incidents.retry_many(service().open_work, actor(), given["incident_ids"])
