"""Cases, their papers, and results that travel by post."""

from datetime import date

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint, or_

from app.domain.cases import Case, CaseStatus, Channel, Paper, PostalOrder, PostalState
from app.store.counters import next_number
from app.store.rows import Rows, matches
from app.store.schema import (
    entity,
    instant,
    is_word,
    json,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    searchable,
    tenant,
    word,
    words,
)
from app.usecases.ports import Page

cases = Table(
    "cases",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("receiving_agency_id"),
    words("code"),
    words("service_id"),
    number("service_version"),
    words("procedure_id"),
    words("procedure_name"),
    words("owner_name"),
    word("channel", Channel),
    instant("submitted_at"),
    words("submitted_by"),
    words("owner_phone"),
    words("owner_email"),
    words("owner_address"),
    words("identity_number"),
    words("submitter_name"),
    maybe("supporting_agency_id"),
    word("status", CaseStatus),
    json("data"),
    maybe("instance_id"),
    instant("accepted_at", nullable=True),
    instant("due_at", nullable=True),
    instant("finished_at", nullable=True),
    instant("returned_at", nullable=True),
    number("supplement_count"),
    words("lookup_secret"),
    number("version"),
    words("search_text"),
    UniqueConstraint("tenant_id", "code"),
    Index("ix_cases_agency_id", "tenant_id", "agency_id", "submitted_at"),
    Index("ix_cases_receiving_agency_id", "tenant_id", "receiving_agency_id", "submitted_at"),
    Index("ix_cases_submitted_at", "tenant_id", "submitted_at"),
)
column = cases.c
not_accepted = column.accepted_at.is_(None)
partial_index("ix_cases_not_accepted", column.tenant_id, column.service_id, where=not_accepted)

papers = Table(
    "papers",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("subject_kind"),
    words("subject_id"),
    words("name"),
    words("mime"),
    Column("size", Integer, nullable=False),
    words("sha256"),
    instant("uploaded_at"),
    words("uploaded_by"),
    words("component"),
    Index("ix_papers_subject", "subject_id", "subject_kind"),
)

postal_orders = Table(
    "postal_orders",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("case_id"),
    words("item_code"),
    word("state", PostalState),
    instant("created_at"),
    json("events"),
    UniqueConstraint("tenant_id", "item_code"),
    Index("ix_postal_orders_case_id", "case_id"),
)

entity(Case, cases, version=column.version)
entity(Paper, papers)
entity(PostalOrder, postal_orders)
searchable(Case, "code", "owner_name", "submitter_name", "procedure_name")


class CaseRows(Rows[Case]):
    entity = Case
    missing = "Không tìm thấy hồ sơ này."

    def by_code(self, code: str) -> Case | None:
        return self._one(column.code == code)

    def lock(self, case_id: str) -> Case:
        return self._locked(case_id)

    def next_number(self, agency_code: str, day: date) -> int:
        return next_number(self.session, self.tenant_id, f"case:{agency_code}:{day.isoformat()}")

    def page(
        self,
        agency_ids: frozenset[str] | None,
        search: str,
        number: int,
        size: int,
        *,
        status: CaseStatus | None = None,
    ) -> Page[Case]:
        """Newest first; an agency's cases are those it is competent for and those it received."""
        conditions = matches(column.search_text, search)
        if agency_ids is not None:
            known = sorted(agency_ids)
            conditions.append(
                or_(
                    self.mine & column.agency_id.in_(known),
                    self.mine & column.receiving_agency_id.in_(known),
                )
            )
        if status is not None:
            conditions.append(is_word(column.status, status))
        return self._page(conditions, [column.submitted_at.desc()], number, size, newest_first=True)

    def not_accepted(self, service_id: str) -> list[Case]:
        """Cases of the service that were submitted and wait for acceptance, oldest first."""
        return self._all(
            not_accepted,
            column.service_id == service_id,
            column.status.in_([CaseStatus.NEW, CaseStatus.WAITING]),
        )


class PaperRows(Rows[Paper]):
    entity = Paper
    missing = "Không tìm thấy giấy tờ này."

    def of_subject(self, subject_kind: str, subject_id: str) -> list[Paper]:
        """In the order of upload."""
        return self._all(
            papers.c.subject_id == subject_id,
            papers.c.subject_kind == subject_kind,
            order=[papers.c.uploaded_at, papers.c.id],
        )


class PostalOrderRows(Rows[PostalOrder]):
    entity = PostalOrder
    missing = "Không tìm thấy bưu gửi này."

    def by_item(self, item_code: str) -> PostalOrder | None:
        return self._one(postal_orders.c.item_code == item_code)

    def of_case(self, case_id: str) -> list[PostalOrder]:
        return self._all(postal_orders.c.case_id == case_id)
