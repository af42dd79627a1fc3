"""Bytes kept once by their checksum, and frozen sets of them."""

from datetime import datetime

from sqlalchemy import Column, Integer, LargeBinary, Table, select

from app.domain.definitions import FileSet, sha256
from app.domain.errors import InvalidState, NotFound
from app.store.rows import insert_new
from app.store.schema import instant, json, key, metadata, tenant
from app.store.session import Session

files = Table(
    "files",
    metadata,
    tenant(primary_key=True),
    key("sha256"),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    instant("stored_at"),
)

file_sets = Table(
    "file_sets",
    metadata,
    tenant(primary_key=True),
    key("checksum"),
    json("files"),
    instant("created_at"),
)


class FileRows:
    """What is stored never changes; so reading checks it against its checksum."""

    def __init__(self, session: Session, tenant_id: str) -> None:
        self.session = session
        self.tenant_id = tenant_id

    def put(self, content: bytes, at: datetime) -> str:
        checksum = sha256(content)
        if not self.has(checksum):
            insert_new(
                self.session,
                files,
                {
                    "tenant_id": self.tenant_id,
                    "sha256": checksum,
                    "size": len(content),
                    "content": content,
                    "stored_at": at,
                },
            )
        return checksum

    def read(self, checksum: str) -> bytes:
        content: bytes | None = self.session.scalar(
            select(files.c.content).where(
                files.c.tenant_id == self.tenant_id, files.c.sha256 == checksum
            )
        )
        if content is None:
            raise NotFound("Không tìm thấy tệp này.")
        if sha256(content) != checksum:
            raise InvalidState(
                "Nội dung tệp đã lưu không còn khớp mã kiểm tra. Hãy báo quản trị hệ thống."
            )
        return content

    def has(self, checksum: str) -> bool:
        found = self.session.scalar(
            select(files.c.sha256).where(
                files.c.tenant_id == self.tenant_id, files.c.sha256 == checksum
            )
        )
        return found is not None

    def put_set(self, file_set: FileSet) -> None:
        insert_new(
            self.session,
            file_sets,
            {
                "tenant_id": self.tenant_id,
                "checksum": file_set.checksum,
                "files": file_set.files,
                "created_at": file_set.created_at,
            },
        )

    def get_set(self, checksum: str) -> FileSet:
        row = self.session.execute(
            select(file_sets).where(
                file_sets.c.tenant_id == self.tenant_id, file_sets.c.checksum == checksum
            )
        ).one_or_none()
        if row is None:
            raise NotFound("Không tìm thấy bộ tệp này.")
        return FileSet(checksum=row.checksum, files=row.files, created_at=row.created_at)

    def read_set(self, checksum: str) -> dict[str, bytes]:
        """Names and contents; every file is checked against its checksum."""
        return {name: self.read(file) for name, file in self.get_set(checksum).files.items()}
