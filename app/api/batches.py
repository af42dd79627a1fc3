"""One command for many instances: given, followed, stopped, done again for what it missed."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.api.context import actor
from app.api.migrations import ID, MOST, mapping_field, plan_of, processes_of, renew_field
from app.api.schemas import Out, PageQuery, paged
from app.domain.batches import Batch, BatchItem, BatchKind, ItemState
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action
from app.doors import asks, service
from app.usecases import batches, migrations
from app.usecases.migrations import Migrate
from app.usecases.ports import InstanceFilter, Page, Work

blueprint = Blueprint(
    "api_batches",
    __name__,
    url_prefix="/api/v1",
    description="Lệnh cho nhiều quy trình",
)


class BatchIn(Schema):
    """Instances by id, or every running one of a definition; a migration needs its target.

    A migration moves every process of its source: instances, and those that they have called.
    """

    kind = fields.Enum(BatchKind, by_value=True, required=True)
    title = fields.String(required=True, validate=validate.Length(min=1, max=300))
    reason = fields.String(load_default="", validate=validate.Length(max=2_000))
    instance_ids = fields.List(ID, load_default=list, validate=validate.Length(max=MOST))
    incident_ids = fields.List(ID, load_default=list, validate=validate.Length(max=MOST))
    definition_id = fields.String(load_default=None)
    search = fields.String(load_default="", validate=validate.Length(max=100))
    source_id = fields.String(
        load_default="",
        metadata={"description": "Phiên bản nguồn, khi chỉ ra từng quy trình bằng mã."},
    )
    target_id = fields.String(load_default="")
    mapping = mapping_field()
    renew = renew_field()
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
    if given["kind"] is BatchKind.MIGRATE:
        return _migration(work, given, instances)
    subjects = batches.of_instances(instances)
    if given["definition_id"]:
        subjects.extend(batches.running(work, _wanted(given)))
    return batches.Order(given["kind"], given["title"], given["reason"], subjects, {})


def _migration(
    work: Work, given: dict[str, Any], instances: list[ProcessInstance]
) -> batches.Order:
    first = instances[0].definition_id if instances else ""
    source_id = given["definition_id"] or given["source_id"] or first
    plan = plan_of(given, source_id)
    migrations.check(work, plan)
    subjects = batches.of_processes(processes_of(work, instances, source_id))
    if given["definition_id"]:
        subjects.extend(batches.processes(work, _wanted(given)))
    command = Migrate(plan, given["reason"], given["rebind"])
    return batches.migration(command, given["title"], subjects)


def _wanted(given: dict[str, Any]) -> InstanceFilter:
    return InstanceFilter(definition_id=given["definition_id"], search=given["search"])


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


class RepetitionIn(Schema):
    reason = fields.String(load_default="", validate=validate.Length(max=2_000))


@blueprint.route("/batches/<batch_id>/repetition")
class BatchRepetition(MethodView):
    @asks(Action.OPERATE_INSTANCES)
    @blueprint.arguments(RepetitionIn)
    @blueprint.response(202, BatchOut)
    @blueprint.alt_response(409, "Problem")
    def post(self, given: dict[str, Any], batch_id: str) -> Batch:
        """Làm lại những mục không được hoặc bị bỏ lại, trong một lệnh mới."""
        with service().open_work() as work:
            return batches.again(work, actor(), batch_id, given["reason"])
