"""The language itself: literals, operators, logic, paths, filters, loops, functions."""

import pytest

from tests.feel.cases import cases, same, value

LITERALS = """
1 => 1
-1 => -1
1.5 => 1.5
.5 => 0.5
-.5 => -0.5
1.50 => 1.5
1e3 => 1000
1.5E-2 => 0.015
007 => 7
9007199254740993 => 9007199254740993
true => true
false => false
null => null
"" => ""
"abc" => "abc"
"Đơn vị hành chính" => "Đơn vị hành chính"
"a\\"b" => "a\\"b"
"a\\nb" => "a\\nb"
"a\\tb" => "a\\tb"
"\\u0041" => "A"
"\\U01F40E" => "🐎"
"\\\\d" => "\\\\d"
"\\d+" => "\\\\d+"
"it's" => "it's"
[] => []
[1, "a", null, true] => [1, "a", null, true]
[[1], [2, 3]] => [[1], [2, 3]]
{} => {}
{a: 1} => {"a": 1}
{"a b": 1, c d: 2} => {"a b": 1, "c d": 2}
{if: 1, for: 2} => {"if": 1, "for": 2}
{a: 1, b: a + 1, c: a + b}.c => 3
{a: {b: {c: 7}}}.a.b.c => 7
@"2026-11-24" => "2026-11-24"
@"08:30:00" => "08:30:00"
@"2026-11-24T08:30:00" => "2026-11-24T08:30:00"
@"P1Y2M" => "P1Y2M"
@"P3DT4H" => "P3DT4H"
(1) => 1
((1)) => 1
(1, 2) => [1, 2]
1 /* giữa */ + 2 => 3
=1 + 1 => 2
  = name => "An"
"""

ARITHMETIC = """
1 + 2 => 3
1 + 2 * 3 => 7
(1 + 2) * 3 => 9
7 - 2 - 1 => 4
8 / 4 / 2 => 1
1 / 4 => 0.25
10 / 3 * 3 = 10 => false
1 / 3 => 0.3333333333333333
0.1 + 0.2 => 0.3
0.1 + 0.2 = 0.3 => true
0.1 * 3 = 0.3 => true
1.1 + 2.2 => 3.3
2 ** 10 => 1024
2 ** 0.5 * 2 ** 0.5 > 1.99 => true
2 ** -1 => 0.5
(-2) ** 2 => 4
-3 ** 2 => 9
2 ** 3 ** 2 => 64
0 ** 0 => null
-(-3) => 3
--3 => 3
-a => -3
- b => -4.5
a + b => 7.5
a * b => 13.5
a - b => -1.5
a / 0 => null
0 / 0 => null
1 + null => null
null + null => null
1 + "a" => null
"a" + 1 => null
"a" + "b" => "ab"
"a" + null => null
"a" - "b" => null
"a" * 2 => null
true + true => null
-true => null
-"a" => null
-null => null
[1] + [2] => null
99999999999999999 * 99999999999999999 => 9999999999999999800000000000000001
9999999999999999999999999999999999 + 1 = 10 ** 34 => true
10 ** 400 = 10 ** 400 => true
1e6000 * 1e6000 => null
0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 = 1 => true
1000000000000 * 0.000000000001 => 1
12000000 * 0.105 => 1260000
"""

