"""A small Markdown: text becomes a tree of nodes that templates draw; HTML in it is just text."""

import re
from dataclasses import dataclass

_SPECIAL = re.compile(r"([\\`*_\[\]()#+\-!<>~|.])")
_ESCAPED = re.compile(r"\\([\\`*_\[\]()#+\-!<>~|.])")
_INLINE = re.compile(
    r"(?P<escape>\\[\\`*_\[\]()#+\-!<>~|.])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<strong>(?:\\.|[^*\\\n])+)\*\*"
    r"|\*(?P<em>(?:\\.|[^*\\\n])+)\*"
    r"|(?<!\w)__(?P<heavy>(?:\\.|[^_\\\n])+)__(?!\w)"
    r"|(?<!\w)_(?P<under>(?:\\.|[^_\\\n])+)_(?!\w)"
    r"|\[(?P<text>(?:\\.|[^\[\]\\\n])+)\]\((?P<href>[^()\s]+)\)"
)
_HEADING = re.compile(r"(#{1,6}) +(.+)")
_BULLET = re.compile(r"[-*+] +(.+)")
_ORDERED = re.compile(r"\d{1,3}[.)] +(.+)")
_RULE = re.compile(r"(-{3,}|\*{3,}|_{3,})")
_OUTSIDE = re.compile(r"https?://[a-z0-9.\-]+(:\d+)?([/?#][^\\\s]*)?", re.IGNORECASE)
_INSIDE = re.compile(r"/(?![/\\])[^\\\s]*|#[\w\-]+")
_MAIL = re.compile(r"(mailto:[^\s?]+@[^\s?]+|tel:[+\d\-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Node:
    """One piece of text.

    Blocks: paragraph, heading (level 2 or 3: the page has the first), bullets, ordered, item, rule.
    Within a line: text, strong, em, code, link, break.
    """

    kind: str
    children: tuple["Node", ...] = ()
    text: str = ""
    href: str = ""
    level: int = 0


def escape(text: str) -> str:
    """Keep a value from being read as Markdown."""
    return _SPECIAL.sub(r"\\\1", text)


def read_markdown(source: str) -> tuple[Node, ...]:
    """Read blocks line by line. Time grows with the length only."""
    blocks: list[Node] = []
    open_lines: list[str] = []
    for raw in [*source.split("\n"), ""]:
        line = raw.strip()
        block = _line_block(line)
        if block is None and line:
            open_lines.append(line)
            continue
        if open_lines:
            blocks.append(Node("paragraph", _lines(open_lines)))
            open_lines = []
        if block is not None:
            blocks.append(block)
    return tuple(_gather(blocks))


def plain(nodes: tuple[Node, ...]) -> str:
    """The words without the marks."""
    return " ".join(node.text or plain(node.children) for node in nodes).strip()


def is_safe_link(href: str) -> bool:
    """Allow web addresses, own paths, anchors, mail and telephone; nothing that runs."""
    return any(kind.fullmatch(href) for kind in (_OUTSIDE, _INSIDE, _MAIL))


def _line_block(line: str) -> Node | None:
    if match := _HEADING.fullmatch(line):
        return Node("heading", _inline(match[2]), level=2 if len(match[1]) < 4 else 3)
    if _RULE.fullmatch(line):
        return Node("rule")
    if match := _BULLET.fullmatch(line):
        return Node("bullets", (Node("item", _inline(match[1])),))
    if match := _ORDERED.fullmatch(line):
        return Node("ordered", (Node("item", _inline(match[1])),))
    return None


def _gather(blocks: list[Node]) -> list[Node]:
    gathered: list[Node] = []
    items: list[Node] = []
    for block in blocks:
        if items and block.kind == gathered[-1].kind:
            items.extend(block.children)
        else:
            _close(gathered, items)
            gathered.append(block)
            items = list(block.children) if block.kind in {"bullets", "ordered"} else []
    _close(gathered, items)
    return gathered


def _close(gathered: list[Node], items: list[Node]) -> None:
    if items:
        gathered[-1] = Node(gathered[-1].kind, tuple(items))


def _lines(lines: list[str]) -> tuple[Node, ...]:
    nodes: list[Node] = list(_inline(lines[0]))
    for line in lines[1:]:
        nodes.append(Node("break"))
        nodes.extend(_inline(line))
    return tuple(nodes)


def _inline(text: str, depth: int = 0) -> tuple[Node, ...]:
    nodes: list[Node] = []
    at = 0
    words = ""
    for match in _INLINE.finditer(text):
        words += text[at : match.start()]
        at = match.end()
        if match["escape"]:
            words += match["escape"][1]
            continue
        if words:
            nodes.append(Node("text", text=words))
            words = ""
        nodes.append(_mark(match, depth))
    words += text[at:]
    if words:
        nodes.append(Node("text", text=words))
    return tuple(nodes)


def _mark(match: re.Match[str], depth: int) -> Node:
    if code := match["code"]:
        return Node("code", text=_ESCAPED.sub(r"\1", code))
    if match["text"]:
        inner = _nested(match["text"], depth)
        href = _ESCAPED.sub(r"\1", match["href"])
        return Node("link", inner, href=href) if is_safe_link(href) else Node("em", inner)
    if strong := match["strong"] or match["heavy"]:
        return Node("strong", _nested(strong, depth))
    return Node("em", _nested(match["em"] or match["under"], depth))


def _nested(text: str, depth: int) -> tuple[Node, ...]:
    if depth < 3:
        return _inline(text, depth + 1)
    return (Node("text", text=_ESCAPED.sub(r"\1", text)),)
