"""From the bytes of a BPMN file to compiled processes, or to the reasons why not."""

from dataclasses import dataclass, field

from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from app.domain.errors import InvalidInput
from app.engine.compile import compile_process
from app.engine.elements import KINDS, SUB_PROCESSES
from app.engine.graph import Process
from app.engine.names import BPMN, children
from app.engine.parser import DiagramParser
from app.engine.reports import Report
from app.engine.specs import Drawn
from app.engine.structure import check_structure
from app.engine.xml import Element, MalformedXml, UnsafeXml, local_name, parse_xml


@dataclass
class Reading:
    """What came of reading one file."""

    report: Report
    root: Element | None = None
    parser: DiagramParser | None = None
    processes: dict[str, Process] = field(default_factory=dict)
    drawn: dict[str, dict[str, Drawn]] = field(default_factory=dict)


def read(bpmn: bytes, file: str = "") -> Reading:
    """Parse, compile and check one file. Never raises for bad content."""
    reading = Reading(Report(file))
    try:
        root = parse_xml(bpmn)
    except (MalformedXml, UnsafeXml) as error:
        code = "malformed" if isinstance(error, MalformedXml) else "unsafe"
        reading.report.error(code, "", error.message)
        return reading
    reading.root = root
    if root.tag != f"{{{BPMN}}}definitions":
        reading.report.error("not-bpmn", "", "Tệp không phải sơ đồ BPMN 2.0.")
        return reading
    if _identifiers(root, reading.report):
        _parse(root, reading)
    return reading


def _identifiers(root: Element, report: Report) -> bool:
    """Every element of a process has an id of its own."""
    seen: set[str] = set()
    sound = True
    for element in root.iter():
        if not str(element.tag).startswith(f"{{{BPMN}}}"):
            continue
        identifier = element.get("id")
        if identifier is None:
            if local_name(element) in _NEED_ID:
                sound = False
                report.error(
                    "missing-id",
                    "",
                    f"Một phần tử {local_name(element)} ({element.get('name')}) chưa có id.",
                )
        elif identifier in seen:
            sound = False
            report.error("duplicate-id", identifier, f"Mã phần tử {identifier} bị dùng hai lần.")
        else:
            seen.add(identifier)
    return sound and _references(root, report) and _flow_sources(root, report)


_NEED_ID = KINDS | {"process", "message", "signal", "error", "escalation"}
_REFERENCES = {
    "messageRef": "message",
    "signalRef": "signal",
    "errorRef": "error",
    "escalationRef": "escalation",
}


def _references(root: Element, report: Report) -> bool:
    """Messages, signals, errors and escalations that events name exist in the file."""
    _signal_names(root, report)
    known = {name: {one.get("id") for one in children(root, name)} for name in _REFERENCES.values()}
    sound = True
    for element in root.iter():
        for attribute, name in _REFERENCES.items():
            reference = element.get(attribute)
            if reference is None or not str(element.tag).startswith(f"{{{BPMN}}}"):
                continue
            if local_name(element) == "correlationPropertyRetrievalExpression":
                continue
            if reference.rpartition(":")[2] in known[name]:
                continue
            if name == "error":
                report.warning(
                    "reference",
                    element.get("id") or _holder(element),
                    f"errorRef=“{reference}” không có trong tệp; coi đó là mã lỗi.",
                )
            else:
                sound = False
                report.error(
                    "reference",
                    element.get("id") or _holder(element),
                    f"{local_name(element)} nhắc tới {attribute}=“{reference}” không có trong tệp.",
                )
    return sound


def _flow_sources(root: Element, report: Report) -> bool:
    """Every flow begins at an element of its own process or sub-process."""
    sound = True
    for frame in root.iter(*(f"{{{BPMN}}}{kind}" for kind in ("process", *SUB_PROCESSES))):
        sources = {one.get("id") for one in children(frame)}
        for flow in children(frame, "sequenceFlow"):
            if flow.get("sourceRef") not in sources:
                sound = False
                report.error(
                    "flow-source",
                    flow.get("id") or "",
                    f"Luồng {flow.get('id')} không bắt đầu từ phần tử nào cùng tiến trình.",
                )
    return sound


def _signal_names(root: Element, report: Report) -> None:
    seen: set[str] = set()
    for signal in children(root, "signal"):
        name = signal.get("name") or ""
        if name in seen:
            report.error(
                "same-signal", signal.get("id") or "", f"Có hai tín hiệu cùng tên “{name}”."
            )
        seen.add(name)


def _holder(element: Element) -> str:
    parent = element.getparent()
    return parent.get("id") or "" if parent is not None else ""


def _parse(root: Element, reading: Reading) -> None:
    parser = DiagramParser()
    report = reading.report
    try:
        parser.add_bpmn_xml(root)
    except ValidationException as error:
        report.error("malformed", "", f"Sơ đồ không đọc được: {error}")
        return
    reading.parser = parser
    keys = parser.get_process_ids()
    if not keys:
        report.error(
            "no-executable-process", "", "Tệp không có quy trình nào chạy được (isExecutable)."
        )
    for key in keys:
        compiled = compile_process(parser, key, report)
        reading.processes[key] = compiled.process
        reading.drawn[key] = compiled.specs
        check_structure(compiled.process, compiled.specs, report)


def only_process(bpmn: bytes, key: str) -> Process:
    """Compile one process of a file. Raises InvalidInput with the first problems."""
    reading = read(bpmn)
    errors = reading.report.errors
    if errors:
        raise InvalidInput(" ".join(problem.message for problem in errors[:5]))
    process = reading.processes.get(key)
    if process is None:
        raise InvalidInput(f"Tệp không có quy trình {key}.")
    return process
