"""The `${…}` subset."""

from datetime import date, timedelta

import pytest

from app.feel import FeelError, FeelEvaluationError, compile_any, compile_juel, to_json
from tests.feel.cases import cases, same

VARIABLES = {
    "variable": 1,
    "input": 3,
    "name": "An",
    "approved": True,
    "text": "true",
    "list": [1, 2],
    "none": [],
    "map": {"a": {"b": 5}, "x y": 1},
    "amount": 1.5,
    "day": date(2026, 11, 24),
    "span": timedelta(days=1),
    "execution": {"processBusinessKey": "HS-1"},
    "externalTask": {"errorMessage": "hỏng"},
}
TABLE = """
${variable == 1} => true
${variable != 1} => false
${variable eq 1} => true
${variable ne 1} => false
#{variable == 1} => true
${true} => true
${null} => null
${4} => 4
${4.5} => 4.5
${ 1 + 1 } => 2
${1+2*3} => 7
${(1+2)*3} => 9
${10 / 4} => 2.5
${10 div 4} => 2.5
${10 % 4} => 2
${-10 mod 4} => -2
${-variable} => -1
${0.1 + 0.2 == 0.3} => true
${'a'} => "a"
${"a"} => "a"
${'it\\'s'} => "it's"
${name} => "An"
${missing} => null
${missing.a.b} => null
${missing == null} => true
${name == null} => false
${missing + 1} => 1
${missing > 1} => false
${missing <= null} => true
${input == 3 || input == 1} => true
${input == 2 || input == 1} => false
${input > 2 && input < 5} => true
${input gt 2 and input lt 5} => true
${input ge 3 or input le 1} => true
${!approved} => false
${not approved} => false
${approved && !missing} => true
${missing && approved} => false
${text == true} => true
${approved == 'true'} => true
${approved == 'false'} => false
${input == '3'} => true
${'3' < 4} => true
${'a' < 'b'} => true
${approved ? 'có' : 'không'} => "có"
${missing ? 1 : approved ? 2 : 3} => 2
${empty missing} => true
${empty none} => true
${empty list} => false
${not empty list} => true
${empty ''} => true
${map.a.b} => 5
${map['a'].b} => 5
${map["a"]["b"]} => 5
${map['x y']} => 1
${list[0]} => 1
${list[9]} => null
${list['1']} => 2
${'1' + 2} => 3
${'a' + 2} => "a2"
${name + '!'} => "An!"
${name.concat(variable)} => "An1"
${day + span} => "2026-11-25"
${map.getA().b} => 5
Hello ${name} => "Hello An"
${name}-${variable} => "An-1"
a #{name} b ${missing} c => "a An b  c"
${name.concat('!')} => "An!"
${'x'.concat(name)} => "xAn"
${name.length()} => 2
${name.toUpperCase()} => "AN"
${name.equals('An')} => true
${name.equalsIgnoreCase('an')} => true
${name.startsWith('A')} => true
${list.size()} => 2
${list.contains(2)} => true
${list.isEmpty()} => false
${list.get(1)} => 2
${map.get('a').b} => 5
${map.containsKey('zz')} => false
${execution.processBusinessKey} => "HS-1"
${execution.getVariable('name')} => "An"
${externalTask.getErrorMessage() == null} => false
${variable.toString()} => "1"
${missing.size()} => null
không có gì => "không có gì"
"""


@pytest.mark.parametrize(("source", "expected"), cases(TABLE))
def test_an_expression_in_braces_gives(source, expected):
    assert same(to_json(compile_juel(source).evaluate(VARIABLES)), expected)


@pytest.mark.parametrize(
    "source",
    [
        "${a",
        "${}",
        "${a b}",
        "${1 +}",
        "${f(1)}",
        "${a.}",
        "${a ? b}",
        "${'abc}",
        "${a[1}",
        "${@}",
        "${a.b(1, 2",
        "${a(",
        "${",
        "${" + "(" * 500 + "a" + ")" * 500 + "}",
        "${" + "!" * 5000 + "a}",
        "${" + "+".join(["a"] * 5000) + "}",
        "x" * 30_000 + "${a}",
        "${execution.getVariable(name)}",
        "${a}" * 100,
    ],
)
def test_a_wrong_expression_is_refused(source):
    with pytest.raises(FeelError):
        compile_juel(source)


@pytest.mark.parametrize(
    "source",
    [
        "${list + 1}",
        "${name - 1}",
        "${1 / 0}",
        "${1 % 0}",
        "${list < 3}",
        "${name < 1}",
        "${-name}",
        "${list && true}",
        "${name.getClass()}",
        "${name.format(1)}",
        "${name.concat()}",
        "${name.concat('a', 'b')}",
        "${list.clear()}",
        "${variable.__class__()}",
        "${map.pop('a')}",
    ],
)
def test_a_wrong_type_is_told(source):
    with pytest.raises(FeelEvaluationError):
        compile_juel(source).evaluate(VARIABLES)


def test_names_are_the_free_variables():
    assert compile_juel("${a.b == c && execution.getVariable('d')}").names == {"a", "c", "d"}


def test_any_tells_the_languages_apart():
    assert compile_any("${a == 1}").evaluate({"a": 1}) is True
    assert compile_any("a = 1").evaluate({"a": 1}) is True
    assert compile_any("= a").evaluate({"a": 1}) == 1


def test_the_place_of_an_error_is_told():
    with pytest.raises(FeelError) as caught:
        compile_juel("${a == }")
    assert (caught.value.line, caught.value.column) == (1, 8)
