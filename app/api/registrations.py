"""Điều 11 over the API: register a service with its files, submit it, follow it."""

from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.schemas import Out, ProblemOut, SearchQuery, paged
from app.domain.engine import Problem
from app.domain.permissions import Action
from app.domain.procedures import RegistrationState, ServiceLevel, ServiceRegistration
from app.doors import asks, service
from app.usecases import registrations
from app.usecases.ports import Page

blueprint = Blueprint(
    "api_registrations",
    __name__,
    url_prefix="/api/v1/registrations",
    description="Đăng ký dịch vụ (Đ11)",
)


class RegistrationOut(Out):
    id = fields.String()
    code = fields.String()
    agency_id = fields.String()
    procedure_id = fields.String()
    service_name = fields.String()
    level = fields.String()
    state = fields.String()
    version = fields.Integer()
    round = fields.Integer()
    document_number = fields.String()
    document_date = fields.Date(allow_none=True)
    announcement_number = fields.String()
    announcement_date = fields.Date(allow_none=True)
    process_approval_number = fields.String()
    process_approval_date = fields.Date(allow_none=True)
    procedure_data = fields.Dict()
    files = fields.Dict(metadata={"description": "Tên tệp → SHA-256."})
    fileset_checksum = fields.String(allow_none=True)
    submitted_at = fields.AwareDateTime(allow_none=True)
    appraisal_number = fields.String()
    appraisal_date = fields.Date(allow_none=True)
    appraisal_reasons = fields.String()
    published_version = fields.Integer(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)


class RegistrationQuery(SearchQuery):
    state = fields.Enum(RegistrationState, by_value=True, load_default=None)


class RegistrationIn(Schema):
    agency_id = fields.String(required=True)
    procedure_id = fields.String(required=True)


class EditIn(Schema):
    version = fields.Integer(required=True)
    level = fields.Enum(ServiceLevel, by_value=True, required=True)
    document_number = fields.String(load_default="", validate=validate.Length(max=100))
    document_date = fields.Date(load_default=None, allow_none=True)
    announcement_number = fields.String(load_default="", validate=validate.Length(max=100))
    announcement_date = fields.Date(load_default=None, allow_none=True)
    process_approval_number = fields.String(load_default="", validate=validate.Length(max=100))
    process_approval_date = fields.Date(load_default=None, allow_none=True)
    procedure_data = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


@blueprint.route("")
class Registrations(MethodView):
    @asks(Action.VIEW_REGISTRATION)
    @blueprint.arguments(RegistrationQuery, location="query")
    @blueprint.response(200, paged(RegistrationOut, "Registration"))
    def get(self, query: dict[str, Any]) -> Page[ServiceRegistration]:
        """Hồ sơ đăng ký mà người gọi được xem."""
        with service().open_work(read_only=True) as work:
            return work.registrations.page(
                registrations.reach(actor()),
                query["state"],
                query["search"],
                query["page"],
                query["size"],
            )

    @asks(Action.EDIT_REGISTRATION)
    @blueprint.arguments(RegistrationIn)
    @blueprint.response(201, RegistrationOut)
    def post(self, given: dict[str, str]) -> ServiceRegistration:
        """Mở hồ sơ đăng ký cho một thủ tục của cơ quan."""
        with service().open_work() as work:
            return registrations.create(work, actor(), given["agency_id"], given["procedure_id"])


@blueprint.route("/<registration_id>")
class Registration(MethodView):
    @asks(Action.VIEW_REGISTRATION)
    @blueprint.response(200, RegistrationOut)
    @blueprint.alt_response(404, "Problem")
    def get(self, registration_id: str) -> ServiceRegistration:
        """Một hồ sơ đăng ký."""
        with service().open_work(read_only=True) as work:
            return registrations.visible(work, actor(), registration_id)

    @asks(Action.EDIT_REGISTRATION)
    @blueprint.arguments(EditIn)
    @blueprint.response(200, RegistrationOut)
    @blueprint.alt_response(409, "Problem")
    def put(self, given: dict[str, Any], registration_id: str) -> ServiceRegistration:
        """Ghi văn bản và dữ liệu thủ tục."""
        command = registrations.EditRegistration(
            registration_id=registration_id, **{**given, "level": given["level"].value}
        )
        with service().open_work() as work:
            return registrations.edit(work, actor(), command)


@blueprint.route("/<registration_id>/files/<name>")
class File(MethodView):
    @asks(Action.EDIT_REGISTRATION)
    @blueprint.response(200, ProblemOut(many=True))
    @blueprint.alt_response(422, "Problem")
    def put(self, registration_id: str, name: str) -> list[Problem]:
        """Thêm hoặc thay một tệp (nội dung thô); trả về kết quả kiểm tra cả bộ."""
        with service().open_work() as work:
            return registrations.put_file(work, actor(), registration_id, name, request.get_data())

    @asks(Action.EDIT_REGISTRATION)
    @blueprint.response(200, ProblemOut(many=True))
    def delete(self, registration_id: str, name: str) -> list[Problem]:
        """Bỏ một tệp."""
        with service().open_work() as work:
            return registrations.remove_file(work, actor(), registration_id, name)


@blueprint.route("/<registration_id>/submission")
class Submission(MethodView):
    @asks(Action.EDIT_REGISTRATION)
    @blueprint.response(200, RegistrationOut)
    @blueprint.alt_response(409, "Problem")
    @blueprint.alt_response(422, "Problem")
    def post(self, registration_id: str) -> ServiceRegistration:
        """Nộp: bộ tệp được đóng băng, K1 bắt đầu."""
        with service().open_work() as work:
            return registrations.submit(work, actor(), registration_id)
