"""Read `connectors/*.json`: what each connector offers, as the modeler shows it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from app.domain.connectors import Descriptor, Operation, Parameter
from app.domain.errors import InvalidInput

TYPES = frozenset({"string", "number", "boolean", "object", "list"})

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ERROR_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DESCRIPTOR_KEYS = frozenset({"name", "label", "description", "operations"})
_OPERATION_KEYS = frozenset({"name", "label", "parameters", "results", "errors"})
_PARAMETER_KEYS = frozenset({"name", "label", "type", "required", "hint", "choices"})


def read_descriptors(folder: Path) -> tuple[Descriptor, ...]:
    """Read every descriptor of `folder`, by name. Raises InvalidInput naming the file and place."""
    return tuple(read_descriptor(path) for path in sorted(folder.glob("*.json")))


def read_descriptor(path: Path) -> Descriptor:
    """Read one descriptor; the file is called as the connector."""
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(f"{path.name}: không phải JSON hợp lệ ({error}).") from error
    descriptor = _Reader(path.name).descriptor(content)
    if descriptor.name != path.stem:
        raise InvalidInput(f"{path.name}: name phải là “{path.stem}”, trùng với tên tệp.")
    return descriptor


class _Reader:
    """Turns JSON into a Descriptor; knows the file so that each complaint can name it."""

    def __init__(self, file: str) -> None:
        self._file = file

    def descriptor(self, value: object) -> Descriptor:
        item = self._object(value, "", _DESCRIPTOR_KEYS)
        operations = tuple(
            self._operation(part, f"operations[{index}]")
            for index, part in enumerate(self._list(item, "operations", ""))
        )
        if not operations:
            raise self._wrong("operations", "cần ít nhất một thao tác")
        self._require_distinct([operation.name for operation in operations], "operations")
        return Descriptor(
            name=self._name(item, ""),
            label=self._text(item, "label", "", required=True),
            description=self._text(item, "description", "", required=True),
            operations=operations,
        )

    def _operation(self, value: object, where: str) -> Operation:
        item = self._object(value, where, _OPERATION_KEYS)
        return Operation(
            name=self._name(item, where),
            label=self._text(item, "label", where, required=True),
            parameters=self._parameters(item, "parameters", where),
            results=self._parameters(item, "results", where),
            errors=self._errors(item, where),
        )

    def _parameters(self, owner: Mapping[str, Any], key: str, where: str) -> tuple[Parameter, ...]:
        parameters = tuple(
            self._parameter(part, f"{where}.{key}[{index}]")
            for index, part in enumerate(self._list(owner, key, where))
        )
        self._require_distinct([parameter.name for parameter in parameters], f"{where}.{key}")
        return parameters

    def _parameter(self, value: object, where: str) -> Parameter:
        item = self._object(value, where, _PARAMETER_KEYS)
        kind = self._text(item, "type", where, required=True)
        if kind not in TYPES:
            raise self._wrong(f"{where}.type", f"phải là một trong {', '.join(sorted(TYPES))}")
        required = item.get("required", False)
        if not isinstance(required, bool):
            raise self._wrong(f"{where}.required", "phải là true hoặc false")
        choices = self._list(item, "choices", where)
        if not all(isinstance(choice, str) and choice for choice in choices):
            raise self._wrong(f"{where}.choices", "phải là danh sách chuỗi")
        if choices and kind != "string":
            raise self._wrong(f"{where}.choices", "chỉ dùng cho kiểu string")
        return Parameter(
            name=self._name(item, where),
            label=self._text(item, "label", where, required=True),
            type=kind,
            required=required,
            hint=self._text(item, "hint", where),
            choices=tuple(choices),
        )

    def _errors(self, item: Mapping[str, Any], where: str) -> dict[str, str]:
        errors = item.get("errors", {})
        if not isinstance(errors, dict):
            raise self._wrong(f"{where}.errors", "phải là một đối tượng mã → ý nghĩa")
        for code, meaning in errors.items():
            if not _ERROR_CODE.fullmatch(code) or not isinstance(meaning, str) or not meaning:
                raise self._wrong(f"{where}.errors", f"mã “{code}” không hợp lệ hoặc thiếu ý nghĩa")
        return errors

    def _object(self, value: object, where: str, keys: frozenset[str]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self._wrong(where, "phải là một đối tượng")
        unknown = sorted(value.keys() - keys)
        if unknown:
            raise self._wrong(where, f"có mục không hiểu: {', '.join(unknown)}")
        return value

    def _list(self, item: Mapping[str, Any], key: str, where: str) -> list[Any]:
        value = item.get(key, [])
        if not isinstance(value, list):
            raise self._wrong(_join(where, key), "phải là một danh sách")
        return value

    def _name(self, item: Mapping[str, Any], where: str) -> str:
        name = self._text(item, "name", where, required=True)
        if not _NAME.fullmatch(name):
            raise self._wrong(
                _join(where, "name"), "chỉ gồm chữ thường không dấu, chữ số và dấu gạch dưới"
            )
        return name

    def _text(
        self, item: Mapping[str, Any], key: str, where: str, *, required: bool = False
    ) -> str:
        value = item.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            raise self._wrong(_join(where, key), "phải là một chuỗi không rỗng")
        return value

    def _require_distinct(self, names: list[str], where: str) -> None:
        if len(set(names)) < len(names):
            raise self._wrong(where, "có hai mục trùng tên")

    def _wrong(self, where: str, complaint: str) -> InvalidInput:
        place = f"{where}: " if where else ""
        return InvalidInput(f"{self._file}: {place}{complaint}.")


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
