"""Điều 11: an agency registers an online service; Sở TT&TT appraises content and flow."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from app.domain.definitions import FileSet
from app.domain.engine import Problem, Severity
from app.domain.errors import Conflict, InvalidInput, InvalidState, NotFound
from app.domain.instances import SubjectKind
from app.domain.permissions import Action, Actor, allows, require
from app.domain.procedures import (
    RegistrationState,
    ServiceLevel,
    ServiceRegistration,
    require_components,
)
from app.domain.user_tasks import TaskState
from app.usecases import deployments, user_tasks
from app.usecases.chronicle import Cause
from app.usecases.ports import Work
from app.usecases.recording import start

PROCESS_KEY = "service_registration"
REVISE = "revise"  # the agency's task in the diagram: answer what the appraisal asked for
MAX_FILES = 60
MAX_FILE_BYTES = 5 * 1024 * 1024
KINDS = {".bpmn": "sơ đồ quy trình", ".form": "biểu mẫu", ".dmn": "bảng quyết định"}
SCENARIO = ".yaml"
POSTAL_ORDER = b"public_post.create_order"
IN_PROGRESS = {
    RegistrationState.SUBMITTED,
    RegistrationState.REVISION,
    RegistrationState.APPROVED,
}


@dataclass(frozen=True)
class EditRegistration:
    """What the registration page sends; all of it may still be incomplete."""

    registration_id: str
    version: int
    level: str
    document_number: str
    document_date: date | None
    announcement_number: str
    announcement_date: date | None
    process_approval_number: str
    process_approval_date: date | None
    procedure_data: Mapping[str, str]


def create(work: Work, actor: Actor, agency_id: str, procedure_id: str) -> ServiceRegistration:
    """Open a registration of a procedure; the service is named as the Decision names it (R-8.1c)."""
    require(actor, Action.EDIT_REGISTRATION, agency_id=agency_id)
    procedure = work.procedures.get(procedure_id)
    if procedure.agency_id != agency_id:
        raise InvalidInput(
            "Thủ tục này không thuộc thẩm quyền của cơ quan.",
            fields={"procedure_id": ["Hãy chọn thủ tục của cơ quan mình."]},
        )
    number = work.cases.next_number("DK", work.now().date())
    registration = ServiceRegistration(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=agency_id,
        code=f"DK-{work.now():%y%m%d}-{number:04d}",
        procedure_id=procedure.id,
        service_name=procedure.name,
        level=ServiceLevel.LEVEL_4,
        created_at=work.now(),
        created_by=actor.id,
        procedure_data=dict(procedure.data),
    )
    work.registrations.add(registration)
    return registration


def reach(actor: Actor) -> frozenset[str] | None:
    """Return the agencies whose registrations the actor sees; None means all of them."""
    return None if allows(actor, Action.VIEW_REGISTRATION, agency_id="") else actor.agency_ids


def visible(work: Work, actor: Actor, registration_id: str) -> ServiceRegistration:
    registration = work.registrations.get(registration_id)
    require(actor, Action.VIEW_REGISTRATION, agency_id=registration.agency_id, hide=True)
    return registration


def _editable(
    work: Work, actor: Actor, registration_id: str, version: int | None = None
) -> ServiceRegistration:
    registration = visible(work, actor, registration_id)
    require(actor, Action.EDIT_REGISTRATION, agency_id=registration.agency_id)
    registration = work.registrations.lock(registration_id)
    registration.require_editable()
    if version is not None and version != registration.version:
        raise Conflict(
            "Hồ sơ đăng ký đã được người khác sửa sau khi bạn mở trang. "
            "Nội dung bạn nhập vẫn còn; hãy xem lại rồi lưu lần nữa."
        )
    return registration


def edit(work: Work, actor: Actor, command: EditRegistration) -> ServiceRegistration:
    registration = _editable(work, actor, command.registration_id, command.version)
    registration.level = ServiceLevel(command.level)
    registration.document_number = command.document_number.strip()
    registration.document_date = command.document_date
    registration.announcement_number = command.announcement_number.strip()
    registration.announcement_date = command.announcement_date
    registration.process_approval_number = command.process_approval_number.strip()
    registration.process_approval_date = command.process_approval_date
    registration.procedure_data = {k: v.strip() for k, v in command.procedure_data.items()}
    return registration


def put_file(
    work: Work, actor: Actor, registration_id: str, name: str, content: bytes
) -> list[Problem]:
    """Add or replace one file of the set and return what the lint says of the whole set."""
    return put_files(work, actor, registration_id, {name: content})


def put_files(
    work: Work, actor: Actor, registration_id: str, files: Mapping[str, bytes]
) -> list[Problem]:
    """Add or replace files, all or none, and return what the lint says of the whole set."""
    registration = _editable(work, actor, registration_id)
    for name, content in files.items():
        _require_plausible(registration, name, content)
        registration.files = {**registration.files, name: work.files.put(content, work.now())}
    return lint(work, registration)


def remove_file(work: Work, actor: Actor, registration_id: str, name: str) -> list[Problem]:
    registration = _editable(work, actor, registration_id)
    if name not in registration.files:
        raise NotFound(f"Không có tệp “{name}” trong hồ sơ đăng ký.")
    registration.files = {k: v for k, v in registration.files.items() if k != name}
    return lint(work, registration)


def _require_plausible(registration: ServiceRegistration, name: str, content: bytes) -> None:
    """A file is what its name says: kind by ending, text inside, and no path in the name."""
    fault = None
    stem, dot, ending = name.rpartition(".")
    if not stem or "/" in name or "\\" in name or not name.isprintable() or len(name) > 120:
        fault = "Tên tệp không hợp lệ."
    elif f"{dot}{ending}" not in {*KINDS, SCENARIO}:
        fault = "Chỉ nhận tệp .bpmn, .form, .dmn và kịch bản .yaml."
    elif not content:
        fault = "Tệp rỗng."
    elif len(content) > MAX_FILE_BYTES:
        fault = "Tệp lớn hơn 5 MB."
    elif b"\0" in content[:1024]:
        fault = "Nội dung không phải văn bản như phần mở rộng của tệp."
    elif len(registration.files) >= MAX_FILES and name not in registration.files:
        fault = f"Mỗi hồ sơ đăng ký có tối đa {MAX_FILES} tệp."
    if fault:
        raise InvalidInput(fault, fields={"file": [f"{name}: {fault}"]})


def lint(work: Work, registration: ServiceRegistration) -> list[Problem]:
    files = {name: work.files.read(sha) for name, sha in registration.files.items()}
    return deployments.check(work, files) if files else []


def missing(work: Work, registration: ServiceRegistration) -> dict[str, list[str]]:
    """Say what still keeps the registration from being submitted, by field (Đ11.2a, Đ8.1b)."""
    fields: dict[str, list[str]] = {}
    documents = {
        "document_number": (registration.document_number, "Số văn bản đăng ký"),
        "document_date": (registration.document_date, "Ngày văn bản đăng ký"),
        "announcement_number": (registration.announcement_number, "Số Quyết định công bố"),
        "announcement_date": (registration.announcement_date, "Ngày Quyết định công bố"),
        "process_approval_number": (
            registration.process_approval_number,
            "Số Quyết định phê duyệt quy trình nội bộ",
        ),
        "process_approval_date": (
            registration.process_approval_date,
            "Ngày Quyết định phê duyệt quy trình nội bộ",
        ),
    }
    for key, (value, label) in documents.items():
        if not value:
            fields[key] = [f"{label} chưa được nhập."]
    try:
        require_components(registration.procedure_data)
    except InvalidInput as error:
        fields |= {f"procedure_data.{key}": texts for key, texts in error.fields.items()}
    if not any(name.endswith(".bpmn") for name in registration.files):
        fields["files"] = ["Chưa có sơ đồ quy trình (.bpmn)."]
    fields |= _missing_of_agency(work, registration)
    wrong = deployments.errors(lint(work, registration))
    if wrong:
        fields["files"] = [f"{problem.file}: {problem.message}" for problem in wrong]
    return fields


def _missing_of_agency(work: Work, registration: ServiceRegistration) -> dict[str, list[str]]:
    """What the agency has to say of itself before cases can be numbered and results posted."""
    agency = work.agencies.get(registration.agency_id)
    lacking = [] if agency.identification_code else ["mã định danh"]
    if _orders_post(work, registration):
        contact = {"địa chỉ": agency.address, "điện thoại": agency.phone}
        lacking += [name for name, value in contact.items() if not value]
    if not lacking:
        return {}
    return {"agency": [f"Cơ quan chưa có {', '.join(lacking)}. Hãy báo quản trị hệ thống bổ sung."]}


def _orders_post(work: Work, registration: ServiceRegistration) -> bool:
    """Whether a diagram names the operation; a mention in its text costs a question too many."""
    return any(
        POSTAL_ORDER in work.files.read(sha)
        for name, sha in registration.files.items()
        if name.endswith(".bpmn")
    )


def freeze(work: Work, registration: ServiceRegistration) -> str:
    """Freeze the set: what is appraised from here on is what will be published, byte for byte."""
    fields = missing(work, registration)
    if fields:
        raise InvalidInput("Hồ sơ đăng ký chưa đủ để nộp.", fields=fields)
    file_set = FileSet.of(registration.files, work.now())
    work.files.put_set(file_set)
    registration.freeze(file_set.checksum, work.now())
    registration.rehearsal = None
    return file_set.checksum


def submit(work: Work, actor: Actor, registration_id: str) -> ServiceRegistration:
    """Send the registration document: K1 starts when Sở TT&TT receives it, which is now.

    A second registration of a service that is being appraised is refused: two would ask to be
    the live version at once.
    """
    found = visible(work, actor, registration_id)
    if found.state is RegistrationState.REVISION:  # instance first, then registration (rule 10)
        require(actor, Action.EDIT_REGISTRATION, agency_id=found.agency_id)
        return _resubmit(work, actor, found)
    _lock_rivals(work, found)
    registration = _editable(work, actor, registration_id)
    for other in work.registrations.of_procedure(registration.procedure_id, registration.agency_id):
        if other.id != registration.id and other.state in IN_PROGRESS:
            raise Conflict(
                f"Dịch vụ này đang có hồ sơ đăng ký {other.code} chưa xong. "
                "Hãy hoàn tất hoặc rút hồ sơ đó trước."
            )
    checksum = freeze(work, registration)
    definition = work.definitions.latest(PROCESS_KEY)
    if definition is None:
        raise InvalidState("Chưa có quy trình đăng ký dịch vụ. Hãy báo quản trị hệ thống.")
    instance = start(
        work,
        definition.id,
        {
            "registration_code": registration.code,
            "service_name": registration.service_name,
            "document_number": registration.document_number,
            "checksum": checksum,
        },
        Cause(actor, "start", "", "Nộp hồ sơ đăng ký"),
        agency_id=registration.agency_id,
        business_key=registration.code,
        subject=(SubjectKind.REGISTRATION, registration.id),
    )
    registration.instance_id = instance.id
    return registration


def _lock_rivals(work: Work, registration: ServiceRegistration) -> None:
    """Let one submission of a service wait for the other: all lock in the same order."""
    if registration.state is RegistrationState.DRAFT:
        rivals = work.registrations.of_procedure(registration.procedure_id, registration.agency_id)
        for rival_id in sorted(rival.id for rival in rivals):
            work.registrations.lock(rival_id)


def _resubmit(work: Work, actor: Actor, registration: ServiceRegistration) -> ServiceRegistration:
    """Complete the agency's task: the diagram freezes the set and appraisal begins anew."""
    for task in work.user_tasks.of_instance(str(registration.instance_id)):
        if task.element == REVISE and task.state is TaskState.OPEN:
            user_tasks.complete(work, user_tasks.CompleteTask(task.id, actor, {}))
            return registration
    raise InvalidState("Hồ sơ đăng ký không ở bước chỉnh sửa.")


