"""From form-js JSON to the parts of a form, with every problem on the way."""

import re
from typing import Any

import orjson

from app.domain.engine import Problem, Severity
from app.forms.block_builder import BLOCK_BUILDERS, common
from app.forms.components import Component, DynamicList, Field, Group
from app.forms.field_builder import FIELD_BUILDERS
from app.forms.limits import (
    MAX_BYTES,
    MAX_COMPONENTS,
    MAX_DEPTH,
    MAX_ROWS,
    SCHEMA_VERSIONS,
)
from app.forms.names import Names
from app.forms.properties import Properties

_KNOWN = "type id versionTag conditional layout properties"
_REFUSED = {
    "iframe": "Khung nhúng trang ngoài (iframe) không được dùng trong biểu mẫu",
    "html": "Khối HTML không được dùng; hãy dùng khối văn bản (Markdown)",
    "multipage": "Biểu mẫu nhiều trang không được dùng; hãy tách thành nhiều bước của quy trình",
    "page": "Biểu mẫu nhiều trang không được dùng; hãy tách thành nhiều bước của quy trình",
}
_ID = re.compile(r"[\w\-.]{1,100}")


class Builder:
    """Builds one form. After `build`, `problems` says what is wrong."""

    def __init__(self, file: str = "") -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._count = 0
        self._repeated = 1
        """Rows that stand open at once because lists are inside lists."""

    def build(self, source: bytes) -> tuple[Component, ...]:
        """Read a file. What is returned may be used only if no problem is an error."""
        raw = self._load(source)
        top = Properties(raw, "", self._report, "")
        if raw.get("type", "default") != "default":
            top.error("form.json", "Tệp này không phải là biểu mẫu form-js (type phải là default)")
        version = raw.get("schemaVersion")
        if version is not None and (isinstance(version, bool) or version not in SCHEMA_VERSIONS):
            top.error(
                "form.schema_version", f"Phiên bản biểu mẫu {str(version)[:20]} chưa được hỗ trợ"
            )
        if raw and not isinstance(raw.get("components"), list):
            top.error("form.json", "Biểu mẫu không có danh sách “components”")
        return self._children(raw.get("components"), 1, Names())

    def _report(self, problem: Problem) -> None:
        self.problems.append(
            Problem(
                problem.severity,
                problem.code,
                problem.message,
                self.file,
                problem.element_id,
            )
        )

    def _note(self, code: str, message: str, element_id: str = "") -> None:
        self._report(Problem(Severity.ERROR, code, message, element_id=element_id))

    def _load(self, source: bytes) -> dict[str, Any]:
        if len(source) > MAX_BYTES:
            self._note("form.size", f"Tệp biểu mẫu lớn hơn {MAX_BYTES // 1024} KB")
            return {}
        try:
            raw = orjson.loads(source)
        except ValueError as error:
            self._note("form.json", f"Tệp biểu mẫu không phải là JSON đúng: {error}")
            return {}
        if not isinstance(raw, dict):
            self._note("form.json", "Tệp biểu mẫu phải là một đối tượng JSON")
            return {}
        return raw

    def _children(self, raw: Any, depth: int, names: "Names") -> tuple[Component, ...]:
        if depth > MAX_DEPTH:
            self._note("form.depth", f"Các nhóm lồng nhau quá {MAX_DEPTH} tầng")
            return ()
        items = raw if isinstance(raw, list) else []
        built = [self._component(item, depth, names) for item in items if self._room()]
        return tuple(component for component in built if component is not None)

    def _room(self) -> bool:
        self._count += 1
        if self._count == MAX_COMPONENTS + 1:
            self._note("form.count", f"Biểu mẫu có hơn {MAX_COMPONENTS} thành phần")
        return self._count <= MAX_COMPONENTS

    def _component(self, raw: Any, depth: int, names: "Names") -> Component | None:
        if not isinstance(raw, dict):
            self._note("form.json", "Có thành phần không phải là đối tượng JSON")
            return None
        kind = raw.get("type")
        element_id = _element_id(raw, self._count)
        properties = Properties(raw, element_id, self._report, _KNOWN)
        if not isinstance(kind, str) or kind not in _TYPES:
            name = str(kind)[:40]
            unknown = f"Không có loại thành phần “{name}”"
            properties.error("form.type", _REFUSED.get(name, unknown))
            return None
        component = self._made(kind, properties, depth, names)
        properties.finish()
        return component

    def _made(
        self, kind: str, properties: Properties, depth: int, names: Names
    ) -> Component | None:
        if kind == "group":
            return self._group(properties, depth, names)
        if kind == "dynamiclist":
            return self._list(properties, depth, names)
        if kind in BLOCK_BUILDERS:
            return BLOCK_BUILDERS[kind](properties, names)
        return _field(kind, properties, names)

    def _group(self, properties: Properties, depth: int, names: "Names") -> Component:
        path = properties.key("path")
        names.claim(path, properties, inner=True)
        inner = names.inside(path)
        return Group(
            **common(properties),
            path=path,
            label=properties.template("label"),
            outline=_outline(properties),
            components=self._children(properties.get("components"), depth + 1, inner),
        )

    def _list(self, properties: Properties, depth: int, names: "Names") -> Component | None:
        path = properties.key("path")
        if not path:
            properties.error("form.key", "Danh sách lặp lại cần có “path”")
        names.claim(path, properties)
        custom = properties.part("properties")
        lowest = custom.whole("min_rows", 0, MAX_ROWS) or 0
        highest = custom.whole("max_rows", 1, MAX_ROWS) or MAX_ROWS
        first = properties.whole("defaultRepetitions", 0, MAX_ROWS)
        custom.finish(" trong “properties”")
        if lowest > highest:
            properties.error("form.value", "min_rows lớn hơn max_rows")
        for name in ("isRepeating", "disableCollapse", "nonCollapsedItems"):
            properties.get(name)
        first = max(lowest, min(1 if first is None else first, highest))
        list_ = DynamicList(
            **common(properties),
            path=path or ("list",),
            label=properties.template("label"),
            outline=_outline(properties),
            first_rows=first,
            min_rows=lowest,
            max_rows=highest,
            may_change=properties.flag("allowAddRemove", default=True),
            components=self._rows(properties, depth, max(first, 1)),
        )
        if not list_.label.parts:
            properties.warning("form.label", "Danh sách chưa có nhãn")
        return list_

    def _rows(self, properties: Properties, depth: int, first: int) -> tuple[Component, ...]:
        outer = self._repeated
        self._repeated *= first
        if self._repeated > MAX_ROWS:
            properties.error("form.value", f"Các danh sách lồng nhau mở sẵn hơn {MAX_ROWS} mục")
        components = self._children(properties.get("components"), depth + 1, Names())
        self._repeated = outer
        return components


def _outline(properties: Properties) -> bool:
    properties.get("verticalAlignment")
    return properties.flag("showOutline", default=True)


def _element_id(raw: dict[str, Any], number: int) -> str:
    for name in ("id", "key", "path"):
        value = raw.get(name)
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
    return f"#{number}"


def _field(kind: str, properties: Properties, names: Names) -> Field:
    key = properties.key("key")
    if not key and not properties.text("key"):
        properties.error("form.key", "Trường chưa có khóa (key)")
    names.claim(key, properties)
    return FIELD_BUILDERS[kind](properties, {**common(properties), "key": key or ("field",)})


_TYPES = frozenset({*FIELD_BUILDERS, *BLOCK_BUILDERS, "group", "dynamiclist"})
