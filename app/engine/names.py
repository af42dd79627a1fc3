"""The namespaces of the dialect, and small steps through an XML tree."""

from collections.abc import Iterator

from app.engine.xml import Element, local_name

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
LM = "http://lienmach.vn/schema/bpmn/1.0"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
_CAMUNDA_LIKE = (
    CAMUNDA,
    "http://operaton.org/schema/1.0/bpmn",
    "http://www.camunda.com/fox",
    "http://www.operaton.com/fox",
    "http://activiti.org/bpmn",
)


def camunda(node: Element, name: str) -> str | None:
    """Read `camunda:name` of `node`, or the same attribute in a namespace that means the same."""
    for namespace in _CAMUNDA_LIKE:
        value = node.get(f"{{{namespace}}}{name}")
        if value is not None:
            return value
    return None


def lm(node: Element, name: str) -> str | None:
    """Read `lm:name` of `node`."""
    return node.get(f"{{{LM}}}{name}")


def is_camunda(node: Element) -> bool:
    return str(node.tag).startswith(tuple(f"{{{namespace}}}" for namespace in _CAMUNDA_LIKE))


def children(node: Element, *names: str) -> Iterator[Element]:
    """Walk the direct children of `node` in the BPMN namespace, with one of these names."""
    for child in node:
        tag = str(child.tag)
        if tag.startswith(f"{{{BPMN}}}") and (not names or local_name(child) in names):
            yield child


def child(node: Element, name: str) -> Element | None:
    return next(children(node, name), None)


def extensions(node: Element, name: str) -> Iterator[Element]:
    """Walk the `camunda:name` elements inside the extension elements of `node`."""
    for holder in children(node, "extensionElements"):
        for found in holder:
            if local_name(found) == name and is_camunda(found):
                yield found


def own_extensions(node: Element, name: str) -> Iterator[Element]:
    """Walk the `lm:name` elements inside the extension elements of `node`."""
    for holder in children(node, "extensionElements"):
        for found in holder:
            if found.tag == f"{{{LM}}}{name}":
                yield found


def text_of(node: Element | None) -> str:
    return (node.text or "").strip() if node is not None else ""


def flag(value: str | None, *, default: bool = False) -> bool:
    return default if value is None else value.strip().lower() == "true"
