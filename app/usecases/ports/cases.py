"""Dossiers with their papers and postal orders."""

from datetime import date
from typing import Protocol

from app.domain.cases import Case, CaseStatus, Paper, PostalOrder
from app.usecases.ports.repository import Page, Repository


class Cases(Repository[Case], Protocol):
    def by_code(self, code: str) -> Case | None: ...
    def lock(self, case_id: str) -> Case: ...
    def next_number(self, agency_code: str, day: date) -> int:
        """Next number of the day for the agency; serialised until commit (domain.md §2.4)."""

    def page(
        self,
        agency_ids: frozenset[str] | None,
        search: str,
        number: int,
        size: int,
        *,
        status: CaseStatus | None = None,
    ) -> Page[Case]: ...
    def not_accepted(self, service_id: str) -> list[Case]: ...


class Papers(Repository[Paper], Protocol):
    def of_subject(self, subject_kind: str, subject_id: str) -> list[Paper]: ...


class PostalOrders(Repository[PostalOrder], Protocol):
    def by_item(self, item_code: str) -> PostalOrder | None: ...
    def of_case(self, case_id: str) -> list[PostalOrder]: ...
