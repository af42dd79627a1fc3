"""All connectors by topic: check what is asked, guard the call, check what comes back."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.domain.connectors import (
    Call,
    Connector,
    Descriptor,
    Operation,
    Parameter,
    PermanentFailure,
)
from app.domain.errors import InvalidInput
from app.outbound.breaker import Breaker
from app.outbound.descriptors import read_descriptors


class Registry:
    """The connectors of this service.

    Every descriptor in `folder` can be named in a diagram. Those with an instance in `connectors`
    are called from here; the others are done inside the service, which checks its own questions
    and answers with `checked` and `restricted`.
    """

    def __init__(self, folder: Path, connectors: Mapping[str, Connector]) -> None:
        """Raises InvalidInput for a bad descriptor or a connector that has none."""
        self._descriptors = read_descriptors(folder)
        self._connectors = dict(connectors)
        self._operations = {
            f"{descriptor.name}.{operation.name}": operation
            for descriptor in self._descriptors
            for operation in descriptor.operations
        }
        labels = {descriptor.name: descriptor.label for descriptor in self._descriptors}
        undescribed = sorted(self._connectors.keys() - labels.keys())
        if undescribed:
            raise InvalidInput(f"Kết nối chưa có tệp mô tả: {', '.join(undescribed)}.")
        self._breakers = {name: Breaker(labels[name]) for name in self._connectors}

    def descriptors(self) -> tuple[Descriptor, ...]:
        return self._descriptors

    def topics(self) -> dict[str, frozenset[str]]:
        """Map each `connector.operation` to the parameters it requires."""
        return {
            topic: required
            for descriptor in self._descriptors
            for topic, required in descriptor.topics().items()
        }

    def is_outside(self, topic: str) -> bool:
        """Tell whether `call` serves this topic; if not, it is done inside the service."""
        return topic.partition(".")[0] in self._connectors

    def open_breakers(self) -> frozenset[str]:
        """Name the connectors that are not being asked just now."""
        return frozenset(name for name, breaker in self._breakers.items() if breaker.is_open)

    def call(self, topic: str, call: Call) -> dict[str, Any]:
        """Ask an outside system, and return only the declared results.

        Raises TemporaryFailure, Postponed, PermanentFailure or BusinessError, nothing else.
        """
        name, _, operation = topic.partition(".")
        connector = self._connectors.get(name)
        if connector is None:
            raise PermanentFailure(
                f"Kết nối “{name}” chưa được cấu hình. Hãy báo người quản trị hệ thống."
            )
        if call.operation != operation:
            raise PermanentFailure(f"“{topic}” không phải là thao tác “{call.operation}”.")
        checked = Call(call.key, call.operation, self.checked(topic, call.parameters))
        answer = self._breakers[name].call(lambda: connector.call(checked))
        return self.restricted(topic, answer)

    def checked(self, topic: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters that are given. Raises PermanentFailure where one is wrong."""
        operation = self._operation(topic)
        declared = {parameter.name: parameter for parameter in operation.parameters}
        unknown = sorted(parameters.keys() - declared.keys())
        if unknown:
            raise _wrong_call(operation, f"có tham số không được khai báo: {', '.join(unknown)}")
        given = {name: value for name, value in parameters.items() if value is not None}
        for parameter in declared.values():
            if parameter.name in given:
                complaint = _complaint(parameter, given[parameter.name])
                if complaint:
                    raise _wrong_call(operation, f"{parameter.name} {complaint}")
            elif parameter.required:
                raise _wrong_call(operation, f"thiếu {parameter.name} ({parameter.label})")
        return given

    def restricted(self, topic: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Keep the declared results. Raises PermanentFailure where one is missing or wrong."""
        operation = self._operation(topic)
        results: dict[str, Any] = {}
        for result in operation.results:
            value = answer.get(result.name)
            if value is None:
                if result.required:
                    raise _wrong_answer(operation, f"thiếu {result.name} ({result.label})")
                continue
            complaint = _complaint(result, value)
            if complaint:
                raise _wrong_answer(operation, f"{result.name} {complaint}")
            results[result.name] = value
        return results

    def _operation(self, topic: str) -> Operation:
        operation = self._operations.get(topic)
        if operation is None:
            raise PermanentFailure(f"Không có thao tác “{topic}”. Hãy kiểm tra sơ đồ quy trình.")
        return operation


def _complaint(parameter: Parameter, value: object) -> str:
    """Say what is wrong with a value, or nothing."""
    if not _has_type(parameter.type, value):
        return f"phải thuộc kiểu {parameter.type}"
    if parameter.required and isinstance(value, str) and not value.strip():
        return "không được để trống"
    if parameter.choices and value not in parameter.choices:
        return f"phải là một trong {', '.join(parameter.choices)}"
    return ""


def _has_type(kind: str, value: object) -> bool:
    match kind:
        case "string":
            return isinstance(value, str)
        case "number":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return False
            return math.isfinite(value)
        case "boolean":
            return isinstance(value, bool)
        case "object":
            return isinstance(value, dict)
        case _:
            return isinstance(value, list)


def _wrong_call(operation: Operation, complaint: str) -> PermanentFailure:
    return PermanentFailure(
        f"Bước “{operation.label}” {complaint}. Hãy sửa tham số trong sơ đồ quy trình."
    )


def _wrong_answer(operation: Operation, complaint: str) -> PermanentFailure:
    return PermanentFailure(
        f"Kết quả của “{operation.label}” {complaint}. Cần người quản trị kiểm tra."
    )
