"""Entries of the queue that were given up: tried again when a person says so."""

from app.domain.errors import InvalidState
from app.domain.permissions import Action, Actor, require
from app.usecases.ports import ParkedWork


def retry(queue: ParkedWork, actor: Actor, key: str) -> None:
    """Give an entry all its attempts again. Raises InvalidState where it is not parked any more."""
    require(actor, Action.OPERATE_INSTANCES)
    if not queue.unpark(key):
        raise InvalidState("Mục này không còn nằm ở đây: đã được chạy lại hoặc đã xong.")
