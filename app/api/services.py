"""Online services and their published versions."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import fields

from app.api.schemas import Out, SearchQuery, paged
from app.domain.permissions import Action
from app.domain.procedures import OnlineService, ServiceVersion
from app.doors import asks, service
from app.usecases.ports import Page

blueprint = Blueprint(
    "api_services", __name__, url_prefix="/api/v1/services", description="Dịch vụ công trực tuyến"
)


class ServiceOut(Out):
    id = fields.String()
    code = fields.String()
    name = fields.String()
    agency_id = fields.String()
    procedure_id = fields.String()
    level = fields.String()
    live_version = fields.Integer()


class VersionOut(Out):
    version = fields.Integer()
    definition_id = fields.String()
    definition_key = fields.String()
    fileset_checksum = fields.String()
    level = fields.String()
    registration_id = fields.String()
    announcement = fields.Dict()
    process_approval = fields.Dict()
    registration_document = fields.Dict()
    appraisal_document = fields.Dict()
    procedure_data = fields.Dict()
    live_from = fields.AwareDateTime()
    live_to = fields.AwareDateTime(allow_none=True)


@blueprint.route("")
class Services(MethodView):
    @asks(Action.VIEW_SERVICES)
    @blueprint.arguments(SearchQuery, location="query")
    @blueprint.response(200, paged(ServiceOut, "Service"))
    def get(self, query: dict[str, Any]) -> Page[OnlineService]:
        """Danh mục dịch vụ đã đăng tải."""
        with service().open_work(read_only=True) as work:
            return work.services.page(query["search"], query["page"], query["size"])


@blueprint.route("/<service_id>/versions")
class Versions(MethodView):
    @asks(Action.VIEW_SERVICES)
    @blueprint.response(200, VersionOut(many=True))
    @blueprint.alt_response(404, "Problem")
    def get(self, service_id: str) -> list[ServiceVersion]:
        """Các phiên bản: cái nào có hiệu lực, từ khi nào, theo văn bản nào."""
        with service().open_work(read_only=True) as work:
            return work.services.versions(work.services.get(service_id).id)
