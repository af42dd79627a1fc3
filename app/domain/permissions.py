"""Who may do what: one policy, deny by default, asked in use cases and views alike."""

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.errors import Forbidden, NotFound, Unauthenticated
from app.domain.people import AgencyPart, Binding, Role

SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Whoever asks. `manages_portal` lists the agencies that are the portal's lead manager."""

    id: str
    name: str
    username: str = ""
    tenant_id: str = ""
    bindings: tuple[Binding, ...] = ()
    parts: dict[str, AgencyPart] = field(default_factory=dict)  # agency id -> its part, if any

    @property
    def agency_ids(self) -> frozenset[str]:
        return frozenset(b.agency_id for b in self.bindings)

    def holds(self, role: Role, agency_id: str | None = None) -> bool:
        return any(
            b.role is role and (agency_id is None or b.agency_id == agency_id)
            for b in self.bindings
        )

    def roles_at(self, agency_id: str) -> frozenset[Role]:
        return frozenset(b.role for b in self.bindings if b.agency_id == agency_id)


class Action(StrEnum):
    LIST_TASKS = "list_tasks"
    WORK_TASK = "work_task"  # see, claim, fill, complete: by role at the task's agency
    ASSIGN_TASK = "assign_task"
    EDIT_REGISTRATION = "edit_registration"
    VIEW_REGISTRATION = "view_registration"
    VIEW_SERVICES = "view_services"
    ENTER_CASE = "enter_case"
    VIEW_CASE = "view_case"
    VIEW_INSTANCES = "view_instances"
    OPERATE_INSTANCES = "operate_instances"  # cancel, retry, resolve incidents, suspend
    DO_EXTERNAL_TASKS = "do_external_tasks"  # fetch and answer what workers outside do
    SEND_EVENTS = "send_events"  # correlate a message, throw a signal, by hand or by a system
    EDIT_CALENDAR = "edit_calendar"
    EDIT_DRAFT = "edit_draft"
    OVERSEE = "oversee"  # overdue lists over all agencies
    SEE_OWN = "see_own"  # own notices, own session


class Reach(StrEnum):
    OWN_AGENCY = "own_agency"
    EVERYWHERE = "everywhere"
    PORTAL_MANAGER = "portal_manager"  # everywhere, for roles held at the lead manager


_OFFICERS = (
    Role.RECEPTION_OFFICER,
    Role.SPECIALIST,
    Role.UNIT_HEAD,
    Role.AGENCY_LEADER,
    Role.CLERK,
)
_STAFF = (*_OFFICERS, Role.APPRAISER, Role.ANALYST, Role.ADMINISTRATOR, Role.VENDOR, Role.AUDITOR)

POLICY: dict[Action, tuple[tuple[Role, Reach], ...]] = {
    Action.LIST_TASKS: tuple((r, Reach.OWN_AGENCY) for r in _STAFF),
    Action.WORK_TASK: tuple((r, Reach.OWN_AGENCY) for r in _STAFF),
    Action.ASSIGN_TASK: (
        (Role.UNIT_HEAD, Reach.OWN_AGENCY),
        (Role.AGENCY_LEADER, Reach.OWN_AGENCY),
    ),
    Action.EDIT_REGISTRATION: (
        (Role.ANALYST, Reach.OWN_AGENCY),
        (Role.SPECIALIST, Reach.OWN_AGENCY),
        (Role.UNIT_HEAD, Reach.OWN_AGENCY),
    ),
    Action.VIEW_REGISTRATION: (
        *((r, Reach.OWN_AGENCY) for r in _STAFF),
        (Role.APPRAISER, Reach.PORTAL_MANAGER),
        (Role.AGENCY_LEADER, Reach.PORTAL_MANAGER),
        (Role.ADMINISTRATOR, Reach.EVERYWHERE),
        (Role.AUDITOR, Reach.EVERYWHERE),
        (Role.VENDOR, Reach.EVERYWHERE),
    ),
    Action.VIEW_SERVICES: tuple((r, Reach.EVERYWHERE) for r in _STAFF),
    Action.ENTER_CASE: ((Role.RECEPTION_OFFICER, Reach.OWN_AGENCY),),
    Action.VIEW_CASE: (
        *((r, Reach.OWN_AGENCY) for r in _OFFICERS),
        (Role.AUDITOR, Reach.EVERYWHERE),
    ),
    Action.VIEW_INSTANCES: (
        (Role.ADMINISTRATOR, Reach.EVERYWHERE),
        (Role.AUDITOR, Reach.EVERYWHERE),
    ),
    Action.OPERATE_INSTANCES: ((Role.ADMINISTRATOR, Reach.EVERYWHERE),),
    Action.DO_EXTERNAL_TASKS: ((Role.ADMINISTRATOR, Reach.EVERYWHERE),),
    Action.SEND_EVENTS: ((Role.ADMINISTRATOR, Reach.EVERYWHERE),),
    Action.EDIT_CALENDAR: ((Role.ADMINISTRATOR, Reach.EVERYWHERE),),
    Action.EDIT_DRAFT: ((Role.ANALYST, Reach.OWN_AGENCY), (Role.VENDOR, Reach.OWN_AGENCY)),
    Action.OVERSEE: (
        (Role.AGENCY_LEADER, Reach.PORTAL_MANAGER),
        (Role.APPRAISER, Reach.PORTAL_MANAGER),
        (Role.ADMINISTRATOR, Reach.EVERYWHERE),
        (Role.AUDITOR, Reach.EVERYWHERE),
    ),
    Action.SEE_OWN: tuple((r, Reach.EVERYWHERE) for r in Role),
}


_REACHES: dict[Action, dict[Role, list[Reach]]] = {}
for _action, _rules in POLICY.items():
    _of_role = _REACHES.setdefault(_action, {})
    for _role, _reach in _rules:
        _of_role.setdefault(_role, []).append(_reach)


def _reaches(actor: Actor, binding: Binding, reach: Reach, agency_id: str | None) -> bool:
    if reach is Reach.PORTAL_MANAGER:
        return actor.parts.get(binding.agency_id) is AgencyPart.PORTAL_MANAGER
    return reach is Reach.EVERYWHERE or agency_id is None or binding.agency_id == agency_id


def allows(
    actor: Actor,
    action: Action,
    *,
    agency_id: str | None = None,
    roles: Collection[str] | None = None,
    unit: str | None = None,
) -> bool:
    """Say whether the actor may; `agency_id` is the thing's agency (None: the action as such).

    `roles` and `unit` narrow a user task to those who may take it.
    """
    if actor.id == SYSTEM:
        return True
    reaches = _REACHES[action]
    for binding in actor.bindings:
        if roles is not None and binding.role not in roles:
            continue
        if unit is not None and binding.unit not in {None, unit}:
            continue
        if any(_reaches(actor, binding, one, agency_id) for one in reaches.get(binding.role, ())):
            return True
    return False


def require(
    actor: Actor | None,
    action: Action,
    *,
    agency_id: str | None = None,
    roles: Collection[str] | None = None,
    unit: str | None = None,
    hide: bool = False,
) -> None:
    """Raise unless allowed. With `hide`, a thing of a foreign agency does not exist (NotFound)."""
    if actor is None:
        raise Unauthenticated("Hãy đăng nhập để tiếp tục.")
    if not allows(actor, action, agency_id=agency_id, roles=roles, unit=unit):
        if hide:
            raise NotFound("Không tìm thấy nội dung này, hoặc bạn không được xem.")
        raise Forbidden("Bạn không có quyền làm việc này. Hãy liên hệ quản trị hệ thống.")
