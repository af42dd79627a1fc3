"""Dossiers: enter one, look one up."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields

from app.api.context import actor
from app.api.schemas import Out, SearchQuery, paged
from app.domain.cases import NATIONAL_STATUS, Case
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import cases
from app.usecases.ports import Page

blueprint = Blueprint("api_cases", __name__, url_prefix="/api/v1/cases", description="Hồ sơ")


class CaseOut(Out):
    code = fields.String()
    service_id = fields.String()
    service_version = fields.Integer()
    procedure_name = fields.String()
    agency_id = fields.String()
    owner_name = fields.String()
    masked_identity = fields.String()
    channel = fields.String()
    status = fields.String()
    national_status = fields.Function(lambda case: NATIONAL_STATUS[case.status])
    submitted_at = fields.AwareDateTime()
    accepted_at = fields.AwareDateTime(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    returned_at = fields.AwareDateTime(allow_none=True)


class CaseIn(Schema):
    service_id = fields.String(required=True)
    values = fields.Dict(keys=fields.String(), required=True)


@blueprint.route("")
class Cases(MethodView):
    @asks(Action.VIEW_CASE)
    @blueprint.arguments(SearchQuery, location="query")
    @blueprint.response(200, paged(CaseOut, "Case"))
    def get(self, query: dict[str, Any]) -> Page[Case]:
        """Hồ sơ của cơ quan người gọi."""
        with service().open_work(read_only=True) as work:
            return work.cases.page(
                cases.reach(actor()), query["search"], query["page"], query["size"]
            )

    @asks(Action.ENTER_CASE)
    @blueprint.arguments(CaseIn)
    @blueprint.response(201, CaseOut)
    @blueprint.alt_response(422, "Problem")
    def post(self, given: dict[str, Any]) -> Case:
        """Nhập hồ sơ tại quầy."""
        with service().open_work() as work:
            return cases.enter(work, actor(), given["service_id"], given["values"])


@blueprint.route("/<code>")
class OneCase(MethodView):
    @asks(Action.VIEW_CASE)
    @blueprint.response(200, CaseOut)
    @blueprint.alt_response(404, "Problem")
    def get(self, code: str) -> Case:
        """Một hồ sơ theo mã."""
        with service().open_work(read_only=True) as work:
            return cases.visible(work, actor(), code)
