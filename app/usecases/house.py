"""What the service itself does for a diagram: the operations of `lien_mach.…`.

`connectors/lien_mach.json` describes them to the modeler; here each is one function. They run
inside the transaction of the step that led to them, and repeating one is harmless.
"""

from collections.abc import Callable, Mapping
from typing import Any

from app.domain.engine import Outcome
from app.domain.errors import InvalidInput, InvalidState
from app.domain.instances import ProcessInstance, SubjectKind
from app.domain.people import AgencyPart
from app.domain.permissions import Actor
from app.usecases import cases, clocks, notices, post, publications, registrations
from app.usecases.ports import SubjectView, Work

Operation = Callable[[Work, ProcessInstance, Mapping[str, Any], Actor], dict[str, Any]]

TOPIC_PREFIX = "lien_mach."


def _subject(instance: ProcessInstance, kind: SubjectKind) -> str:
    if instance.subject_kind is not kind or instance.subject_id is None:
        raise InvalidState("Bước tự động này không dùng được trong quy trình hiện tại.")
    return instance.subject_id


def _registration_check(
    work: Work, instance: ProcessInstance, _parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return registrations.attach_lint(work, _subject(instance, SubjectKind.REGISTRATION))


def _registration_freeze(
    work: Work, instance: ProcessInstance, _parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    registration = work.registrations.lock(_subject(instance, SubjectKind.REGISTRATION))
    return {"checksum": registrations.freeze(work, registration)}


def _registration_decide(
    work: Work, instance: ProcessInstance, parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return registrations.decide(work, _subject(instance, SubjectKind.REGISTRATION), parameters)


def _registration_rehearse(
    work: Work, instance: ProcessInstance, _parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return registrations.rehearse(work, _subject(instance, SubjectKind.REGISTRATION))


def _publish_service(
    work: Work, instance: ProcessInstance, _parameters: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    return publications.publish(work, _subject(instance, SubjectKind.REGISTRATION), actor)


def _notify(
    work: Work, instance: ProcessInstance, parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    part = str(parameters["to"])
    if part not in set(AgencyPart):
        raise InvalidInput(f"Không gửi thông báo cho “{part}” được.")
    told = notices.notify_part(
        work,
        instance,
        AgencyPart(part),
        str(parameters["title"]),
        str(parameters.get("text") or ""),
    )
    return {"notified": told}


def _case_accept(
    work: Work, instance: ProcessInstance, _parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return cases.accept(work, _subject(instance, SubjectKind.CASE))


def _case_status(
    work: Work, instance: ProcessInstance, parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return cases.set_status(work, _subject(instance, SubjectKind.CASE), str(parameters["status"]))


def _case_close(
    work: Work, instance: ProcessInstance, parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return cases.close(work, _subject(instance, SubjectKind.CASE), str(parameters["outcome"]))


def _post_registered(
    work: Work, instance: ProcessInstance, parameters: Mapping[str, Any], _actor: Actor
) -> dict[str, Any]:
    return post.register(work, _subject(instance, SubjectKind.CASE), str(parameters["item_code"]))


OPERATIONS: dict[str, Operation] = {
    "registration_check": _registration_check,
    "registration_freeze": _registration_freeze,
    "registration_decide": _registration_decide,
    "registration_rehearse": _registration_rehearse,
    "publish_service": _publish_service,
    "notify": _notify,
    "case_accept": _case_accept,
    "case_status": _case_status,
    "case_close": _case_close,
    "post_registered": _post_registered,
}


class TheHouse:
    """The House port: looks up the operation, the subject, and what an end means for it."""

    def perform(
        self,
        work: Work,
        instance: ProcessInstance,
        topic: str,
        parameters: Mapping[str, Any],
        actor: Actor,
    ) -> dict[str, Any]:
        operation = OPERATIONS.get(topic.removeprefix(TOPIC_PREFIX))
        if operation is None:
            raise InvalidState(f"Không có thao tác “{topic}”.")
        return operation(work, instance, parameters, actor)

    def describe(self, work: Work, instance: ProcessInstance) -> SubjectView:
        if instance.subject_kind is None or instance.subject_id is None:
            return SubjectView(work.programs.title(instance.definition_id), "", "")
        subject = notices.subject_of(work, instance.subject_kind, instance.subject_id)
        if instance.subject_kind is SubjectKind.CASE:
            person = work.cases.get(instance.subject_id).owner_name
        else:
            person = work.agencies.get(instance.agency_id).name
        return SubjectView(subject.name, person, subject.href)

    def instance_ended(self, work: Work, instance: ProcessInstance, outcome: Outcome) -> None:
        """A cancelled instance takes its clocks and its subject with it.

        A case that goes on under another instance keeps its clocks: the law counts from what the
        citizen did, not from what was published meanwhile.
        """
        if outcome is not Outcome.CANCELLED:
            return
        subject_id = str(instance.subject_id)
        if instance.subject_kind is SubjectKind.REGISTRATION:
            registrations.withdrawn(work, subject_id)
        elif instance.subject_kind is SubjectKind.CASE and not cases.stopped(
            work, subject_id, instance.id
        ):
            return
        clocks.cancel_all(work, instance, "Quy trình bị hủy")
