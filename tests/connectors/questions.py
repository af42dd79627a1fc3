"""Questions to partners, with defaults."""

import uuid

from app.domain.connectors import Call


def a_publication(key, **changes):
    parameters = {
        "service_code": f"DVC-{uuid.uuid4().hex[:8]}",
        "procedure_code": "1.004470",
        "name": "Xác nhận thông báo hoạt động bưu chính",
        "level": "level_4",
        "agency_code": "000.00.14.H60",
        "version": 1,
        "checksum": "ab" * 32,
        "appraisal_document": {"number": "15/STTTT-CNTT", "date": "2019-08-01"},
        "announcement_document": {"number": "246/QĐ-UBND", "date": "2019-07-09"},
    }
    return Call(key, "publish_service", {**parameters, **changes})


def a_status(key, **changes):
    parameters = {
        "case_code": f"000.00.14.H60-190805-{uuid.uuid4().int % 10000:04d}",
        "status": 4,
        "step_name": "Thẩm định hồ sơ",
        "unit": "Phòng Bưu chính",
        "at": "2019-08-05T09:30:00+07:00",
    }
    return Call(key, "report_status", {**parameters, **changes})


def an_order(key, **changes):
    parameters = {
        "order_number": f"000.00.14.H60-190805-{uuid.uuid4().int % 10**8:08d}",
        "sender_name": "Sở Thông tin và Truyền thông",
        "sender_phone": "02073822222",
        "sender_address": "Số 1, đường Bình Thuận",
        "sender_province": "Tuyên Quang",
        "receiver_name": "Nguyễn Văn An",
        "receiver_phone": "0912345678",
        "receiver_address": "Thôn 3, xã Trung Môn",
        "receiver_district": "Yên Sơn",
        "receiver_province": "Tuyên Quang",
        "cod_amount": 0,
        "description": "Kết quả giải quyết thủ tục hành chính",
    }
    return Call(key, "create_order", {**parameters, **changes})
