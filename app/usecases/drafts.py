"""Diagrams an analyst is working on: saved as they are, checked when asked."""

from dataclasses import dataclass

from app.domain.definitions import DiagramDraft
from app.domain.errors import Conflict, InvalidInput
from app.domain.permissions import Action, Actor, require
from app.usecases.ports import Work

MAX_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class SaveDraft:
    draft_id: str
    revision: int
    name: str
    content: str


def visible(work: Work, actor: Actor, draft_id: str) -> DiagramDraft:
    draft = work.drafts.get(draft_id)
    require(actor, Action.EDIT_DRAFT, agency_id=draft.agency_id, hide=True)
    return draft


def create(work: Work, actor: Actor, agency_id: str, name: str, content: str) -> DiagramDraft:
    require(actor, Action.EDIT_DRAFT, agency_id=agency_id)
    _require_plausible(name, content)
    draft = DiagramDraft(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=agency_id,
        name=name.strip(),
        content=content,
        revision=1,
        owner_id=actor.id,
        updated_at=work.now(),
        updated_by=actor.name,
    )
    work.drafts.add(draft)
    return draft


def save(work: Work, actor: Actor, command: SaveDraft) -> DiagramDraft:
    """Keep a new revision. Raises Conflict where somebody saved since it was opened."""
    draft = visible(work, actor, command.draft_id)
    _require_plausible(command.name, command.content)
    if draft.revision != command.revision:
        raise Conflict(
            f"{draft.updated_by} đã lưu bản nháp này sau khi bạn mở. "
            "Hãy tải sơ đồ của bạn về máy, mở lại bản nháp rồi ghép."
        )
    draft.name, draft.content = command.name.strip(), command.content
    draft.revision += 1
    draft.updated_at, draft.updated_by = work.now(), actor.name
    return draft


def remove(work: Work, actor: Actor, draft_id: str) -> None:
    work.drafts.remove(visible(work, actor, draft_id))


def _require_plausible(name: str, content: str) -> None:
    if not name.strip() or len(name) > 120:
        raise InvalidInput("Hãy đặt tên cho bản nháp.", fields={"name": ["Tối đa 120 ký tự."]})
    if not content.strip() or len(content) > MAX_CHARACTERS:
        raise InvalidInput(
            "Sơ đồ rỗng hoặc quá lớn.", fields={"content": ["Tối đa 2 triệu ký tự."]}
        )
