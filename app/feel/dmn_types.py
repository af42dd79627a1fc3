"""Types of a DMN file, and fitting JSON variables to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.feel import temporal
from app.feel.builtins_conversion import number
from app.feel.evaluation import Evaluation
from app.feel.expression import UnaryTests
from app.feel.feeltype import ANY, NAMED
from app.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    LIST,
    MONTHS,
    NUMBER,
    STRING,
    TIME,
    kind_of,
)

MAX_HEIGHT = 20
_OLDER = {"integer": NUMBER, "long": NUMBER, "double": NUMBER, "short": NUMBER}


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type with a name: another type, or a structure of components; maybe a list of it."""

    type_ref: str = ""
    components: tuple[tuple[str, "ItemDefinition"], ...] = ()
    is_collection: bool = False
    allowed: str = ""
    tests: UnaryTests | None = None


@dataclass(frozen=True, slots=True)
class Types:
    """The item definitions of one file."""

    items: dict[str, ItemDefinition]

    def fit(self, c: Evaluation, type_ref: str, value: Any) -> Any:
        """Give a variable the type it is declared with, where JSON had only text for it."""
        return self._fitted(c, ItemDefinition(type_ref), value, 0)

    def admit(self, c: Evaluation, type_ref: str, value: Any) -> Any:
        """Fit an input; what the allowed values of its type exclude is null."""
        fitted = self.fit(c, type_ref, value)
        item = ItemDefinition(type_ref)
        excluded = self._is(c, item, fitted, 0, allowed=False) and not self._is(c, item, fitted, 0)
        return None if excluded else fitted

    def conform(self, c: Evaluation, type_ref: str, value: Any) -> Any:
        """Fit a value to its type; what does not conform is null (DMN 1.4, 10.3.2.9.4).

        A list of one stands for its item where one item is wanted.
        """
        fitted = self.fit(c, type_ref, value)
        item = ItemDefinition(type_ref)
        if self._is(c, item, fitted, 0):
            return fitted
        if kind_of(value) == LIST and len(value) == 1:
            single = self.fit(c, type_ref, value[0])
            return single if self._is(c, item, single, 0) else None
        return None

    def _is(
        self, c: Evaluation, item: ItemDefinition, value: Any, height: int, *, allowed: bool = True
    ) -> bool:
        """Tell whether a value has the type; with `allowed`, also one of its allowed values."""
        c.spend(1)
        if value is None or height > MAX_HEIGHT:
            return True
        shaped = self._shaped(c, item, value, height, allowed=allowed)
        return shaped and (not allowed or self._allows(c, item, value))

    def _shaped(
        self, c: Evaluation, item: ItemDefinition, value: Any, height: int, *, allowed: bool
    ) -> bool:
        if item.is_collection:
            single = replace(item, is_collection=False)
            return kind_of(value) == LIST and all(
                self._is(c, single, member, height + 1, allowed=allowed) for member in value
            )
        if item.components:
            return kind_of(value) == CONTEXT and all(
                name in value and self._is(c, component, value[name], height + 1, allowed=allowed)
                for name, component in item.components
            )
        named = self.items.get(_local(item.type_ref))
        if named is not None:
            deeper = height + 1
            return height > MAX_HEIGHT or self._shaped(c, named, value, deeper, allowed=allowed)
        return kind_of_ref(item.type_ref) in (None, ANY, kind_of(value))

    def _allows(self, c: Evaluation, item: ItemDefinition | None, value: Any) -> bool:
        """Ask the nearest allowed values: its own, else those of the type it stands for.

        Of a collection they are about its members, which are asked one by one.
        """
        for _ in range(MAX_HEIGHT):
            if item is None or item.is_collection:
                break
            if item.tests is not None:
                return item.tests.run(c, value, {})
            item = self.items.get(_local(item.type_ref))
        return True

    def allowed(self, type_ref: str) -> str:
        """Give the allowed values of a type as FEEL text, empty if any value is."""
        for _ in range(MAX_HEIGHT):
            item = self.items.get(_local(type_ref))
            if item is None or item.allowed:
                return item.allowed if item else ""
            type_ref = item.type_ref
        return ""

    def _fitted(self, c: Evaluation, item: ItemDefinition, value: Any, height: int) -> Any:
        c.spend(1)
        if value is None or height > MAX_HEIGHT:
            return value
        if item.is_collection:
            single = ItemDefinition(item.type_ref, item.components)
            values = value if kind_of(value) == LIST else [value]
            return [self._fitted(c, single, member, height + 1) for member in values]
        if item.components and kind_of(value) == CONTEXT:
            fitted = {
                name: self._fitted(c, component, value.get(name), height + 1)
                for name, component in item.components
                if name in value
            }
            return {**value, **fitted}
        named = self.items.get(_local(item.type_ref))
        if named is not None:
            return self._fitted(c, named, value, height + 1)
        return fit_simple(c, item.type_ref, value)


def _local(type_ref: str) -> str:
    return type_ref if type_ref in NAMED else type_ref.rpartition(":")[2]


def fit_simple(c: Evaluation, type_ref: str, value: Any) -> Any:
    """Read text as the simple type it should be; leave it if it cannot be read so."""
    kind = kind_of_ref(type_ref)
    if kind == STRING or kind is None or kind_of(value) != STRING:
        return value
    read = _READERS.get(kind)
    found = read(c, value) if read else None
    return value if found is None else found


def kind_of_ref(type_ref: str) -> str | None:
    """Name the kind behind `feel:date`, `dateTime`, `long`; None for a type of the file."""
    name = _local(type_ref.strip())
    return NAMED.get(name) or _OLDER.get(name)


def _date(_c: Evaluation, text: str) -> Any:
    moment = temporal.read_date_time(text)
    return moment.date() if moment else None


_READERS: dict[str, Callable[[Evaluation, str], Any]] = {
    NUMBER: number,
    BOOLEAN: lambda _c, text: {"true": True, "false": False}.get(text),
    DATE: _date,
    TIME: lambda _c, text: temporal.read_time(text),
    DATE_TIME: lambda _c, text: temporal.read_date_time(text),
    DAYS: lambda _c, text: temporal.read_duration(text),
    MONTHS: lambda _c, text: temporal.read_duration(text),
}
