"""What each kind of field reads, refuses and stores."""

from typing import Any

import pytest

from tests.forms.samples import choice, form, html, text

NUMBER = {"type": "number", "key": "x", "label": "Diện tích"}
DATE = {"type": "datetime", "subtype": "date", "key": "x", "dateLabel": "Ngày khởi công dự kiến"}
TIME = {"type": "datetime", "subtype": "time", "key": "x", "timeLabel": "Giờ hẹn"}
BOTH = {"type": "datetime", "subtype": "datetime", "key": "x", "dateLabel": "Lúc"}
FILE = {"id": "f1", "name": "bản vẽ.pdf", "size": 10, "mime": "application/pdf", "sha256": "a" * 64}
FILES = {
    "type": "filepicker",
    "key": "x",
    "label": "Bản vẽ",
    "properties": {"files": {"accept": ".pdf,image/*", "max_mb": 1, "max_count": 2}},
}


def stored(component: dict[str, Any], raw: Any) -> Any:
    submission = form(component).validate({"x": raw}, {})
    assert submission.errors == {}
    return submission.values["x"]


def refused(component: dict[str, Any], raw: Any) -> str:
    submission = form(component).validate({"x": raw}, {})
    assert set(submission.errors) == {"x"}
    assert not submission.ok
    return submission.errors["x"][0]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("  Nguyễn Văn An ", "Nguyễn Văn An"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_text_is_trimmed_and_composed(raw: Any, value: Any) -> None:
    assert stored(text("x"), raw) == value


@pytest.mark.parametrize(
    "raw", ["a\x00b", "a\x1bb", "a\u202eb", "a\nb", "a\ud800b", 5, True, [], {}]
)
def test_text_refuses_what_is_no_line_of_text(raw: Any) -> None:
    assert refused(text("x"), raw).startswith("Họ tên ")


def test_a_text_area_keeps_its_lines() -> None:
    area = {"type": "textarea", "key": "x", "label": "Ghi chú"}
    assert stored(area, "một\r\nhai\rba\n") == "một\nhai\nba"
    assert refused(area, "một\x07") == "Ghi chú có ký tự không dùng được; hãy gõ lại thay vì dán"


@pytest.mark.parametrize(
    ("rule", "raw", "sentence"),
    [
        ({"minLength": 3}, "ab", "Họ tên cần ít nhất 3 ký tự (đang có 2)"),
        ({"maxLength": 3}, "abcd", "Họ tên dài tối đa 3 ký tự (đang có 4)"),
        ({"pattern": "^[A-Z]+$"}, "abc", "Họ tên chưa đúng dạng được yêu cầu"),
        (
            {"pattern": "^[A-Z]+$", "patternErrorMessage": "Mã chỉ gồm chữ hoa"},
            "abc",
            "Mã chỉ gồm chữ hoa",
        ),
        ({"required": True}, "  ", "Nhập họ tên"),
        ({}, "a" * 1001, "Họ tên dài tối đa 1000 ký tự (đang có 1001)"),
    ],
)
def test_text_rules(rule: dict[str, Any], raw: str, sentence: str) -> None:
    assert refused(text("x", validate=rule), raw) == sentence


@pytest.mark.parametrize("raw", ["an@vidu.vn", "a.b+c@mail.quan1.gov.vn"])
def test_email(raw: str) -> None:
    assert stored(text("x", validate={"validationType": "email"}), raw) == raw


@pytest.mark.parametrize(
    "raw", ["an", "an@", "@vidu.vn", "an@vidu", "a b@vidu.vn", "a@b..vn", "ă@vidu.vn"]
)
def test_email_refuses(raw: str) -> None:
    sentence = refused(text("x", "Thư", validate={"validationType": "email"}), raw)
    assert sentence == "Thư phải là địa chỉ thư điện tử đúng, ví dụ ten@vidu.vn"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912.345.678", "0912345678"),
        ("84912345678", "0912345678"),
        ("(024) 3825 1234", "02438251234"),
        ("1900 1234", "19001234"),
        ("+82 10 1234 5678", "+821012345678"),
    ],
)
def test_phone(raw: str, value: str) -> None:
    assert stored(text("x", validate={"validationType": "phone"}), raw) == value


