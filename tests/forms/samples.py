"""Forms that the tests share."""

import json
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from app.forms import FormRoom, ParsedForm

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def html(**values: Any) -> "MultiDict[str, Any]":
    """A posted form; names are written with "__" for a dot."""
    return MultiDict(
        {
            name.replace("__", "."): value if isinstance(value, list) else [value]
            for name, value in values.items()
        }
    )


def source(*components: dict[str, Any], **top: Any) -> bytes:
    """A form file."""
    form = {"type": "default", "schemaVersion": 19, "components": list(components), **top}
    return json.dumps(form, ensure_ascii=False).encode()


def room() -> FormRoom:
    return FormRoom(now=lambda: NOW)


def form(*components: dict[str, Any]) -> ParsedForm:
    return room().read(source(*components))


def text(key: str, label: str = "Họ tên", **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": label, **more}


def choice(kind: str, key: str, *values: str, **more: Any) -> dict[str, Any]:
    options = [{"label": f"Mục {value}", "value": value} for value in values]
    return {"type": kind, "key": key, "label": "Loại hồ sơ", "values": options, **more}


def owners(**more: Any) -> dict[str, Any]:
    return {
        "type": "dynamiclist",
        "path": "owners",
        "label": "Chủ sở hữu",
        "components": [
            text("name", "Họ và tên", validate={"required": True}),
            {"type": "checkbox", "key": "main", "label": "Người đại diện"},
        ],
        **more,
    }


BUILDING: tuple[dict[str, Any], ...] = (
    {"type": "text", "text": "### Công trình\nPhí là **{{fee}}** đồng."},
    text("name", "Tên công trình", validate={"required": True, "maxLength": 200}),
    text("cccd", "Số căn cước", properties={"identity": "true"}, validate={"required": True}),
    text("email", "Thư điện tử", validate={"validationType": "email"}),
    text("phone", "Số điện thoại", validate={"validationType": "phone", "required": True}),
    {
        "type": "number",
        "key": "area",
        "label": "Diện tích",
        "decimalDigits": 2,
        "validate": {"min": 1, "max": 100000},
        "appearance": {"suffixAdorner": "m²"},
        "layout": {"row": "r1", "columns": 8},
    },
    {
        "type": "number",
        "key": "floors",
        "label": "Số tầng",
        "decimalDigits": 0,
        "layout": {"row": "r1", "columns": 8},
    },
    {
        "type": "datetime",
        "subtype": "date",
        "key": "start",
        "dateLabel": "Ngày khởi công dự kiến",
        "validate": {"required": True},
    },
    choice("select", "kind", "nha_o", "khac", validate={"required": True}),
    text(
        "other",
        "Loại khác",
        conditional={"hide": '=kind != "khac"'},
        validate={"required": True},
    ),
    choice("radio", "way", "truc_tiep", "buu_chinh"),
    choice("checklist", "papers", "a", "b", "c"),
    choice("taglist", "tags", "x", "y"),
    {"type": "checkbox", "key": "promise", "label": "Tôi cam đoan", "validate": {"required": True}},
    {"type": "textarea", "key": "note", "label": "Ghi chú"},
    {
        "type": "filepicker",
        "key": "drawing",
        "label": "Bản vẽ",
        "properties": {"files": {"accept": ".pdf,.jpg,.png", "max_mb": 10, "max_count": 2}},
    },
    {
        "type": "group",
        "path": "site",
        "label": "Địa điểm",
        "components": [text("street", "Đường"), text("ward", "Phường, xã")],
    },
    owners(properties={"min_rows": "1", "max_rows": "3"}),
    {"type": "expression", "key": "total", "expression": "=area * floors"},
    {
        "type": "table",
        "label": "Lịch sử",
        "dataSource": "=history",
        "columns": [{"key": "d", "label": "Ngày"}, {"key": "n", "label": "Số tiền"}],
    },
    {"type": "separator"},
    {"type": "spacer", "height": 60},
    {"type": "image", "source": "/static/map.png", "alt": "Bản đồ"},
    {"type": "documentPreview", "label": "Tài liệu", "dataSource": "=documents"},
    {"type": "button", "label": "Gửi", "action": "submit"},
)


def filled() -> "MultiDict[str, Any]":
    """The building form filled in as people do."""
    return html(
        name="  Nhà ở ông An ",
        cccd="001 085 012 345",
        email="an@vidu.vn",
        phone="+84 912 345 678",
        area="1.250,5",
        floors="3",
        start="24/11/2026",
        kind="nha_o",
        way="buu_chinh",
        papers=["a", "c"],
        tags="x",
        promise="true",
        note="Dòng một\r\nDòng hai",
        site__street="Đường 3/2",
        site__ward="Phường 1",
        owners__0__name="An",
        owners__0__main="true",
        owners__2__name="Bình",
    )
