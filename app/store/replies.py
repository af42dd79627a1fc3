"""Answers kept by idempotency key."""

from sqlalchemy import Table, select

from app.domain.errors import Conflict
from app.store.rows import insert_new
from app.store.schema import instant, key, metadata, number, tenant, words
from app.store.session import Session

replies = Table(
    "replies",
    metadata,
    tenant(primary_key=True),
    key("scope"),
    key("key"),
    words("body_hash"),
    number("status"),
    words("body"),
    instant("kept_at"),
)


class ReplyRows:
    def __init__(self, session: Session, tenant_id: str) -> None:
        self.session = session
        self.tenant_id = tenant_id

    def find(self, scope: str, key: str) -> tuple[str, int, str] | None:
        row = self.session.execute(
            select(replies.c.body_hash, replies.c.status, replies.c.body).where(
                replies.c.tenant_id == self.tenant_id,
                replies.c.scope == scope,
                replies.c.key == key,
            )
        ).one_or_none()
        return None if row is None else (row.body_hash, row.status, row.body)

    def keep(self, scope: str, key: str, body_hash: str, status: int, body: str) -> None:
        kept = insert_new(
            self.session,
            replies,
            {
                "tenant_id": self.tenant_id,
                "scope": scope,
                "key": key,
                "body_hash": body_hash,
                "status": status,
                "body": body,
                "kept_at": self.session.at,
            },
        )
        if not kept:
            raise Conflict("Yêu cầu này đang được xử lý hoặc đã xử lý xong. Hãy gửi lại sau.")
