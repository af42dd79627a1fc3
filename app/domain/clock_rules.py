"""The fifteen legal clocks: what starts and stops them, how long they run, who says so.

Data of the rules in force, as a table; a procedure may bring its own length. `internal_vi` marks
what the law leaves open and this house decided ("quy định nội bộ").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from app.domain.durations import Duration, Unit

REGULATION = "QĐ 246/QĐ-UBND"


class ClockKind(StrEnum):
    K1 = "K1"
    K2 = "K2"
    K3 = "K3"
    K4 = "K4"
    K5 = "K5"
    K6 = "K6"
    K7 = "K7"
    K8 = "K8"
    K9 = "K9"
    K10 = "K10"
    K11 = "K11"
    K12 = "K12"
    K13 = "K13"
    K14 = "K14"
    K15 = "K15"


@dataclass(frozen=True)
class ClockRule:
    """One row of the table.

    `duration` is None where the procedure (K4) or the administrator (K11) must say it.
    `warn_lead` is in working hours before the due instant (plain hours for a clock in plain
    hours), never more than half of the time given. `backward` clocks end so long before the event.
    `reschedule_lead_days`: the new date must be given at least so many days before expiry.
    """

    name_vi: str
    event_vi: str
    duration: Duration | None
    starts_vi: str
    stops_vi: str
    source: str
    warn_lead: Fraction
    backward: bool = False
    most_reschedules: int = 0
    reschedule_lead_days: int = 0
    internal_vi: str = ""


def _so_many(value: int, unit: Unit) -> Duration:
    return Duration(Fraction(value), unit)


CLOCK_RULES: Mapping[ClockKind, ClockRule] = {
    ClockKind.K1: ClockRule(
        name_vi="Thẩm định, chuẩn hóa dịch vụ công",
        event_vi="Nhận văn bản đăng ký",
        duration=_so_many(7, Unit.WORKING_DAY),
        starts_vi="Sở TT&TT nhận được văn bản đăng ký",
        stops_vi="Văn bản thẩm định được gửi cho cơ quan đăng ký",
        source=f"Quy chế Đ11.2a ({REGULATION})",
        warn_lead=Fraction(16),
    ),
    ClockKind.K2: ClockRule(
        name_vi="Cập nhật, công khai dịch vụ công",
        event_vi="Nhận văn bản thẩm định",
        duration=_so_many(10, Unit.WORKING_DAY),
        starts_vi="Cơ quan nhận được văn bản thẩm định của Sở TT&TT",
        stops_vi="Phiên bản dịch vụ được công khai",
        source=f"Quy chế Đ11.2b ({REGULATION})",
        warn_lead=Fraction(24),
    ),
    ClockKind.K3: ClockRule(
        name_vi="Kiểm tra, tiếp nhận hồ sơ trực tuyến",
        event_vi="Nộp hồ sơ thành công",
        duration=_so_many(8, Unit.WORKING_HOUR),
        starts_vi="Hồ sơ được nộp thành công; ngoài giờ thì từ giờ làm việc tiếp theo",
        stops_vi="Hồ sơ được tiếp nhận hoặc phiếu hướng dẫn được gửi",
        source=f"Quy chế Đ12.2a ({REGULATION})",
        warn_lead=Fraction(2),
    ),
    ClockKind.K4: ClockRule(
        name_vi="Giải quyết hồ sơ",
        event_vi="Tiếp nhận",
        duration=None,
        starts_vi="Hồ sơ được tiếp nhận",
        stops_vi="Có kết quả giải quyết",
        source=f"Quy chế Đ12.3b ({REGULATION}); NĐ 61/2018/NĐ-CP Đ19.9",
        warn_lead=Fraction(16),
        most_reschedules=1,
        reschedule_lead_days=1,
    ),
    ClockKind.K5: ClockRule(
        name_vi="Phân loại câu hỏi",
        event_vi="Nhận câu hỏi",
        duration=_so_many(2, Unit.WORKING_HOUR),
        starts_vi="Nhận được câu hỏi; ngoài giờ thì từ giờ làm việc tiếp theo",
        stops_vi="Câu hỏi được chuyển đơn vị chuyên môn hoặc bị từ chối",
        source=f"Quy chế Đ15.2a ({REGULATION})",
        warn_lead=Fraction(1, 2),
    ),
    ClockKind.K6: ClockRule(
        name_vi="Từ chối câu hỏi ngoài phạm vi",
        event_vi="Nhận câu hỏi",
        duration=_so_many(2, Unit.WORKING_HOUR),
        starts_vi="Nhận được câu hỏi; ngoài giờ thì từ giờ làm việc tiếp theo",
        stops_vi="Thông báo từ chối được gửi",
        source=f"Quy chế Đ15.2a, Đ14.4 ({REGULATION})",
        warn_lead=Fraction(1, 2),
        internal_vi="Quy chế ghi “ngay”; tính trong thời hạn phân loại câu hỏi.",
    ),
    ClockKind.K7: ClockRule(
        name_vi="Trả lời câu hỏi thuộc thẩm quyền",
        event_vi="Nhận câu hỏi",
        duration=_so_many(3, Unit.WORKING_DAY),
        starts_vi="Nhận được câu hỏi, không phải lúc chuyển",
        stops_vi="Câu trả lời được đăng hoặc gửi",
        source=f"Quy chế Đ15.2b ({REGULATION})",
        warn_lead=Fraction(8),
    ),
    ClockKind.K8: ClockRule(
        name_vi="Trả lời câu hỏi cần phối hợp liên ngành",
        event_vi="Nhận câu hỏi",
        duration=_so_many(5, Unit.WORKING_DAY),
        starts_vi="Nhận được câu hỏi, không phải lúc chuyển",
        stops_vi="Câu trả lời được đăng hoặc gửi",
        source=f"Quy chế Đ15.2b ({REGULATION})",
        warn_lead=Fraction(8),
    ),
    ClockKind.K9: ClockRule(
        name_vi="Trả lời câu hỏi trong trường hợp đặc biệt",
        event_vi="Nhận câu hỏi",
        duration=_so_many(10, Unit.WORKING_DAY),
        starts_vi="Nhận được câu hỏi; chỉ khi đã phản hồi lại cho người hỏi",
        stops_vi="Câu trả lời được đăng hoặc gửi",
        source=f"Quy chế Đ15.2b ({REGULATION})",
        warn_lead=Fraction(16),
    ),
    ClockKind.K10: ClockRule(
        name_vi="Thông báo sự cố của Cổng",
        event_vi="Phát hiện sự cố",
        duration=_so_many(1, Unit.HOUR),
        starts_vi="Phát hiện sự cố",
        stops_vi="Sở TT&TT và các đơn vị liên quan được thông báo",
        source=f"Quy chế Đ16.3e ({REGULATION})",
        warn_lead=Fraction(1, 2),
        internal_vi="Quy chế ghi “ngay”; đo bằng 1 giờ liên tục.",
    ),
    ClockKind.K11: ClockRule(
        name_vi="Báo cáo định kỳ",
        event_vi="Kết thúc kỳ báo cáo",
        duration=None,
        starts_vi="Kết thúc quý hoặc năm",
        stops_vi="Báo cáo được gửi",
        source=f"Quy chế Đ16.2c, Đ16.5g ({REGULATION})",
        warn_lead=Fraction(16),
        internal_vi="Quy chế không ghi ngày gửi; người quản trị đặt thời hạn.",
    ),
    ClockKind.K12: ClockRule(
        name_vi="Chuyển hồ sơ đến đơn vị giải quyết",
        event_vi="Tiếp nhận",
        duration=_so_many(1, Unit.SAME_DAY),
        starts_vi="Hồ sơ được tiếp nhận",
        stops_vi="Đơn vị giải quyết xác nhận",
        source="NĐ 61/2018/NĐ-CP Đ18",
        warn_lead=Fraction(1),
    ),
    ClockKind.K13: ClockRule(
        name_vi="Yêu cầu bổ sung hồ sơ",
        event_vi="Tiếp nhận",
        duration=_so_many(3, Unit.WORKING_DAY),
        starts_vi="Hồ sơ được tiếp nhận",
        stops_vi="Phiếu yêu cầu bổ sung (Mẫu 02) được phát hành",
        source="NĐ 61/2018/NĐ-CP Đ19.4",
        warn_lead=Fraction(8),
    ),
    ClockKind.K14: ClockRule(
        name_vi="Xin lỗi và hẹn lại",
        event_vi="Hết hạn giải quyết",
        duration=_so_many(1, Unit.CALENDAR_DAY),
        starts_vi="Trước ngày hết hạn giải quyết",
        stops_vi="Phiếu xin lỗi và hẹn lại (Mẫu 04) được phát hành",
        source="NĐ 61/2018/NĐ-CP Đ19.9",
        warn_lead=Fraction(8),
        backward=True,
    ),
    ClockKind.K15: ClockRule(
        name_vi="Thông báo bảo trì",
        event_vi="Bắt đầu bảo trì",
        duration=_so_many(1, Unit.WORKING_DAY),
        starts_vi="Trước lúc tạm ngừng theo kế hoạch",
        stops_vi="Thông báo được đăng trên Cổng",
        source="TT 32/2017/TT-BTTTT Đ11",
        warn_lead=Fraction(4),
        backward=True,
    ),
}