def withdraw(work: Work, actor: Actor, registration_id: str) -> ServiceRegistration:
    """Take back a draft; what is under appraisal is cancelled by an administrator, with a reason."""
    registration = _editable(work, actor, registration_id)
    if registration.state is not RegistrationState.DRAFT:
        raise InvalidState("Hồ sơ đã vào quy trình. Hãy đề nghị quản trị hệ thống hủy quy trình.")
    registration.state = RegistrationState.WITHDRAWN
    return registration


# --- what the diagram asks the house to do ----------------------------------------------


def attach_lint(work: Work, registration_id: str) -> dict[str, Any]:
    """Attach the lint report of the frozen set, for the appraisal of the flow."""
    registration = work.registrations.lock(registration_id)
    files = work.files.read_set(str(registration.fileset_checksum))
    problems = deployments.check(work, files)
    registration.lint_report = [asdict(problem) for problem in problems]
    found = len(deployments.errors(problems))
    return {"lint_errors": found, "lint_warnings": len(problems) - found}


def decide(work: Work, registration_id: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Record the appraisal. An approval needs the number and date of its document (Đ11.2a)."""
    outcome = str(parameters.get("outcome"))
    number = str(parameters.get("number") or "").strip()
    day = date.fromisoformat(str(parameters["date"])) if parameters.get("date") else None
    reasons = str(parameters.get("reasons") or "").strip()
    if outcome not in {"approved", "revision", "rejected"}:
        raise InvalidInput("Kết quả thẩm định không hợp lệ.")
    if outcome == "approved" and not (number and day):
        raise InvalidInput(
            "Chấp thuận phải có số và ngày văn bản thẩm định.",
            fields={"appraisal_number": ["Hãy nhập số và ngày văn bản thẩm định."]},
        )
    if outcome != "approved" and not reasons:
        raise InvalidInput(
            "Hãy nêu lý do để cơ quan đăng ký biết cần làm gì.",
            fields={"reasons": ["Hãy nêu lý do cụ thể."]},
        )
    registration = work.registrations.lock(registration_id)
    registration.decide(outcome, number, day, reasons)
    return {"registration_state": registration.state.value}


def rehearse(work: Work, registration_id: str) -> dict[str, Any]:
    """Play the frozen set in memory: its scenarios, else every step with plausible answers."""
    registration = work.registrations.lock(registration_id)
    files = work.files.read_set(str(registration.fileset_checksum))
    runs = work.engine.rehearse(files, work.now())
    registration.rehearsal = {
        "at": work.now().isoformat(),
        "runs": [asdict(run) for run in runs],
    }
    failed = [run.name for run in runs if not run.ok]
    summary = (
        f"{len(runs)} kịch bản chạy thử đều đạt."
        if not failed
        else f"{len(failed)}/{len(runs)} kịch bản chạy thử không đạt: {', '.join(failed)}."
    )
    return {"rehearsal_ok": not failed, "rehearsal_summary": summary}


def withdrawn(work: Work, registration_id: str) -> None:
    """The instance was cancelled: so is the registration, unless it was published already."""
    registration = work.registrations.lock(registration_id)
    if registration.state is not RegistrationState.PUBLISHED:
        registration.state = RegistrationState.WITHDRAWN


def report_counts(report: list[dict[str, Any]]) -> tuple[int, int]:
    """(errors, warnings) of a stored lint report."""
    wrong = sum(1 for problem in report if problem["severity"] == Severity.ERROR)
    return wrong, len(report) - wrong
