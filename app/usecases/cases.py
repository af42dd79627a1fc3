"""Dossiers: entered at the desk, accepted, moved from status to status, closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.domain.calendars import wall
from app.domain.cases import (
    NATIONAL_STATUS,
    STATUS_LABELS,
    Case,
    CaseStatus,
    Channel,
    case_code,
)
from app.domain.clocks import ClockKind
from app.domain.errors import InvalidInput, InvalidState, NotFound
from app.domain.instances import SubjectKind
from app.domain.permissions import Action, Actor, allows, require
from app.domain.procedures import OnlineService, ServiceVersion
from app.usecases.chronicle import Cause
from app.usecases.ports import Form, Work
from app.usecases.recording import start
from app.usecases.uploads import bind
from app.usecases.user_tasks import form_in

SECRET_LENGTH = 4


def live_version(work: Work, service: OnlineService) -> ServiceVersion:
    version = work.services.version(service.id, service.live_version)
    if version is None:
        raise InvalidState(f"Dịch vụ “{service.name}” chưa được đăng tải.")
    return version


def start_form(work: Work, version: ServiceVersion) -> Form:
    definition = work.definitions.get(version.definition_id)
    if definition.start_form_key is None:
        raise InvalidState("Quy trình của dịch vụ không có biểu mẫu nộp hồ sơ.")
    return form_in(work, definition.id, definition.start_form_key)


def enter(
    work: Work,
    actor: Actor,
    service_id: str,
    typed: Mapping[str, Any],
    *,
    channel: Channel = Channel.DESK,
) -> Case:
    """Take in a dossier: check the form, number the case and start its flow; K3 runs from now.

    Raises InvalidInput with the errors of each field; nothing is kept then.
    """
    service = work.services.get(service_id)
    require(actor, Action.ENTER_CASE, agency_id=service.agency_id)
    version = live_version(work, service)
    submission = start_form(work, version).validate(typed, {})
    if not submission.ok:
        raise InvalidInput("Hồ sơ còn chỗ cần sửa.", fields=submission.errors)
    values = submission.values
    if not values.get("owner_name"):
        raise InvalidInput(
            "Biểu mẫu nộp hồ sơ thiếu tên chủ hồ sơ.",
            fields={"owner_name": ["Hãy nhập tên chủ hồ sơ."]},
        )
    case = Case(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=service.agency_id,
        receiving_agency_id=service.agency_id,
        code=_next_code(work, service.agency_id),
        service_id=service.id,
        service_version=version.version,
        procedure_id=service.procedure_id,
        procedure_name=service.name,
        channel=channel,
        submitted_at=work.now(),
        submitted_by=actor.id,
        data=values,
        lookup_secret=work.new_secret(SECRET_LENGTH),
        owner_name=_text(values, "owner_name"),
        owner_phone=_text(values, "owner_phone"),
        owner_email=_text(values, "owner_email"),
        owner_address=_text(values, "owner_address"),
        identity_number=_text(values, "identity_number"),
        submitter_name=_text(values, "submitter_name"),
    )
    work.cases.add(case)
    bind(work, actor, values, SubjectKind.CASE, case.id)
    instance = start(
        work,
        version.definition_id,
        first_variables(case),
        Cause(actor, "start", "", "Nhập hồ sơ tại quầy"),
        agency_id=case.agency_id,
        business_key=case.code,
        subject=(SubjectKind.CASE, case.id),
    )
    case.instance_id = instance.id
    return case


def first_variables(case: Case) -> dict[str, Any]:
    """What the flow of a case begins with: what was entered, and what people call the case."""
    return {**case.data, "case_code": case.code, "channel": case.channel.value}


def _text(values: Mapping[str, Any], key: str) -> str:
    """One of the keys of a start form that are the case's own, whatever else a procedure asks."""
    return str(values.get(key) or "")


