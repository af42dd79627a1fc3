"""The ways of the house that many tests go: register, appraise, publish, enter a case."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app import demo
from app.domain.calendars import wall
from app.domain.cases import Case
from app.domain.instances import InstanceState
from app.domain.procedures import ServiceRegistration
from app.usecases import cases, instances, registrations, uploads
from app.usecases.ports import Work
from tests.service import House, actor

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"

# Who does what at the provider, by its agency.
ANALYSTS = {"stttt": "lan.analyst", "sgtvt": "minh.analyst"}
LEADERS = {"stttt": "binh.leader", "sgtvt": "nga.leader"}
RECEPTION = {"stttt": "chi.reception", "sgtvt": "oanh.reception"}

P04 = "postal_activity_confirmation"
P10 = "transport_business_licence"
FLOW = "service_registration"

APPROVAL = {"outcome": "approved", "appraisal_number": "9/TĐ", "appraisal_date": "16/11/2026"}


def files(house: House, key: str = P04) -> dict[str, bytes]:
    with house.open_work(read_only=True) as work:
        return demo.files_of(key, work)


def prepare(
    house: House,
    *,
    procedure: str = "P04",
    agency: str = "stttt",
    contents: Mapping[str, bytes] | None = None,
) -> ServiceRegistration:
    """Open a registration and fill it in; it is a draft still."""
    username = ANALYSTS[agency]
    given = files(house) if contents is None else contents
    with house.open_work() as work:
        who = actor(work, username)
        made = registrations.create(work, who, agency, procedure)
        for name, content in given.items():
            registrations.put_file(work, who, made.id, name, content)
        return registrations.edit(work, who, documents(work, made))


def documents(work: Work, made: ServiceRegistration) -> registrations.EditRegistration:
    today = wall(work.now()).date()
    return registrations.EditRegistration(
        registration_id=made.id,
        version=made.version,
        level="level_4",
        document_number="77/ĐK-DVC",
        document_date=today,
        announcement_number="177/QĐ-UBND",
        announcement_date=today - timedelta(days=30),
        process_approval_number="277/QĐ-UBND",
        process_approval_date=today - timedelta(days=14),
        procedure_data=dict(made.procedure_data),
    )


def submit(house: House, made: ServiceRegistration) -> ServiceRegistration:
    with house.open_work() as work:
        who = actor(work, ANALYSTS[made.agency_id])
        sent = registrations.submit(work, who, made.id)
    house.work_off()
    return sent


def register(house: House, **wanted: Any) -> ServiceRegistration:
    return submit(house, prepare(house, **wanted))


def appraise(house: House, made: ServiceRegistration) -> None:
    """Let Sở TT&TT approve it."""
    house.complete(made.code, "formal_check", "an.appraiser", formal_ok="yes")
    house.complete(made.code, "appraise_content", "an.appraiser", content_ok="yes")
    house.complete(made.code, "appraise_flow", "an.appraiser", flow_ok="yes")
    house.complete(made.code, "conclude", "binh.leader", **APPROVAL)


def put_online(house: House, made: ServiceRegistration) -> None:
    """Let the agency publish what was approved."""
    house.complete(made.code, "prepare", ANALYSTS[made.agency_id], ready="yes")
    house.complete(made.code, "publish", LEADERS[made.agency_id], publish_confirmed=True)


def publish(house: House, made: ServiceRegistration) -> ServiceRegistration:
    appraise(house, made)
    put_online(house, made)
    return reread(house, made)


def reread(house: House, made: ServiceRegistration) -> ServiceRegistration:
    with house.open_work(read_only=True) as work:
        return work.registrations.get(made.id)


def register_p10(house: House) -> ServiceRegistration:
    """Sở GTVT registers P10 now, whatever the demo's people have done of it before."""
    with house.open_work(read_only=True) as work:
        before = work.registrations.of_procedure("P10", "sgtvt")
        running = [made.instance_id for made in before if made.instance_id]
    for instance_id in running:
        with house.open_work() as work:
            if work.instances.get(instance_id).state is InstanceState.ACTIVE:
                instances.cancel(work, actor(work, "viet.admin"), instance_id, "Đăng ký lại")
    return register(house, procedure="P10", agency="sgtvt", contents=files(house, P10))


# --- cases ------------------------------------------------------------------------------


def a_paper(work: Work, username: str, agency: str, name: str) -> dict[str, Any]:
    """Upload a document, as a page does before it sends the form."""
    upload = uploads.Upload(name=name, content=PDF)
    return uploads.reference(uploads.put(work, actor(work, username), agency, upload))


def with_papers(
    work: Work, username: str, agency: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Upload the documents that a scenario names by example, and name the real ones instead."""
    return {
        key: [a_paper(work, username, agency, entry["name"]) for entry in value]
        if isinstance(value, list) and value and isinstance(value[0], dict) and "sha256" in value[0]
        else value
        for key, value in values.items()
    }


APPLICATION: dict[str, Any] = {
    "owner_name": "Công ty TNHH Chuyển phát Sông Lô",
    "identity_number": "5000123456",
    "submitter_name": "Nguyễn Văn Hòa",
    "owner_phone": "0912 345 678",
    "owner_email": "lienhe@songlo.example",
    "owner_address": "Số 12, đường Bình Thuận, thành phố Tuyên Quang",
    "activity_scope": ["parcel"],
    "TP01": [{"name": "van-ban-thong-bao.pdf", "sha256": "-"}],
    "TP02": [{"name": "giay-dang-ky-doanh-nghiep.pdf", "sha256": "-"}],
    "return_manner": "desk",
}
BY_POST: dict[str, Any] = {
    **APPLICATION,
    "return_manner": "post",
    "receiver_name": "Nguyễn Văn Hòa",
    "receiver_phone": "0912 345 678",
    "receiver_address": "Số 12, đường Bình Thuận",
    "receiver_district": "Thành phố Tuyên Quang",
    "receiver_province": "Tuyên Quang",
}


def enter(
    house: House,
    values: Mapping[str, Any] = APPLICATION,
    *,
    procedure: str = "P04",
    agency: str = "stttt",
) -> Case:
    """Take in a dossier at the desk."""
    username = RECEPTION[agency]
    with house.open_work() as work:
        service = work.services.of_procedure(procedure, agency)
        assert service is not None, f"{procedure} is not published"
        typed = with_papers(work, username, agency, values)
        case = cases.enter(work, actor(work, username), service.id, typed)
    house.work_off()
    return case


def reread_case(house: House, code: str) -> Case:
    with house.open_work(read_only=True) as work:
        found = work.cases.by_code(code)
        assert found is not None
        return found


def process_case(house: House, code: str) -> None:
    """Bring a case of P04 from the reception to the stamp: its result is ready then."""
    house.complete(code, "receive", "chi.reception", decision="accept")
    house.complete(code, "assign", "dung.head", specialist="giang.specialist")
    house.complete(
        code,
        "assess",
        "giang.specialist",
        findings="Đủ.",
        proposal="approve",
        draft_result="Dự thảo.",
    )
    house.complete(code, "review", "dung.head", review_outcome="ok")
    house.complete(
        code,
        "sign",
        "binh.leader",
        signature_outcome="sign",
        result_number="35/GXN-STTTT",
        result_date="16/11/2026",
    )
    house.complete(code, "stamp", "khanh.clerk", register_number="35", register_date="16/11/2026")


def hand_over(house: House, code: str) -> None:
    house.complete(
        code, "hand_over", "chi.reception", fee_paid=True, handover_receiver="Nguyễn Văn Hòa"
    )
