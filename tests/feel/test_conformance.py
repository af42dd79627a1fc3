"""Classes of cases that the standard's compatibility kit asks about, in our own words."""

import pytest

from tests.feel.cases import cases, same, value

RANGES_FROM_TEXT = r"""
range("[1..3]") = [1..3] => true
range("(1..3]") = (1..3] => true
range("]1..3]") = (1..3] => true
range("[1..3)") = [1..3) => true
range("[1..3[") = [1..3) => true
range(from: "[1.5..20.5]") = [1.5..20.5] => true
range("  [ -3 ..  .5 ]  ") = [-3..0.5] => true
range("[1..)") = (>=1) => true
range("(1..)") = (>1) => true
range("(..3]") = (<=3) => true
range("(..3)") = (<3) => true
range("[..3]") => null
range("[1..]") => null
range("(..)") => null
range("[\"a\"..\"c\"]") instance of range<string> => true
range("[\"a..b\"..\"c\"]").start => "a..b"
range("[@\"2026-01-01\"..@\"2026-02-01\"]") instance of range<date> => true
range("[date(\"2026-01-01\")..date(\"2026-02-01\")]") instance of range<date> => true
range("[date and time(\"2026-01-01T00:00:00\")..)") instance of range<date and time> => true
range("[time(\"08:00:00\")..time(\"17:00:00\")]") instance of range<time> => true
range("[duration(\"P1D\")..duration(\"P2D\")]") instance of range<days and time duration> => true
range("[@\"P1Y\"..@\"P2Y\"]") instance of range<years and months duration> => true
range("[date(2026, 1, 1)..date(2026, 2, 1)]") => null
range("[1..\"a\"]") => null
range("[a..b]") => null
range("[1+1..3]") => null
range("[@\"2026-01-01\")..)") => null
range("[1..3") => null
range("1..3") => null
range("") => null
range(null) => null
range(1) => null
@"2026-01-15" in range("[@\"2026-01-01\"..@\"2026-02-01\"]") => true
"""
COERCION = """
(function(a: number) a)([5]) => 5
(function(a: number) a)(["5"]) => null
(function(a: number) a)([5, 6]) => null
(function(a: list<number>) a)(5) => [5]
(function(a: list<number>) a)("5") => null
(function(a: list<number>) a)([5]) => [5]
(function(a: date and time) a)(@"2026-01-02") => "2026-01-02T00:00:00"
(function(a: date) a)(@"2026-01-02T08:00:00") => null
(function(a: Any) a)([5]) => [5]
{f: function(a: string) a, r: f(a: ["x"])}.r => "x"
substring(["foobar"], [3]) => "obar"
count("a") => 1
"""
FUNCTION_TYPES = """
(function(a: number) a) instance of function<number> -> Any => true
(function(a: number) a) instance of function<string> -> Any => false
(function(a: Any) a) instance of function<string> -> Any => true
(function(a) a) instance of function<string> -> Any => true
(function() 1) instance of function<> -> Any => true
(function() 1) instance of function<number> -> Any => false
(function(a, b: date) a) instance of function<number, date> -> Any => true
1 instance of function<number> -> Any => false
"""
UNICODE = r"""
"\uD83D\uDC0E" => "🐎"
"\U01F40E" => "🐎"
"a\uD83Db" => "a�b"
"\uDC0E" => "�"
string length("\uD83D\uDC0E") => 1
{🐎: 1}.🐎 => 1
{"🐎": 2}.🐎 => 2
{a🐎b: 1}.a🐎b + 1 => 2
substring("🐎ế🐂", 2, 2) => "ế🐂"
string({"a b": 1}) => "{a b: 1}"
string({"{": "x"}) => "{\"{\": \"x\"}"
string({"a:b": 1, "\"": 2}) => "{\"a:b\": 1, \"\\\"\": 2}"
"""
BLANKS_IN_PATTERNS = r"""
matches("hello world", "hello\\ sworld", "x") => true
matches("helloworld", "hello world", "x") => true
matches("helloworld", "hello[ ]world", "x") => false
matches("hello world", "hello[ ]world", "x") => true
matches("a]b", "a [ \\] ] b", "x") => true
"""
ALL = {
    "range": RANGES_FROM_TEXT,
    "coercion": COERCION,
    "function types": FUNCTION_TYPES,
    "unicode": UNICODE,
    "blanks": BLANKS_IN_PATTERNS,
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(*case, id=f"{group}-{case[0]}")
        for group, text in ALL.items()
        for case in cases(text)
    ],
)
def test_the_standard_says(source, expected):
    assert same(value(source), expected)
