"""Sentences for people: given once, read when they like."""

from dataclasses import dataclass
from datetime import datetime

from app.domain.calendars import wall
from app.domain.errors import InvalidInput
from app.domain.instances import ProcessInstance, SubjectKind
from app.domain.people import AgencyPart, Notice, Role
from app.usecases.ports import Work


@dataclass(frozen=True)
class Subject:
    """What a notice is about."""

    code: str
    name: str
    href: str


def moment(at: datetime) -> str:
    """Say an instant as people of the province read it: 17:00 ngày 24/11/2026."""
    return f"{wall(at):%H:%M ngày %d/%m/%Y}"


def subject_of(work: Work, kind: str, subject_id: str) -> Subject:
    if kind == SubjectKind.CASE:
        case = work.cases.get(subject_id)
        return Subject(case.code, case.procedure_name, f"/cases/{case.code}")
    registration = work.registrations.get(subject_id)
    return Subject(
        registration.code, registration.service_name, f"/registrations/{registration.id}"
    )


def give(
    work: Work, user_id: str, title: str, text: str, href: str, *, dedup: str | None = None
) -> bool:
    return work.notices.add(
        Notice(
            id=work.new_id(),
            user_id=user_id,
            at=work.now(),
            title=title,
            text=text,
            href=href,
            dedup=dedup,
        )
    )


# Who hears a notice that a diagram sends to one of the agencies.
HEARERS = {
    AgencyPart.PROVIDER: (Role.UNIT_HEAD, Role.AGENCY_LEADER, Role.ANALYST),
    AgencyPart.PORTAL_MANAGER: (Role.APPRAISER, Role.AGENCY_LEADER),
    AgencyPart.VENDOR: (Role.VENDOR,),
}


def notify_part(
    work: Work, instance: ProcessInstance, part: AgencyPart, title: str, text: str
) -> int:
    """Give a notice to those of an agency who answer for the subject; return how many."""
    agency_id = instance.agency_id
    if part is not AgencyPart.PROVIDER:
        agency_id = work.agencies.by_part(part).id
    if instance.subject_kind is None or instance.subject_id is None:
        raise InvalidInput("Quy trình không gắn với hồ sơ nên không gửi thông báo được.")
    subject = subject_of(work, instance.subject_kind, instance.subject_id)
    hearers = {user.id for role in HEARERS[part] for user in work.users.holding(role, agency_id)}
    return sum(
        give(
            work,
            user_id,
            title,
            f"{subject.code} – {subject.name}. {text}".strip(),
            subject.href,
            dedup=f"{instance.id}:{instance.history_seq}:{title}",
        )
        for user_id in sorted(hearers)
    )
