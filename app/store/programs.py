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
from app.usecases.ports import Engine, Form, Forms, Program

T = TypeVar("T")

MOST_KEPT = 500
"""Compiled definitions that a process keeps; the least recently used one goes first."""


class Decide(Protocol):
    """One compiled decision: variables in, result out. Raises InvalidInput.

    `spend` is told the steps that it took.
    """

    def __call__(
        self, variables: Mapping[str, Any], at: datetime, spend: Callable[[int], None] | None = None
    ) -> Any: ...


CompileDecision = Callable[[str, bytes], Decide]
"""(decision id, DMN file) -> the compiled decision."""


@dataclass
class Kept(Generic[T]):
    """A bounded cache that threads share. Two threads may make the same thing; one of them is kept."""

    most: int = MOST_KEPT
    _things: OrderedDict[Hashable, T] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        try:
            self._things.move_to_end(key)  # one step for all threads, as reading it is
            return self._things[key]
        except KeyError:
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
    forms: Kept[Form] = field(default_factory=Kept)
    titles: Kept[str] = field(default_factory=Kept)


class Compilers(Protocol):
    """Who turns files into what can be run."""

    @property
    def engine(self) -> Engine: ...
    @property
    def forms(self) -> Forms: ...
    @property
    def compile_decision(self) -> CompileDecision: ...


@dataclass(frozen=True)
class ProgramRows:
    """The programs as one transaction sees them."""

    rooms: Compilers
    definitions: DefinitionRows
    files: FileRows
    cache: ProgramCache

    def get(self, definition_id: str) -> Program:
        return self.cache.programs.get(definition_id, lambda: self._compile(definition_id))

    def _compile(self, definition_id: str) -> Program:
        definition = self.definitions.get(definition_id)
        source = self.files.read(definition.sha256)
        return self.rooms.engine.compile(definition.id, definition.key, source)

    def title(self, definition_id: str) -> str:
        return self.cache.titles.get(
            definition_id, lambda: self.definitions.get(definition_id).name
        )

    def form(self, definition_id: str, form_key: str) -> Form:
        return self.cache.forms.get(
            (definition_id, form_key), lambda: self._form(definition_id, form_key)
        )

    def _form(self, definition_id: str, form_key: str) -> Form:
        deployment = self.definitions.deployment(self._deployment_of(definition_id))
        files = self.files.get_set(deployment.fileset_checksum).files
        name = f"{form_key}.form"
        if name not in files:
            raise NotFound(f"Không tìm thấy biểu mẫu “{form_key}” trong phiên bản này.")
        return self.rooms.forms.read(self.files.read(files[name]))

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
        version_tag: str | None = None,
        spend: Callable[[int], None] | None = None,
    ) -> Any:
        found = self._decision(decision_id, by, binding, version, version_tag)
        if found is None:
            raise NotFound(f"Không tìm thấy bảng quyết định “{decision_id}” ({binding}).")
        decide = self.cache.decisions.get(
            found.id,
            lambda: self.rooms.compile_decision(found.key, self.files.read(found.sha256)),
        )
        return decide(variables, at, spend)

    def _decision(
        self, decision_id: str, by: str, binding: str, version: int | None, version_tag: str | None
    ) -> DecisionDefinition | None:
        match binding:
            case "deployment":
                return self.definitions.decision_in(self._deployment_of(by), decision_id)
            case "version" if version is not None:
                return self.definitions.decision_version(decision_id, version)
            case "versionTag" if version_tag:
                return self.definitions.tagged_decision(decision_id, version_tag)
            case "latest":
                return self.definitions.latest_decision(decision_id)
            case _:
                return None

    def _deployment_of(self, definition_id: str) -> str:
        return self.definitions.get(definition_id).deployment_id
