"""An object that a transaction knows, beside its row: what has changed, and what is certain of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.store.mapping import Change, Lens, Values
from app.store.wire import Row


class Held:
    """An object, and its row as the database has it (None: it has none yet)."""

    __slots__ = (
        "assumed",
        "children",
        "kept",
        "lens",
        "ours",
        "row",
        "safe",
        "safe_values",
        "thing",
        "values",
    )

    def __init__(self, lens: Lens[Any], thing: Any, row: Row | None, values: Values) -> None:
        self.lens = lens
        self.thing = thing
        self.row = row
        self.values = values  # what the row means
        self.safe: Row | None = row  # as the last command that is kept left it
        self.safe_values = values
        self.kept: set[int] = set()  # the places that kept commands have changed
        self.ours = False  # locked or written by this transaction: nobody else can change it
        self.assumed = False  # not read, but remembered: true if its UPDATE finds the version
        self.children: list[Any] = []

    @property
    def certain(self) -> bool:
        """Nobody else can have changed it, or its UPDATE will tell."""
        return self.ours or self.assumed

    @property
    def place(self) -> tuple[bool, str]:
        """Its place in the order in which rows are locked."""
        leads = self.lens.mapped.leads
        return not leads, self.lens.key_of(self.row) if leads and self.row is not None else ""

    def reset(self, row: Sequence[Any]) -> None:
        """Make the object what a row of the database says."""
        self.row = self.safe = tuple(row)
        self.values = self.safe_values = self.lens.values(row)
        self.assumed = False
        vars(self.thing).update(self.values)

    def written(self, row: Row) -> None:
        """The database has it now as it is."""
        self.ours, self.assumed = True, False
        self.row = self.safe = row
        self.values = self.safe_values = dict(vars(self.thing))

    def has_changed(self) -> bool:
        return self.row is not None and bool(self.lens.changes(self.thing, self.row, self.values))

    def keep(self) -> bool:
        """Remember how the command in hand leaves it; True where it changed it."""
        if self.safe is None:
            return False  # new: it is written as it is in the end
        changes = self.lens.changes(self.thing, self.safe, self.safe_values)
        if not changes:
            return False
        self.kept.update(changes)
        self.safe = self.lens.counted(self.thing, self.lens.patched(self.safe, changes), self.row)
        self.safe_values = dict(vars(self.thing))
        return True

    def undo(self) -> None:
        """Go back to how the last command left it; JSON may have changed within itself."""
        if self.safe is not None:
            vars(self.thing).update({**self.safe_values, **self.lens.values(self.safe)})

    def change(self, *, settled: bool) -> Change | None:
        """What has to be written; `settled`: nobody has touched it since it was kept."""
        if self.row is None:
            return None
        if settled and self.safe is not None:
            now, row = self.safe, self.row
            found = {at: now[at] for at in sorted(self.kept) if now[at] != row[at]}
        else:
            found = self.lens.changes(self.thing, self.row, self.values)
        return self.lens.change(self.thing, self.row, found) if found else None


@dataclass(frozen=True)
class Stale:
    """Objects of one class, and the question that says how they are now."""

    lens: Lens[Any]
    held: dict[str, Held]
    question: tuple[str, Row]
