"""Answers of the API that are kept to be given again."""

from typing import Protocol


class Replies(Protocol):
    """Answers kept by idempotency key (API): the same question gets the same answer."""

    def find(self, scope: str, key: str) -> tuple[str, int, str] | None:
        """(SHA-256 of the request body, status, response body), if the key was used."""

    def keep(self, scope: str, key: str, body_hash: str, status: int, body: str) -> None:
        """Raises Conflict where the key was used meanwhile."""
