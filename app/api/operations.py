"""Operations on running instances: steps changed by hand, other versions, batches."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor, asks, service
from app.api.instances import InstanceOut
from app.api.schemas import Out, PageQuery, paged
from app.domain.batches import Batch, BatchItem, BatchKind, ItemState
from app.domain.engine import Modification
from app.domain.instances import ProcessInstance
from app.domain.migrations import MigrationPlan, Pairing, Standing
from app.domain.permissions import Action, require
from app.usecases import batches, migrations, modifications
from app.usecases.migrations import Migrate
from app.usecases.modifications import Modify
from app.usecases.ports import InstanceFilter, Page, Work

blueprint = Blueprint(
    "api_operations",
    __name__,
    url_prefix="/api/v1",
    description="Thao tác trên quy trình đang chạy",
)

MOST = 500  # instances or instructions named one by one
ID = fields.String(validate=validate.Length(min=1, max=64))
REASON = validate.Length(min=1, max=2_000)


def _mapping() -> fields.Dict:
    """By element of the source, the element of the target; only where the ids differ."""
    return fields.Dict(keys=ID, values=ID, load_default=dict, validate=validate.Length(max=MOST))


def _visible(work: Work, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
    return instance


# --- steps by hand ----------------------------------------------------------------------


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
            instance = _visible(work, instance_id)
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
            instance = _visible(work, instance_id)
            return modifications.preview(work, instance, _modify(given))


# --- other versions ---------------------------------------------------------------------


class PlanIn(Schema):
    source_id = fields.String(required=True)
    target_id = fields.String(required=True)
    mapping = _mapping()


class PairingOut(Out):
    element = fields.String()
    name = fields.String()
    kind = fields.String()
    target = fields.String(allow_none=True)
    suggestions = fields.List(fields.String())
    choices = fields.List(fields.String())
    problem = fields.String()


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


class PreviewOut(Out):
    looked_at = fields.Integer()
    movable = fields.Integer()
    moves = fields.List(fields.Nested(MoveOut))
    refusals = fields.List(fields.Nested(RefusalOut))
    accepted_cases = fields.Integer()


class MigrationIn(Schema):
    target_id = fields.String(required=True)
    mapping = _mapping()
    reason = fields.String(required=True, validate=REASON)
    rebind = fields.Boolean(load_default=False)


def _plan(given: dict[str, Any]) -> MigrationPlan:
    return MigrationPlan(given["source_id"], given["target_id"], given["mapping"])


@blueprint.route("/migration-plans")
class Plans(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(PlanIn)
    @blueprint.response(200, PairingOut(many=True))
    @blueprint.alt_response(422, "Problem")
    def post(self, given: dict[str, Any]) -> list[Pairing]:
        """Ghép từng bước của phiên bản nguồn với phiên bản đích."""
        with service().open_work(read_only=True) as work:
            migrations.check(work, _plan(given))
            return migrations.pairings(work, _plan(given))


@blueprint.route("/migration-previews")
class MigrationPreviews(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(PreviewIn)
    @blueprint.response(200, PreviewOut)
    @blueprint.alt_response(422, "Problem")
    def post(self, given: dict[str, Any]) -> dict[str, Any]:
        """Quy trình nào chuyển được, đi đâu; quy trình nào không, vì sao."""
        with service().open_work(read_only=True) as work:
            found = [_visible(work, one) for one in given["instance_ids"]]
            seen = migrations.preview(work, _plan(given), found)
        moves = [
            {"element": element, "target": target, "count": count}
            for (element, target), count in seen.moves.items()
        ]
        return {**vars(seen), "moves": moves}


@blueprint.route("/process-instances/<instance_id>/migration")
class MigrationOfInstance(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(MigrationIn)
    @blueprint.response(200, InstanceOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], instance_id: str) -> ProcessInstance:
        """Chuyển một quy trình sang phiên bản khác, có lý do."""
        with service().open_work() as work:
            source_id = _visible(work, instance_id).definition_id
            plan = MigrationPlan(source_id, given["target_id"], given["mapping"])
            command = Migrate(plan, given["reason"], given["rebind"])
            return migrations.migrate(work, actor(), instance_id, command)


# --- batches ----------------------------------------------------------------------------


class BatchIn(Schema):
    """Instances by id, or every running one of a definition; a migration needs its target."""

    kind = fields.Enum(BatchKind, by_value=True, required=True)
    title = fields.String(required=True, validate=validate.Length(min=1, max=300))
    reason = fields.String(load_default="", validate=validate.Length(max=2_000))
    instance_ids = fields.List(ID, load_default=list, validate=validate.Length(max=MOST))
    incident_ids = fields.List(ID, load_default=list, validate=validate.Length(max=MOST))
    definition_id = fields.String(load_default=None)
    search = fields.String(load_default="", validate=validate.Length(max=100))
    target_id = fields.String(load_default="")
    mapping = _mapping()
    rebind = fields.Boolean(load_default=False)


class BatchOut(Out):
    id = fields.String()
    kind = fields.String()
    title = fields.String()
    reason = fields.String()
    state = fields.String()
    total = fields.Integer()
    done = fields.Integer()
    failed = fields.Integer()
    left = fields.Integer()
    created_at = fields.AwareDateTime()
    created_by_name = fields.String()
    ended_at = fields.AwareDateTime(allow_none=True)


class ItemOut(Out):
    subject_id = fields.String()
    instance_id = fields.String()
    code = fields.String()
    state = fields.String()
    message = fields.String()
    ended_at = fields.AwareDateTime(allow_none=True)


class ItemQuery(PageQuery):
    state = fields.Enum(ItemState, by_value=True, load_default=None)


def _order(work: Work, given: dict[str, Any]) -> batches.Order:
    if given["kind"] is BatchKind.RETRY:
        found = [work.incidents.get(one) for one in given["incident_ids"]]
        subjects = batches.of_incidents(work, found)
        return batches.Order(given["kind"], given["title"], given["reason"], subjects, {})
    instances = [work.instances.get(one) for one in given["instance_ids"]]
    subjects = batches.of_instances(instances)
    if given["definition_id"]:
        wanted = InstanceFilter(definition_id=given["definition_id"], search=given["search"])
        subjects.extend(batches.running(work, wanted))
    if given["kind"] is BatchKind.MIGRATE:
        source_id = given["definition_id"] or (instances[0].definition_id if instances else "")
        plan = MigrationPlan(source_id, given["target_id"], given["mapping"])
        migrations.check(work, plan)
        command = Migrate(plan, given["reason"], given["rebind"])
        return batches.migration(command, given["title"], subjects)
    return batches.Order(given["kind"], given["title"], given["reason"], subjects, {})


@blueprint.route("/batches")
class Batches(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(PageQuery, location="query")
    @blueprint.response(200, paged(BatchOut, "Batch"))
    def get(self, query: dict[str, int]) -> Page[Batch]:
        """Các lệnh cho nhiều quy trình, mới nhất trước."""
        with service().open_work(read_only=True) as work:
            return work.batches.page(query["page"], query["size"])

    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(BatchIn)
    @blueprint.response(202, BatchOut)
    @blueprint.alt_response(422, "Problem")
    def post(self, given: dict[str, Any]) -> Batch:
        """Ra một lệnh cho nhiều quy trình; hệ thống làm lần lượt."""
        with service().open_work() as work:
            return batches.start(work, actor(), _order(work, given))


@blueprint.route("/batches/<batch_id>")
class OneBatch(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.response(200, BatchOut)
    @blueprint.alt_response(404, "Problem")
    def get(self, batch_id: str) -> Batch:
        """Tiến độ của một lệnh."""
        with service().open_work(read_only=True) as work:
            return work.batches.get(batch_id)


@blueprint.route("/batches/<batch_id>/items")
class Items(MethodView):
    @asks(Action.VIEW_INSTANCES)
    @blueprint.arguments(ItemQuery, location="query")
    @blueprint.response(200, paged(ItemOut, "BatchItem"))
    def get(self, query: dict[str, Any], batch_id: str) -> Page[BatchItem]:
        """Kết quả thật của từng quy trình."""
        with service().open_work(read_only=True) as work:
            batch = work.batches.get(batch_id)
            return work.batches.items(batch.id, query["state"], query["page"], query["size"])


@blueprint.route("/batches/<batch_id>/cancellation")
class BatchCancellation(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.response(200, BatchOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, batch_id: str) -> Batch:
        """Dừng: mục chưa đến lượt thì không làm."""
        with service().open_work() as work:
            return batches.cancel(work, actor(), batch_id)
