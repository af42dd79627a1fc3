"""What went wrong and needs a person: retry, one by one or many, with the true outcome of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from app.domain.errors import DomainError, Forbidden, NotFound
from app.domain.instances import Incident, IncidentState
from app.domain.permissions import Action, Actor, require
from app.domain.waiting import JobState
from app.usecases.chronicle import Cause
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import advance


class Result(StrEnum):
    """What came of a retry, as far as it can be known at once."""

    RESUMED = "resumed"  # the flow went on
    TRYING = "trying"  # a job was handed out once more; its end is not known yet
    FAILED_AGAIN = "failed_again"
    GONE = "gone"  # somebody else was first, or the instance has ended
    REFUSED = "refused"  # this person may not, or not now


@dataclass(frozen=True)
class Outcome:
    """What came of one item of a bulk command."""

    incident_id: str
    result: Result
    message: str

    @property
    def ok(self) -> bool:
        return self.result in {Result.RESUMED, Result.TRYING}


def retry(work: Work, actor: Actor, incident_id: str) -> Incident:
    """Try again: the parked token goes on where it stood; a failed job gets fresh attempts.

    What fails again raises a new incident: a retry is never reported as a success beforehand.
    """
    incident = work.incidents.get(incident_id)
    require(actor, Action.OPERATE_INSTANCES, agency_id=incident.agency_id)
    instance = work.instances.lock(incident.instance_id)
    instance.require_active()
    incident = work.incidents.get(incident_id)
    incident.resolve(actor.id, work.now(), "Thử lại")
    instance.open_incidents -= 1
    cause = Cause(actor, "retry", incident.element, incident.message)
    step = work.programs.get(instance.definition_id).resume(
        instance.snapshot, incident.token, at=work.now(), programs=work.programs
    )
    advance(work, instance, step, cause)
    return incident


def retry_many(open_work: OpenWork, actor: Actor, incident_ids: Sequence[str]) -> list[Outcome]:
    """Retry each in a transaction of its own, and tell of each what happened."""
    return [_try_one(open_work, actor, incident_id) for incident_id in incident_ids]


def _try_one(open_work: OpenWork, actor: Actor, incident_id: str) -> Outcome:
    try:
        with open_work() as work:
            return _came_of(work, retry(work, actor, incident_id))
    except (Forbidden, NotFound) as error:
        result = Result.REFUSED if isinstance(error, Forbidden) else Result.GONE
        return Outcome(incident_id, result, error.message)
    except DomainError as error:
        with open_work(read_only=True) as work:
            is_open = work.incidents.get(incident_id).state is IncidentState.OPEN
        return Outcome(incident_id, Result.REFUSED if is_open else Result.GONE, error.message)


def _came_of(work: Work, tried: Incident) -> Outcome:
    again = work.incidents.open_at(tried.instance_id, tried.token)
    if again is not None:
        return Outcome(tried.id, Result.FAILED_AGAIN, f"Lại gặp sự cố: {again.message}")
    job = work.jobs.at_token(tried.instance_id, tried.token)
    if job is not None and job.state is JobState.PENDING:
        return Outcome(tried.id, Result.TRYING, "Đã giao lại cho hệ thống thực hiện.")
    return Outcome(tried.id, Result.RESUMED, "Đã chạy tiếp.")
