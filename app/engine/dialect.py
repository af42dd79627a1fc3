"""What the `camunda:` and `lm:` attributes of one element say, still as written."""

from dataclasses import dataclass, field

from app.engine.names import camunda, child, children, extensions, flag, lm, own_extensions, text_of
from app.engine.xml import Element, local_name


@dataclass(frozen=True)
class Mapping:
    """One `camunda:inputParameter` or `camunda:outputParameter`.

    `value` is a text, a list of values, or a dictionary of values: what the modeler lets people
    nest. `script` holds the language of a script, which nothing here will run.
    """

    name: str
    value: "MappedValue"
    script: str | None = None


MappedValue = str | list["MappedValue"] | dict[str, "MappedValue"] | None


@dataclass(frozen=True)
class Passing:
    """One `camunda:in` or `camunda:out` of a call activity or a signal."""

    source: str | None = None
    expression: str | None = None
    target: str | None = None
    everything: bool = False
    business_key: str | None = None
    local: bool = False


@dataclass(frozen=True)
class ClockMark:
    """`<lm:clock kind="K1" on="enter" action="start"/>`."""

    kind: str
    on: str
    action: str


@dataclass(frozen=True)
class ErrorMark:
    """`<camunda:errorEventDefinition errorRef expression>` of an external task."""

    error_ref: str | None
    expression: str | None
    id: str


@dataclass(frozen=True)
class Dialect:
    attributes: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    passed_in: tuple[Passing, ...] = ()
    passed_out: tuple[Passing, ...] = ()
    clocks: tuple[ClockMark, ...] = ()
    errors: tuple[ErrorMark, ...] = ()
    properties: dict[str, str] = field(default_factory=dict)
    retry_cycle: str | None = None
    has_connector: bool = False
    has_listeners: bool = False

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)


EMPTY = Dialect()
_LISTENERS = ("executionListener", "taskListener")


def read(node: Element) -> Dialect:
    """Collect every `camunda:`/`lm:` attribute and extension of `node`."""
    attributes = {}
    own = {}
    for key in node.attrib:
        name = str(key).rpartition("}")[2]
        value = camunda(node, name) if str(key).startswith("{") else None
        if value is not None:
            attributes[name] = value
        mine = lm(node, name)
        if mine is not None:
            own[name] = mine
    if "resultVariableName" in attributes:
        attributes.setdefault("resultVariable", attributes["resultVariableName"])
    _people(node, attributes)
    if child(node, "extensionElements") is None:
        return Dialect(attributes, own) if attributes or own else EMPTY
    return Dialect(
        attributes,
        own,
        inputs=_mappings(node, "inputParameter"),
        outputs=_mappings(node, "outputParameter"),
        passed_in=_passings(node, "in"),
        passed_out=_passings(node, "out"),
        clocks=_clocks(node),
        errors=tuple(_errors(node)),
        properties=_properties(node),
        retry_cycle=_retry_cycle(node),
        has_connector=next(extensions(node, "connector"), None) is not None,
        has_listeners=any(True for name in _LISTENERS for _ in extensions(node, name)),
    )


def _people(node: Element, attributes: dict[str, str]) -> None:
    """The standard's own words for assignment: `humanPerformer` and `potentialOwner`."""
    performer = next(iter(_resource_expressions(node, "humanPerformer")), None)
    if performer:
        attributes.setdefault("assignee", performer)
    users, groups = [], []
    for written in _resource_expressions(node, "potentialOwner"):
        for part in written.split(","):
            name = part.strip()
            if name.startswith("user(") and name.endswith(")"):
                users.append(name[5:-1].strip())
            elif name.startswith("group(") and name.endswith(")"):
                groups.append(name[6:-1].strip())
            elif name:
                groups.append(name)
    if users:
        attributes.setdefault("candidateUsers", ",".join(users))
    if groups:
        attributes.setdefault("candidateGroups", ",".join(groups))


def _resource_expressions(node: Element, kind: str) -> list[str]:
    return [
        text_of(child(assignment, "formalExpression"))
        for resource in children(node, kind)
        for assignment in children(resource, "resourceAssignmentExpression")
    ]


def _mappings(node: Element, name: str) -> tuple[Mapping, ...]:
    return tuple(
        Mapping(item.get("name") or "", _mapped(item), _script_of(item))
        for holder in extensions(node, "inputOutput")
        for item in holder
        if local_name(item) == name
    )


def _script_of(item: Element) -> str | None:
    for part in item:
        if local_name(part) == "script":
            return part.get("scriptFormat") or "?"
    return None


def _mapped(item: Element) -> MappedValue:
    for part in item:
        kind = local_name(part)
        if kind == "list":
            return [_mapped(value) if len(value) else _text(value) for value in part]
        if kind == "map":
            return {entry.get("key") or "": _mapped(entry) for entry in part}
        if kind == "script":
            return None
    return _text(item)


def _text(item: Element) -> str | None:
    text = (item.text or "").strip()
    return text or None


def _passings(node: Element, name: str) -> tuple[Passing, ...]:
    holders = [node, *children(node, "signalEventDefinition")]
    return tuple(
        Passing(
            source=item.get("source"),
            expression=item.get("sourceExpression"),
            target=item.get("target"),
            everything=item.get("variables") == "all",
            business_key=item.get("businessKey"),
            local=flag(item.get("local")),
        )
        for holder in holders
        for item in extensions(holder, name)
    )


def _clocks(node: Element) -> tuple[ClockMark, ...]:
    return tuple(
        ClockMark(item.get("kind") or "", item.get("on") or "enter", item.get("action") or "start")
        for item in own_extensions(node, "clock")
    )


def _errors(node: Element) -> list[ErrorMark]:
    return [
        ErrorMark(item.get("errorRef"), item.get("expression"), item.get("id") or "")
        for item in extensions(node, "errorEventDefinition")
    ]


def _properties(node: Element) -> dict[str, str]:
    return {
        item.get("name") or "": item.get("value") or ""
        for holder in extensions(node, "properties")
        for item in holder
    }


def _retry_cycle(node: Element) -> str | None:
    for item in extensions(node, "failedJobRetryTimeCycle"):
        return text_of(item) or None
    return None
