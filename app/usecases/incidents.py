"""What went wrong and needs a person: retry, one by one or many, with the true outcome of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.errors import DomainError
from app.domain.instances import Incident
from app.domain.permissions import Action, Actor, require
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import Cause, advance


@dataclass(frozen=True)
class Outcome:
    """What came of one item of a bulk command."""

    incident_id: str
    ok: bool
    message: str


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
    outcomes = []
    for incident_id in incident_ids:
        try:
            with open_work() as work:
                retry(work, actor, incident_id)
        except DomainError as error:
            outcomes.append(Outcome(incident_id, ok=False, message=error.message))
        else:
            outcomes.append(Outcome(incident_id, ok=True, message="Đã cho chạy lại."))
    return outcomes
