"""Compiled definitions and decisions: compiled once per process, found through the current Work."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from app.domain.definitions import DecisionDefinition, ProcessDefinition
from app.domain.errors import NotFound
from app.store.definitions import DefinitionRows
from app.store.files import FileRows
from app.usecases.ports import Engine, Program

T = TypeVar("T")

MOST_KEPT = 500
"""Compiled definitions that a process keeps; the least recently used one goes first."""


class Decide(Protocol):
    """One compiled decision: variables in, result out. Raises InvalidInput."""

    def __call__(self, variables: Mapping[str, Any], at: datetime) -> Any: ...


CompileDecision = Callable[[str, bytes], Decide]
"""(decision id, DMN file) -> the compiled decision."""


@dataclass
class Kept(Generic[T]):
    """A bounded cache that threads share. Two threads may make the same thing; one of them is kept."""

    most: int = MOST_KEPT
    _things: OrderedDict[Hashable, T] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key]
        made = make()
        with self._lock:
            kept = self._things.setdefault(key, made)
            while len(self._things) > self.most:
                self._things.popitem(last=False)
        return kept

    def __len__(self) -> int:
        return len(self._things)


@dataclass(frozen=True)
class ProgramCache:
    """What all transactions of a process share. Definitions never change, so nothing expires."""

    programs: Kept[Program] = field(default_factory=Kept)
    decisions: Kept[Decide] = field(default_factory=Kept)


@dataclass(frozen=True)
class ProgramRows:
    """The programs as one transaction sees them."""

    engine: Engine
    compile_decision: CompileDecision
    definitions: DefinitionRows
    files: FileRows
    cache: ProgramCache

    def get(self, definition_id: str) -> Program:
        return self.cache.programs.get(definition_id, lambda: self._compile(definition_id))

    def _compile(self, definition_id: str) -> Program:
        definition = self.definitions.get(definition_id)
        return self.engine.compile(
            definition.id, definition.key, self.files.read(definition.sha256)
        )

    def called(
        self,
        key: str,
        *,
        by: str,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
    ) -> Program:
        found = self._definition(key, by, binding, version, version_tag)
        if found is None:
            raise NotFound(f"Không tìm thấy quy trình con “{key}” ({binding}).")
        return self.get(found.id)

    def _definition(
        self, key: str, by: str, binding: str, version: int | None, version_tag: str | None
    ) -> ProcessDefinition | None:
        match binding:
            case "deployment":
                siblings = self.definitions.in_deployment(self._deployment_of(by))
                return next((one for one in siblings if one.key == key), None)
            case "version" if version is not None:
                return self.definitions.version(key, version)
            case "versionTag" if version_tag:
                return self.definitions.tagged(key, version_tag)
            case "latest":
                return self.definitions.latest(key)
            case _:
                return None

    def decide(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        by: str,
        at: datetime,
        binding: str = "latest",
        version: int | None = None,
    ) -> Any:
        found = self._decision(decision_id, by, binding, version)
        if found is None:
            raise NotFound(f"Không tìm thấy bảng quyết định “{decision_id}” ({binding}).")
        decide = self.cache.decisions.get(
            found.id, lambda: self.compile_decision(found.key, self.files.read(found.sha256))
        )
        return decide(variables, at)

    def _decision(
        self, decision_id: str, by: str, binding: str, version: int | None
    ) -> DecisionDefinition | None:
        match binding:
            case "deployment":
                return self.definitions.decision_in(self._deployment_of(by), decision_id)
            case "version" if version is not None:
                return self.definitions.decision_version(decision_id, version)
            case "latest":
                return self.definitions.latest_decision(decision_id)
            case _:
                return None

    def _deployment_of(self, definition_id: str) -> str:
        return self.definitions.get(definition_id).deployment_id
