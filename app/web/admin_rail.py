"""The left column of the administrator's pages: what there is to watch, each with its number."""

from app.domain.instances import InstanceState
from app.domain.permissions import Action, Actor, allows
from app.doors import service
from app.usecases.ports import Work
from app.web.task_list import Group, Item

INSTANCES = "/admin/instances"
INCIDENTS = "/admin/incidents"
DEFINITIONS = "/admin/definitions"
QUEUE = "/admin/queue"
BATCHES = "/admin/batches"
CALENDARS = "/admin/calendars"
READ_ONLY = "Bạn chỉ có quyền xem; quản trị hệ thống thực hiện việc này."


def rail(work: Work, actor: Actor, here: str) -> list[Group]:
    """The pages of this audience; `here` is the one that is open."""
    places = [
        (
            "Quy trình đang chạy",
            INSTANCES,
            work.instances.count_by_state().get(InstanceState.ACTIVE, 0),
        ),
        ("Sự cố đang mở", INCIDENTS, sum(count for _m, _e, count in work.incidents.grouped())),
        (
            "Việc nền bị dừng",
            QUEUE,
            len(service().parked.parked()) + work.inbox.uncorrelated(1, 1).total,
        ),
        ("Phiên bản quy trình", DEFINITIONS, len(work.definitions.keys())),
        ("Lệnh cho nhiều hồ sơ", BATCHES, work.batches.page(1, 1).total),
    ]
    items = [Item(label, href, count, href == here) for label, href, count in places]
    groups = [Group("Giám sát", items)]
    if allows(actor, Action.EDIT_CALENDAR):
        count = len(work.calendars.all())
        groups.append(
            Group("Thiết lập", [Item("Lịch làm việc", CALENDARS, count, here == CALENDARS)])
        )
    return groups


def refusal(actor: Actor) -> str:
    """Why the buttons of these pages are not this person's to press; empty where they are."""
    return "" if allows(actor, Action.OPERATE_INSTANCES) else READ_ONLY
