"""The one gate for XML: whatever comes from outside is read here, or not at all.

Diagrams, decision tables and the answers of connectors are written by strangers. The parser is
fed piece by piece and stops at the first thing that no diagram needs: a document type (with it
every entity attack, in any encoding), an inclusion, too many elements, too deep a nest. Nothing
is ever fetched, and nothing is ever expanded.
"""

from collections.abc import Iterator
from typing import cast

from lxml import etree

from app.domain.errors import InvalidInput

Element = etree._Element  # noqa: SLF001  (lxml gives its element class no public name)

MAX_BYTES = 5_000_000
MAX_ELEMENTS = 20_000
MAX_DEPTH = 200
_PIECE = 64 * 1024
_XINCLUDE = "{http://www.w3.org/2001/XInclude}"
_RESOURCE_LIMIT = 114
"""XML_ERR_RESOURCE_LIMIT of libxml2: nested or amplified beyond its own limits."""


class MalformedXml(InvalidInput):
    """The bytes are not well-formed XML; `line` and `column` count from 1, 0 means unknown."""

    def __init__(self, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class UnsafeXml(InvalidInput):
    """Well-formed or not, the bytes ask for something that no diagram needs."""


def parse_xml(data: bytes) -> Element:
    """Return the root element of `data`, without comments and processing instructions.

    Raises `MalformedXml` when the bytes are not XML, and `UnsafeXml` when they hold a document
    type, an inclusion, or more than `MAX_BYTES`, `MAX_ELEMENTS` or `MAX_DEPTH`.
    """
    if len(data) > MAX_BYTES:
        raise UnsafeXml(f"Tệp XML nặng quá {MAX_BYTES // 1_000_000} MB.")
    parser = _hardened_parser()
    try:
        guard = _Guard()
        for piece in _pieces(data):
            parser.feed(piece)
            guard.check(parser)
        root = parser.close()
        guard.check(parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    return root


def local_name(element: Element) -> str:
    """Return the tag of `element` without its namespace."""
    tag = str(element.tag)
    return tag.rpartition("}")[2]


def line_of(element: Element) -> int:
    """Return the line of `element` in its file, from 1; 0 when it was not read from a file."""
    return cast("int | None", element.sourceline) or 0


def _hardened_parser() -> etree.XMLPullParser:
    return etree.XMLPullParser(
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))


class _Guard:
    """Counts what the parser has seen, and refuses as early as possible."""

    def __init__(self) -> None:
        self.elements = 0
        self.depth = 0

    def check(self, parser: etree.XMLPullParser) -> None:
        events = cast("Iterator[tuple[str, Element]]", parser.read_events())
        for event, element in events:
            if event == "end":
                self.depth -= 1
                continue
            if not self.elements:
                _refuse_document_type(element)
            self.elements += 1
            self.depth += 1
            self._refuse(element)

    def _refuse(self, element: Element) -> None:
        if self.elements > MAX_ELEMENTS:
            raise UnsafeXml(f"Tệp XML có quá {MAX_ELEMENTS // 1000}.000 phần tử.")
        if self.depth > MAX_DEPTH:
            raise _too_deep(line_of(element))
        if str(element.tag).startswith(_XINCLUDE):
            raise UnsafeXml(
                f"Dòng {line_of(element)}: không được chèn tệp khác vào tệp XML (XInclude)."
            )


def _refuse_document_type(root: Element) -> None:
    information = root.getroottree().docinfo
    if information.internalDTD is not None or information.doctype:
        raise UnsafeXml("Tệp XML không được khai báo DOCTYPE hay thực thể (entity).")


def _too_deep(line: int) -> UnsafeXml:
    return UnsafeXml(
        f"Dòng {line}: tệp XML lồng nhau quá {MAX_DEPTH} cấp hoặc tự nhân lên quá giới hạn."
    )


def _refusal(error: etree.XMLSyntaxError) -> InvalidInput:
    line, column = error.position
    if error.code == _RESOURCE_LIMIT:  # type: ignore[attr-defined]  # missing in the stubs
        return _too_deep(line)
    where = f" ở dòng {line}, cột {column}" if line else ""
    return MalformedXml(f"Tệp không phải XML hợp lệ: sai cú pháp{where}.", line=line, column=column)
