"""One page for a person who wants to see the other side and to misbehave on purpose."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from connectors.sandbox.faults import FAULT_LABELS, ON_CALLBACK
from connectors.sandbox.system import System, Table, wall_clock

_STYLE: Final = """
body { font: 16px/1.5 "Source Sans 3", system-ui, sans-serif; margin: 0; color: #1b2733;
       background: #f5f7f9; }
header { background: #123b5d; color: #fff; padding: 1rem 1.5rem; }
header p { margin: 0; color: #d5e2ee; }
h1 { font-size: 1.35rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem; display: grid; gap: 1rem; }
section { background: #fff; border: 1px solid #d8e0e7; border-radius: .5rem; padding: 1rem;
          overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #e6ebf0;
         vertical-align: top; }
th, td { white-space: nowrap; }
td { font-variant-numeric: tabular-nums; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; }
td form { display: inline-flex; margin: 0 .35rem .35rem 0; }
label { display: grid; font-size: .9rem; }
input, select, button { font: inherit; padding: .35rem .6rem; border-radius: .3rem;
                        border: 1px solid #8899a8; background: #fff; color: inherit; }
button { background: #123b5d; color: #fff; border-color: #123b5d; cursor: pointer; }
:focus-visible { outline: 3px solid #e08a00; outline-offset: 2px; }
.on { color: #9b1c1c; font-weight: 600; }
"""


def draw(system: System) -> str:
    """Return the whole page as HTML."""
    requests = system.ledger.requests()
    listed = Table(
        "Yêu cầu theo khóa",
        ("Khóa", "Thao tác", "Kết quả", "Số lần nhận", "Số lần thực hiện", "Lần cuối"),
        [
            [
                *(
                    str(request[column])
                    for column in ("key", "operation", "status", "received", "effects")
                ),
                wall_clock(request["last_at"]),
            ]
            for request in requests
        ],
    )
    tables = "".join(_table(table) for table in (*system.tables(), listed))
    return (
        f'<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(system.title)} (bản thử)</title><style>{_STYLE}</style></head><body>"
        f"<header><h1>{escape(system.title)}: máy chủ thử nghiệm</h1>"
        f"<p>Đóng vai hệ thống bên ngoài. Dữ liệu ở đây không có giá trị thật.</p></header>"
        f"<main>{_faults(system.faults.view(), calls_back=system.calls_back)}{tables}</main>"
        f"</body></html>"
    )


def _faults(view: Mapping[str, object], *, calls_back: bool) -> str:
    mode = view["mode"]
    options = "".join(
        f'<option value="{fault}"{" selected" if fault == mode else ""}>{escape(label)}</option>'
        for fault, label in FAULT_LABELS.items()
        if calls_back or fault not in ON_CALLBACK
    )
    if mode is None:
        now = "Đang hoạt động bình thường."
    else:
        left = view["count"]
        rest = "cho tới khi tắt" if left is None else f"còn {left} lần"
        label = next(text for fault, text in FAULT_LABELS.items() if fault == mode)
        now = f'<span class="on">Đang gây lỗi: {escape(label)} ({rest}).</span>'
    return (
        f"<section><h2>Gây lỗi có chủ ý</h2><p>{now}</p>"
        f'<form method="post" action="/_sandbox/faults">'
        f'<label>Cách gây lỗi<select name="mode"><option value="">Bình thường</option>{options}'
        f"</select></label>"
        f'<label>Số lần (trống: mãi)<input name="count" type="number" min="1" max="9999"></label>'
        f'<label>Xác suất<input name="probability" type="number" min="0" max="1" step="0.05" '
        f'value="1"></label>'
        f'<label>Hạt giống<input name="seed" type="number" min="0" max="9999" value="0"></label>'
        f'<label>Chậm (giây)<input name="seconds" type="number" min="0" max="300" value="15">'
        f"</label><button>Áp dụng</button></form></section>"
    )


def _table(table: Table) -> str:
    if not table.rows:
        return f"<section><h2>{escape(table.title)}</h2><p>Chưa có gì.</p></section>"
    headings = [*table.headings, *(["Bước tiếp"] if table.actions else [])]
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        f"<tr>{_cells(row)}{_buttons(table.actions[index]) if table.actions else ''}</tr>"
        for index, row in enumerate(table.rows)
    )
    return (
        f"<section><h2>{escape(table.title)}</h2><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></section>"
    )


def _cells(row: Sequence[str]) -> str:
    return "".join(f"<td>{escape(cell)}</td>" for cell in row)


def _buttons(actions: Mapping[str, str]) -> str:
    forms = "".join(
        f'<form method="post" action="{escape(address)}"><button>{escape(label)}</button></form>'
        for label, address in actions.items()
    )
    return f"<td>{forms}</td>"
