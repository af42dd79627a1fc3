"""The task list: whose queue a task stands in, told to the database once for lists and counts."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    exists,
    false,
    func,
    or_,
    select,
    type_coerce,
)

from app.domain.clocks import ClockState
from app.domain.people import Binding, Role
from app.domain.permissions import Actor
from app.domain.user_tasks import UserTask
from app.domain.working_time import ZONE, wall
from app.store.clocks import clocks
from app.store.columns import json_word
from app.store.definitions import process_definitions
from app.store.instances import process_instances
from app.store.rows import Rows, at_agencies, matches
from app.store.schema import is_word
from app.store.search import pattern
from app.store.user_tasks import column, still_open, user_tasks
from app.usecases.ports import DueFilter, Page, Queue, TaskCounts, TaskFilter

LEADERS = frozenset({Role.UNIT_HEAD, Role.AGENCY_LEADER})
NOBODY = "-"  # no user has this id

ORDERS = {
    "due": (column.due_at.asc().nulls_last(),),
    "created": (column.created_at.desc(),),
    "code": (column.case_code.asc(),),
}


def _lists(json_column: ColumnElement[str], value: str) -> ColumnElement[bool]:
    """Say in SQL that a JSON list of strings contains `value`."""
    return type_coerce(json_column, Text).like(pattern(json_word(value)), escape="\\")


def _at(binding: Binding) -> ColumnElement[bool]:
    """The task is of the binding's agency, and of its unit where both name one."""
    here = column.agency_id == binding.agency_id
    if binding.unit is None:
        return here
    return here & or_(column.unit.is_(None), column.unit == binding.unit)


def _in_reach(actor: Actor) -> ColumnElement[bool]:
    """Implied by every finer condition, but said aloud so that an index is used."""
    return column.agency_id.in_(sorted(actor.agency_ids))


def _may_work(actor: Actor) -> ColumnElement[bool]:
    by_role = [_at(b) & _lists(column.roles, b.role.value) for b in actor.bindings]
    by_name = _in_reach(actor) & _lists(column.candidates, actor.username or NOBODY)
    return or_(false(), *by_role, by_name)


def _leads(actor: Actor) -> ColumnElement[bool]:
    return or_(false(), *(_at(b) for b in actor.bindings if b.role in LEADERS))


def _in_queue(queue: Queue, actor: Actor) -> ColumnElement[bool]:
    match queue:
        case Queue.MINE:
            return column.assignee == actor.id
        case Queue.UNASSIGNED:
            return column.assignee.is_(None) & _in_reach(actor) & _may_work(actor)
        case Queue.UNIT:
            return _in_reach(actor) & or_(_may_work(actor), _leads(actor))


def _due(due: DueFilter, now: datetime) -> ColumnElement[bool]:
    match due:
        case DueFilter.OVERDUE:
            return column.due_at < now
        case DueFilter.TODAY:
            return (column.due_at >= now) & (column.due_at < _end_of_day(now))
        case DueFilter.PAUSED:
            return _has_paused_clock()


def _end_of_day(now: datetime) -> datetime:
    """The instant at which the local day of `now` ends."""
    tomorrow = wall(now).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, ZONE).astimezone(UTC)


def _has_paused_clock() -> ColumnElement[bool]:
    instance, clock = process_instances.c, clocks.c
    return exists(
        select(clock.id)
        .join(
            process_instances,
            (clock.subject_id == instance.subject_id)
            & (clock.subject_kind == type_coerce(instance.subject_kind, Text)),
        )
        .where(instance.id == column.instance_id, is_word(clock.state, ClockState.PAUSED))
        .correlate(user_tasks)
    )


def _chosen(
    wanted: TaskFilter,
    now: datetime,
    *,
    queue: Queue | None,
    due: DueFilter | None,
    definition_key: str | None,
) -> ColumnElement[bool]:
    """The whole condition of a list, with these choices; None leaves a choice open."""
    conditions = [still_open, *matches(column.search_text, wanted.search)]
    if queue is not None:
        conditions.append(_in_queue(queue, wanted.actor))
    if due is not None:
        conditions.append(_due(due, now))
    if definition_key is not None:
        conditions.append(column.definition_key == definition_key)
    return and_(*conditions)


