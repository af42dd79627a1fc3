"""Pages of operations on running instances: steps changed by hand, other versions, batches."""

from collections.abc import Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.batches import BatchKind, ItemState
from app.domain.definitions import DefinitionState
from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, require
from app.usecases import batches, deployments, migrations, modifications
from app.usecases.ports import Work
from app.web import batch_page, bulk_page, migration_page, modification_page
from app.web.admin_rail import BATCHES, INCIDENTS, INSTANCES, rail
from app.web.context import actor, asks, service
from app.web.modification_page import MOST_CHARACTERS
from app.web.views import page_number

pages = Blueprint("migrations", __name__)


def _visible(work: Work, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
    return instance


def _is_preview() -> bool:
    return "_preview" in request.form


def _told(error: DomainError) -> dict[str, str]:
    """The errors of a form: of each field, or of the whole."""
    fields = {name: texts[0] for name, texts in error.fields.items() if texts}
    return fields or {"form": error.message}


def _status(error: DomainError) -> int:
    return 422 if isinstance(error, InvalidInput) else 409


# --- steps by hand ----------------------------------------------------------------------


@pages.get("/admin/instances/<instance_id>/modification")
@asks(Action.VIEW_INSTANCES)
def show_modification(instance_id: str) -> Response:
    return _modification(instance_id, modification_page.Typed.of(request.args))


@pages.post("/admin/instances/<instance_id>/modification")
@asks(Action.OPERATE_INSTANCES)
def modify(instance_id: str) -> Response:
    """Carry the change out, or show what it would lead to."""
    typed = modification_page.Typed.of(request.form)
    try:
        if _is_preview():
            return _modification(instance_id, typed, preview=True)
        with service().open_work() as work:
            done = modifications.modify(work, actor(), instance_id, typed.command())
            code = done.business_key
    except (InvalidInput, InvalidState, Conflict) as error:
        return _modification(instance_id, typed, errors=_told(error), status=_status(error))
    flash(f"Đã sửa bước của {code}.", "success")
    return redirect(f"{INSTANCES}/{instance_id}", 303)


def _modification(
    instance_id: str,
    typed: modification_page.Typed,
    *,
    preview: bool = False,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with service().open_work(read_only=True) as work:
        instance = _visible(work, instance_id)
        view = modification_page.build(
            work, actor(), instance, typed, preview=preview, errors=errors
        )
    html = render_template("migrations/modification.html", page=view, search_url=INSTANCES)
    return _fresh(html, status)


def _fresh(html: str, status: int = 200) -> Response:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- other versions: one instance -------------------------------------------------------


@pages.get("/admin/instances/<instance_id>/migration")
@asks(Action.VIEW_INSTANCES)
def show_migration(instance_id: str) -> Response:
    return _migration(instance_id, migration_page.Typed.of(request.args))


@pages.post("/admin/instances/<instance_id>/migration")
@asks(Action.OPERATE_INSTANCES)
def migrate(instance_id: str) -> Response:
    """Move one instance, or show what that would do."""
    typed = migration_page.Typed.of(request.form)
    if _is_preview():
        return _migration(instance_id, typed)
    try:
        with service().open_work() as work:
            instance = _visible(work, instance_id)
            command = typed.command(instance.definition_id)
            moved = migrations.migrate(work, actor(), instance_id, command)
            code, version = moved.business_key, work.definitions.get(moved.definition_id).version
    except (InvalidInput, InvalidState) as error:
        return _migration(instance_id, typed, _told(error), _status(error))
    flash(f"{code} đã chuyển sang phiên bản {version}.", "success")
    return redirect(f"{INSTANCES}/{instance_id}", 303)


def _migration(
    instance_id: str,
    typed: migration_page.Typed,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with service().open_work(read_only=True) as work:
        instance = _visible(work, instance_id)
        view = migration_page.of_instance(work, actor(), instance, typed, errors or {})
    html = render_template("migrations/migration.html", page=view, search_url=INSTANCES)
    return _fresh(html, status)


# --- other versions: many instances -----------------------------------------------------


@pages.get("/admin/definitions/<definition_id>/migration")
@asks(Action.VIEW_INSTANCES)
def show_bulk_migration(definition_id: str) -> Response:
    return _bulk_migration(definition_id, migration_page.Typed.of(request.args))


@pages.post("/admin/definitions/<definition_id>/migration")
@asks(Action.OPERATE_INSTANCES)
def migrate_many(definition_id: str) -> Response:
    """Hand every instance of the filter to the workers, or show what that would do."""
    typed = migration_page.Typed.of(request.form)
    if _is_preview():
        return _bulk_migration(definition_id, typed)
    try:
        with service().open_work() as work:
            batch_id = _start_migration(work, definition_id, typed)
    except (InvalidInput, InvalidState) as error:
        return _bulk_migration(definition_id, typed, _told(error), _status(error))
    return redirect(f"{BATCHES}/{batch_id}", 303)


def _start_migration(work: Work, definition_id: str, typed: migration_page.Typed) -> str:
    command = typed.command(definition_id)
    migrations.check(work, command.plan)
    source = work.definitions.get(definition_id)
    target = work.definitions.get(command.plan.target_id)
    title = f"{source.name}: phiên bản {source.version} sang "
    title += f"{'' if target.key == source.key else target.name + ', '}phiên bản {target.version}"
    found = batches.running(work, typed.wanted(definition_id))
    return batches.start(work, actor(), batches.migration(command, title, found)).id


def _bulk_migration(
    definition_id: str,
    typed: migration_page.Typed,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with service().open_work(read_only=True) as work:
        source = work.definitions.get(definition_id)
        view = migration_page.of_definition(work, actor(), source, typed, errors or {})
    html = render_template("migrations/migration.html", page=view, search_url=INSTANCES)
    return _fresh(html, status)


# --- other commands for many instances --------------------------------------------------


@pages.get("/admin/definitions/<definition_id>/batch")
@asks(Action.VIEW_INSTANCES)
def show_bulk(definition_id: str) -> Response:
    return _bulk(definition_id, bulk_page.Typed.of(request.args))


@pages.post("/admin/definitions/<definition_id>/batch")
@asks(Action.OPERATE_INSTANCES)
def start_bulk(definition_id: str) -> Response:
    typed = bulk_page.Typed.of(request.form)
    try:
        with service().open_work() as work:
            definition = work.definitions.get(definition_id)
            active = definition.state is DefinitionState.ACTIVE
            if typed.kind is BatchKind.SUSPEND and typed.also_definition and active:
                deployments.suspend_definition(work, actor(), definition_id, typed.reason)
            batch_id = batches.start(work, actor(), typed.order(work, definition)).id
    except InvalidInput as error:
        return _bulk(definition_id, typed, _told(error), 422)
    return redirect(f"{BATCHES}/{batch_id}", 303)


def _bulk(
    definition_id: str,
    typed: bulk_page.Typed,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    with service().open_work(read_only=True) as work:
        definition = work.definitions.get(definition_id)
        view = bulk_page.build(work, actor(), definition, typed, errors or {})
    html = render_template("migrations/bulk.html", page=view, search_url=INSTANCES)
    return _fresh(html, status)


@pages.post("/admin/incidents/batches")
@asks(Action.OPERATE_INSTANCES)
def retry_group() -> Response:
    """Retry every open incident of a group: the same message at the same element."""
    message = request.form.get("message", "")[:MOST_CHARACTERS]
    element = request.form.get("element", "")
    try:
        with service().open_work() as work:
            subjects = batches.of_incidents(work, batches.failing(work, message, element))
            order = batches.Order(BatchKind.RETRY, message, "", subjects, {})
            batch_id = batches.start(work, actor(), order).id
    except InvalidInput as error:
        flash(error.message, "warning")
        return redirect(INCIDENTS, 303)
    return redirect(f"{BATCHES}/{batch_id}", 303)


# --- batches ----------------------------------------------------------------------------


@pages.get("/admin/batches")
@asks(Action.VIEW_INSTANCES)
def list_batches() -> str:
    with service().open_work(read_only=True) as work:
        view = batch_page.index(work, page_number())
        groups = rail(work, actor(), BATCHES)
    return render_template(
        "migrations/batches.html", list=view, groups=groups, search_url=INSTANCES
    )


@pages.get("/admin/batches/<batch_id>")
@asks(Action.VIEW_INSTANCES)
def show_batch(batch_id: str) -> Response:
    view = _batch(batch_id)
    return _fresh(render_template("migrations/batch.html", page=view, search_url=INSTANCES))


@pages.get("/admin/batches/<batch_id>/progress")
@asks(Action.VIEW_INSTANCES)
def progress(batch_id: str) -> Response:
    """How far the batch has come: 304 while nothing changed."""
    view = _batch(batch_id)
    if request.if_none_match.contains_weak(view.etag):
        response = make_response("", 304)
    else:
        response = make_response(render_template("migrations/progress.html", page=view))
    response.set_etag(view.etag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _batch(batch_id: str) -> batch_page.BatchPage:
    text = request.args.get("state", "")
    state = ItemState(text) if text in set(ItemState) else None
    with service().open_work(read_only=True) as work:
        batch = work.batches.get(batch_id)
        return batch_page.build(work, actor(), batch, state, page_number())


@pages.post("/admin/batches/<batch_id>/cancellation")
@asks(Action.OPERATE_INSTANCES)
def cancel_batch(batch_id: str) -> Response:
    with service().open_work() as work:
        batches.cancel(work, actor(), batch_id)
    flash("Đã dừng lô việc. Mục nào đã làm thì giữ nguyên.", "success")
    return redirect(f"{BATCHES}/{batch_id}", 303)
