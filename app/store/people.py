"""Agencies, users with their roles, sessions, notices."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    or_,
    select,
)

from app.domain.errors import NotFound
from app.domain.people import (
    SESSION_IDLE,
    SESSION_LONGEST,
    Agency,
    AgencyLevel,
    AgencyPart,
    LoginAttempts,
    Notice,
    Role,
    RoleBinding,
    Session,
    User,
)
from app.store.rows import Rows, put
from app.store.schema import (
    entity,
    instant,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    tenant,
    word,
    words,
)
from app.usecases.ports import Page

agencies = Table(
    "agencies",
    metadata,
    key(),
    tenant(),
    words("name"),
    words("short_name"),
    word("level", AgencyLevel),
    maybe("parent_id"),
    maybe("identification_code"),
    word("part", AgencyPart, nullable=True),
    words("address"),
    words("phone"),
    maybe("calendar_id"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
)
partial_index(
    "ix_agencies_part", agencies.c.tenant_id, agencies.c.part, where=agencies.c.part.isnot(None)
)

users = Table(
    "users",
    metadata,
    key(),
    tenant(),
    words("username"),
    words("full_name"),
    words("password_hash"),
    maybe("email"),
    maybe("phone"),
    words("position"),
    Column("active", Boolean, nullable=False),
    instant("created_at", nullable=True),
    UniqueConstraint("tenant_id", "username"),
)

role_bindings = Table(
    "role_bindings",
    metadata,
    key(),
    tenant(),
    Column("user_id", Text, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    words("agency_id"),
    word("role", Role),
    maybe("unit"),
)

sessions = Table(
    "sessions",
    metadata,
    key("token_hash"),
    tenant(),
    Column("user_id", Text, nullable=False, index=True),
    instant("created_at"),
    instant("seen_at"),
    words("user_agent"),
)

login_attempts = Table(
    "login_attempts",
    metadata,
    tenant(primary_key=True),
    key("key"),
    number("failures"),
    instant("last_at"),
)

notices = Table(
    "notices",
    metadata,
    key(),
    tenant(),
    words("user_id"),
    instant("at"),
    words("title"),
    words("text"),
    words("href"),
    instant("read_at", nullable=True),
    maybe("dedup"),
    UniqueConstraint("user_id", "dedup"),
    Index("ix_notices_user_id_at", "user_id", "at"),
)
partial_index("ix_notices_unread", notices.c.user_id, where=notices.c.read_at.is_(None))

HOLDER = "(SELECT user_id FROM sessions WHERE token_hash = ? AND tenant_id = ?)"
WORKPLACES = f"(SELECT agency_id FROM role_bindings WHERE user_id = {HOLDER})"  # noqa: S608 - ours

entity(Agency, agencies)
entity(RoleBinding, role_bindings)
entity(User, users, children=("bindings", RoleBinding, "user_id"))
entity(Session, sessions)
entity(Notice, notices)


class AgencyRows(Rows[Agency]):
    entity = Agency
    missing = "Không tìm thấy cơ quan này."

    def all(self) -> list[Agency]:
        return self._all(order=[agencies.c.name])

    def by_part(self, part: AgencyPart) -> Agency:
        """The agency that diagrams mean by `part`. Raises NotFound where none is named."""
        found = self._first(agencies.c.part == part, order=[agencies.c.id])
        if found is None:
            raise NotFound(f"Chưa chọn cơ quan giữ vai trò “{part}”. Hãy báo quản trị hệ thống.")
        return found


class UserRows(Rows[User]):
    entity = User
    missing = "Không tìm thấy người dùng này."

    def by_username(self, username: str) -> User | None:
        return self._one(users.c.username == username)

    def holding(self, role: Role, agency_id: str, unit: str | None = None) -> list[User]:
        """Active users with the role there: of that unit, or of the whole agency."""
        wanted = [role_bindings.c.role == role, role_bindings.c.agency_id == agency_id]
        if unit is not None:
            wanted.append(or_(role_bindings.c.unit.is_(None), role_bindings.c.unit == unit))
        return self._bound(*wanted)

    def at_agency(self, agency_id: str) -> list[User]:
        return self._bound(role_bindings.c.agency_id == agency_id)

    def _bound(self, *conditions: ColumnElement[bool]) -> list[User]:
        holders = select(role_bindings.c.user_id).where(*conditions)
        return self._all(
            users.c.active.is_(True), users.c.id.in_(holders), order=[users.c.full_name, users.c.id]
        )

    def all(self) -> list[User]:
        return self._all(order=[users.c.full_name, users.c.id])


class SessionRows(Rows[Session]):
    entity = Session

    def find(self, token_hash: str) -> Session | None:
        """The session; with it is read who holds it, where and as what: every request asks that."""
        known = self.session.known(Session, token_hash)
        if known is None:
            mine = (token_hash, self.tenant_id)
            self.session.read_together(
                (Session, "WHERE token_hash = ? AND tenant_id = ?", mine),
                (RoleBinding, f"WHERE user_id = {HOLDER} ORDER BY id", mine),
                (User, f"WHERE id = {HOLDER}", mine),
                (Agency, f"WHERE id IN {WORKPLACES}", mine),
            )
            known = self.session.known(Session, token_hash)
        return known

    def remove(self, token_hash: str) -> None:
        self._delete(sessions.c.token_hash == token_hash)

    def remove_expired(self, now: datetime) -> int:
        return self._delete(
            or_(
                sessions.c.seen_at <= now - SESSION_IDLE,
                sessions.c.created_at <= now - SESSION_LONGEST,
            )
        )

    def _delete(self, condition: ColumnElement[bool]) -> int:
        return self.session.change(sessions.delete().where(self.mine, condition), Session)

    def attempts(self, key: str) -> LoginAttempts | None:
        """What was kept under `key`; give it back with `keep_attempts` when it changed."""
        row = self.session.execute(
            select(login_attempts).where(
                login_attempts.c.tenant_id == self.tenant_id, login_attempts.c.key == key
            )
        ).one_or_none()
        return None if row is None else LoginAttempts(row.key, row.failures, row.last_at)

    def keep_attempts(self, attempts: LoginAttempts) -> None:
        put(
            self.session,
            login_attempts,
            {"tenant_id": self.tenant_id, "key": attempts.key},
            {"failures": attempts.failures, "last_at": attempts.last_at},
        )

    def forget_attempts(self, key: str) -> None:
        self.session.execute(
            delete(login_attempts).where(
                login_attempts.c.tenant_id == self.tenant_id, login_attempts.c.key == key
            )
        )


class NoticeRows(Rows[Notice]):
    entity = Notice

    def add(self, notice: Notice) -> bool:  # type: ignore[override] # says whether it was new
        return self.session.add_unless_known(notice)

    def page(self, user_id: str, number: int, size: int) -> Page[Notice]:
        return self._page([notices.c.user_id == user_id], [notices.c.at.desc()], number, size)

    def unread(self, user_id: str) -> int:
        found = self.session.scalar(
            select(func.count())
            .select_from(notices)
            .where(self.mine, notices.c.user_id == user_id, notices.c.read_at.is_(None))
        )
        return found or 0

    def mark_read(self, user_id: str, now: datetime) -> None:
        read = notices.update().where(
            self.mine, notices.c.user_id == user_id, notices.c.read_at.is_(None)
        )
        self.session.change(read.values(read_at=now), Notice)
