"""Tokens of the API: signed in by password, the same sessions as the pages use."""

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor, bearer
from app.api.schemas import Out
from app.domain.errors import Unauthenticated
from app.domain.permissions import Action, Actor
from app.doors import asks, public, service
from app.usecases import sessions

blueprint = Blueprint("api_sessions", __name__, url_prefix="/api/v1", description="Đăng nhập")


class Credentials(Schema):
    username = fields.String(required=True, validate=validate.Length(1, 100))
    password = fields.String(required=True, validate=validate.Length(1, 200))


class Token(Out):
    token = fields.String(metadata={"description": "Gửi kèm: Authorization: Bearer …"})


class BindingOut(Out):
    agency_id = fields.String()
    role = fields.String()
    unit = fields.String(allow_none=True)


class Me(Out):
    id = fields.String()
    name = fields.String()
    username = fields.String()
    bindings = fields.List(fields.Nested(BindingOut))


@blueprint.route("/sessions")
class Sessions(MethodView):
    @public
    @blueprint.doc(security=[])
    @blueprint.arguments(Credentials)
    @blueprint.response(201, Token)
    @blueprint.alt_response(401, "Problem")
    @blueprint.alt_response(429, "Problem")
    def post(self, credentials: dict[str, str]) -> dict[str, str]:
        """Đăng nhập, nhận mã truy cập."""
        with service().open_work() as work:
            token = sessions.sign_in(
                work,
                credentials["username"],
                credentials["password"],
                address=request.remote_addr or "",
                user_agent=request.user_agent.string,
            )
        if token is None:
            raise Unauthenticated(sessions.WRONG)
        return {"token": token}


@blueprint.route("/sessions/current")
class CurrentSession(MethodView):
    @asks(Action.SEE_OWN)
    @blueprint.response(204)
    def delete(self) -> None:
        """Đăng xuất: mã truy cập hết hiệu lực ngay."""
        with service().open_work() as work:
            sessions.sign_out(work, str(bearer()))


@blueprint.route("/me")
class Self(MethodView):
    @asks(Action.SEE_OWN)
    @blueprint.response(200, Me)
    def get(self) -> Actor:
        """Tôi là ai, với những vai trò nào."""
        return actor()
