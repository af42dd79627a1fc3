"""A small procedure for page tests: filed at the desk, checked with a rich form, signed without one."""

import json
from datetime import date
from typing import Any

import yaml

from app import demo
from app.domain.cases import Case
from app.domain.procedures import (
    OnlineService,
    ServiceLevel,
    ServiceRegistration,
    ServiceVersion,
)
from app.domain.user_tasks import UserTask
from app.usecases import cases, deployments, registrations
from app.usecases.chronicle import THE_SYSTEM
from app.usecases.ports import Work
from tests.service import House, actor

AGENCY = "stttt"
PROCEDURE = "P04"
SERVICE = "sample-service"
CLERK = "chi.reception"
LEADER = "binh.leader"

BPMN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:lm="http://lienmach.vn/schema/bpmn/1.0"
  id="definitions_sample" targetNamespace="http://lienmach.vn/processes">
  <bpmn:process id="sample_permit" name="Cấp giấy mẫu" isExecutable="true" camunda:historyTimeToLive="30">
    <bpmn:startEvent id="submitted" name="Nộp hồ sơ" camunda:formKey="sample-application">
      <bpmn:extensionElements><lm:clock kind="K3" on="leave" action="start" /></bpmn:extensionElements>
      <bpmn:outgoing>f1</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:sequenceFlow id="f1" sourceRef="submitted" targetRef="check" />
    <bpmn:userTask id="check" name="Kiểm tra hồ sơ" camunda:formKey="sample-check"
      camunda:candidateGroups="reception_officer">
      <bpmn:extensionElements><lm:clock kind="K3" on="leave" action="stop" /></bpmn:extensionElements>
      <bpmn:incoming>f1</bpmn:incoming><bpmn:outgoing>f2</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f2" sourceRef="check" targetRef="sign" />
    <bpmn:userTask id="sign" name="Ký duyệt" camunda:candidateGroups="agency_leader">
      <bpmn:incoming>f2</bpmn:incoming><bpmn:outgoing>f3</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:sequenceFlow id="f3" sourceRef="sign" targetRef="done" />
    <bpmn:endEvent id="done" name="Xong"><bpmn:incoming>f3</bpmn:incoming></bpmn:endEvent>
  </bpmn:process>
</bpmn:definitions>
"""


def _text(key: str, label: str, *, required: bool = True, **more: Any) -> dict[str, Any]:
    field = {"type": "textfield", "id": f"field_{key}", "key": key, "label": label, **more}
    return {**field, "validate": {"required": True}} if required else field


def _form(form_id: str, *components: dict[str, Any]) -> bytes:
    return json.dumps(
        {"type": "default", "id": form_id, "schemaVersion": 19, "components": list(components)},
        ensure_ascii=False,
    ).encode()


FILES_FIELD = {
    "type": "filepicker",
    "id": "field_attachments",
    "key": "attachments",
    "label": "Giấy tờ kèm theo",
    "accept": ".pdf,.png",
    "multiple": True,
}

APPLICATION = _form(
    "sample-application",
    _text("owner_name", "Họ tên chủ hồ sơ"),
    _text("identity_number", "Số CCCD", required=False),
    _text("owner_phone", "Điện thoại", required=False),
    FILES_FIELD,
)

CHECK = _form(
    "sample-check",
    {
        "type": "radio",
        "id": "field_decision",
        "key": "decision",
        "label": "Kết luận kiểm tra",
        "values": [{"label": "Đạt", "value": "yes"}, {"label": "Không đạt", "value": "no"}],
        "validate": {"required": True},
    },
    {
        "type": "textarea",
        "id": "field_reason",
        "key": "reason",
        "label": "Lý do không đạt",
        "validate": {"required": True},
        "conditional": {"hide": '=decision != "no"'},
    },
    {
        "type": "number",
        "id": "field_fee",
        "key": "fee",
        "label": "Phí đã thu",
        "validate": {"min": 0},
    },
    {
        "type": "dynamiclist",
        "id": "field_owners",
        "path": "owners",
        "label": "Đồng chủ sở hữu",
        "allowAddRemove": True,
        "defaultRepetitions": 0,
        "components": [_text("name", "Họ tên", required=True)],
    },
    FILES_FIELD,
)

FILES = {
    "sample_permit.bpmn": BPMN.encode(),
    "sample-application.form": APPLICATION,
    "sample-check.form": CHECK,
}


def load(house: House) -> None:
    """The demo's people and agencies, and the sample service in force at Sở TT&TT."""
    data = yaml.safe_load(demo.PROVINCE.read_text(encoding="utf-8"))
    with house.open_work() as work:
        demo._load_calendar(work)
        demo._load_agencies(work, data["agencies"])
    with house.open_work() as work:
        demo._load_users(work, data["users"])
        demo._load_procedures(work, data["procedures"])
    with house.open_work() as work:
        _publish(work)
    demo.deploy_house_flows(house.assembly.service)


def _publish(work: Work) -> None:
    file_set = deployments.freeze(work, FILES)
    [definition] = deployments.deploy(work, file_set, source="house", actor=THE_SYSTEM)
    paper = {"number": "1/QĐ", "date": date(2026, 1, 5).isoformat()}
    work.services.add(
        OnlineService(
            id=SERVICE,
            tenant_id=work.tenant_id,
            agency_id=AGENCY,
            procedure_id=PROCEDURE,
            code="DV-MAU",
            name="Cấp giấy mẫu",
            level=ServiceLevel.LEVEL_4,
            live_version=1,
        )
    )
    work.services.add_version(
        ServiceVersion(
            id=work.new_id(),
            tenant_id=work.tenant_id,
            agency_id=AGENCY,
            service_id=SERVICE,
            version=1,
            registration_id="sample-registration",
            definition_id=definition.id,
            definition_key=definition.key,
            fileset_checksum=file_set.checksum,
            level=ServiceLevel.LEVEL_4,
            announcement=paper,
            process_approval=paper,
            registration_document=paper,
            appraisal_document=paper,
            procedure_data={},
            live_from=work.now(),
        )
    )


def a_case(house: House, owner: str = "Trần Quốc Vượng", **typed: Any) -> Case:
    with house.open_work() as work:
        return cases.enter(work, actor(work, CLERK), SERVICE, {"owner_name": owner, **typed})


def a_task(house: House, owner: str = "Trần Quốc Vượng", **typed: Any) -> UserTask:
    """The open task at `check` of a new case."""
    return house.task(a_case(house, owner, **typed).code, "check")


ANALYST = "minh.analyst"


def a_registration(house: House) -> ServiceRegistration:
    """Sở Giao thông vận tải registers its procedure with the sample files, and submits it."""
    with house.open_work() as work:
        analyst = actor(work, ANALYST)
        made = registrations.create(work, analyst, "sgtvt", "P10")
        for name, content in FILES.items():
            registrations.put_file(work, analyst, made.id, name, content)
        edit = registrations.EditRegistration(
            registration_id=made.id,
            version=made.version,
            level="level_4",
            document_number="28/ĐK-DVC",
            document_date=date(2026, 11, 16),
            announcement_number="128/QĐ-UBND",
            announcement_date=date(2026, 10, 1),
            process_approval_number="228/QĐ-UBND",
            process_approval_date=date(2026, 11, 2),
            procedure_data=dict(made.procedure_data),
        )
        registrations.edit(work, analyst, edit)
        return registrations.submit(work, analyst, made.id)