COMPARISON = """
1 = 1 => true
1 = 1.0 => true
1 = 2 => false
1 != 2 => true
1 = "1" => null
1 != "1" => null
true = 1 => null
"a" = "a" => true
"a" = "b" => false
"a" < "b" => true
"b" <= "a" => false
"B" < "a" => true
null = null => true
null != null => false
1 = null => false
null = 1 => false
nothing = null => true
missing = null => true
missing != null => false
a != null => true
true = true => true
yes = true => true
yes = false => false
yes != true => false
no = true => false
nothing = true => false
nothing != true => true
name = true => null
name = "An" => true
name != "An" => false
nothing = "An" => false
a = 3 => true
a = 3.0 => true
b = 4.5 => true
b > 4 => true
b < 4 => false
a < 4 => true
a <= 3 => true
a > 3 => false
a >= 3 => true
3 < a => false
nothing > 3 => null
name > 3 => null
null < 1 => null
1 < null => null
true < false => null
[1, 2] = [1, 2] => true
[1, 2] = [2, 1] => false
[1, 2] = [1, 2, 3] => false
[1] < [2] => null
{a: 1, b: 2} = {b: 2, a: 1} => true
{a: 1} = {a: 2} => false
{a: 1} = {b: 1} => false
[1..3] = [1..3] => true
[1..3] = [1..3) => false
1 between 1 and 3 => true
3 between 1 and 3 => true
4 between 1 and 3 => false
null between 1 and 3 => null
a between 1 and a + 1 => true
a between 1 and 5 and yes => true
"b" between "a" and "c" => true
a between nothing and 2 => false
a between nothing and 5 => null
"""

LOGIC = """
true and true => true
true and false => false
false and true => false
false and null => false
null and false => false
true and null => null
null and true => null
null and null => null
true or false => true
false or true => true
false or false => false
true or null => true
null or true => true
false or null => null
null or false => null
null or null => null
1 and true => null
1 and false => false
1 or true => true
"x" or false => null
not(true) => false
not(false) => true
not(null) => null
not(1) => null
yes and no or yes => true
yes or no and no => true
yes and yes and yes and no => false
no or no or nothing or yes => true
no or no or nothing => null
not(yes and no) => true
a > 1 and b > 1 => true
a > 1 and nothing > 1 => null
a > 5 and nothing > 1 => false
a > 1 or nothing > 1 => true
if true then 1 else 2 => 1
if false then 1 else 2 => 2
if null then 1 else 2 => 2
if 1 then 1 else 2 => 2
if a > 2 then "lớn" else "nhỏ" => "lớn"
if a > 5 then 1 else if a > 2 then 2 else 3 => 2
(if yes then 1 else 2) + 1 => 2
if yes then 1 else 2 + 10 => 1
"""

MEMBERSHIP = """
1 in 1 => true
1 in (1, 2) => true
3 in (1, 2) => false
1 in [1, 2] => true
1 in [1..3] => true
1 in (1..3] => false
3 in [1..3) => false
3 in [1..3[ => false
1 in ]1..3] => false
2 in (1..3) => true
2 in ([1..3], [7..9]) => true
8 in ([1..3], [7..9]) => true
5 in ([1..3], [7..9]) => false
5 in > 3 => true
5 in (> 3) => true
5 in (< 3, > 4) => true
5 in (<= 5) => true
5 in (>= 6) => false
5 in (= 5) => true
5 in (!= 5) => false
"b" in ("a", "b") => true
"b" in ["a".."c"] => true
null in (1, null) => true
null in [1..3] => null
"a" in [1..3] => null
a in xs => true
9 in xs => false
[1, 2] in ([1, 2], [3]) => true
a in (xs) => true
name in ("An", "Bình") => true
a in (1, b, 3) => true
a in (? > 2) => true
a in (? > 5) => false
(a in [1..5]) and yes => true
a in [1..5] and yes => true
date("2026-01-15") in [date("2026-01-01")..date("2026-01-31")] => true
5 in [1..a + 3] => true
5 in [1..a[ => false
5 in [1..xs[4]] => false
"""

NAMES = """
Họ tên => "Trần Thị Bình"
Họ  tên => "Trần Thị Bình"
string length(Họ tên) => 13
person.name => "An"
person.address.city => "Huế"
person.missing => null
person.name.first => null
nothing.name => null
missing.name.first => null
a.b => null
{Mức phí: 5, Thuế suất: 0.1}.Mức phí => 5
{Mức phí: 5, Tổng: Mức phí * 2}.Tổng => 10
`Họ tên` => "Trần Thị Bình"
{`a-b`: 2}.`a-b` => 2
person . name => "An"
people.name => ["An", "Bình", "Chi"]
people.monthly salary => [12000000, 0, 25500000.5]
[{a: 1}, {b: 2}].a => [1, null]
[].a => []
"""

