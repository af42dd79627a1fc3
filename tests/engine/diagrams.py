"""Small diagrams as text: `process(start(), user("a"), end(), chain("s", "a", "e"))`."""

from itertools import pairwise
from typing import Any

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn"'
    ' xmlns:lm="http://lienmach.vn/schema/bpmn/1.0" id="dinh_nghia" targetNamespace="t">'
)


def definitions(*parts: str) -> bytes:
    return f"{HEAD}{''.join(parts)}</definitions>".encode()


def body(*parts: str, key: str = "p", attributes: str = "") -> str:
    return f'<process id="{key}" name="Quy trình" isExecutable="true" {attributes}>{"".join(parts)}</process>'


def process(*parts: str, around: str = "") -> bytes:
    return definitions(around, body(*parts))


def node(kind: str, identifier: str, *inner: str, **attributes: Any) -> str:
    written = "".join(
        f' {name.replace("__", ":")}="{str(value).replace(chr(34), "&quot;")}"'
        for name, value in attributes.items()
    )
    return f'<{kind} id="{identifier}"{written}>{"".join(inner)}</{kind}>'


def start(identifier: str = "s", *inner: str, **attributes: Any) -> str:
    return node("startEvent", identifier, *inner, **attributes)


def end(identifier: str = "e", *inner: str, **attributes: Any) -> str:
    return node("endEvent", identifier, *inner, **attributes)


def user(identifier: str, *inner: str, **attributes: Any) -> str:
    return node("userTask", identifier, *inner, name=identifier.upper(), **attributes)


def external(identifier: str, *inner: str, topic: str = "bo_noi.goi", **attributes: Any) -> str:
    return node(
        "serviceTask",
        identifier,
        *inner,
        camunda__type="external",
        camunda__topic=topic,
        **attributes,
    )


def script(identifier: str, text: str) -> str:
    written = text.replace("&", "&amp;").replace("<", "&lt;")
    return node("scriptTask", identifier, f"<script>{written}</script>")


def boundary(identifier: str, host: str, event: str, *, interrupting: bool = True) -> str:
    return node(
        "boundaryEvent",
        identifier,
        event,
        attachedToRef=host,
        cancelActivity=str(interrupting).lower(),
    )


def sub(identifier: str, *inner: str, **attributes: Any) -> str:
    return node("subProcess", identifier, *inner, **attributes)


def flow(source: str, target: str, when: str | None = None, identifier: str | None = None) -> str:
    condition = ""
    if when is not None:
        written = when.replace("&", "&amp;").replace("<", "&lt;")
        condition = f"<conditionExpression>{written}</conditionExpression>"
    return (
        f'<sequenceFlow id="{identifier or f"{source}-{target}"}" sourceRef="{source}"'
        f' targetRef="{target}">{condition}</sequenceFlow>'
    )


def chain(*identifiers: str) -> str:
    return "".join(flow(a, b) for a, b in pairwise(identifiers))


def extensions(*inner: str) -> str:
    return f"<extensionElements>{''.join(inner)}</extensionElements>"


def mapping(inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    parts = [
        f'<camunda:{kind}Parameter name="{name}">{value}</camunda:{kind}Parameter>'
        for kind, values in (("input", inputs), ("output", outputs))
        for name, value in (values or {}).items()
    ]
    return extensions(f"<camunda:inputOutput>{''.join(parts)}</camunda:inputOutput>")


def message(identifier: str = "m") -> str:
    return f'<message id="{identifier}" name="{identifier}"/>'


def on_message(reference: str = "m", **attributes: Any) -> str:
    written = "".join(f' {n.replace("__", ":")}="{v}"' for n, v in attributes.items())
    return f'<messageEventDefinition messageRef="{reference}"{written}/>'


def on_signal(reference: str = "sig", *inner: str) -> str:
    return (
        f'<signalEventDefinition signalRef="{reference}">{"".join(inner)}</signalEventDefinition>'
    )


def signal(identifier: str = "sig") -> str:
    return f'<signal id="{identifier}" name="{identifier}"/>'


def error(code: str = "LOI") -> str:
    return f'<error id="{code}" name="{code}" errorCode="{code}"/>'


def on_error(code: str | None = "LOI", **attributes: Any) -> str:
    reference = f' errorRef="{code}"' if code else ""
    written = "".join(f' {n.replace("__", ":")}="{v}"' for n, v in attributes.items())
    return f"<errorEventDefinition{reference}{written}/>"


def escalation(code: str = "LEN") -> str:
    return f'<escalation id="{code}" escalationCode="{code}"/>'


def on_escalation(code: str | None = "LEN") -> str:
    reference = f' escalationRef="{code}"' if code else ""
    return f"<escalationEventDefinition{reference}/>"


def on_condition(text: str, **attributes: Any) -> str:
    written = "".join(f' {n.replace("__", ":")}="{v}"' for n, v in attributes.items())
    return (
        f"<conditionalEventDefinition{written}><condition>{text}</condition>"
        "</conditionalEventDefinition>"
    )


def after(duration: str = "PT1H") -> str:
    return f"<timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>"


def every(cycle: str) -> str:
    return f"<timerEventDefinition><timeCycle>{cycle}</timeCycle></timerEventDefinition>"


def at_date(date: str) -> str:
    return f"<timerEventDefinition><timeDate>{date}</timeDate></timerEventDefinition>"


def many(
    cardinality: str | None = None,
    *,
    sequential: bool = False,
    collection: str | None = None,
    element: str | None = None,
    until: str | None = None,
    inner: str = "",
) -> str:
    attributes = f' isSequential="{str(sequential).lower()}"'
    if collection is not None:
        attributes += f' camunda:collection="{collection}"'
    if element is not None:
        attributes += f' camunda:elementVariable="{element}"'
    count = f"<loopCardinality>{cardinality}</loopCardinality>" if cardinality else ""
    stop = f"<completionCondition>{until}</completionCondition>" if until else ""
    return (
        f"<multiInstanceLoopCharacteristics{attributes}>{inner}{count}{stop}"
        "</multiInstanceLoopCharacteristics>"
    )


def straight(*activities: str, identifiers: tuple[str, ...], around: str = "") -> bytes:
    """Start, the activities one after the other, end."""
    return process(start(), *activities, end(), chain("s", *identifiers, "e"), around=around)
