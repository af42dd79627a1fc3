"""What stops a token: it is parked with an incident, and a person decides."""

from typing import TypeVar

T = TypeVar("T")


class Fault(Exception):
    """A token cannot go on; the sentence is Vietnamese and becomes the incident's."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def present(thing: T | None, what: str) -> T:
    """Give a part that the compiled graph or the state promises. Raises Fault without it."""
    if thing is None:
        raise Fault(f"Trạng thái không khớp với sơ đồ: thiếu {what}.")
    return thing
