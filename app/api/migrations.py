"""Running processes that go on by another version: planned, previewed, moved."""

from collections.abc import Iterable
from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.instances import InstanceOut
from app.api.schemas import Out
from app.domain.engine import ROOT_SCOPE
from app.domain.instances import ProcessInstance
from app.domain.migrations import CalledProcess, MigrationPlan, Pairing
from app.domain.permissions import Action, require
from app.doors import asks, service
from app.usecases import migrations
from app.usecases.migrations import Migrate
from app.usecases.ports import Work

blueprint = Blueprint(
    "api_migrations",
    __name__,
    url_prefix="/api/v1",
    description="Chuyển quy trình đang chạy sang phiên bản khác",
)

MOST = 500  # instances or instructions named one by one
ID = fields.String(validate=validate.Length(min=1, max=64))
TARGET = fields.String(validate=validate.Length(max=64))
SCOPE = fields.String(
    load_default=ROOT_SCOPE,
    validate=validate.Length(min=1, max=20),
    metadata={"description": "Phạm vi của quy trình được gọi; “0” là chính quy trình này."},
)
REASON = validate.Length(min=1, max=2_000)


def mapping_field() -> fields.Dict:
    """By element of the source, the element of the target; only where the ids differ."""
    return fields.Dict(
        keys=ID,
        values=TARGET,
        load_default=dict,
        validate=validate.Length(max=MOST),
        metadata={"description": "Bước nguồn và bước đích; chuỗi rỗng là không chuyển."},
    )


def renew_field() -> fields.List[str]:
    """Elements of the source that wait anew."""
    return fields.List(
        ID,
        load_default=list,
        validate=validate.Length(max=MOST),
        metadata={"description": "Bước nguồn đặt lại thời điểm, sự kiện theo phiên bản đích."},
    )


def visible(work: Work, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
    return instance


class PlanIn(Schema):
    source_id = fields.String(required=True)
    target_id = fields.String(required=True)
    mapping = mapping_field()
    renew = renew_field()


class PairingOut(Out):
    element = fields.String()
    name = fields.String()
    kind = fields.String()
    target = fields.String(allow_none=True)
    suggestions = fields.List(fields.String())
    choices = fields.List(fields.String())
    problem = fields.String()
    frames = fields.Boolean(metadata={"description": "Tiến trình con; có thể không chuyển."})
    waits = fields.Boolean(metadata={"description": "Chờ sự kiện; có thể đặt lại."})


class PreviewIn(PlanIn):
    instance_ids = fields.List(ID, required=True, validate=validate.Length(1, MOST))


class MoveOut(Out):
    element = fields.String()
    target = fields.String()
    count = fields.Integer()


class RefusalOut(Out):
    instance_id = fields.String()
    code = fields.String()
    reasons = fields.List(fields.String())
    scope = fields.String()


class PreviewOut(Out):
    looked_at = fields.Integer()
    movable = fields.Integer()
    moves = fields.List(fields.Nested(MoveOut))
    opened = fields.Dict(keys=fields.String(), values=fields.Integer())
    dropped = fields.Dict(keys=fields.String(), values=fields.Integer())
    begun = fields.Dict(keys=fields.String(), values=fields.Integer())
    closed = fields.Dict(keys=fields.String(), values=fields.Integer())
    refusals = fields.List(fields.Nested(RefusalOut))
    accepted_cases = fields.Integer()


class MigrationIn(Schema):
    target_id = fields.String(required=True)
    mapping = mapping_field()
    renew = renew_field()
    reason = fields.String(required=True, validate=REASON)
    rebind = fields.Boolean(load_default=False)
    scope = SCOPE


class CalledOut(Out):
    scope = fields.String()
    definition_id = fields.String()
    token = fields.Integer()
    element = fields.String()


def plan_of(given: dict[str, Any], source_id: str) -> MigrationPlan:
    return MigrationPlan(source_id, given["target_id"], given["mapping"], frozenset(given["renew"]))


@blueprint.route("/migration-plans")
class Plans(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(PlanIn)
    @blueprint.response(200, PairingOut(many=True))
    @blueprint.alt_response(422, "Problem")
    def post(self, given: dict[str, Any]) -> list[Pairing]:
        """Ghép từng bước của phiên bản nguồn với phiên bản đích."""
        with service().open_work(read_only=True) as work:
            plan = plan_of(given, given["source_id"])
            migrations.check(work, plan)
            return migrations.pairings(work, plan)


@blueprint.route("/migration-previews")
class MigrationPreviews(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(PreviewIn)
    @blueprint.response(200, PreviewOut)
    @blueprint.alt_response(422, "Problem")
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Quy trình nào chuyển được, đi đâu; quy trình nào không, vì sao."""
        with service().open_work(read_only=True) as work:
            plan = plan_of(given, given["source_id"])
            migrations.check(work, plan)
            found = [visible(work, one) for one in given["instance_ids"]]
            seen = migrations.preview(work, plan, processes_of(work, found, plan.source_id))
        moves = [
            {"element": element, "target": target, "count": count}
            for (element, target), count in seen.moves.items()
        ]
        return {**vars(seen), "moves": moves}


def processes_of(
    work: Work, instances: Iterable[ProcessInstance], source_id: str
) -> list[migrations.Running]:
    return [
        running
        for instance in instances
        for running in migrations.running_in(work, instance, source_id)
    ]


@blueprint.route("/process-instances/<instance_id>/called-processes")
class CalledProcesses(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.response(200, CalledOut(many=True))
    @blueprint.alt_response(404, "Problem")
    def get(self, instance_id: str) -> list[CalledProcess]:
        """Những quy trình đang chạy bên trong, do quy trình này gọi."""
        with service().open_work(read_only=True) as work:
            return migrations.called_in(work, visible(work, instance_id))


@blueprint.route("/process-instances/<instance_id>/migration")
class MigrationOfInstance(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(MigrationIn)
    @blueprint.response(200, InstanceOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str) -> ProcessInstance:
        """Chuyển một quy trình (hoặc quy trình nó gọi) sang phiên bản khác, có lý do."""
        with service().open_work() as work:
            running = migrations.Running(visible(work, instance_id), given["scope"])
            plan = plan_of(given, migrations.definition_of(work, running))
            command = Migrate(plan, given["reason"], given["rebind"])
            return migrations.migrate(work, actor(), instance_id, command, running.scope)
