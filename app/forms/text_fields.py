"""Text: one line or several, with the kinds of text that Vietnamese forms ask for."""

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.forms.components import Fault, Field, Whole
from app.forms.limits import LONGEST_TEXT, MAX_LINE, MAX_TEXT
from app.forms.scope import NOTHING, Dynamic, Scope, names_of
from app.forms.texts import clean, is_printable


class Pattern(Protocol):
    """A compiled regular expression that runs in linear time."""

    @property
    def pattern(self) -> str:
        """Its source."""

    def search(self, text: str) -> Any:
        """A match somewhere in the text, or None."""


_SEPARATORS = re.compile(r"[ .\-()\u00a0]")
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~\-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~\-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,63}",
    re.IGNORECASE | re.ASCII,
)
_MOBILE = re.compile(r"0[35789]\d{8}", re.ASCII)
_LANDLINE = re.compile(r"02\d{9}", re.ASCII)
_HOTLINE = re.compile(r"1[89]00\d{4,6}", re.ASCII)
_FOREIGN = re.compile(r"\+(?!84)[1-9]\d{7,14}", re.ASCII)
_CCCD = re.compile(r"0\d{11}", re.ASCII)
_CMND = re.compile(r"\d{9}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class TextField(Field):
    """One line, or several where `lines` is true."""

    lines: bool = False
    min_length: Dynamic = NOTHING
    max_length: Dynamic = NOTHING
    pattern: Pattern | None = None
    pattern_message: str = ""
    prefix: str = ""
    suffix: str = ""

    @property
    def names(self) -> frozenset[str]:
        return super().names | names_of((self.min_length, self.max_length))

    longest: int = field(init=False)
    """Characters that are accepted at most."""

    def __post_init__(self) -> None:
        super().__post_init__()
        longest = MAX_TEXT if self.lines else MAX_LINE
        if isinstance(self.max_length.literal, int):
            longest = min(self.max_length.literal, LONGEST_TEXT)
        elif self.max_length.expression is not None:
            longest = LONGEST_TEXT
        object.__setattr__(self, "longest", longest)

    def read(self, raw: Any) -> Any:
        if raw is None:
            return None
        if not isinstance(raw, str):
            return Fault("phải là chữ")
        if len(raw) > 2 * LONGEST_TEXT:
            return Fault(f"dài tối đa {self.longest} ký tự")
        text = clean(raw)
        if not text:
            return None
        if not is_printable(text, lines=self.lines):
            return Fault("có ký tự không dùng được; hãy gõ lại thay vì dán")
        return self.convert(text)

    def convert(self, text: str) -> Any:
        """Bring the text into the form that is stored, or give a Fault."""
        return text

    def problems(self, value: Any, scope: Scope) -> list[str]:
        if self.min_length is not NOTHING:
            shortest = self.min_length.whole(scope) or 0
            if len(value) < shortest:
                return [f"cần ít nhất {shortest} ký tự (đang có {len(value)})"]
        longest = self.longest
        if self.max_length.expression is not None:
            longest = min(self.max_length.whole(scope) or longest, longest)
        if len(value) > longest:
            return [f"dài tối đa {longest} ký tự (đang có {len(value)})"]
        if self.pattern is not None and not self.pattern.search(value):
            message = self.pattern_message
            return [Whole(message) if message else "chưa đúng dạng được yêu cầu"]
        return []

    def json_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string", "maxLength": self.longest}
        if isinstance(self.min_length.literal, int):
            schema["minLength"] = self.min_length.literal
        if self.pattern is not None:
            schema["pattern"] = self.pattern.pattern
        return schema


@dataclass(frozen=True, kw_only=True)
class EmailField(TextField):
    """An e-mail address."""

    def convert(self, text: str) -> Any:
        if len(text) <= 254 and _EMAIL.fullmatch(text):
            return text
        return Fault("phải là địa chỉ thư điện tử đúng, ví dụ ten@vidu.vn")

    def json_schema(self) -> dict[str, Any]:
        return {**super().json_schema(), "format": "email"}


@dataclass(frozen=True, kw_only=True)
class PhoneField(TextField):
    """A telephone number: Vietnamese ones are stored as 0912345678, others as +…."""

    def convert(self, text: str) -> Any:
        number = _SEPARATORS.sub("", text)
        if re.match(r"\+84|0084|84(?=\d{9,10}$)", number, re.ASCII):
            number = "0" + re.sub(r"^(\+84|0084|84)0?", "", number)
        if any(kind.fullmatch(number) for kind in (_MOBILE, _LANDLINE, _HOTLINE, _FOREIGN)):
            return number
        return Fault("phải là số điện thoại đúng, ví dụ 0912 345 678")

    def shown(self, value: Any, scope: Scope) -> str:
        text = super().shown(value, scope)
        return f"{text[:4]} {text[4:7]} {text[7:]}" if _MOBILE.fullmatch(text) else text


@dataclass(frozen=True, kw_only=True)
class IdentityField(TextField):
    """The number of an identity card: CCCD (12 digits), and CMND (9 digits) where allowed."""

    old_card: bool = True

    def convert(self, text: str) -> Any:
        number = _SEPARATORS.sub("", text)
        if _CCCD.fullmatch(number) or (self.old_card and _CMND.fullmatch(number)):
            return number
        if self.old_card:
            return Fault("phải có 12 chữ số (CCCD, bắt đầu bằng 0) hoặc 9 chữ số (CMND)")
        return Fault("phải là số căn cước công dân có 12 chữ số, bắt đầu bằng 0")

    def json_schema(self) -> dict[str, Any]:
        pattern = r"^(0\d{11}|\d{9})$" if self.old_card else r"^0\d{11}$"
        return {**super().json_schema(), "pattern": pattern}
