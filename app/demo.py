"""The demo province, and the flows of the house itself that every installation needs.

Nothing here writes around the use cases: P04 is published because five people did their tasks.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

from app.bootstrap import ROOT, Assembly
from app.domain.calendars import STANDARD_WEEK, Calendar, wall
from app.domain.people import Agency, AgencyLevel, AgencyPart, Role, RoleBinding, User
from app.domain.permissions import Actor
from app.domain.procedures import Procedure, ServiceRegistration
from app.domain.user_tasks import TaskState
from app.outbound.public_holidays import vietnam_exceptions
from app.usecases import cases, deployments, registrations, sessions, user_tasks
from app.usecases.chronicle import THE_SYSTEM
from app.usecases.ports import Work
from app.usecases.service import Service
from app.usecases.uploads import Upload, put, reference
from app.worker import Worker

PASSWORD = "TuyenQuang-2019"  # noqa: S105 - the demo's, printed at its start
PROVINCE = ROOT / "demo" / "province.yaml"
LIFE = ROOT / "demo" / "life.yaml"
PROCESSES = ROOT / "processes"
FORMS = ROOT / "forms"
HOUSE_FLOWS = ("service_registration",)
HOLIDAYS_FROM = 2019
CALENDAR = "province"
MARK = ("demo", "loaded")  # kept when the whole province is there

log = logging.getLogger(__name__)


# --- the flows of the house -------------------------------------------------------------


def files_of(key: str, work: Work) -> dict[str, bytes]:
    """The set of files of one process: its folder, and the forms that its diagram names."""
    folder = PROCESSES / key
    files = {
        path.name: path.read_bytes()
        for path in sorted(folder.iterdir())
        if path.suffix in {".bpmn", ".dmn"}
    }
    files |= {path.name: path.read_bytes() for path in sorted(folder.glob("scenarios/*.yaml"))}
    named = {
        form_key
        for name, data in files.items()
        if name.endswith(".bpmn")
        for outline in work.engine.outline(data)
        for form_key in outline.form_keys
    }
    return files | {f"{key}.form": _form(key) for key in sorted(named)}


def _form(key: str) -> bytes:
    return Path(FORMS / f"{key}.form").read_bytes()


def deploy_house_flows(service: Service) -> int:
    """Deploy the house's own flows where their files differ from what is deployed."""
    deployed = 0
    for key in HOUSE_FLOWS:
        with service.open_work() as work:
            file_set = deployments.freeze(work, files_of(key, work))
            latest = work.definitions.latest(key)
            if latest is not None:
                known = work.definitions.deployment(latest.deployment_id)
                if known.fileset_checksum == file_set.checksum:
                    continue
            deployments.deploy(work, file_set, source="house", actor=THE_SYSTEM)
            deployed += 1
    return deployed


# --- the province -----------------------------------------------------------------------


def load(assembly: Assembly) -> bool:
    """Load the province once; False where it is there already.

    A load that was interrupted cannot be told from people's own work, so it is not continued:
    the log says how to begin anew.
    """
    open_work = assembly.service.open_work
    with open_work(read_only=True) as work:
        if work.users.all():
            if work.replies.find(*MARK) is None:
                log.warning("the demo province is loaded in part: remove LM_DATA_DIR to reload it")
            return False
    data = yaml.safe_load(PROVINCE.read_text(encoding="utf-8"))
    with open_work() as work:
        _load_calendar(work)
        _load_agencies(work, data["agencies"])
    with open_work() as work:
        _load_users(work, data["users"])
        _load_procedures(work, data["procedures"])
    play = _Play(assembly)
    try:
        play.all(yaml.safe_load(LIFE.read_text(encoding="utf-8")))
    finally:
        play.assembly.store.close()
    with open_work() as work:
        work.replies.keep(*MARK, body_hash="", status=200, body="")
    return True


def _load_calendar(work: Work) -> None:
    years = range(HOLIDAYS_FROM, wall(work.now()).year + 2)
    work.calendars.add(
        Calendar(
            id=CALENDAR,
            name="Lịch làm việc của tỉnh",
            weekly=(STANDARD_WEEK,),
            exceptions=vietnam_exceptions(years),
        )
    )


