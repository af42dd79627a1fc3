"""The flow that every section runs: 17 elements, 6 user tasks with forms, about 1 KB of variables.

Reception, appraisal with a reminder after five days, signature, seal, a computed number, then two
tasks side by side. Drawn once for stock SpiffWorkflow (Python expressions) and once for us (FEEL).
"""

import json
from typing import Any

KEY = "ho_so"
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tiep_nhan", {"hop_le": True, "ghi_chu": "Đủ thành phần hồ sơ"}),
    ("tham_dinh", {"ket_qua": "dat", "y_kien": "Đề nghị cấp giấy phép"}),
    ("trinh_ky", {"nguoi_ky": "Trần Thị B"}),
    ("dong_dau", {"so_vb": "12/GXN-SXD"}),
    ("tra_kq", {"da_tra": True}),
    ("luu_hs", {"kho": "K1"}),
)
LEFT_OUT = "bo_sung"  # drawn, and not walked: the application is complete
APPLICATION: dict[str, Any] = {
    "so": 1,
    "ho_ten": "Nguyễn Văn An",
    "dia_chi": {"tinh": "Tuyên Quang", "xa": "Minh Xuân", "duong": "Số 1, tổ 2"},
    "thu_tuc": "2.000815",
    "le_phi": 8000,
    "giay_to": [
        {"ten": f"giay_to_{n}.pdf", "kich_thuoc": 123456 + n, "sha256": "ab" * 32} for n in range(6)
    ],
}

FIELDS: dict[str, tuple[dict[str, Any], ...]] = {
    "tiep_nhan": (
        {"type": "checkbox", "key": "hop_le", "label": "Hồ sơ hợp lệ"},
        {"type": "textarea", "key": "ghi_chu", "label": "Ghi chú"},
    ),
    "tham_dinh": (
        {
            "type": "select",
            "key": "ket_qua",
            "label": "Kết quả",
            "values": [{"label": "Đạt", "value": "dat"}, {"label": "Không đạt", "value": "khong"}],
            "validate": {"required": True},
        },
        {"type": "textarea", "key": "y_kien", "label": "Ý kiến", "validate": {"required": True}},
    ),
    "trinh_ky": (
        {
            "type": "textfield",
            "key": "nguoi_ky",
            "label": "Người ký",
            "validate": {"required": True},
        },
    ),
    "dong_dau": (
        {"type": "textfield", "key": "so_vb", "label": "Số", "validate": {"required": True}},
    ),
    "tra_kq": ({"type": "checkbox", "key": "da_tra", "label": "Đã trả"},),
    "luu_hs": ({"type": "textfield", "key": "kho", "label": "Kho lưu"},),
    LEFT_OUT: ({"type": "textarea", "key": "can_bo_sung", "label": "Nội dung cần bổ sung"},),
}


def form(element: str) -> bytes:
    components = [{"id": f"f{n}", **field} for n, field in enumerate(FIELDS[element])]
    return json.dumps(
        {"type": "default", "id": element, "schemaVersion": 18, "components": components}
    ).encode()


def diagram(*, condition: str, duration: str, scripts: tuple[str, str]) -> bytes:
    """The drawing; conditions, durations and scripts in the language of whoever runs it."""
    users = "".join(
        f'<userTask id="{name}" name="{name}" camunda:formKey="{name}"'
        f' camunda:candidateGroups="specialist"/>'
        for name in FIELDS
    )
    flows = (
        ("s", "tiep_nhan"),
        ("tiep_nhan", "cong"),
        (LEFT_OUT, "tiep_nhan"),
        ("han", "nhac"),
        ("nhac", "e2"),
        ("tham_dinh", "trinh_ky"),
        ("trinh_ky", "dong_dau"),
        ("dong_dau", "tinh"),
        ("tinh", "tach"),
        ("tach", "tra_kq"),
        ("tach", "luu_hs"),
        ("tra_kq", "gop"),
        ("luu_hs", "gop"),
        ("gop", "e"),
    )
    arrows = "".join(
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows
    )
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
      <process id="{KEY}" name="Hồ sơ" isExecutable="true"><startEvent id="s" name="Nộp"/>{users}
      <exclusiveGateway id="cong" name="Đủ?" default="ok"/>
      <sequenceFlow id="ok" name="đủ" sourceRef="cong" targetRef="tham_dinh"/>
      <sequenceFlow id="thieu" name="thiếu" sourceRef="cong" targetRef="{LEFT_OUT}">
        <conditionExpression>{condition}</conditionExpression></sequenceFlow>
      <boundaryEvent id="han" name="5 ngày" attachedToRef="tham_dinh" cancelActivity="false">
        <timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>
      </boundaryEvent>
      <scriptTask id="nhac" name="Nhắc"><script>{scripts[0]}</script></scriptTask>
      <scriptTask id="tinh" name="Cấp số"><script>{scripts[1]}</script></scriptTask>
      <parallelGateway id="tach"/><parallelGateway id="gop"/>{arrows}
      <endEvent id="e" name="Xong"/><endEvent id="e2" name="Đã nhắc"/></process>
      </definitions>""".encode()


def stock_diagram() -> bytes:
    return diagram(
        condition="not hop_le",
        duration='"P5D"',
        scripts=("nhac_viec = True", "ma = 'GD' + str(so)"),
    )


def our_diagram() -> bytes:
    return diagram(
        condition="=hop_le = false",
        duration="P5D",
        scripts=("nhac_viec = true", 'ma = "GD" + string(so)'),
    )
