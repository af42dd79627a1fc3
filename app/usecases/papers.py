"""Documents of a case or registration: read by those who may, served as attachments only."""

from app.domain.cases import Paper
from app.domain.errors import NotFound
from app.domain.instances import SubjectKind
from app.domain.permissions import Action, Actor, require
from app.usecases import user_tasks
from app.usecases.ports import Work
from app.usecases.uploads import UPLOAD


def readable(work: Work, actor: Actor, paper_id: str) -> tuple[Paper, bytes]:
    """Return a paper and its bytes, if the actor may see what it belongs to."""
    paper = work.papers.get(paper_id)
    if paper.subject_kind == UPLOAD:
        if paper.uploaded_by != actor.id:
            raise NotFound("Không tìm thấy tệp này.")
    elif paper.subject_kind == SubjectKind.CASE:
        _require_case(work, actor, paper)
    else:
        require(actor, Action.VIEW_REGISTRATION, agency_id=paper.agency_id, hide=True)
    return paper, work.files.read(paper.sha256)


def _require_case(work: Work, actor: Actor, paper: Paper) -> None:
    """Those of the competent agency, and whoever has a task of the case."""
    case = work.cases.get(paper.subject_id)
    tasks = work.user_tasks.of_instance(case.instance_id) if case.instance_id else []
    if not any(user_tasks.may_work(actor, task) for task in tasks):
        require(actor, Action.VIEW_CASE, agency_id=case.agency_id, hide=True)
