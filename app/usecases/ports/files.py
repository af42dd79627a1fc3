"""Bytes that are kept: uploads, and the files of deployments."""

from datetime import datetime
from typing import Protocol

from app.domain.definitions import FileSet


class Files(Protocol):
    """Bytes by checksum: adding what is there already changes nothing."""

    def put(self, content: bytes, at: datetime) -> str:
        """Store and return the SHA-256."""

    def read(self, sha256: str) -> bytes:
        """Raises NotFound; raises InvalidState where the bytes no longer match their checksum."""

    def has(self, sha256: str) -> bool: ...
    def put_set(self, file_set: FileSet) -> None: ...
    def get_set(self, checksum: str) -> FileSet: ...
    def read_set(self, checksum: str) -> dict[str, bytes]: ...