def _load_agencies(work: Work, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        work.agencies.add(
            Agency(
                id=row["id"],
                tenant_id=work.tenant_id,
                name=row["name"],
                short_name=row["short_name"],
                level=AgencyLevel(row["level"]),
                parent_id=row.get("parent"),
                identification_code=row.get("identification_code"),
                part=AgencyPart(row["part"]) if "part" in row else None,
                address=row.get("address", ""),
                phone=row.get("phone", ""),
                calendar_id=CALENDAR,
            )
        )


def _load_users(work: Work, rows: list[dict[str, Any]]) -> None:
    password_hash = work.passwords.hash(PASSWORD)
    for row in rows:
        user_id = work.new_id()
        work.users.add(
            User(
                id=user_id,
                tenant_id=work.tenant_id,
                username=row["username"],
                full_name=row["full_name"],
                password_hash=password_hash,
                position=row["position"],
                created_at=work.now(),
                bindings=[
                    RoleBinding(work.new_id(), user_id, b["agency"], Role(b["role"]), b.get("unit"))
                    for b in row["bindings"]
                ],
            )
        )


def _load_procedures(work: Work, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        work.procedures.add(
            Procedure(
                id=row["id"],
                tenant_id=work.tenant_id,
                code=row["code"],
                name=row["name"],
                sector=row["sector"],
                agency_id=row["agency"],
                unit=row["unit"],
                data=row["data"],
                duration_value=row["duration"]["value"],
                duration_unit=row["duration"]["unit"],
            )
        )


# --- life ---------------------------------------------------------------------------------


@dataclass
class _Past:
    """A clock that the demo sets: its past happens on working days of weeks gone by."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


class _Play:
    """Plays the people of the demo, each step at an instant of the past weeks.

    P04 is published and has cases at every step, some late; P10 is being appraised; P02 is a
    draft. The outside systems answer as they do in earnest.
    """

    def __init__(self, assembly: Assembly) -> None:
        self.clock = _Past(assembly.service.now())
        self.assembly = assembly.played_by(self.clock)
        self.open_work = self.assembly.service.open_work
        self.worker = Worker(self.assembly.store, self.assembly.handlers, threads=1)
        with self.open_work(read_only=True) as work:
            self.calendar = work.calendars.get(CALENDAR)
        self.now = assembly.service.now()

    def all(self, script: Mapping[str, Any]) -> None:
        for line in script["registrations"]:
            self._registration(line)
        for line in script["cases"]:
            self._case(line)

    def _go_to(self, hours_ago: float) -> None:
        """Set the clock back by working hours; what is due then is done first."""
        self.clock.at = self.calendar.subtract_working_hours(self.now, Fraction(hours_ago))
        self.worker.drain(DRAIN)

    def _actor(self, work: Work, username: str) -> Actor:
        user = work.users.by_username(username)
        if user is None:
            raise LookupError(username)
        return sessions.as_actor(work, user)

    def _registration(self, line: Mapping[str, Any]) -> None:
        self._go_to(line["hours_ago"])
        with self.open_work() as work:
            actor = self._actor(work, line["by"])
            made = registrations.create(work, actor, line["agency"], line["procedure"])
            if "process" not in line:
                return
            registrations.put_files(work, actor, made.id, files_of(line["process"], work))
            today = wall(work.now()).date()
            registrations.edit(work, actor, _documents(made, today, line["number"]))
            registrations.submit(work, actor, made.id)
        self._steps(made.code, line["steps"])

    def _case(self, line: Mapping[str, Any]) -> None:
        self._go_to(line["hours_ago"])
        with self.open_work() as work:
            actor = self._actor(work, line["by"])
            service = next(
                s
                for s in work.services.live_at(line["agency"])
                if s.procedure_id == line["procedure"]
            )
            papers = {
                key: [reference(put(work, actor, line["agency"], Upload(name, pdf(name), key)))]
                for key, name in line["papers"].items()
            }
            case = cases.enter(work, actor, service.id, {**line["form"], **papers})
        self._steps(case.code, line["steps"])

    def _steps(self, code: str, steps: list[dict[str, Any]]) -> None:
        for step in steps:
            self._go_to(step["hours_ago"])
            with self.open_work() as work:
                instance = work.instances.by_business_key(code)[-1]
                task = next(
                    task
                    for task in work.user_tasks.of_instance(instance.id)
                    if task.element == step["complete"] and task.state is TaskState.OPEN
                )
                today = f"{wall(work.now()):%d/%m/%Y}"
                typed = {
                    key: today if value == "today" else value
                    for key, value in step.get("with", {}).items()
                }
                actor = self._actor(work, step["by"])
                user_tasks.complete(work, user_tasks.CompleteTask(task.id, actor, typed))
        self.worker.drain(DRAIN)


DRAIN = 200


def pdf(title: str) -> bytes:
    """A small but real PDF, for the papers of the demo."""
    shown = title.encode("ascii", "replace").decode()
    text = f"BT /F1 18 Tf 72 720 Td ({shown}) Tj ET"
    objects = (
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            "/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    body = "%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    return (
        f"{body}xref\n0 {count}\n0000000000 65535 f \n{rows}"
        f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    ).encode("ascii")


def _documents(
    registration: ServiceRegistration, today: date, number: int
) -> registrations.EditRegistration:
    return registrations.EditRegistration(
        registration_id=registration.id,
        version=registration.version,
        level="level_4",
        document_number=f"{number}/ĐK-DVC",
        document_date=today,
        announcement_number=f"1{number}/QĐ-UBND",
        announcement_date=today - timedelta(days=30),
        process_approval_number=f"2{number}/QĐ-UBND",
        process_approval_date=today - timedelta(days=14),
        procedure_data=dict(registration.procedure_data),
    )


def greeting(url: str) -> str:
    """Sign-in hints for whoever has just started the demo."""
    people = (
        ("lan.analyst", "cán bộ phân tích: đăng ký dịch vụ, vẽ quy trình"),
        ("an.appraiser", "cán bộ thẩm định Sở TT&TT"),
        ("binh.leader", "lãnh đạo Sở TT&TT: kết luận, đăng tải, ký duyệt"),
        ("chi.reception", "cán bộ một cửa: nhập hồ sơ, tiếp nhận, trả kết quả"),
        ("dung.head", "trưởng phòng: phân công, kiểm tra"),
        ("giang.specialist", "chuyên viên: thẩm định hồ sơ"),
        ("khanh.clerk", "văn thư: vào sổ, đóng dấu"),
        ("viet.admin", "quản trị: quy trình, sự cố, lịch làm việc"),
    )
    lines = "\n".join(f"    {username:<18} {what}" for username, what in people)
    return (
        f"\n  Liền Mạch đang chạy tại {url}\n\n"
        f"  Đăng nhập (mật khẩu chung của bản demo: {PASSWORD}):\n{lines}\n\n"
        "  Dừng: Ctrl+C\n\n"
    )