FILTERS = """
xs[1] => 1
xs[4] => 4
xs[-1] => 4
xs[-4] => 1
xs[0] => null
xs[5] => null
[1..3][item > 1] => [2, 3]
xs[-5] => null
xs[1.0] => 1
xs[1.5] => null
[][1] => null
5[1] => 5
5[2] => null
null[1] => null
nothing[true] => []
5[item > 3] => [5]
5[item > 7] => []
xs[item > 2] => [3, 4]
xs[item > 9] => []
xs[a] => 3
xs[count(xs)] => 4
xs[count(xs) - 1] => 3
xs[even(item)] => [2, 4]
xs[true] => [1, 2, 3, 4]
xs[false] => []
xs[null] => []
people[age >= 18].name => ["An", "Chi"]
people[item.age >= 18].name => ["An", "Chi"]
people[monthly salary > 20000000].name => ["Chi"]
people[name = "Bình"][1].age => 17
people[1].name => "An"
people[-1].name => "Chi"
people[age > a].name => ["An", "Bình", "Chi"]
people[name = name].age => [30, 17, 45]
[{x: 1, y: [{x: 5}]}][x = 1].y[1].x => [5]
[{xs: [1, 2]}, {xs: [3]}][count(xs) = 1] => [{"xs": [3]}]
[[1, 2], [3]][count(item) = 1] => [[3]]
[1, 2, 3, 4][item > 1][item < 4] => [2, 3]
[{item: 1}, {item: 2}][item > 1] => [{"item": 2}]
{a: 1}[a = 1] => [{"a": 1}]
"""

LOOPS = """
for x in xs return x * 2 => [2, 4, 6, 8]
for x in [] return x => []
for x in null return x => null
for x in 5 return x => [5]
for i in 1..3 return i => [1, 2, 3]
for i in 3..1 return i => [3, 2, 1]
for i in -1..1 return i => [-1, 0, 1]
for i in [1..3] return i => [1, 2, 3]
for i in (1..3) return i => [2]
for i in 1..a return i => [1, 2, 3]
for i in 1..1 return i => [1]
for x in [1, 2], y in [10, 20] return x + y => [11, 21, 12, 22]
for x in [1, 2], y in [x, x * 10] return y => [1, 10, 2, 20]
for x in 1..2, y in 1..2, z in 1..2 return x * 100 + y * 10 + z => [111, 112, 121, 122, 211, 212, 221, 222]
for p in people return p.name => ["An", "Bình", "Chi"]
for p in people[age >= 18] return p.age + 1 => [31, 46]
for i in 1..5 return if i = 1 then 1 else partial[-1] * i => [1, 2, 6, 24, 120]
for i in 1..3 return count(partial) => [0, 1, 2]
for i in 1..2 return partial => [[], [[]]]
for d in @"2026-02-01"..@"2026-01-30" return d.day => [1, 31, 30]
for d in [@"2026-02-01"..@"2026-01-30"] return d.day => []
for i in "a".."c" return i => []
for d in @"2026-01-30"..@"2026-02-01" return d.day => [30, 31, 1]
for item in xs return item => [1, 2, 3, 4]
for số thứ tự in 1..2 return số thứ tự + 1 => [2, 3]
for x in xs return for y in 1..x return y => [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4]]
sum(for x in xs return x) => 10
some x in xs satisfies x > 3 => true
some x in xs satisfies x > 4 => false
some x in [] satisfies true => false
some x in null satisfies true => null
some x in [1, null] satisfies x > 5 => null
some x in [1, null, 9] satisfies x > 5 => true
some x in xs, y in xs satisfies x + y = 8 => true
some x in xs, y in xs satisfies x + y = 9 => false
every x in xs satisfies x > 0 => true
every x in xs satisfies x > 1 => false
every x in [] satisfies false => true
every x in [1, null] satisfies x > 0 => null
every x in [0, null] satisfies x > 0 => false
every x in xs, y in xs satisfies x + y > 1 => true
every p in people satisfies p.age > 10 and p.name != null => true
"""

