"""What every repository does: find by id within the tenant, add, list by pages, lock."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Result, Table, func, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapper, Session

from app.domain.errors import NotFound
from app.store.search import fold, pattern
from app.store.tracking import flush
from app.usecases.ports import Page

T = TypeVar("T")

LARGEST_PAGE = 200


class Rows(Generic[T]):
    """The rows of one entity. A row of another tenant is not there."""

    entity: type[T]
    missing: ClassVar[str] = "Không tìm thấy nội dung này."

    def __init__(self, session: Session, tenant_id: str) -> None:
        self.session = session
        self.tenant_id = tenant_id

    @cached_property
    def table(self) -> Table:
        return cast("Table", cast("Mapper[T]", inspect(self.entity)).local_table)

    @cached_property
    def mine(self) -> ColumnElement[bool]:
        """The row is of this tenant. Made when asked for: a Work has thirty repositories."""
        return self.table.c.tenant_id == self.tenant_id

    def find(self, key: str) -> T | None:
        return self._by_id(key) if key else None

    def get(self, key: str) -> T:
        found = self.find(key)
        if found is None:
            raise NotFound(self.missing)
        return found

    def add(self, thing: T) -> None:
        self.session.add(thing)

    def _by_id(self, key: str) -> T | None:
        found = self.session.get(self.entity, key)
        if found is None or getattr(found, "tenant_id", self.tenant_id) != self.tenant_id:
            return None
        return found

    def _locked(self, key: str) -> T:
        """Take the row lock; whatever this transaction has read before is read again on use."""
        flush(self.session)
        self.session.expire_all()
        found = self.session.scalars(
            select(self.entity)
            .where(self.mine, self.table.c.id == key)
            .with_for_update(of=self.table)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if found is None:
            raise NotFound(self.missing)
        return found

    def _one(self, *conditions: ColumnElement[bool]) -> T | None:
        return self.session.scalars(select(self.entity).where(self.mine, *conditions)).one_or_none()

    def _first(self, *conditions: ColumnElement[bool], order: Sequence[Any]) -> T | None:
        return self.session.scalars(
            select(self.entity).where(self.mine, *conditions).order_by(*order).limit(1)
        ).first()

    def _all(
        self,
        *conditions: ColumnElement[bool],
        order: Sequence[Any] = (),
        limit: int | None = None,
    ) -> list[T]:
        by = order or (self.table.c.id,)
        statement = select(self.entity).where(self.mine, *conditions).order_by(*by)
        return list(self.session.scalars(statement.limit(limit)))

    def _page(
        self,
        conditions: Sequence[ColumnElement[bool]],
        order: Sequence[Any],
        number: int,
        size: int,
        *,
        newest_first: bool = False,
    ) -> Page[T]:
        """One page; the id breaks every tie, so that no row is shown twice or skipped."""
        last = self.table.c.id.desc() if newest_first else self.table.c.id.asc()
        number, size = max(1, number), min(max(1, size), LARGEST_PAGE)
        chosen = (self.mine, *conditions)
        total = self.session.scalar(select(func.count()).select_from(self.table).where(*chosen))
        items = self.session.scalars(
            select(self.entity)
            .where(*chosen)
            .order_by(*order, last)
            .limit(size)
            .offset((number - 1) * size)
        )
        return Page(items=list(items), total=total or 0, number=number, size=size)


def matches(column: ColumnElement[str], search: str) -> list[ColumnElement[bool]]:
    """Every word of `search` stands somewhere in a column of folded text."""
    return [column.like(pattern(word), escape="\\") for word in fold(search).split()]


def at_agencies(
    column: ColumnElement[str], agency_ids: frozenset[str] | None
) -> list[ColumnElement[bool]]:
    return [] if agency_ids is None else [column.in_(sorted(agency_ids))]


def add_unless_known(session: Session, thing: object) -> bool:
    """Add an entity; False (and nothing changed) where a unique key of it is taken already."""
    flush(session)
    try:
        with session.begin_nested():
            session.add(thing)
            flush(session)
    except IntegrityError:
        return False
    return True


def insert_new(session: Session, table: Table, values: Mapping[str, Any]) -> bool:
    """Insert a row; False where one with the same key is there already."""
    statement = _insert(session, table).values(**values).on_conflict_do_nothing()
    written = session.execute(statement.returning(*table.primary_key.columns))
    return written.first() is not None


def put(session: Session, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Insert a row, or overwrite the one with the same key."""
    statement = (
        _insert(session, table)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=list(key), set_=dict(values))
    )
    session.execute(statement)


def affected(result: Result[Any]) -> int:
    """How many rows an UPDATE or DELETE changed."""
    return cast("CursorResult[Any]", result).rowcount


def _insert(session: Session, table: Table) -> sqlite.Insert | postgresql.Insert:
    at_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if at_sqlite else postgresql.insert(table)
