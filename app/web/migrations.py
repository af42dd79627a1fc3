"""Pages of operations on running instances: steps changed by hand, other versions, batches."""

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from app.domain.batches import BatchKind, ItemState
from app.domain.definitions import DefinitionState
from app.domain.errors import Conflict, DomainError, InvalidInput, InvalidState
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, require
from app.doors import asks, service
from app.usecases import batches, deployments, migrations, modifications
from app.usecases.migrations import Running
from app.usecases.ports import Work
from app.web import batch_page, bulk_page, migration_page, modification_page
from app.web.admin_rail import BATCHES, INCIDENTS, INSTANCES, rail
from app.web.context import actor
from app.web.modification_page import MOST_CHARACTERS
from app.web.views import page_number

pages = Blueprint("migrations", __name__)

IS_PREVIEW = "_preview"  # the button that shows what a form would do

Errors = Mapping[str, str]
Build = Callable[[Work, Errors], object]  # what a template shows
Act = Callable[[Work], tuple[str, str]]  # where to go when it is done, and what to say there


def _visible(work: Work, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor(), Action.VIEW_INSTANCES, agency_id=instance.agency_id, hide=True)
    return instance


def _show(template: str, build: Build, errors: Errors | None = None, status: int = 200) -> Response:
    with service().open_work(read_only=True) as work:
        view = build(work, errors or {})
    return _fresh(render_template(template, page=view, search_url=INSTANCES), status)


def _carry_out(template: str, build: Build, act: Act) -> Response:
    """Do what a form asks for; or show it again: as a preview, or with what was wrong."""
    try:
        if IS_PREVIEW in request.form:
            return _show(template, build)
        with service().open_work() as work:
            url, told = act(work)
    except (InvalidInput, InvalidState, Conflict) as error:
        return _show(template, build, _told(error), 422 if isinstance(error, InvalidInput) else 409)
    if told:
        flash(told, "success")
    return redirect(url, 303)


def _told(error: DomainError) -> dict[str, str]:
    """The errors of a form: of each field, or of the whole."""
    fields = {name: texts[0] for name, texts in error.fields.items() if texts}
    return fields or {"form": error.message}


def _fresh(html: str, status: int = 200) -> Response:
    response = make_response(html, status)
    response.headers["Cache-Control"] = "no-store"
    return response


# --- steps by hand ----------------------------------------------------------------------

MODIFICATION = "migrations/modification.html"


@pages.get("/admin/instances/<instance_id>/modification")
@asks(Action.VIEW_INSTANCES)
def show_modification(instance_id: str) -> Response:
    return _show(MODIFICATION, _modification(instance_id, modification_page.Typed.of(request.args)))


@pages.post("/admin/instances/<instance_id>/modification")
@asks(Action.OPERATE_INSTANCES)
def modify(instance_id: str) -> Response:
    """Carry the change out, or show what it would lead to."""
    typed = modification_page.Typed.of(request.form)

    def act(work: Work) -> tuple[str, str]:
        done = modifications.modify(work, actor(), instance_id, typed.command())
        return f"{INSTANCES}/{instance_id}", f"Đã sửa bước của {done.business_key}."

    return _carry_out(MODIFICATION, _modification(instance_id, typed), act)


def _modification(instance_id: str, typed: modification_page.Typed) -> Build:
    is_preview = IS_PREVIEW in request.form
    return lambda work, errors: modification_page.build(
        work,
        actor(),
        _visible(work, instance_id),
        typed,
        preview=is_preview and not errors,
        errors=errors,
    )


# --- other versions ---------------------------------------------------------------------

MIGRATION = "migrations/migration.html"


@pages.get("/admin/instances/<instance_id>/migration")
@asks(Action.VIEW_INSTANCES)
def show_migration(instance_id: str) -> Response:
    return _show(MIGRATION, _migration(instance_id, migration_page.Typed.of(request.args)))


