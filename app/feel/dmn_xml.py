"""Small steps through a DMN file, whatever version its namespace names."""

from collections.abc import Iterator

from lxml.etree import _Element


def local_name(element: _Element) -> str:
    """Give a tag without its namespace; comments have none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: _Element, *names: str) -> Iterator[_Element]:
    """Walk over the direct children with one of these names."""
    return (child for child in element if local_name(child) in names)


def child(element: _Element, *names: str) -> _Element | None:
    """Find the first direct child with one of these names."""
    return next(children(element, *names), None)


def text_under(element: _Element | None, name: str = "text") -> str:
    """Read the text of a child; empty if there is none."""
    found = None if element is None else child(element, name)
    return "" if found is None else str(found.xpath("string()")).strip()


def attribute(element: _Element, name: str) -> str:
    """Read an attribute, with or without namespace (`camunda:inputVariable`)."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value).strip()
    return ""


def reference(element: _Element) -> str:
    """Read where `href="#id"` points; a reference into another file keeps its file."""
    return attribute(element, "href").removeprefix("#")
