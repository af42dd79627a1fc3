"""Files: the page stores an upload first; a form sees only what refers to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.forms import numerals
from app.forms.components import Fault, Field
from app.forms.limits import MAX_FILES
from app.forms.scope import Scope
from app.forms.texts import clean, is_printable, lowered

MEGABYTE = 1024 * 1024
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MIME = re.compile(r"[a-z0-9][a-z0-9.+\-]{0,60}/[a-z0-9][a-z0-9.+\-]{0,100}")
_UNKNOWN = Fault("có tệp không nhận ra được; hãy chọn lại tệp")


@dataclass(frozen=True, kw_only=True)
class FileField(Field):
    """Some files. A value is a list of {id, name, size, mime, sha256}, size in bytes."""

    accept: tuple[str, ...] = ()
    """Endings (".pdf") and media types ("image/*", "application/pdf"); empty allows all."""
    max_mb: int
    max_count: int = 1

    def read(self, raw: Any) -> Any:
        if raw is None or raw in ("", []):
            return []
        parts = raw if isinstance(raw, list) else [raw]
        if len(parts) > MAX_FILES:
            return Fault(f"có tối đa {self.max_count} tệp")
        files = [_file(part) for part in parts if part != ""]
        return _UNKNOWN if None in files else files

    def empty(self) -> Any:
        return []

    def missing(self, title: str) -> str:
        return f"Chọn tệp cho “{lowered(title)}”"

    def problems(self, value: Any, scope: Scope) -> list[str]:
        del scope
        if len(value) > self.max_count:
            return [f"có tối đa {self.max_count} tệp (đang có {len(value)})"]
        return [sentence for file in value for sentence in self._file_problems(file)]

    def typed(self, value: Any) -> str:
        return ", ".join(file["name"] for file in value or ())

    def limit_text(self) -> str:
        """What a person has to know before choosing: "PDF, JPG, PNG; tối đa 10 MB"."""
        kinds = ", ".join(dict.fromkeys(_kind_text(part) for part in self.accept))
        each = "mỗi tệp " if self.max_count > 1 else ""
        count = f"; nhiều nhất {self.max_count} tệp" if self.max_count > 1 else ""
        size = f"{each}tối đa {self.max_mb} MB{count}"
        return f"{kinds}; {size}" if kinds else size[:1].upper() + size[1:]

    def json_schema(self) -> dict[str, Any]:
        names = ("id", "name", "mime", "sha256")
        properties: dict[str, Any] = {name: {"type": "string"} for name in names}
        properties["size"] = {"type": "integer", "minimum": 0}
        item = {
            "type": "object",
            "properties": properties,
            "required": ["id", "name", "size", "mime", "sha256"],
            "additionalProperties": False,
        }
        return {"type": "array", "items": item, "maxItems": self.max_count}

    def _file_problems(self, file: Mapping[str, Any]) -> list[str]:
        name = file["name"]
        if file["size"] == 0:
            return [f"có tệp “{name}” không có nội dung"]
        if file["size"] > self.max_mb * MEGABYTE:
            return [f"có tệp “{name}” nặng {size_text(file['size'])}; tối đa {self.max_mb} MB"]
        if self.accept and not any(_accepts(part, file) for part in self.accept):
            kinds = ", ".join(_kind_text(part) for part in self.accept)
            return [f"có tệp “{name}” không đúng loại; chỉ nhận {kinds}"]
        return []


def size_text(size: int) -> str:
    """Write bytes for people: 640 KB, 1,2 MB."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024))} KB"
    return f"{numerals.shown(round(size / MEGABYTE, 1))} MB"


def _file(raw: Any) -> dict[str, Any] | None:
    if not isinstance(raw, Mapping):
        return None
    size, texts = raw.get("size"), [raw.get(name) for name in ("id", "name", "mime", "sha256")]
    if isinstance(size, bool) or not isinstance(size, int) or not 0 <= size < 2**40:
        return None
    if not all(isinstance(text, str) and len(text) <= 255 for text in texts):
        return None
    file_id, name, mime, digest = (clean(str(text)) for text in texts)
    fits = _ID.fullmatch(file_id) and _SHA256.fullmatch(digest) and _MIME.fullmatch(mime)
    if not fits or not name or not is_printable(name, lines=False) or "/" in name or "\\" in name:
        return None
    return {"id": file_id, "name": name, "size": size, "mime": mime, "sha256": digest}


def _accepts(part: str, file: Mapping[str, Any]) -> bool:
    if part.startswith("."):
        return str(file["name"]).lower().endswith(part)
    mime = str(file["mime"])
    return mime.startswith(part[:-1]) if part.endswith("/*") else mime == part


def _kind_text(part: str) -> str:
    if part == "image/*":
        return "ảnh"
    return part.lstrip(".").rsplit("/", 1)[-1].upper()
