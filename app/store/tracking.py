"""Notice what was changed inside a JSON value, so that it is written like any other change.

SQLAlchemy sees that an attribute is replaced, not that a list in it grew. We keep the text of each
JSON attribute as it was read or written last, and compare before the transaction writes. So that
nothing is forgotten before that, a session keeps hold of what it has read.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.attributes import flag_modified

from app.store.columns import Json

KNOWN = "json"
HELD = "held"
_columns: dict[type, dict[str, Json]] = {}


def track(mapper: Mapper[Any]) -> None:
    """Note the JSON of every entity of `mapper` when it is read."""
    names = {
        prop.key: prop.columns[0].type
        for prop in mapper.column_attrs
        if isinstance(prop.columns[0].type, Json)
    }
    _columns[mapper.class_] = names
    if names:
        event.listen(mapper.class_, "load", lambda thing, _context: _remember(thing))
        event.listen(mapper.class_, "refresh", lambda thing, _context, _names: _remember(thing))


def flush(session: Session) -> None:
    """Write what has changed so far, inside of JSON values too."""
    for thing in list(session.identity_map.values()):
        _note(thing)
    session.flush()


@event.listens_for(Session, "loaded_as_persistent")
@event.listens_for(Session, "pending_to_persistent")
def _hold(session: Session, thing: object) -> None:
    session.info.setdefault(HELD, set()).add(thing)


@event.listens_for(Session, "before_flush")
def _note_what_is_written(session: Session, _context: object, _instances: object) -> None:
    for thing in [*session.new, *session.dirty]:
        _note(thing)


def _note(thing: Any) -> None:
    """Flag the JSON attributes that differ from what is known, and know them from now on."""
    known: dict[str, str | None] = inspect(thing).info.setdefault(KNOWN, {})
    for name, text in _texts(thing):
        if known.get(name, text) != text:
            flag_modified(thing, name)
        known[name] = text


def _texts(thing: Any) -> Iterator[tuple[str, str | None]]:
    """The JSON attributes of an entity that are loaded, as they would be stored now."""
    loaded = inspect(thing).dict
    for name, column_type in _columns.get(type(thing), {}).items():
        if name in loaded:
            yield name, column_type.text_of(loaded[name])


def _remember(thing: Any) -> None:
    state: InstanceState[Any] = inspect(thing)
    if state.session is None or state.session.info.get("read_only"):
        return
    state.info[KNOWN] = dict(_texts(thing))
