"""What every repository does: find by id within the tenant, add, list by pages, lock."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Result, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from app.domain.errors import NotFound
from app.store.mapping import MAPPED
from app.store.search import fold, pattern
from app.store.session import Session
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
        return MAPPED[self.entity].table

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
        return self.session.get(self.entity, key)

    def _locked(self, key: str) -> T:
        """Take the row lock; whatever this transaction has read before is read again."""
        found = self.session.lock(self.entity, key)
        if found is None:
            raise NotFound(self.missing)
        return found

    def _select(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        return select(*MAPPED[self.entity].plain).where(self.mine, *conditions)

    def _where(self, conditions: str, *parameters: Any, order: str = "id") -> list[T]:
        """What the hot paths ask: a text that is the same each time, and plain parameters."""
        ending = f"WHERE tenant_id = ? AND {conditions} ORDER BY {order}"
        return self.session.where(self.entity, ending, (self.tenant_id, *parameters))

    def _of_instance(
        self, instance_id: str, conditions: str = "", *parameters: Any, order: str = "id"
    ) -> list[T]:
        """Like `_where`; changes to what belongs to other instances need not be written first."""
        ending = f"WHERE tenant_id = ? AND instance_id = ? {conditions} ORDER BY {order}"
        asked = (self.tenant_id, instance_id, *parameters)
        return self.session.where(self.entity, ending, asked, about=("instance_id", instance_id))

    def _one(self, *conditions: ColumnElement[bool]) -> T | None:
        return self._first(*conditions, order=[])

    def _first(self, *conditions: ColumnElement[bool], order: Sequence[Any]) -> T | None:
        chosen = self._select(*conditions).order_by(*order).limit(1)
        found = self.session.select(self.entity, chosen)
        return found[0] if found else None

    def _all(
        self,
        *conditions: ColumnElement[bool],
        order: Sequence[Any] = (),
        limit: int | None = None,
    ) -> list[T]:
        by = order or (self.table.c.id,)
        return self.session.select(
            self.entity, self._select(*conditions).order_by(*by).limit(limit)
        )

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
        items = self.session.select(
            self.entity,
            self._select(*conditions)
            .order_by(*order, last)
            .limit(size)
            .offset((number - 1) * size),
        )
        return Page(items=items, total=total or 0, number=number, size=size)


def matches(column: ColumnElement[str], search: str) -> list[ColumnElement[bool]]:
    """Every word of `search` stands somewhere in a column of folded text."""
    return [column.like(pattern(word), escape="\\") for word in fold(search).split()]


def at_agencies(
    column: ColumnElement[str], agency_ids: frozenset[str] | None
) -> list[ColumnElement[bool]]:
    return [] if agency_ids is None else [column.in_(sorted(agency_ids))]


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
    return sqlite.insert(table) if session.at_sqlite else postgresql.insert(table)
