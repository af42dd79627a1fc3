"""One case as a page shows it, and its row in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.cases import STATUS_LABELS, Case, PostalOrder, PostalState
from app.domain.clocks import Clock, ClockKind
from app.domain.instances import SubjectKind
from app.domain.permissions import Actor
from app.usecases import cases
from app.usecases.ports import Work
from app.web import ad_hoc_page, formats, subjects
from app.web.ad_hoc_page import OfferView
from app.web.open_tasks import OpenTask, open_tasks
from app.web.views import STATUS_KINDS, Calendars, Due, clock_due

POSTAL_LABELS = {
    PostalState.REQUESTED: "Đã gửi yêu cầu",
    PostalState.REGISTERED: "Bưu điện đã nhận yêu cầu",
    PostalState.COLLECTED: "Bưu tá đã lấy kết quả",
    PostalState.IN_TRANSIT: "Đang chuyển phát",
    PostalState.DELIVERED: "Đã phát",
    PostalState.RETURNED: "Chuyển hoàn",
    PostalState.CANCELLED: "Đã hủy",
}
DEADLINES = (ClockKind.K4, ClockKind.K3)  # of a case, the one that counts first


@dataclass(frozen=True)
class Status:
    text: str
    kind: str


@dataclass(frozen=True)
class CaseRow:
    code: str
    href: str
    procedure: str
    owner: str
    submitted: str
    status: Status
    due: Due | None


@dataclass(frozen=True)
class PostalView:
    item_code: str
    state: str
    events: list[tuple[str, str, str]]  # when, what, note


@dataclass(frozen=True)
class CasePage:
    code: str
    procedure: str
    owner: str
    status: Status
    due: Due | None
    facts: subjects.Facts
    review: list[tuple[str, str]]
    tasks: list[OpenTask]
    offers: list[OfferView]
    postal: list[PostalView]
    side: subjects.Side | None


@dataclass(frozen=True)
class Receipt:
    """What the submitter is given (giấy tiếp nhận): the code, the secret to look it up, the papers."""

    code: str
    secret: str
    agency: str
    procedure: str
    facts: subjects.Facts
    papers: list[str]


def status_of(case: Case) -> Status:
    return Status(STATUS_LABELS[case.status], STATUS_KINDS.get(case.status, ""))


def rows(work: Work, found: Sequence[Case]) -> list[CaseRow]:
    """Rows of a list; their clocks are read by one query."""
    clocks: dict[str, list[Clock]] = {}
    for clock in work.clocks.of_subjects(SubjectKind.CASE, [case.id for case in found]):
        clocks.setdefault(clock.subject_id, []).append(clock)
    calendars = Calendars.of(work)
    return [
        CaseRow(
            code=case.code,
            href=f"/cases/{case.code}",
            procedure=case.procedure_name,
            owner=case.owner_name,
            submitted=formats.short_moment(case.submitted_at),
            status=status_of(case),
            due=deadline(clocks.get(case.id, []), work.now(), calendars),
        )
        for case in found
    ]


def deadline(clocks: Sequence[Clock], now: datetime, calendars: Calendars) -> Due | None:
    """The deadline people ask for: of the settlement once it runs, of the acceptance before."""
    for kind in DEADLINES:
        known = [clock for clock in clocks if clock.kind is kind]
        if known:
            newest = max(known, key=lambda clock: (clock.is_open, clock.started_at))
            return clock_due(newest, now, calendars.at(newest.agency_id))
    return None


def build(work: Work, actor: Actor, case: Case) -> CasePage:
    instance = work.instances.get(case.instance_id) if case.instance_id else None
    papers = work.papers.of_subject(SubjectKind.CASE, case.id)
    clocks = work.clocks.of_subject(SubjectKind.CASE, case.id)
    return CasePage(
        code=case.code,
        procedure=case.procedure_name,
        owner=case.owner_name,
        status=status_of(case),
        due=deadline(clocks, work.now(), Calendars.of(work)),
        facts=_facts(work, case, len(papers)),
        review=review(work, case),
        tasks=open_tasks(work, actor, case.instance_id),
        offers=ad_hoc_page.of_instance(work, actor, instance) if instance else [],
        postal=[_postal(order) for order in work.postal_orders.of_case(case.id)],
        side=subjects.side_of(work, instance) if instance else None,
    )


def _facts(work: Work, case: Case, paper_count: int) -> subjects.Facts:
    rows = [
        *subjects.case_facts(case, paper_count),
        ("Người nộp", case.submitter_name),
        ("Địa chỉ", case.owner_address),
        ("Cơ quan giải quyết", work.agencies.get(case.agency_id).name),
        ("Tiếp nhận lúc", formats.moment(case.accepted_at)),
        ("Giải quyết xong lúc", formats.moment(case.finished_at)),
        ("Trả kết quả lúc", formats.moment(case.returned_at)),
        ("Số lần yêu cầu bổ sung", str(case.supplement_count) if case.supplement_count else ""),
        ("Phiên bản dịch vụ", str(case.service_version)),
    ]
    return [(term, value) for term, value in rows if value]


def review(work: Work, case: Case) -> list[tuple[str, str]]:
    """What was declared, field by field as the form names it; the identity number stays masked."""
    version = work.services.version(case.service_id, case.service_version)
    if version is None:
        return []
    pairs = cases.start_form(work, version).review(case.data, {})
    hidden = case.identity_number
    return [
        (label, case.masked_identity if hidden and text == hidden else text)
        for label, text in pairs
    ]


EVENT_LABELS = {state.value: label for state, label in POSTAL_LABELS.items()} | {
    "failed_attempt": "Phát chưa thành công"
}


def _postal(order: PostalOrder) -> PostalView:
    return PostalView(
        item_code=order.item_code,
        state=POSTAL_LABELS[order.state],
        events=[
            (
                formats.moment(datetime.fromisoformat(str(event["at"]))),
                EVENT_LABELS.get(str(event["kind"]), str(event["kind"])),
                str(event.get("note") or ""),
            )
            for event in order.events
        ],
    )


def receipt(work: Work, case: Case) -> Receipt:
    papers = work.papers.of_subject(SubjectKind.CASE, case.id)
    rows = [
        ("Chủ hồ sơ", case.owner_name),
        ("Số định danh", case.masked_identity),
        ("Điện thoại", case.owner_phone),
        ("Người nộp", case.submitter_name),
        ("Nộp lúc", formats.moment(case.submitted_at)),
        ("Hẹn trả kết quả", formats.moment(case.due_at) or "ghi trong thông báo tiếp nhận"),
    ]
    return Receipt(
        code=case.code,
        secret=case.lookup_secret,
        agency=work.agencies.get(case.receiving_agency_id).name,
        procedure=case.procedure_name,
        facts=[(term, value) for term, value in rows if value],
        papers=[paper.name for paper in papers],
    )