@pytest.mark.parametrize(
    "raw", ["0123456789", "091234567", "09123456789", "+84", "gọi tôi", "０９１２３４５６７８"]
)
def test_phone_refuses(raw: str) -> None:
    assert "0912 345 678" in refused(text("x", validate={"validationType": "phone"}), raw)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("true", "001 085 012 345", "001085012345"),
        ("true", "123456789", "123456789"),
        ("cccd", "001085012345", "001085012345"),
    ],
)
def test_identity(kind: str, raw: str, value: str) -> None:
    assert stored(text("x", properties={"identity": kind}), raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("true", "101085012345"),
        ("true", "12345678"),
        ("cccd", "123456789"),
        ("true", "00108501234a"),
    ],
)
def test_identity_refuses(kind: str, raw: str) -> None:
    assert "12 chữ số" in refused(text("x", properties={"identity": kind}), raw)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5,25", 5.25),
        ("1.250.000", 1250000),
        ("1.250", 1250),
        ("1.250,5", 1250.5),
        ("0.250", 0.25),
        ("12.5", 12.5),
        ("12.50", 12.5),
        ("1 250 000", 1250000),
        ("-3,0", -3),
        ("\u22125", -5),
        (5, 5),
        (5.25, 5.25),
        ("", None),
    ],
)
def test_number(raw: Any, value: Any) -> None:
    result = stored(NUMBER, raw)
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    "raw",
    [
        "1,250,000",
        "1,250.5",
        "1.25.000",
        "1.250.00",
        "5,",
        ",5",
        "năm",
        "1e5",
        "NaN",
        "inf",
        "٣",
        "0x10",
        "--5",
        "5 m²",
        True,
        float("nan"),
        float("inf"),
        [],
        {},
        "9" * 50,
        "1_000",
    ],
)
def test_number_refuses(raw: Any) -> None:
    assert refused(NUMBER, raw) == "Diện tích phải là số, ví dụ 1.250.000 hoặc 5,25"


@pytest.mark.parametrize(
    ("extra", "raw", "sentence"),
    [
        ({"validate": {"min": 10}}, "9,99", "Diện tích phải từ 10 trở lên"),
        ({"validate": {"min": "0.1"}}, "0,09", "Diện tích phải từ 0,1 trở lên"),
        ({"validate": {"max": 1000000}}, "1.000.001", "Diện tích không được quá 1.000.000"),
        ({"decimalDigits": 0}, "5,5", "Diện tích phải là số nguyên"),
        ({"decimalDigits": 2}, "5,555", "Diện tích có tối đa 2 chữ số thập phân"),
        ({"increment": "0.5"}, "5,25", "Diện tích phải là bội số của 0,5"),
        ({}, "9" * 17, "Diện tích không được vượt quá 1.000.000.000.000.000"),
    ],
)
def test_number_rules(extra: dict[str, Any], raw: str, sentence: str) -> None:
    assert refused({**NUMBER, **extra}, raw) == sentence


def test_bounds_of_a_number_kept_as_text_are_exact() -> None:
    exact = {**NUMBER, "serializeToString": True, "validate": {"max": "0.3"}}
    assert stored(exact, "0,3") == "0.3"
    assert "không được quá 0,3" in refused(exact, "0,30000000000000000001")
    assert form(exact).json_schema()["properties"]["x"]["type"] == ["string", "null"]
    assert form(exact).view({"x": "0.3"}, {}, {}).rows[0].cells[0].value == "0,3"  # type: ignore[attr-defined]


def test_exact_bounds_are_inside() -> None:
    tight = {**NUMBER, "validate": {"min": 0.1, "max": 0.3}, "increment": 0.1}
    assert [stored(tight, raw) for raw in ("0,1", "0,3", 0.1)] == [0.1, 0.3, 0.1]


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("12345678901234567890,123456789", "12345678901234567890.123456789"),
        ("1,125", "1.1250"),
        ("1.125", "1125"),
    ],
)
def test_a_number_kept_as_text_keeps_every_digit(raw: str, value: str) -> None:
    exact = {**NUMBER, "serializeToString": True}
    assert stored(exact, raw) == value
    assert stored(exact, value) == value


