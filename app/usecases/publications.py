"""Publishing a service IS deploying a procedure version: exactly the files that were appraised."""

from datetime import date
from typing import Any

from app.domain.cases import Case, CaseStatus
from app.domain.definitions import ProcessDefinition
from app.domain.errors import InvalidInput, InvalidState
from app.domain.instances import SubjectKind
from app.domain.permissions import Actor
from app.domain.procedures import (
    OnlineService,
    RegistrationState,
    ServiceRegistration,
    ServiceVersion,
)
from app.usecases import cases, deployments, instances
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.ports import Work
from app.usecases.recording import start


def publish(work: Work, registration_id: str, actor: Actor) -> dict[str, Any]:
    """Deploy the frozen set, switch the live version and keep the documents of both gates.

    Published before, it answers as it did then. Raises InvalidState without an appraisal, or
    where the stored set is no longer what was appraised.
    """
    registration = work.registrations.lock(registration_id)
    if registration.state is RegistrationState.PUBLISHED:
        done = work.services.version_of_registration(registration.id)
        if done is None:
            raise InvalidState("Phiên bản đã đăng tải không còn trong kho.")
        return _answer(work, work.services.get(done.service_id), done)
    if registration.state is not RegistrationState.APPROVED:
        raise InvalidState("Chỉ đăng tải được dịch vụ đã có văn bản thẩm định (Đ11.2b).")
    service = _service(work, registration)
    definition = _deploy(work, registration, actor)
    version = _switch(work, service, registration, definition)
    registration.publish(version.version, work.now())
    _move_waiting_cases(work, service, version)
    return _answer(work, service, version)


def _answer(work: Work, service: OnlineService, version: ServiceVersion) -> dict[str, Any]:
    """What the diagram tells the one-stop system of the publication."""
    return {
        "procedure_code": work.procedures.get(service.procedure_id).code,
        "agency_code": work.agencies.get(service.agency_id).identification_code or "",
        "level": version.level.value,
        "appraisal_document": dict(version.appraisal_document),
        "announcement_document": dict(version.announcement),
        "version": version.version,
        "definition_id": version.definition_id,
        "service_id": service.id,
        "service_code": service.code,
        "checksum": version.fileset_checksum,
        "live_from": version.live_from.isoformat(),
    }


def _service(work: Work, registration: ServiceRegistration) -> OnlineService:
    """Lock the agency's service of the procedure; the first publication creates it."""
    found = work.services.of_procedure(registration.procedure_id, registration.agency_id)
    if found is not None:
        service = work.services.lock(found.id)
        service.level = registration.level
        return service
    procedure = work.procedures.get(registration.procedure_id)
    service = OnlineService(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=registration.agency_id,
        procedure_id=procedure.id,
        code=procedure.code,
        name=registration.service_name,
        level=registration.level,
    )
    work.services.add(service)
    return service


def _deploy(work: Work, registration: ServiceRegistration, actor: Actor) -> ProcessDefinition:
    file_set = work.files.get_set(str(registration.fileset_checksum))
    made = deployments.deploy(work, file_set, source=registration.id, actor=actor)
    startable = [definition for definition in made if definition.start_form_key]
    if len(startable) != 1:
        raise InvalidInput(
            "Bộ tệp phải có đúng một quy trình bắt đầu bằng biểu mẫu nộp hồ sơ "
            f"(đang có {len(startable)})."
        )
    return startable[0]


def _switch(
    work: Work,
    service: OnlineService,
    registration: ServiceRegistration,
    definition: ProcessDefinition,
) -> ServiceVersion:
    now = work.now()
    live = work.services.version(service.id, service.live_version)
    if live is not None:
        live.retire(now)
    version = ServiceVersion(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=service.agency_id,
        service_id=service.id,
        version=service.live_version + 1,
        registration_id=registration.id,
        definition_id=definition.id,
        definition_key=definition.key,
        fileset_checksum=str(registration.fileset_checksum),
        level=registration.level,
        announcement=_document(registration.announcement_number, registration.announcement_date),
        process_approval=_document(
            registration.process_approval_number, registration.process_approval_date
        ),
        registration_document=_document(registration.document_number, registration.document_date),
        appraisal_document=_document(registration.appraisal_number, registration.appraisal_date),
        procedure_data=dict(registration.procedure_data),
        live_from=now,
    )
    work.services.add_version(version)
    service.live_version = version.version
    return version


def _document(number: str, day: date | None) -> dict[str, str]:
    return {"number": number, "date": day.isoformat() if day else ""}


def _move_waiting_cases(work: Work, service: OnlineService, version: ServiceVersion) -> None:
    """Start again, by the new version, what is filed but not accepted: a case is bound at acceptance.

    What is accepted runs to its end by the version it was accepted under (domain.md §3).
    """
    for case in work.cases.not_accepted(service.id):
        if case.service_version == version.version or case.instance_id is None:
            continue
        _restart(work, work.cases.lock(case.id), version)


def _restart(work: Work, case: Case, version: ServiceVersion) -> None:
    old = work.instances.lock(str(case.instance_id))
    cause = Cause(THE_SYSTEM, "rebind", "", f"Chuyển sang phiên bản {version.version}")
    case.instance_id = None  # the old instance no longer speaks for the case
    instances.cancel_locked(work, old, cause)
    case.service_version = version.version
    case.move_to(CaseStatus.NEW)  # the desk looks at it anew, also where it waited for papers
    new = start(
        work,
        version.definition_id,
        cases.first_variables(case),
        cause,
        agency_id=case.agency_id,
        business_key=case.code,
        subject=(SubjectKind.CASE, case.id),
    )
    case.instance_id = new.id
