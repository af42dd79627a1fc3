"""Procedures, services with their published versions, registrations."""

from sqlalchemy import Column, Date, Index, Table, UniqueConstraint

from app.domain.procedures import (
    OnlineService,
    Procedure,
    RegistrationState,
    ServiceLevel,
    ServiceRegistration,
    ServiceVersion,
)
from app.store.rows import Rows, at_agencies, matches
from app.store.schema import (
    entity,
    instant,
    json,
    key,
    maybe,
    metadata,
    number,
    searchable,
    tenant,
    word,
    words,
)
from app.store.session import Session
from app.usecases.ports import Page

procedures = Table(
    "procedures",
    metadata,
    key(),
    tenant(),
    words("code"),
    words("name"),
    words("sector"),
    words("agency_id"),
    words("unit"),
    json("data"),
    number("duration_value"),
    words("duration_unit"),
    Index("ix_procedures_agency_id", "tenant_id", "agency_id", "code"),
)

online_services = Table(
    "online_services",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("procedure_id"),
    words("code"),
    words("name"),
    word("level", ServiceLevel),
    number("live_version"),
    maybe("outside_id"),
    words("search_text"),
    UniqueConstraint("tenant_id", "procedure_id", "agency_id"),
    Index("ix_online_services_agency_id", "tenant_id", "agency_id", "name"),
)

service_versions = Table(
    "service_versions",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("service_id"),
    number("version"),
    words("registration_id"),
    words("definition_id"),
    words("definition_key"),
    words("fileset_checksum"),
    word("level", ServiceLevel),
    json("announcement"),
    json("process_approval"),
    json("registration_document"),
    json("appraisal_document"),
    json("procedure_data"),
    instant("live_from"),
    instant("live_to", nullable=True),
    UniqueConstraint("service_id", "version"),
    UniqueConstraint("tenant_id", "registration_id"),
)

registrations = Table(
    "registrations",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("code"),
    words("procedure_id"),
    words("service_name"),
    word("level", ServiceLevel),
    instant("created_at"),
    words("created_by"),
    words("document_number"),
    Column("document_date", Date),
    words("announcement_number"),
    Column("announcement_date", Date),
    words("process_approval_number"),
    Column("process_approval_date", Date),
    json("procedure_data"),
    json("files"),
    word("state", RegistrationState),
    number("version"),
    number("round"),
    maybe("fileset_checksum"),
    instant("submitted_at", nullable=True),
    maybe("instance_id"),
    words("appraisal_number"),
    Column("appraisal_date", Date),
    words("appraisal_reasons"),
    json("lint_report"),
    json("rehearsal", nullable=True),
    number("published_version", nullable=True),
    instant("published_at", nullable=True),
    words("search_text"),
    UniqueConstraint("tenant_id", "code"),
    Index("ix_registrations_agency_id", "tenant_id", "agency_id", "state"),
    Index("ix_registrations_procedure_id", "procedure_id", "agency_id"),
)

entity(Procedure, procedures)
entity(OnlineService, online_services)
entity(ServiceVersion, service_versions)
entity(ServiceRegistration, registrations, version=registrations.c.version)
searchable(OnlineService, "code", "name")
searchable(ServiceRegistration, "code", "service_name")


class ProcedureRows(Rows[Procedure]):
    entity = Procedure
    missing = "Không tìm thấy thủ tục này."

    def all(self) -> list[Procedure]:
        return self._all(order=[procedures.c.code, procedures.c.id])

    def at_agency(self, agency_id: str) -> list[Procedure]:
        return self._all(
            procedures.c.agency_id == agency_id, order=[procedures.c.code, procedures.c.id]
        )


class VersionRows(Rows[ServiceVersion]):
    entity = ServiceVersion
    missing = "Không tìm thấy phiên bản này."

    def of_service(self, service_id: str) -> list[ServiceVersion]:
        return self._all(
            service_versions.c.service_id == service_id,
            order=[service_versions.c.version.desc()],
        )

    def numbered(self, service_id: str, number: int) -> ServiceVersion | None:
        return self._one(
            service_versions.c.service_id == service_id, service_versions.c.version == number
        )

    def of_registration(self, registration_id: str) -> ServiceVersion | None:
        return self._one(service_versions.c.registration_id == registration_id)


class ServiceRows(Rows[OnlineService]):
    entity = OnlineService
    missing = "Không tìm thấy dịch vụ này."

    def __init__(self, session: Session, tenant_id: str) -> None:
        super().__init__(session, tenant_id)
        self._versions = VersionRows(session, tenant_id)

    def of_procedure(self, procedure_id: str, agency_id: str) -> OnlineService | None:
        return self._one(
            online_services.c.procedure_id == procedure_id,
            online_services.c.agency_id == agency_id,
        )

    def page(self, search: str, number: int, size: int) -> Page[OnlineService]:
        return self._page(
            matches(online_services.c.search_text, search),
            [online_services.c.name],
            number,
            size,
        )

    def live_at(self, agency_id: str) -> list[OnlineService]:
        """Services of the agency that have a version in force."""
        return self._all(
            online_services.c.agency_id == agency_id,
            online_services.c.live_version > 0,
            order=[online_services.c.name, online_services.c.id],
        )

    def lock(self, service_id: str) -> OnlineService:
        return self._locked(service_id)

    def add_version(self, version: ServiceVersion) -> None:
        self._versions.add(version)

    def versions(self, service_id: str) -> list[ServiceVersion]:
        """Newest first."""
        return self._versions.of_service(service_id)

    def version(self, service_id: str, number: int) -> ServiceVersion | None:
        return self._versions.numbered(service_id, number)

    def version_of_registration(self, registration_id: str) -> ServiceVersion | None:
        return self._versions.of_registration(registration_id)


class RegistrationRows(Rows[ServiceRegistration]):
    entity = ServiceRegistration
    missing = "Không tìm thấy hồ sơ đăng ký này."

    def lock(self, registration_id: str) -> ServiceRegistration:
        return self._locked(registration_id)

    def of_procedure(self, procedure_id: str, agency_id: str) -> list[ServiceRegistration]:
        """Oldest first."""
        return self._all(
            registrations.c.procedure_id == procedure_id, registrations.c.agency_id == agency_id
        )

    def page(
        self,
        agency_ids: frozenset[str] | None,
        state: RegistrationState | None,
        search: str,
        number: int,
        size: int,
    ) -> Page[ServiceRegistration]:
        """Newest first."""
        conditions = at_agencies(registrations.c.agency_id, agency_ids)
        if state is not None:
            conditions.append(registrations.c.state == state)
        conditions += matches(registrations.c.search_text, search)
        return self._page(
            conditions, [registrations.c.created_at.desc()], number, size, newest_first=True
        )