@pytest.mark.parametrize(
    ("component", "raw", "value"),
    [
        (DATE, "24/11/2026", "2026-11-24"),
        (DATE, "1/2/2026", "2026-02-01"),
        (DATE, "24-11-2026", "2026-11-24"),
        (DATE, "24.11.2026", "2026-11-24"),
        (DATE, "2026-11-24", "2026-11-24"),
        (DATE, "29/02/2028", "2028-02-29"),
        (DATE, "", None),
        (TIME, "8h30", "08:30"),
        (TIME, "8 giờ 30 phút", "08:30"),
        (TIME, "08:30", "08:30"),
        (TIME, "0:00", "00:00"),
        (TIME, "14h", "14:00"),
        (BOTH, "24/11/2026 08:30", "2026-11-24T08:30"),
        (BOTH, "8h30 24/11/2026", "2026-11-24T08:30"),
        (BOTH, "8 giờ 30 ngày 24/11/2026", "2026-11-24T08:30"),
        (BOTH, "2026-11-24T01:30Z", "2026-11-24T08:30"),
        (
            {**BOTH, "timeSerializingFormat": "utc_offset"},
            "24/11/2026 08:30",
            "2026-11-24T08:30+07:00",
        ),
        (
            {**BOTH, "timeSerializingFormat": "utc_normalized"},
            "24/11/2026 08:30",
            "2026-11-24T01:30Z",
        ),
        ({**TIME, "timeSerializingFormat": "utc_normalized"}, "03:30", "20:30Z"),
        ({**TIME, "timeSerializingFormat": "utc_offset"}, "03:30", "03:30+07:00"),
        (text("x", properties={"vietnamese_date": "true"}), "2/9/1945", "1945-09-02"),
    ],
)
def test_moments(component: dict[str, Any], raw: str, value: Any) -> None:
    assert stored(component, raw) == value
    if value is not None:
        assert stored(component, value) == value


@pytest.mark.parametrize(
    "raw",
    [
        "31/02/2026",
        "24/13/2026",
        "24/11/26",
        "hôm qua",
        "2026/11/24",
        5,
        [],
        "٢٤/١١/٢٠٢٦",
        "24/11/0000",
    ],
)
def test_a_date_refuses_what_is_no_day(raw: Any) -> None:
    assert refused(DATE, raw) == "Ngày khởi công dự kiến phải là ngày có thật, ví dụ 24/11/2026"


@pytest.mark.parametrize("raw", ["25:00", "8:60", "8", "sáng", "24:00"])
def test_a_time_refuses_what_is_no_time(raw: str) -> None:
    assert refused(TIME, raw) == "Giờ hẹn phải là giờ có thật, ví dụ 08:30"


@pytest.mark.parametrize("raw", ["24/11/2026", "08:30", "31/02/2026 08:30", "24/11/2026 25:00"])
def test_a_moment_needs_both(raw: str) -> None:
    assert refused(BOTH, raw) == "Lúc phải là ngày và giờ có thật, ví dụ 24/11/2026 08:30"


def test_moments_at_the_edge_of_the_calendar_are_refused_not_broken() -> None:
    edge = {**BOTH, "timeSerializingFormat": "utc_normalized"}
    assert "ngày và giờ có thật" in refused(edge, "01/01/0001 00:30")
    assert "ngày và giờ có thật" in refused(edge, "0001-01-01T00:30+14:00")
    assert "giờ có thật" in refused(TIME, "08:30+25:00")


def test_moments_may_have_bounds() -> None:
    future = {**BOTH, "disallowPassedDates": True}
    assert "quá khứ" in refused(future, "23/11/2026 23:59")
    assert stored(future, "24/11/2026 00:00") == "2026-11-24T00:00"


def test_dates_may_have_bounds() -> None:
    bounded = {**DATE, "properties": {"earliest": '=date("2026-01-01")', "latest": "2026-12-31"}}
    assert stored(bounded, "01/01/2026") == "2026-01-01"
    assert "từ ngày 01/01/2026 trở đi" in refused(bounded, "31/12/2025")
    assert "sau ngày 31/12/2026" in refused(bounded, "01/01/2027")


def test_a_date_may_have_to_be_in_the_future() -> None:
    future = {**DATE, "disallowPassedDates": True}
    assert stored(future, "24/11/2026") == "2026-11-24"
    assert refused(future, "23/11/2026") == "Ngày khởi công dự kiến không được ở trong quá khứ"


@pytest.mark.parametrize(
    ("raw", "value"),
    [("true", True), ("on", True), ("", False), (None, False), (True, True), (False, False)],
)
def test_checkbox(raw: Any, value: bool) -> None:
    assert stored({"type": "checkbox", "key": "x", "label": "Cam đoan"}, raw) is value


@pytest.mark.parametrize("raw", ["có", 2, {}, ["a"]])
def test_checkbox_refuses(raw: Any) -> None:
    refused({"type": "checkbox", "key": "x", "label": "Cam đoan"}, raw)


@pytest.mark.parametrize("kind", ["select", "radio"])
def test_one_of_several(kind: str) -> None:
    component = choice(kind, "x", "a", "b")
    assert stored(component, "a") == "a"
    assert stored(component, "") is None
    for raw in ("c", ["a", "b"], {"a": 1}, 5):
        assert refused(component, raw) == "Loại hồ sơ có giá trị không nằm trong danh sách"
    required = {**component, "validate": {"required": True}}
    assert refused(required, "") == "Chọn loại hồ sơ"


