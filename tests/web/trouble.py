"""Dossiers of the demo's published service that run into trouble at the one-stop shop."""

from app.domain.connectors import PermanentFailure
from app.domain.instances import Incident, ProcessInstance
from app.usecases import cases, uploads
from tests.service import House, actor

CLERK = "chi.reception"
MESSAGE = "Hệ thống một cửa: mã lỗi 422"
GUIDANCE = {
    "decision": "guide",
    "guidance": "Bản chụp không đọc được; hãy chụp lại.",
    "guided_by": ["phone"],
}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def enter(house: House, owner: str = "Công ty TNHH Chuyển phát Sông Lô") -> ProcessInstance:
    """Enter a dossier of the demo's service; it waits at the reception."""
    with house.open_work() as work:
        clerk = actor(work, CLERK)
        [service] = work.services.live_at("stttt")
        files = {
            name: [uploads.reference(uploads.put(work, clerk, "stttt", _file(name)))]
            for name in ("TP01", "TP02")
        }
        typed = {
            "owner_name": owner,
            "identity_number": "5000123456",
            "submitter_name": "Nguyễn Văn Hòa",
            "owner_phone": "0912345678",
            "owner_email": "lienhe@songlo.example",
            "owner_address": "Số 12, đường Bình Thuận, thành phố Tuyên Quang",
            "activity_scope": ["parcel"],
            "return_manner": "desk",
            **files,
        }
        case = cases.enter(work, clerk, service.id, typed)
        instance: ProcessInstance = work.instances.get(str(case.instance_id))
        return instance


def _file(name: str) -> uploads.Upload:
    return uploads.Upload(f"{name}.pdf", PDF)


def fail(
    house: House, owner: str = "Công ty TNHH Chuyển phát Sông Lô", message: str = MESSAGE
) -> Incident:
    """A dossier whose report to the portal was refused for good: an open incident."""
    instance = enter(house, owner)
    house.outside["one_stop_shop"].script = [PermanentFailure(message)]
    house.complete(instance.business_key, "receive", CLERK, **GUIDANCE)
    house.outside["one_stop_shop"].script = []
    with house.open_work(read_only=True) as work:
        incident: Incident
        [incident] = work.incidents.of_instance(instance.id)
        return incident
