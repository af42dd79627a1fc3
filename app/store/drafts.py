"""Diagrams that analysts work on."""

from sqlalchemy import Index, Table

from app.domain.definitions import DiagramDraft
from app.store.rows import Rows, at_agencies
from app.store.schema import entity, instant, key, metadata, number, tenant, words
from app.usecases.ports import Page

diagram_drafts = Table(
    "diagram_drafts",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("name"),
    words("content"),
    number("revision"),
    words("owner_id"),
    instant("updated_at"),
    words("updated_by"),
    Index("ix_diagram_drafts_agency_id", "tenant_id", "agency_id", "updated_at"),
)

# The revision is counted by whoever edits, since it is what the browser sends back; the check
# that nobody else wrote the same revision is the database's.
entity(DiagramDraft, diagram_drafts, version=diagram_drafts.c.revision, by_hand=True)


class DraftRows(Rows[DiagramDraft]):
    entity = DiagramDraft
    missing = "Không tìm thấy bản vẽ này."

    def page(self, agency_ids: frozenset[str], number: int, size: int) -> Page[DiagramDraft]:
        """Last changed first."""
        return self._page(
            at_agencies(diagram_drafts.c.agency_id, agency_ids),
            [diagram_drafts.c.updated_at.desc()],
            number,
            size,
            newest_first=True,
        )

    def remove(self, draft: DiagramDraft) -> None:
        self.session.delete(draft)