@pytest.mark.parametrize("kind", ["checklist", "taglist"])
def test_some_of_several(kind: str) -> None:
    component = choice(kind, "x", "a", "b", "c")
    assert stored(component, ["a", "c"]) == ["a", "c"]
    assert stored(component, "a") == ["a"]
    assert stored(component, ["a", "a"]) == ["a"]
    assert stored(component, []) == []
    assert stored(component, None) == []
    for raw in (["a", "z"], [["a"]], {"a": 1}):
        assert refused(component, raw) == "Loại hồ sơ có giá trị không nằm trong danh sách"
    required = {**component, "validate": {"required": True}}
    assert refused(required, []) == "Chọn ít nhất một mục ở “Loại hồ sơ”"


def test_options_keep_their_type() -> None:
    options = [{"label": "Một", "value": 1}, {"label": "Đúng", "value": True}]
    component = {"type": "select", "key": "x", "label": "Số", "values": options}
    assert stored(component, "1") == 1
    assert stored(component, 1) == 1
    assert stored(component, "true") is True


def test_options_from_variables_and_expressions() -> None:
    by_key = {"type": "select", "key": "x", "label": "Xã", "valuesKey": "wards.all"}
    variables = {"wards": {"all": ["A", {"label": "Xã B", "value": "b"}, {"nothing": 1}, None]}}
    assert form(by_key).validate({"x": "b"}, variables).values == {"x": "b"}
    assert not form(by_key).validate({"x": "c"}, variables).ok
    assert not form(by_key).validate({"x": "A"}, {"wards": 5}).ok
    computed = {
        "type": "select",
        "key": "x",
        "label": "Xã",
        "valuesExpression": "=for w in list return upper case(w)",
    }
    assert form(computed).validate({"x": "A"}, {"list": ["a"]}).values == {"x": "A"}
    assert not form(computed).validate({"x": "a"}, {"list": ["a"]}).ok


def test_options_may_depend_on_another_answer() -> None:
    district = choice("select", "d", "q1", "q2")
    ward = {
        "type": "select",
        "key": "x",
        "label": "Phường",
        "valuesExpression": '=if d = "q1" then ["a"] else ["b"]',
    }
    assert form(district, ward).validate({"d": "q1", "x": "a"}, {}).ok
    assert not form(district, ward).validate({"d": "q2", "x": "a"}, {}).ok


def test_files() -> None:
    assert stored(FILES, [FILE]) == [FILE]
    assert stored(FILES, FILE) == [FILE]
    assert stored(FILES, {**FILE, "path": "/etc/passwd", "owner": 1}) == [FILE]
    assert (
        stored(FILES, {**FILE, "name": "anh.heic", "mime": "image/heic"})[0]["mime"] == "image/heic"
    )
    assert stored(FILES, "") == []
    assert refused({**FILES, "validate": {"required": True}}, "") == "Chọn tệp cho “bản vẽ”"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ([FILE] * 3, "Bản vẽ có tối đa 2 tệp (đang có 3)"),
        ({**FILE, "size": 3 * 1024 * 1024}, "Bản vẽ có tệp “bản vẽ.pdf” nặng 3 MB; tối đa 1 MB"),
        ({**FILE, "size": 0}, "Bản vẽ có tệp “bản vẽ.pdf” không có nội dung"),
        ({**FILE, "name": "a.exe"}, "Bản vẽ có tệp “a.exe” không đúng loại; chỉ nhận PDF, ảnh"),
    ],
)
def test_files_out_of_bounds(raw: Any, sentence: str) -> None:
    assert refused(FILES, raw) == sentence


@pytest.mark.parametrize(
    "raw",
    [
        "f1",
        5,
        {},
        {**FILE, "id": "../../x"},
        {**FILE, "name": "../a.pdf"},
        {**FILE, "name": "a\x00.pdf"},
        {**FILE, "size": -1},
        {**FILE, "size": True},
        {**FILE, "size": "10"},
        {**FILE, "sha256": "A" * 64},
        {**FILE, "mime": "text"},
        [FILE, None],
    ],
)
def test_files_refuse_what_is_no_reference(raw: Any) -> None:
    assert refused(FILES, raw) == "Bản vẽ có tệp không nhận ra được; hãy chọn lại tệp"


def test_an_html_form_sends_repeated_names() -> None:
    parsed = form(choice("checklist", "x", "a", "b"), text("y"))
    assert parsed.validate(html(x=["a", "b"], y="An"), {}).values == {"x": ["a", "b"], "y": "An"}
    assert not parsed.validate(html(y=["An", "Bình"]), {}).ok
