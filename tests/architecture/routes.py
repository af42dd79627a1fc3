"""Who may use which route: one row for each method and rule. A route without a row fails a test."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from tests.architecture import people as p


@dataclass(frozen=True)
class Row:
    """`door` may use the route at all; `own` of them may use it on the thing that is asked for.

    The thing is of Sở TT&TT. `either` are those for whom the row says nothing. `absent` says
    that the thing asked for is not there, also for those who may.
    """

    door: AbstractSet[str]
    own: AbstractSet[str]
    either: AbstractSet[str] = frozenset()
    absent: bool = False


def of(door: AbstractSet[str], own: AbstractSet[str] | None = None, **more: object) -> Row:
    return Row(door, door if own is None else own, **more)  # type: ignore[arg-type]


PUBLIC = frozenset(
    {
        "GET /",
        "GET /sign-in",
        "POST /sign-in",
        "POST /sign-out",
        "GET /healthz",
        "GET /readyz",
        "GET /api/v1/",
        "GET /api/v1/openapi.json",
        "POST /api/v1/sessions",
    }
)
SIGNED = frozenset({"POST /hooks/public-post"})  # known by signature, not by who is signed in

WATCH, OPERATE = of(p.WATCHERS), of(p.ADMINISTRATORS)
CASES, CASE = of(p.CASE_VIEWERS), of(p.CASE_VIEWERS, p.STTTT_CASE_VIEWERS)
ENTER, ENTER_OURS = of(p.DESKS), of(p.DESKS, {"chi.reception"})
REGISTRATIONS = of(p.STAFF)
REGISTRATION = of(p.STAFF, p.STTTT_REGISTRATION_VIEWERS)
EDIT, EDIT_OURS = of(p.EDITORS), of(p.EDITORS, p.STTTT_EDITORS)
SERVICES, OWN, TASKS = of(p.STAFF), of(p.EVERYONE), of(p.STAFF)
SEE_TASK = of(p.STAFF, p.TASK_WORKERS | p.TASK_HEADS)
DO_TASK = of(p.STAFF, p.TASK_WORKERS)
LOOK_AHEAD = of(p.STAFF, p.TASK_WORKERS, either=p.TASK_HEADS)
HAND_OVER = of(p.HEADS, p.TASK_HEADS)
# Of an instance that offers no steps: those who may look anyhow, and who may do everything.
WATCH_STEPS, CHOOSE = of(p.STAFF, p.WATCHERS), of(p.STAFF, p.ADMINISTRATORS)
DRAFTS, DRAFT = of(p.DRAFTERS), of(p.DRAFTERS, {"lan.analyst"})

ROWS: dict[str, Row] = {
    "GET /admin": WATCH,
    "GET /admin/batches": WATCH,
    "GET /admin/batches/<batch_id>": WATCH,
    "POST /admin/batches/<batch_id>/cancellation": OPERATE,
    "GET /admin/batches/<batch_id>/progress": WATCH,
    "POST /admin/batches/<batch_id>/repetition": OPERATE,
    "GET /admin/calendars": WATCH,
    "POST /admin/calendars": OPERATE,
    "GET /admin/calendars/<calendar_id>": WATCH,
    "POST /admin/calendars/<calendar_id>/changes": OPERATE,
    "POST /admin/calendars/<calendar_id>/removal": OPERATE,
    "GET /admin/definitions": WATCH,
    "GET /admin/definitions/<definition_id>": WATCH,
    "POST /admin/definitions/<definition_id>/activation": OPERATE,
    "GET /admin/definitions/<definition_id>/batch": WATCH,
    "POST /admin/definitions/<definition_id>/batch": OPERATE,
    "GET /admin/definitions/<definition_id>/migration": WATCH,
    "POST /admin/definitions/<definition_id>/migration": OPERATE,
    "POST /admin/definitions/<definition_id>/suspension": OPERATE,
    "GET /admin/incidents": WATCH,
    "POST /admin/incidents/<incident_id>/retry": OPERATE,
    "POST /admin/incidents/batches": OPERATE,
    "GET /admin/incidents/results": WATCH,
    "POST /admin/incidents/retries": OPERATE,
    "GET /admin/instances": WATCH,
    "GET /admin/instances/<instance_id>": WATCH,
    "POST /admin/instances/<instance_id>/cancellation": OPERATE,
    "GET /admin/instances/<instance_id>/migration": WATCH,
    "POST /admin/instances/<instance_id>/migration": OPERATE,
    "GET /admin/instances/<instance_id>/modification": WATCH,
    "POST /admin/instances/<instance_id>/modification": OPERATE,
    "POST /admin/instances/<instance_id>/resumption": OPERATE,
    "POST /admin/instances/<instance_id>/suspension": OPERATE,
    "GET /admin/queue": WATCH,
    "POST /admin/queue/<key>/retry": of(p.ADMINISTRATORS, absent=True),
    "GET /api/v1/batches": WATCH,
    "POST /api/v1/batches": OPERATE,
    "GET /api/v1/batches/<batch_id>": WATCH,
    "POST /api/v1/batches/<batch_id>/cancellation": OPERATE,
    "GET /api/v1/batches/<batch_id>/items": WATCH,
    "POST /api/v1/batches/<batch_id>/repetition": OPERATE,
    "GET /api/v1/cases": CASES,
    "POST /api/v1/cases": ENTER_OURS,
    "GET /api/v1/cases/<code>": CASE,
    "POST /api/v1/external-tasks/<job_id>/completion": OPERATE,
    "POST /api/v1/external-tasks/<job_id>/error": OPERATE,
    "POST /api/v1/external-tasks/<job_id>/failure": OPERATE,
    "PUT /api/v1/external-tasks/<job_id>/lease": OPERATE,
    "POST /api/v1/external-tasks/fetches": OPERATE,
    "GET /api/v1/incidents": WATCH,
    "POST /api/v1/incidents/<incident_id>/resolution": OPERATE,
    "POST /api/v1/incidents/resolutions": OPERATE,
    "GET /api/v1/me": OWN,
    "POST /api/v1/messages": OPERATE,
    "POST /api/v1/migration-plans": WATCH,
    "POST /api/v1/migration-previews": WATCH,
    "GET /api/v1/process-definitions": WATCH,
    "GET /api/v1/process-instances": WATCH,
    "GET /api/v1/process-instances/<instance_id>": WATCH,
    "POST /api/v1/process-instances/<instance_id>/cancellation": OPERATE,
    "GET /api/v1/process-instances/<instance_id>/history": WATCH,
    "GET /api/v1/process-instances/<instance_id>/called-processes": WATCH,
    "POST /api/v1/process-instances/<instance_id>/migration": OPERATE,
    "POST /api/v1/process-instances/<instance_id>/modification": OPERATE,
    "POST /api/v1/process-instances/<instance_id>/modification-preview": OPERATE,
    "GET /api/v1/process-instances/<instance_id>/offered-steps": WATCH_STEPS,
    "POST /api/v1/process-instances/<instance_id>/offered-steps/<int:token>/choices": CHOOSE,
    "POST /api/v1/process-instances/<instance_id>/offered-steps/<int:token>/completion": CHOOSE,
    "DELETE /api/v1/process-instances/<instance_id>/suspension": OPERATE,
    "PUT /api/v1/process-instances/<instance_id>/suspension": OPERATE,
    "GET /api/v1/process-instances/<instance_id>/tokens": WATCH,
    "POST /api/v1/process-instances/<instance_id>/triggers": OPERATE,
    "GET /api/v1/registrations": REGISTRATIONS,
    "POST /api/v1/registrations": EDIT_OURS,
    "GET /api/v1/registrations/<registration_id>": REGISTRATION,
    "PUT /api/v1/registrations/<registration_id>": EDIT_OURS,
    "DELETE /api/v1/registrations/<registration_id>/files/<name>": EDIT_OURS,
    "PUT /api/v1/registrations/<registration_id>/files/<name>": EDIT_OURS,
    "POST /api/v1/registrations/<registration_id>/submission": EDIT_OURS,
    "GET /api/v1/services": SERVICES,
    "GET /api/v1/services/<service_id>/versions": SERVICES,
    "DELETE /api/v1/sessions/current": OWN,
    "POST /api/v1/signals": OPERATE,
    "POST /api/v1/conditions": OPERATE,
    "GET /api/v1/user-tasks": TASKS,
    "GET /api/v1/user-tasks/<task_id>": SEE_TASK,
    "DELETE /api/v1/user-tasks/<task_id>/assignment": SEE_TASK,
    "PUT /api/v1/user-tasks/<task_id>/assignment": DO_TASK,
    "POST /api/v1/user-tasks/<task_id>/completion": DO_TASK,
    "PUT /api/v1/user-tasks/<task_id>/draft": DO_TASK,
    "GET /cases": CASES,
    "GET /cases/<code>": CASE,
    "GET /cases/<code>/diagram": CASE,
    "GET /cases/<code>/receipt": CASE,
    "GET /cases/new": ENTER,
    "GET /cases/new/<service_id>": ENTER_OURS,
    "POST /cases/new/<service_id>": ENTER_OURS,
    "POST /cases/new/<service_id>/fields": ENTER_OURS,
    "GET /notices": OWN,
    "POST /notices/read": OWN,
    "POST /offered-steps/<instance_id>/<int:token>/choices": CHOOSE,
    "POST /offered-steps/<instance_id>/<int:token>/completion": CHOOSE,
    "GET /oversight": of(p.OVERSEERS),
    "POST /papers": OWN,
    "GET /papers/<paper_id>": of(p.EVERYONE, p.STTTT_CASE_VIEWERS),
    "GET /registrations": REGISTRATIONS,
    "POST /registrations": EDIT_OURS,
    "GET /registrations/<registration_id>": REGISTRATION,
    "POST /registrations/<registration_id>": EDIT_OURS,
    "GET /registrations/<registration_id>/archive": REGISTRATION,
    "GET /registrations/<registration_id>/files": REGISTRATION,
    "POST /registrations/<registration_id>/files": EDIT_OURS,
    "GET /registrations/<registration_id>/files/<name>": REGISTRATION,
    "POST /registrations/<registration_id>/files/<name>/removal": EDIT_OURS,
    "GET /registrations/<registration_id>/progress": REGISTRATION,
    "POST /registrations/<registration_id>/submission": EDIT_OURS,
    "POST /registrations/<registration_id>/withdrawal": EDIT_OURS,
    "GET /registrations/new": EDIT,
    "GET /services": SERVICES,
    "GET /services/<service_id>": SERVICES,
    "GET /services/<service_id>/versions/<int:number>": SERVICES,
    "GET /services/<service_id>/versions/<int:number>/archive": SERVICES,
    "GET /services/<service_id>/versions/<int:number>/changes": SERVICES,
    "GET /services/<service_id>/versions/<int:number>/diagram": SERVICES,
    "GET /services/<service_id>/versions/<int:number>/files": SERVICES,
    "GET /services/<service_id>/versions/<int:number>/files/<name>": SERVICES,
    "GET /services/<service_id>/versions/<int:number>/forms": SERVICES,
    "GET /studio": DRAFTS,
    "POST /studio/drafts": DRAFTS,
    "GET /studio/drafts/<draft_id>": DRAFT,
    "PUT /studio/drafts/<draft_id>": DRAFT,
    "GET /studio/drafts/<draft_id>/diagram": DRAFT,
    "POST /studio/drafts/<draft_id>/registration": DRAFT,
    "POST /studio/drafts/<draft_id>/removal": DRAFT,
    "POST /studio/lint": DRAFT,
    "GET /studio/new": DRAFTS,
    "GET /tasks": TASKS,
    "GET /tasks/<task_id>": SEE_TASK,
    "POST /tasks/<task_id>/assignment": HAND_OVER,
    "POST /tasks/<task_id>/claim": DO_TASK,
    "POST /tasks/<task_id>/completion": DO_TASK,
    "GET /tasks/<task_id>/diagram": SEE_TASK,
    "POST /tasks/<task_id>/draft": DO_TASK,
    "POST /tasks/<task_id>/fields": LOOK_AHEAD,
    "GET /tasks/<task_id>/preview": SEE_TASK,
    "POST /tasks/<task_id>/release": SEE_TASK,
    "POST /tasks/batch": TASKS,
    "GET /tasks/changes": TASKS,
    "POST /tasks/next": TASKS,
}

# What is sent along, so that only a person's rights decide: things by their name in the world.
SENT: dict[str, dict[str, Any]] = {
    "POST /api/v1/cases": {"json": {"service_id": "<service_id>", "values": {}}},
    "POST /api/v1/incidents/resolutions": {"json": {"incident_ids": ["<incident_id>"]}},
    "POST /api/v1/process-instances/<instance_id>/cancellation": {"json": {"reason": "Rút"}},
    "POST /api/v1/process-instances/<instance_id>/offered-steps/<int:token>/choices": {
        "json": {"element": "receive"}
    },
    "POST /api/v1/registrations": {"json": {"agency_id": "stttt", "procedure_id": "P04"}},
    "PUT /api/v1/registrations/<registration_id>": {
        "json": {"version": 1, "level": "level_4", "procedure_data": {}}
    },
    "PUT /api/v1/user-tasks/<task_id>/draft": {"json": {"values": {}}},
    "POST /registrations": {"data": {"agency_id": "stttt", "procedure_id": "P04"}},
    "POST /studio/drafts": {"data": {"agency_id": "stttt", "name": "Nháp", "template": ""}},
    "PUT /studio/drafts/<draft_id>": {
        "json": {"revision": 1, "name": "Nháp", "xml": "<definitions/>"}
    },
    "POST /studio/drafts/<draft_id>/registration": {
        "data": {"registration_id": "<registration_id>"}
    },
    "POST /studio/lint": {"query_string": {"draft": "<draft_id>"}, "data": b"<definitions/>"},
    "POST /tasks/<task_id>/assignment": {"data": {"user_id": "<user_id>"}},
    "GET /tasks/<task_id>/preview": {"headers": {"HX-Request": "true"}},
}
