"""The registry: what may be asked, what may come back, and who is asked at all."""

import json

import pytest

from app.domain.connectors import Call, PermanentFailure, Postponed, TemporaryFailure
from app.domain.errors import InvalidInput
from app.outbound.registry import Registry
from tests.outbound.test_descriptors import GOOD, write


class Echo:
    """A connector that answers from a script and remembers what it was asked."""

    def __init__(self, *script):
        self.script, self.calls = list(script), []

    def call(self, call):
        self.calls.append(call)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


KINDS = {
    "name": "kinds",
    "label": "Các kiểu",
    "description": "Mỗi kiểu một tham số.",
    "operations": [
        {
            "name": "try",
            "label": "Thử",
            "parameters": [
                {"name": kind, "label": kind, "type": kind}
                for kind in ("string", "number", "boolean", "object", "list")
            ],
            "results": [{"name": "must", "label": "Bắt buộc", "type": "number", "required": True}],
        }
    ],
}


@pytest.fixture
def build(tmp_path):
    write(tmp_path, GOOD)
    write(tmp_path, KINDS, "kinds")
    return lambda **connectors: Registry(tmp_path, connectors)


def say(**parameters):
    return Call("k", "say", {"text": "xin chào", **parameters})


def test_topics_and_descriptors_hold_every_file(build):
    registry = build()
    assert registry.topics() == {
        "echo.say": frozenset({"text"}),
        "kinds.try": frozenset(),
    }
    assert [each.name for each in registry.descriptors()] == ["echo", "kinds"]


def test_a_connector_without_descriptor_stops_the_start(build):
    with pytest.raises(InvalidInput, match="lạ"):
        build(lạ=Echo({}))


def test_only_declared_results_come_back(build):
    echo = Echo({"heard": True, "secret": "x", "admin": True})
    assert build(echo=echo).call("echo.say", say()) == {"heard": True}
    assert echo.calls == [say()]


def test_an_optional_result_may_be_missing(build):
    assert build(echo=Echo({"heard": None})).call("echo.say", say()) == {}


def test_an_optional_parameter_of_none_is_not_sent(build):
    echo = Echo({})
    build(echo=echo).call("echo.say", say(tone=None))
    assert echo.calls[0].parameters == {"text": "xin chào"}


@pytest.mark.parametrize(
    ("parameters", "complaint"),
    [
        ({"text": None}, "thiếu text"),
        ({"text": " "}, "text không được để trống"),
        ({"text": 3}, "text phải thuộc kiểu string"),
        ({"tone": "middle"}, "tone phải là một trong high, low"),
        ({"volume": 11}, "không được khai báo: volume"),
    ],
)
def test_a_wrong_question_is_never_asked(build, parameters, complaint):
    echo = Echo({})
    with pytest.raises(PermanentFailure, match=complaint):
        build(echo=echo).call("echo.say", say(**parameters))
    assert echo.calls == []


VALUES = {"string": "x", "number": 1.5, "boolean": True, "object": {"a": 1}, "list": [1]}


@pytest.mark.parametrize("declared", VALUES)
@pytest.mark.parametrize("given", VALUES)
def test_each_type_takes_its_own_values_only(build, declared, given):
    registry = build()
    if declared == given:
        assert registry.checked("kinds.try", {declared: VALUES[given]}) == {declared: VALUES[given]}
    else:
        with pytest.raises(PermanentFailure, match=f"phải thuộc kiểu {declared}"):
            registry.checked("kinds.try", {declared: VALUES[given]})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_does_not_have_is_refused(build, value):
    with pytest.raises(PermanentFailure, match="kiểu number"):
        build().checked("kinds.try", {"number": value})


@pytest.mark.parametrize("answer", [{}, {"must": None}, {"must": "7"}, {"must": True}])
def test_an_answer_without_its_result_is_a_permanent_failure(build, answer):
    with pytest.raises(PermanentFailure, match="must"):
        build(kinds=Echo(answer)).call("kinds.try", Call("k", "try", {}))


def test_an_unknown_topic(build):
    registry = build(echo=Echo({}))
    with pytest.raises(PermanentFailure, match=r"Không có thao tác “echo\.shout”"):
        registry.call("echo.shout", Call("k", "shout", {}))
    with pytest.raises(PermanentFailure, match="chưa được cấu hình"):
        registry.call("ghost.say", say())


def test_topic_and_operation_must_agree(build):
    with pytest.raises(PermanentFailure, match="không phải là thao tác"):
        build(echo=Echo({})).call("echo.say", Call("k", "shout", {}))


def test_an_open_breaker_postpones_without_asking(build):
    echo = Echo(TemporaryFailure("503"))
    registry = build(echo=echo)
    for _ in range(5):
        with pytest.raises(TemporaryFailure):
            registry.call("echo.say", say())
    with pytest.raises(Postponed):
        registry.call("echo.say", say())
    assert len(echo.calls) == 5
    assert registry.open_breakers() == {"echo"}


def test_a_wrong_question_does_not_touch_the_breaker(build):
    registry = build(echo=Echo(TemporaryFailure("503")))
    for _ in range(4):
        with pytest.raises(TemporaryFailure):
            registry.call("echo.say", say())
    with pytest.raises(PermanentFailure):
        registry.call("echo.say", say(text=None))
    with pytest.raises(TemporaryFailure):
        registry.call("echo.say", say())
    assert registry.open_breakers() == {"echo"}


def test_a_broken_file_is_named_at_the_start(tmp_path):
    write(tmp_path, json.dumps({**GOOD, "operations": None}))
    with pytest.raises(InvalidInput, match=r"echo\.json"):
        Registry(tmp_path, {})
