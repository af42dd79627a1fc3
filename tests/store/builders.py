"""Entities with plausible defaults."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

import uuid_utils

from app.domain.calendars import Calendar
from app.domain.cases import Case, Channel, Paper, PostalOrder, PostalState
from app.domain.clocks import Clock, ClockKind
from app.domain.definitions import DecisionDefinition, Deployment, ProcessDefinition
from app.domain.engine import JobKind, SubscriptionKind
from app.domain.instances import Incident, ProcessInstance, SubjectKind
from app.domain.people import Agency, AgencyLevel, Notice, Role, RoleBinding, User
from app.domain.permissions import Actor, Binding
from app.domain.procedures import OnlineService, Procedure, ServiceLevel, ServiceRegistration
from app.domain.user_tasks import UserTask
from app.domain.waiting import Job, Message, Subscription, Timer
from tests.store.rooms import MORNING

TENANT = "lao-cai"
_numbers = itertools.count(1)


def new_id() -> str:
    return str(uuid_utils.uuid7())


def number() -> int:
    return next(_numbers)


def _made(cls: type, defaults: dict[str, Any], given: dict[str, Any]) -> Any:
    return cls(**{"id": new_id(), "tenant_id": TENANT, **defaults, **given})


def an_agency(**given: Any) -> Agency:
    return _made(
        Agency,
        {"name": "Sở Xây dựng", "short_name": "SXD", "level": AgencyLevel.DEPARTMENT},
        given,
    )


def a_user(**given: Any) -> User:
    bindings = given.pop("bindings", [])
    user: User = _made(
        User,
        {"username": f"an{number()}", "full_name": "Nguyễn Thị An", "password_hash": "x"},
        given,
    )
    user.bindings = [
        RoleBinding(new_id(), user.id, agency, role, unit) for agency, role, unit in bindings
    ]
    return user


def an_actor(*bindings: tuple[str, Role, str | None], username: str = "an") -> Actor:
    return Actor(
        id="an",
        name="Nguyễn Thị An",
        username=username,
        tenant_id=TENANT,
        bindings=tuple(Binding(agency, role, unit) for agency, role, unit in bindings),
    )


def an_instance(**given: Any) -> ProcessInstance:
    return _made(
        ProcessInstance,
        {
            "agency_id": "so-xay-dung",
            "definition_id": "d1",
            "definition_key": "p04",
            "business_key": f"000.00.14.H38-261124-{number():04d}",
            "subject_kind": SubjectKind.CASE,
            "subject_id": "case-1",
            "started_at": MORNING,
            "started_by": "an",
            "variables": {"0": {"fee": 10, "owners": [{"name": "Lò Văn Páo"}]}},
            "tokens": b"\x01tokens",
        },
        given,
    )


def a_task(**given: Any) -> UserTask:
    return _made(
        UserTask,
        {
            "agency_id": "so-xay-dung",
            "instance_id": "i1",
            "token": 1,
            "element": "tham_dinh",
            "name": "Thẩm định hồ sơ",
            "form_key": None,
            "roles": ["specialist"],
            "created_at": MORNING,
            "case_code": f"000.00.14.H38-261124-{number():04d}",
            "subject_name": "Cấp giấy phép xây dựng",
            "person_name": "Lò Thị Đào",
            "definition_key": "p04",
        },
        given,
    )


def a_job(**given: Any) -> Job:
    return _made(
        Job,
        {
            "agency_id": "so-xay-dung",
            "instance_id": "i1",
            "token": 2,
            "element": "gui_buu_dien",
            "kind": JobKind.EXTERNAL,
            "topic": "public_post.order",
            "parameters": {"code": "1"},
            "key": new_id(),
            "created_at": MORNING,
            "run_at": MORNING,
        },
        given,
    )


def a_timer(**given: Any) -> Timer:
    return _made(
        Timer,
        {"instance_id": "i1", "token": 3, "element": "cho", "due_at": MORNING},
        given,
    )


def a_subscription(**given: Any) -> Subscription:
    return _made(
        Subscription,
        {
            "instance_id": "i1",
            "token": 4,
            "element": "cho_tin",
            "kind": SubscriptionKind.MESSAGE,
            "name": "paid",
            "key": "k",
            "created_at": MORNING,
        },
        given,
    )


def a_message(**given: Any) -> Message:
    return _made(
        Message,
        {
            "name": "paid",
            "key": "k",
            "payload": {"amount": 10},
            "dedup": new_id(),
            "received_at": MORNING,
            "expires_at": MORNING + timedelta(days=30),
        },
        given,
    )


def an_incident(**given: Any) -> Incident:
    return _made(
        Incident,
        {
            "agency_id": "so-xay-dung",
            "instance_id": "i1",
            "element": "gui",
            "token": number(),
            "message": "Đối tác không trả lời",
            "created_at": MORNING,
        },
        given,
    )


def a_calendar(**given: Any) -> Calendar:
    return Calendar(**{"id": "tinh", "name": "Lịch của tỉnh", **given})


def a_clock(**given: Any) -> Clock:
    started = {
        "id": new_id(),
        "kind": ClockKind.K1,
        "subject_kind": "registration",
        "subject_id": "r1",
        "calendar": a_calendar(),
        "started_at": MORNING,
        "tenant_id": TENANT,
        "agency_id": "so-tttt",
    }
    return Clock.start(**(started | given))


def a_notice(**given: Any) -> Notice:
    values = {
        "id": new_id(),
        "user_id": "an",
        "at": MORNING,
        "title": "Sắp đến hạn",
        "text": "Còn một ngày.",
        "href": "/",
    }
    return Notice(**(values | given))


def a_procedure(**given: Any) -> Procedure:
    return _made(
        Procedure,
        {
            "code": f"1.{number():06d}",
            "name": "Cấp giấy phép xây dựng",
            "sector": "Xây dựng",
            "agency_id": "so-xay-dung",
            "unit": "Phòng Quản lý xây dựng",
            "data": {"fees": "không có"},
            "duration_value": 15,
            "duration_unit": "working_day",
        },
        given,
    )


def a_service(**given: Any) -> OnlineService:
    return _made(
        OnlineService,
        {
            "agency_id": "so-xay-dung",
            "procedure_id": new_id(),
            "code": f"DV-{number()}",
            "name": "Cấp giấy phép xây dựng",
            "level": ServiceLevel.LEVEL_4,
        },
        given,
    )


def a_registration(**given: Any) -> ServiceRegistration:
    return _made(
        ServiceRegistration,
        {
            "agency_id": "so-xay-dung",
            "code": f"DK-{number()}",
            "procedure_id": "p1",
            "service_name": "Cấp giấy phép xây dựng",
            "level": ServiceLevel.LEVEL_4,
            "created_at": MORNING,
            "created_by": "an",
            "document_date": date(2026, 11, 20),
        },
        given,
    )


def a_case(**given: Any) -> Case:
    return _made(
        Case,
        {
            "agency_id": "so-xay-dung",
            "receiving_agency_id": "mot-cua",
            "code": f"000.00.14.H38-261124-{number():04d}",
            "service_id": "s1",
            "service_version": 1,
            "procedure_id": "p1",
            "procedure_name": "Cấp giấy phép xây dựng",
            "owner_name": "Đỗ Thị Ánh",
            "channel": Channel.DESK,
            "submitted_at": MORNING,
            "submitted_by": "an",
        },
        given,
    )


def a_paper(**given: Any) -> Paper:
    return _made(
        Paper,
        {
            "agency_id": "so-xay-dung",
            "subject_kind": "case",
            "subject_id": "c1",
            "name": "don.pdf",
            "mime": "application/pdf",
            "size": 3,
            "sha256": "x",
            "uploaded_at": MORNING,
            "uploaded_by": "an",
        },
        given,
    )


def a_postal_order(**given: Any) -> PostalOrder:
    return _made(
        PostalOrder,
        {
            "agency_id": "so-xay-dung",
            "case_id": "c1",
            "item_code": f"EV{number()}VN",
            "state": PostalState.REQUESTED,
            "created_at": MORNING,
        },
        given,
    )


def a_deployment(**given: Any) -> Deployment:
    return _made(
        Deployment,
        {
            "fileset_checksum": "x",
            "source": "house",
            "deployed_at": MORNING,
            "deployed_by": "an",
        },
        given,
    )


def a_definition(**given: Any) -> ProcessDefinition:
    return _made(
        ProcessDefinition,
        {
            "key": "p04",
            "version": 1,
            "name": "P04",
            "deployment_id": "dep-1",
            "resource": "p04.bpmn",
            "sha256": "x",
        },
        given,
    )


def a_decision(**given: Any) -> DecisionDefinition:
    return _made(
        DecisionDefinition,
        {
            "key": "le_phi",
            "version": 1,
            "name": "Lệ phí",
            "deployment_id": "dep-1",
            "resource": "le_phi.dmn",
            "sha256": "x",
        },
        given,
    )


def day(year: int, month: int, of_month: int) -> datetime:
    return datetime(year, month, of_month, tzinfo=UTC)
