"""Builders for the pages of registrations, services and drafts, in the demo province."""

from io import BytesIO
from typing import Any

from app import demo
from app.usecases import registrations
from tests.service import House, actor
from tests.web.conftest import Browser

ANALYST = "lan.analyst"
DRAFT = "P02"  # the procedure of a registration that the demo leaves as a draft
SUBMITTED = "P10"  # … that is being appraised, of Sở GTVT
PUBLISHED = "P04"  # … that was published
KEY = "postal_activity_confirmation"

DOCUMENTS = {
    "level": "level_4",
    "document_number": "35/ĐK-STTTT",
    "document_date": "16/11/2026",
    "announcement_number": "1200/QĐ-UBND",
    "announcement_date": "01/10/2026",
    "process_approval_number": "1300/QĐ-UBND",
    "process_approval_date": "02/11/2026",
}


def id_of(house: House, procedure_id: str) -> str:
    """The first registration of a procedure."""
    with house.open_work(read_only=True) as work:
        procedure = work.procedures.get(procedure_id)
        return str(work.registrations.of_procedure(procedure.id, procedure.agency_id)[0].id)


def code_of(house: House, procedure_id: str) -> str:
    with house.open_work(read_only=True) as work:
        return str(work.registrations.get(id_of(house, procedure_id)).code)


def path_of(house: House, procedure_id: str) -> str:
    return f"/registrations/{id_of(house, procedure_id)}"


def files(house: House, key: str = KEY) -> dict[str, bytes]:
    with house.open_work(read_only=True) as work:
        return demo.files_of(key, work)


def upload(**contents: bytes) -> dict[str, Any]:
    """A multipart body; `a__b` in a name stands for `a.b`."""
    return chosen({name.replace("__", "."): data for name, data in contents.items()})


def chosen(contents: dict[str, bytes]) -> dict[str, Any]:
    return {"files": [(BytesIO(data), name) for name, data in contents.items()]}


def typed(house: House, procedure_id: str = DRAFT, **changed: str) -> dict[str, str]:
    """What the page of a registration sends when its documents are filled in."""
    with house.open_work(read_only=True) as work:
        registration = work.registrations.get(id_of(house, procedure_id))
        data = {f"procedure_data.{k}": str(v) for k, v in registration.procedure_data.items()}
        return {"version": str(registration.version), **data, **DOCUMENTS, **changed}


def ready(house: House, browser: Browser) -> str:
    """Fill a draft in until nothing is missing; gives its address."""
    path = path_of(house, DRAFT)
    browser.post(f"{path}/files", chosen(files(house)))
    browser.post(path, typed(house))
    return path


APPRAISAL: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("formal_check", "an.appraiser", {"formal_ok": "yes"}),
    ("appraise_content", "an.appraiser", {"content_ok": "yes"}),
    ("appraise_flow", "an.appraiser", {"flow_ok": "yes"}),
    (
        "conclude",
        "binh.leader",
        {"outcome": "approved", "appraisal_number": "99/TĐ", "appraisal_date": "16/11/2026"},
    ),
    ("prepare", ANALYST, {"ready": "yes"}),
    ("publish", "binh.leader", {"publish_confirmed": True}),
)


def second_version(house: House) -> None:
    """Publish P04 again: one scenario more, one less, one form changed, and no fees."""
    content = files(house)
    content["09-them.yaml"] = content["01-tra-tai-quay.yaml"]
    content.pop("08-buu-chinh-chuyen-hoan.yaml")
    content["case-stamp.form"] = content["case-stamp.form"].rstrip() + b"\n\n"
    with house.open_work() as work:
        analyst = actor(work, ANALYST)
        made = registrations.create(work, analyst, "stttt", PUBLISHED)
        registrations.put_files(work, analyst, made.id, content)
        made.procedure_data = {**made.procedure_data, "fees": "Không thu phí"}
        day = work.now().date()
        made.document_number, made.document_date = "88/ĐK", day
        made.announcement_number, made.announcement_date = "77/QĐ", day
        made.process_approval_number, made.process_approval_date = "66/QĐ", day
        code = registrations.submit(work, analyst, made.id).code
    house.work_off()
    for element, username, values in APPRAISAL:
        house.complete(code, element, username, **values)