class UserTaskRows(Rows[UserTask]):
    entity = UserTask
    missing = "Không tìm thấy việc này, hoặc bạn không được xem."

    def _reach(self, actor: Actor) -> ColumnElement[bool]:
        """Every task of any queue: what two indexes find before the finer conditions are asked."""
        return or_(
            self.mine & still_open & (column.assignee == actor.id),
            self.mine & still_open & _in_reach(actor),
        )

    def page(self, wanted: TaskFilter, number: int, size: int, now: datetime) -> Page[UserTask]:
        chosen = _chosen(
            wanted,
            now,
            queue=wanted.queue,
            due=wanted.due,
            definition_key=wanted.definition_key,
        )
        return self._page([chosen], ORDERS.get(wanted.sort, ORDERS["due"]), number, size)

    def counts(self, wanted: TaskFilter, now: datetime) -> TaskCounts:
        """Each number is the total that `page` has when only that one choice is made anew."""
        queues = {
            queue: _chosen(
                wanted, now, queue=queue, due=wanted.due, definition_key=wanted.definition_key
            )
            for queue in Queue
        }
        dues = {
            due: _chosen(
                wanted, now, queue=wanted.queue, due=due, definition_key=wanted.definition_key
            )
            for due in DueFilter
        }
        counted = [func.count().filter(chosen) for chosen in (*queues.values(), *dues.values())]
        row = self.session.execute(
            select(*counted).select_from(user_tasks).where(self._reach(wanted.actor))
        ).one()
        return TaskCounts(
            queues=dict(zip(queues, row[: len(queues)], strict=True)),
            due=dict(zip(dues, row[len(queues) :], strict=True)),
            definitions=self._by_definition(wanted, now),
        )

    def _by_definition(self, wanted: TaskFilter, now: datetime) -> list[tuple[str, str, int]]:
        """Key, what its tasks are about, number; where they differ, the name of the process."""
        chosen = _chosen(wanted, now, queue=wanted.queue, due=wanted.due, definition_key=None)
        count = func.count()
        about = case(
            (
                func.min(column.subject_name) == func.max(column.subject_name),
                func.min(column.subject_name),
            ),
            else_="",
        )
        rows = self.session.execute(
            select(column.definition_key, about, count)
            .where(self.mine, chosen)
            .group_by(column.definition_key)
            .order_by(count.desc(), column.definition_key)
        ).all()
        names = self._names([key for key, name, _ in rows if not name])
        return [(key, name or names.get(key, key), number) for key, name, number in rows]

    def _names(self, keys: list[str]) -> dict[str, str]:
        """The names that the latest versions of these processes have."""
        if not keys:
            return {}
        process = process_definitions.c
        rows = self.session.execute(
            select(process.key, process.name)
            .where(process.tenant_id == self.tenant_id, process.key.in_(keys))
            .order_by(process.version)
        )
        return dict(rows.all())

    def version_of(self, wanted: TaskFilter) -> str:
        """Changes with every task that comes into reach, leaves it, is changed or runs late."""
        reach = self.session.execute(
            select(
                func.count(),
                func.max(column.id),
                func.coalesce(func.sum(column.version), 0),
                func.count().filter(column.due_at < self.session.at),
                func.count().filter(_has_paused_clock()),
            ).where(self._reach(wanted.actor))
        ).one()
        return "-".join(str(part) for part in reach)

    def at_token(self, instance_id: str, token: int) -> UserTask | None:
        """The open task of the token."""
        found = self._of_instance(
            instance_id, "AND token = ? AND state = 'open'", token, order="id DESC"
        )
        return found[0] if found else None

    def of_instance(self, instance_id: str) -> list[UserTask]:
        """In the order in which they came."""
        return self._of_instance(instance_id)

    def open_before(
        self, due_before: datetime, agency_ids: frozenset[str] | None, limit: int
    ) -> list[UserTask]:
        """Open tasks that are due before an instant, earliest first."""
        return self._all(
            still_open,
            column.due_at < due_before,
            *at_agencies(column.agency_id, agency_ids),
            order=[column.due_at, column.id],
            limit=limit,
        )