@pages.post("/admin/instances/<instance_id>/migration")
@asks(Action.OPERATE_INSTANCES)
def migrate(instance_id: str) -> Response:
    """Move one process, or show what that would do."""
    typed = migration_page.Typed.of(request.form)

    def act(work: Work) -> tuple[str, str]:
        running = Running(_visible(work, instance_id), typed.scope)
        command = typed.command(migrations.definition_of(work, running))
        moved = migrations.migrate(work, actor(), instance_id, command, typed.scope)
        version = work.definitions.get(command.plan.target_id).version
        what = f"Quy trình do {moved.business_key} gọi" if running.is_called else moved.business_key
        return f"{INSTANCES}/{instance_id}", f"{what} đã chuyển sang phiên bản {version}."

    return _carry_out(MIGRATION, _migration(instance_id, typed), act)


def _migration(instance_id: str, typed: migration_page.Typed) -> Build:
    return lambda work, errors: migration_page.of_instance(
        work, actor(), _visible(work, instance_id), typed, errors
    )


@pages.get("/admin/definitions/<definition_id>/migration")
@asks(Action.VIEW_INSTANCES)
def show_bulk_migration(definition_id: str) -> Response:
    return _show(MIGRATION, _bulk_migration(definition_id, migration_page.Typed.of(request.args)))


@pages.post("/admin/definitions/<definition_id>/migration")
@asks(Action.OPERATE_INSTANCES)
def migrate_many(definition_id: str) -> Response:
    """Hand every process of the filter to the workers, or show what that would do."""
    typed = migration_page.Typed.of(request.form)

    def act(work: Work) -> tuple[str, str]:
        command = typed.command(definition_id)
        migrations.check(work, command.plan)
        source = work.definitions.get(definition_id)
        target = work.definitions.get(command.plan.target_id)
        other = "" if target.key == source.key else f"{target.name}, "
        title = f"{source.name}: phiên bản {source.version} sang {other}phiên bản {target.version}"
        found = batches.processes(work, typed.wanted(definition_id))
        made = batches.start(work, actor(), batches.migration(command, title, found))
        return f"{BATCHES}/{made.id}", ""

    return _carry_out(MIGRATION, _bulk_migration(definition_id, typed), act)


def _bulk_migration(definition_id: str, typed: migration_page.Typed) -> Build:
    return lambda work, errors: migration_page.of_definition(
        work, actor(), work.definitions.get(definition_id), typed, errors
    )


# --- other commands for many instances --------------------------------------------------

BULK = "migrations/bulk.html"


@pages.get("/admin/definitions/<definition_id>/batch")
@asks(Action.VIEW_INSTANCES)
def show_bulk(definition_id: str) -> Response:
    return _show(BULK, _bulk(definition_id, bulk_page.Typed.of(request.args)))


@pages.post("/admin/definitions/<definition_id>/batch")
@asks(Action.OPERATE_INSTANCES)
def start_bulk(definition_id: str) -> Response:
    typed = bulk_page.Typed.of(request.form)

    def act(work: Work) -> tuple[str, str]:
        definition = work.definitions.get(definition_id)
        active = definition.state is DefinitionState.ACTIVE
        if typed.kind is BatchKind.SUSPEND and typed.also_definition and active:
            deployments.suspend_definition(work, actor(), definition_id, typed.reason)
        made = batches.start(work, actor(), typed.order(work, definition))
        return f"{BATCHES}/{made.id}", ""

    return _carry_out(BULK, _bulk(definition_id, typed), act)


def _bulk(definition_id: str, typed: bulk_page.Typed) -> Build:
    return lambda work, errors: bulk_page.build(
        work, actor(), work.definitions.get(definition_id), typed, errors
    )


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


@pages.post("/admin/batches/<batch_id>/repetition")
@asks(Action.OPERATE_INSTANCES)
def repeat_batch(batch_id: str) -> Response:
    """Give the command once more, for what failed or was left out."""
    try:
        with service().open_work() as work:
            batch_id = batches.again(work, actor(), batch_id).id
    except InvalidState as error:
        flash(error.message, "warning")
    return redirect(f"{BATCHES}/{batch_id}", 303)
