"""What people read when an expression is wrong, and what callers may rely on."""

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.feel import FeelError, FeelEvaluationError, compile_expression, to_json
from app.feel.values import Months, Range

MESSAGES = [
    ("", "Biểu thức trống", 1, 1),
    ("(1 + 2", "Thiếu dấu ngoặc đóng ')' ở cột 7", 1, 7),
    ("[1, 2", "Thiếu dấu ngoặc đóng ']' ở cột 6", 1, 6),
    ("{a: 1", "Thiếu dấu ngoặc đóng '}' ở cột 6", 1, 6),
    ("1 +", "Biểu thức kết thúc giữa chừng ở cột 4", 1, 4),
    ("if a then b", "Thiếu từ 'else' ở cột 12, gặp hết biểu thức", 1, 12),
    ("a ~ b", "Ký tự lạ '~' ở cột 3", 1, 3),
    ('a = "b', "Thiếu dấu nháy kép đóng cho chuỗi bắt đầu ở cột 5", 1, 5),
    ("1 /* b", "Chú thích mở ở cột 3 không được đóng", 1, 3),
    ("1 2", "Thừa '2' ở cột 3", 1, 3),
    ("a\n and\n )", "Không hiểu ')' ở cột 2", 3, 2),
    ("a.", "Cần một tên ở cột 3, gặp hết biểu thức", 1, 3),
    ("sun(xs)", "Không có hàm 'sun'; có phải ý bạn là 'sum'?", 1, 1),
    ("1 + qqqq(2)", "Không có hàm 'qqqq'", 1, 5),
    ("substring(a)", "Hàm substring không nhận 1 tham số", 1, 1),
    ("date(nam: 1)", "Hàm date không có tham số 'nam'", 1, 1),
    ('@"hôm nay"', '"hôm nay" không phải ngày, giờ hay khoảng thời gian', 1, 2),
    ("a instance of tree", "Không có kiểu này ở cột 15", 1, 15),
    ("{a: 1, a: 2}", "Tên 'a' có hai lần trong một ngữ cảnh", 1, 1),
    ("function(a, a) a", "Hai tham số trùng tên", 1, 16),
    ("@5", "Sau '@' ở cột 1 cần một chuỗi", 1, 1),
    ("{: 1}", "Cần một tên ở cột 2, gặp ':'", 1, 2),
    ("{a 1}", "Cần ':' ở cột 4, gặp '1'", 1, 4),
    ("then", "Từ 'then' không đứng được ở cột 1", 1, 1),
    ("[1..2", "Thiếu dấu ngoặc đóng khoảng ở cột 6", 1, 6),
    ("1e99999", "Số quá lớn ở cột 1", 1, 1),
    ("(!= 5)", "Không có khoảng '!=' ở cột 1", 1, 1),
    ("some x of y", "Thiếu từ 'in' ở cột 12, gặp hết biểu thức", 1, 12),
    ('function(a) external {java: "x"}', "Hàm ngoài (external) không được phép", 1, 13),
]


@pytest.mark.parametrize(("source", "message", "line", "column"), MESSAGES)
def test_an_error_tells_what_and_where(source, message, line, column):
    with pytest.raises(FeelError) as caught:
        compile_expression(source)
    error = caught.value
    assert (error.message, error.line, error.column) == (message, line, column)
    assert error.source == source


def test_a_leading_mark_does_not_move_the_column():
    with pytest.raises(FeelError) as caught:
        compile_expression("= a ~ b")
    assert caught.value.column == 5


def test_the_free_names_are_told():
    source = "for x in xs return x + y + {z: 1, w: z + v}.w + count(us[item.t > s])"
    assert compile_expression(source).names == {"xs", "y", "v", "us", "s"}


def test_known_names_may_contain_signs_and_keywords():
    variables = {"số-hồ sơ": 5, "date of birth": 1, "for sale": 2, "a": 1, "b": 2}
    expression = compile_expression("số-hồ sơ + for  sale + a-b", names=variables)
    assert expression.evaluate(variables) == 6
    assert expression.names == {"số-hồ sơ", "for sale", "a", "b"}


def test_a_known_name_may_be_called():
    double = compile_expression("function(x) x * 2").evaluate({})
    assert compile_expression("double(4)", names={"double"}).evaluate({"double": double}) == 8
    assert compile_expression("double(4)", names={"double"}).evaluate({"double": 5}) is None


def test_composed_and_decomposed_letters_are_one_name():
    assert compile_expression("Ho\u0323 te\u0302n").evaluate({"Họ tên": "An"}) == "An"


def test_the_same_text_is_compiled_once():
    assert compile_expression("a + 1") is compile_expression("a + 1")


def test_an_expression_shows_its_text():
    assert repr(compile_expression("a + 1")) == "Expression('a + 1')"


def test_a_constant_reader_may_be_shadowed():
    source = '{date: function(t) "mine", d: date("2026-01-01")}.d'
    assert compile_expression(source).evaluate({}) == "mine"


def test_other_mappings_and_their_kin_are_contexts():
    class Entries(dict[str, object]):
        pass

    class View(Mapping[str, object]):
        def __getitem__(self, key):
            return {"b": 5}[key]

        def __iter__(self):
            return iter(["b"])

        def __len__(self):
            return 1

    assert compile_expression("a.b").evaluate({"a": Entries(b=5)}) == 5
    assert compile_expression("a.b").evaluate({"a": View()}) == 5
    assert compile_expression("[a][b = 5][1].b").evaluate({"a": View()}) == 5
    assert compile_expression("a.b").evaluate(View()) is None


def test_a_stack_without_room_is_told():
    def deeper(left):
        return deeper(left - 1) if left else compile_expression("(" * 40 + "stack" + ")" * 40)

    with pytest.raises(FeelError, match="sâu"):
        deeper(sys.getrecursionlimit() - 150)


def test_a_comment_ends_with_its_line():
    assert compile_expression("1 // một\n + 2").evaluate({}) == 3


def test_assert_raises_its_cause():
    with pytest.raises(FeelEvaluationError, match="Phí phải dương"):
        compile_expression('assert(fee, fee > 0, "Phí phải dương")').evaluate({"fee": -1})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (Decimal("7.00"), 7),
        (Decimal("7.25"), 7.25),
        (1.5, 1.5),
        (float("nan"), None),
        ("a", "a"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(8, 30), "08:30:00"),
        (datetime(2026, 1, 2, 3, 4, tzinfo=UTC), "2026-01-02T03:04:00Z"),
        (timedelta(hours=25), "P1DT1H"),
        (Months(14), "P1Y2M"),
        ([Decimal(1), (2, 3)], [1, [2, 3]]),
        ({"a": date(2026, 1, 2)}, {"a": "2026-01-02"}),
        (Range(1, 5, high_included=False), "[1..5)"),
        (object(), None),
    ],
)
def test_values_become_json(given, expected):
    assert to_json(given) == expected
    assert type(to_json(given)) is type(expected)


def test_too_large_a_number_is_no_json():
    with pytest.raises(FeelEvaluationError):
        to_json(Decimal("1e400"))


def test_a_value_inside_itself_is_no_json():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(FeelEvaluationError):
        to_json(loop)


def test_threads_share_a_compiled_expression():
    expression = compile_expression("sum(for i in 1..200 return i * x / 3) * 3")

    def work(x):
        return [to_json(expression.evaluate({"x": x})) for _ in range(20)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(work, range(3, 15, 3)))
    assert results == [[20_100 * x] * 20 for x in range(3, 15, 3)]
