"""What a diagram may name, as the studio offers it: forms, roles, agencies, decisions, clocks, connectors.

The rule for forms and decisions: those of the agency's registrations (but the withdrawn and the
rejected ones), of its services in force, and of the house's own registration flow. The lint of a
draft knows exactly the same files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from app.domain.clocks import CLOCK_RULES
from app.domain.connectors import Descriptor, Parameter
from app.domain.engine import Problem
from app.domain.errors import InvalidInput
from app.domain.people import ROLE_LABELS, AgencyPart, Role
from app.domain.procedures import RegistrationState
from app.usecases import deployments
from app.usecases.ports import Work
from app.usecases.registrations import PROCESS_KEY
from app.web.registration_page import files_of

MOST_REGISTRATIONS = 100
NOT_COUNTED = {RegistrationState.WITHDRAWN, RegistrationState.REJECTED}
FORMS_RULE = (
    "Biểu mẫu trong hồ sơ đăng ký và dịch vụ đang vận hành của cơ quan. "
    "Tải biểu mẫu mới vào hồ sơ đăng ký để chọn được ở đây."
)
PART_LABELS = {
    AgencyPart.PROVIDER: "Cơ quan cung cấp dịch vụ",
    AgencyPart.PORTAL_MANAGER: "Cơ quan chủ trì Cổng (Sở TT&TT)",
    AgencyPart.VENDOR: "Đơn vị phần mềm",
}

Choice = dict[str, str]


@dataclass(frozen=True)
class Known:
    """Names and checksums of the forms and decision tables that an agency's diagram may name."""

    files: dict[str, str]

    def names(self, ending: str) -> list[str]:
        return sorted(name for name in self.files if name.endswith(ending))


def known_files(work: Work, agency_id: str) -> Known:
    """Later sources replace earlier ones of the same name: house, services, registrations by age."""
    files: dict[str, str] = {}
    house = work.definitions.latest(PROCESS_KEY)
    if house is not None:
        deployment = work.definitions.deployment(house.deployment_id)
        files |= work.files.get_set(deployment.fileset_checksum).files
    for service in work.services.live_at(agency_id):
        version = work.services.version(service.id, service.live_version)
        if version is not None:
            files |= work.files.get_set(version.fileset_checksum).files
    found = work.registrations.page(frozenset((agency_id,)), None, "", 1, MOST_REGISTRATIONS)
    for registration in reversed(found.items):
        if registration.state not in NOT_COUNTED:
            files |= files_of(work, registration)
    return Known({k: v for k, v in files.items() if k.endswith((".form", ".dmn"))})


def lint(work: Work, agency_id: str, name: str, xml: bytes) -> list[Problem]:
    """Check one diagram among the files its agency has; only what concerns the diagram is told.

    Of a form only its name counts here, so its content is not read again.
    """
    known = known_files(work, agency_id)
    files: dict[str, bytes] = dict.fromkeys(known.names(".form"), b"{}")
    files |= {table: work.files.read(known.files[table]) for table in known.names(".dmn")}
    return [p for p in deployments.check(work, {**files, name: xml}) if p.file == name]


def config(work: Work, agency_id: str, descriptors: tuple[Descriptor, ...]) -> dict[str, Any]:
    """What the island needs to know (app/frontend/README.md, Studio)."""
    known = known_files(work, agency_id)
    return {
        "forms": [_choice(PurePosixPath(name).stem) for name in known.names(".form")],
        "formsRule": FORMS_RULE,
        "roles": [_choice(role.value, ROLE_LABELS[role]) for role in Role],
        "agencies": [_choice(part.value, label) for part, label in PART_LABELS.items()],
        "decisions": _decisions(work, known),
        "processes": _processes(work),
        "clocks": [
            _choice(kind.value, f"{kind.value} · {rule.name_vi}")
            for kind, rule in CLOCK_RULES.items()
        ],
        "connectors": [_connector(descriptor) for descriptor in descriptors],
    }


def _choice(value: str, label: str = "") -> Choice:
    return {"value": value, "label": label or value}


def _decisions(work: Work, known: Known) -> list[Choice]:
    found: dict[str, str] = {}
    for name in known.names(".dmn"):
        try:
            found |= dict(work.engine.decisions(work.files.read(known.files[name])))
        except InvalidInput:
            continue  # a broken table offers nothing; the lint of its registration says why
    return [_choice(key, label) for key, label in sorted(found.items())]


def _processes(work: Work) -> list[Choice]:
    keys = work.definitions.keys()
    latest = (work.definitions.latest(key) for key in keys)
    return [_choice(one.key, one.name) for one in latest if one is not None]


def _connector(descriptor: Descriptor) -> Mapping[str, Any]:
    return {
        "name": descriptor.name,
        "label": descriptor.label,
        "operations": [
            {
                "name": operation.name,
                "label": operation.label,
                "parameters": [_parameter(one) for one in operation.parameters],
            }
            for operation in descriptor.operations
        ],
    }


def _parameter(one: Parameter) -> Mapping[str, Any]:
    return {
        "name": one.name,
        "label": one.label,
        "type": one.type,
        "required": one.required,
        "hint": one.hint,
        "choices": list(one.choices),
    }