FUNCTIONS = """
(function(x) x + 1)(2) => 3
{f: function(x) x + 1, y: f(2)}.y => 3
{f: function(x, y) x - y, y: f(y: 1, x: 5)}.y => 4
{f: function(x: number) x + 1, y: f("a")}.y => null
{f: function(x: number) x + 1, y: f(1)}.y => 2
{f: function() 7, y: f()}.y => 7
{f: function(x) x, y: f()}.y => null
{f: function(x) x, y: f(1, 2)}.y => null
{f: function(x) x, y: f(z: 2)}.y => null
{fac: function(n) if n <= 1 then 1 else n * fac(n - 1), y: fac(10)}.y => 3628800
{fib: function(n) if n < 2 then n else fib(n - 1) + fib(n - 2), y: fib(12)}.y => 144
{add: function(x) function(y) x + y, y: add(1)(2)}.y => 3
{m: {f: function(x) x * a}, y: m.f(2)}.y => 6
{k: 10, f: function(x) x + k, y: for i in 1..2 return f(i)}.y => [11, 12]
sort([3, 1, 2], function(x, y) x > y) => [3, 2, 1]
{lần hai: function(số) số * 2, y: lần hai(4)}.y => 8
function(x) x => null
"""

TYPES = """
1 instance of number => true
1 instance of string => false
1.5 instance of number => true
"a" instance of string => true
true instance of boolean => true
null instance of number => false
null instance of Any => false
null instance of Null => true
1 instance of Any => true
@"2026-01-01" instance of date => true
@"2026-01-01" instance of date and time => false
@"2026-01-01T00:00:00" instance of date and time => true
@"2026-01-01T00:00:00" instance of date => false
@"10:00:00" instance of time => true
@"P1D" instance of days and time duration => true
@"P1Y" instance of years and months duration => true
@"P1Y" instance of days and time duration => false
[1] instance of list => true
[1] instance of list<number> => true
["a"] instance of list<number> => false
[] instance of list<number> => true
[1, null] instance of list<number> => true
{a: 1} instance of context => true
{a: 1} instance of context<a: number> => true
{a: "x"} instance of context<a: number> => false
{a: 1, b: 2} instance of context<a: number> => true
{b: 1} instance of context<a: number> => false
[1..3] instance of range<number> => true
[1..3] instance of range<string> => false
(function(x) x) instance of function => true
(function(x) x) instance of function<Any> -> Any => true
(function(x) x) instance of function<Any, Any> -> Any => false
1 + 1 instance of number => null
(1 + 1) instance of number => true
"""

RANGES = """
[1..3].start => 1
[1..3].end => 3
[1..3].start included => true
(1..3].start included => false
[1..3).end included => false
(< 5).end => 5
(< 5).start => null
(>= 5).start included => true
(= 5).start => 5
3 in (< 5) => true
"x" in [1..5] => null
3 in ["a".."b"] => null
3 in [nothing..5] => true
[2..3] in [2..a] => true
[2..3] in ([2..a], 5) => true
2 in [5, [1..3]] => true
2 in ["a", "b"] => null
-3 in [-5..-1] => true
-3 in -3 => true
@"2026-05-05" in [date("2026-01-01")..date("2026-12-31")] => true
@"2026-05-05" in date("2026-05-05") => true
[1..3] => "[1..3]"
(1..3) => "(1..3)"
["a".."c"] => "[\\"a\\"..\\"c\\"]"
[1.."a"] => null
[null..null] => null
[1..null] => "[1..null]"
"""

ALL = {
    "literals": LITERALS,
    "arithmetic": ARITHMETIC,
    "comparison": COMPARISON,
    "logic": LOGIC,
    "membership": MEMBERSHIP,
    "names": NAMES,
    "filters": FILTERS,
    "loops": LOOPS,
    "functions": FUNCTIONS,
    "types": TYPES,
    "ranges": RANGES,
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(*case, id=f"{group}-{case[0]}")
        for group, text in ALL.items()
        for case in cases(text)
    ],
)
def test_the_language_says(source, expected):
    assert same(value(source), expected)
