"""The keys of one scope of a form: each stands for one value."""

from app.forms.components import Key
from app.forms.properties import Properties
from app.forms.scope import RESERVED

_TAKEN = RESERVED | {"csrf_token"}
"""Names that mean something else in expressions and on pages."""


class Names:
    """The keys of one scope: a row, or the whole form. Groups share it under their path."""

    def __init__(self, taken: dict[Key, bool] | None = None, prefix: Key = ()) -> None:
        self._taken: dict[Key, bool] = {} if taken is None else taken
        self._prefix = prefix

    def inside(self, path: Key) -> "Names":
        return Names(self._taken, self._prefix + path)

    def claim(self, key: Key, properties: Properties, *, inner: bool = False) -> None:
        """Take a key; `inner` is for groups, whose path others may extend."""
        if not key:
            return
        full = self._prefix + key
        if not self._prefix and key[0] in _TAKEN:
            properties.error("form.key", f"Khóa “{key[0]}” đã có công dụng riêng")
        if self._collides(full, inner=inner):
            properties.error("form.key", f"Khóa “{'.'.join(full)}” bị trùng")
        self._taken[full] = inner

    def _collides(self, full: Key, *, inner: bool) -> bool:
        if full in self._taken and not (inner and self._taken[full]):
            return True
        for other, other_inner in self._taken.items():
            short = min(len(full), len(other))
            if len(full) != len(other) and full[:short] == other[:short]:
                ends_here = other_inner if len(other) < len(full) else inner
                if not ends_here:
                    return True
        return False