def _next_code(work: Work, agency_id: str) -> str:
    """Number the case per agency and day of the province, without gaps of its own (Đ19 TT 01)."""
    agency = work.agencies.get(agency_id)
    if agency.identification_code is None:
        raise InvalidState(
            f"{agency.name} chưa có mã định danh nên chưa cấp được mã hồ sơ. "
            "Hãy báo quản trị hệ thống."
        )
    day = wall(work.now()).date()
    number = work.cases.next_number(agency.identification_code, day)
    return case_code(agency.identification_code, day, number)


def reach(actor: Actor) -> frozenset[str] | None:
    """Return the agencies whose cases the actor sees; None means all of them."""
    if allows(actor, Action.VIEW_CASE, agency_id=""):
        return None
    return frozenset(
        agency_id
        for agency_id in actor.agency_ids
        if allows(actor, Action.VIEW_CASE, agency_id=agency_id)
    )


def visible(work: Work, actor: Actor, code: str) -> Case:
    case = work.cases.by_code(code)
    if case is None:
        raise NotFound("Không tìm thấy hồ sơ này, hoặc bạn không được xem.")
    require(actor, Action.VIEW_CASE, agency_id=case.agency_id, hide=True)
    return case


# --- what the diagram asks the house to do ----------------------------------------------


def accept(work: Work, case_id: str) -> dict[str, Any]:
    """Accept the case under the version in force; K4 runs from here (Đ12.3b)."""
    case = work.cases.lock(case_id)
    clock = work.clocks.running(SubjectKind.CASE, case.id, ClockKind.K4)
    if clock is None:
        raise InvalidState("Quy trình chưa bắt đầu đồng hồ K4 khi tiếp nhận hồ sơ.")
    if case.accepted_at is None:
        case.accept(work.now(), clock.due_at, case.service_version)
    return {"case_code": case.code, **_told(work, case)}


def set_status(work: Work, case_id: str, status: str) -> dict[str, Any]:
    case = work.cases.lock(case_id)
    wanted = CaseStatus(status)
    if wanted is CaseStatus.WAITING and case.status is CaseStatus.PROCESSING:
        case.supplement_count += 1
    case.move_to(wanted)
    if wanted is CaseStatus.RELEASING and case.finished_at is None:
        case.finished_at = work.now()
    return _told(work, case)


CLOSING = {
    "returned": CaseStatus.DONE,
    "refused": CaseStatus.DENIED,
    "withdrawn": CaseStatus.CANCELLED,
}


def close(work: Work, case_id: str, outcome: str) -> dict[str, Any]:
    case = work.cases.lock(case_id)
    if outcome not in CLOSING:
        raise InvalidInput(f"Không kết thúc hồ sơ bằng “{outcome}” được.")
    case.move_to(CLOSING[outcome])
    if outcome == "returned" and case.returned_at is None:
        case.returned_at = work.now()
    return _told(work, case)


def _told(work: Work, case: Case) -> dict[str, Any]:
    """What a diagram may tell the one-stop system of the case as it is now (domain.md §2.6)."""
    agency = work.agencies.get(case.agency_id)
    return {
        "agency_name": agency.name,
        "agency_address": agency.address,
        "agency_phone": agency.phone,
        "case_status": case.status.value,
        "national_status": NATIONAL_STATUS[case.status],
        "status_label": STATUS_LABELS[case.status],
        "status_unit": work.procedures.get(case.procedure_id).unit,
        "status_at": _iso(work.now()),
        "received_at": _iso(case.accepted_at),
        "due_at": _iso(case.due_at),
        "finished_at": _iso(case.finished_at),
    }


def _iso(at: datetime | None) -> str | None:
    return wall(at).isoformat(timespec="seconds") if at else None


def stopped(work: Work, case_id: str, instance_id: str) -> bool:
    """Its instance was cancelled: so is the case, unless it goes on under another instance (False)."""
    case = work.cases.lock(case_id)
    if case.instance_id != instance_id:
        return False
    case.move_to(CaseStatus.STOPPED)
    return True
