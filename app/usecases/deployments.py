"""Bring a set of files into service, all or none."""

from collections.abc import Mapping
from dataclasses import replace

from app.domain.definitions import (
    DecisionDefinition,
    DefinitionEvent,
    Deployment,
    FileSet,
    ProcessDefinition,
    sha256,
)
from app.domain.engine import Problem, ProcessOutline, Severity
from app.domain.errors import InvalidInput
from app.domain.permissions import Action, Actor, require
from app.usecases import start_events
from app.usecases.ports import Work


def check(work: Work, files: Mapping[str, bytes]) -> list[Problem]:
    """Lint a set of files as deployment would."""
    vocabulary = replace(work.vocabulary, process_keys=frozenset(work.definitions.keys()))
    return work.engine.check(files, vocabulary)


def errors(problems: list[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity is Severity.ERROR]


def freeze(work: Work, files: Mapping[str, bytes]) -> FileSet:
    """Keep the bytes and the set; the same set again changes nothing."""
    at = work.now()
    file_set = FileSet.of({name: work.files.put(data, at) for name, data in files.items()}, at)
    work.files.put_set(file_set)
    return file_set


def deploy(work: Work, file_set: FileSet, *, source: str, actor: Actor) -> list[ProcessDefinition]:
    """Make the next version of every process and decision in the set.

    Raises InvalidInput with one sentence for each thing that would run wrong.
    """
    files = work.files.read_set(file_set.checksum)
    wrong = errors(check(work, files))
    if wrong:
        fields: dict[str, list[str]] = {}
        for problem in wrong:
            fields.setdefault(f"{problem.file}#{problem.element_id}", []).append(problem.message)
        raise InvalidInput("Bộ tệp còn lỗi nên không triển khai được.", fields=fields)
    deployment = Deployment(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        fileset_checksum=file_set.checksum,
        source=source,
        deployed_at=work.now(),
        deployed_by=actor.id,
    )
    work.definitions.add_deployment(deployment)
    for name, data in sorted(files.items()):
        if name.endswith(".dmn"):
            _deploy_decisions(work, deployment, name, data)
    return [
        definition
        for name, data in sorted(files.items())
        if name.endswith(".bpmn")
        for definition in _deploy_processes(work, deployment, name, data)
    ]


def _deploy_processes(
    work: Work, deployment: Deployment, resource: str, data: bytes
) -> list[ProcessDefinition]:
    made = []
    for outline in work.engine.outline(data):
        _require_own_messages(work, outline)
        definition = ProcessDefinition(
            id=work.new_id(),
            tenant_id=work.tenant_id,
            key=outline.key,
            version=work.definitions.next_version(outline.key),
            name=outline.name,
            deployment_id=deployment.id,
            resource=resource,
            sha256=sha256(data),
            version_tag=outline.version_tag,
            start_form_key=outline.start_form_key,
            deployed_at=deployment.deployed_at,
            start_messages=list(outline.start_messages),
        )
        work.definitions.add(definition)
        start_events.keep(work, definition, outline)
        made.append(definition)
    return made


def _require_own_messages(work: Work, outline: ProcessOutline) -> None:
    """A message that began two processes would begin neither: nobody could say which was meant."""
    for name in outline.start_messages:
        for other in work.definitions.started_by_message(name):
            if other.key != outline.key:
                raise InvalidInput(
                    f"Thông điệp “{name}” đã bắt đầu quy trình {other.key}, "
                    f"không bắt đầu thêm quy trình {outline.key} được."
                )


def _deploy_decisions(work: Work, deployment: Deployment, resource: str, data: bytes) -> None:
    tags = work.engine.decision_tags(data)
    for key, name in work.engine.decisions(data):
        work.definitions.add_decision(
            DecisionDefinition(
                id=work.new_id(),
                tenant_id=work.tenant_id,
                key=key,
                version=work.definitions.next_decision_version(key),
                name=name,
                deployment_id=deployment.id,
                resource=resource,
                sha256=sha256(data),
                version_tag=tags.get(key),
            )
        )


def suspend_definition(
    work: Work, actor: Actor, definition_id: str, reason: str = ""
) -> ProcessDefinition:
    """Let a version take no new instances; those that run go on. Raises InvalidState."""
    require(actor, Action.OPERATE_INSTANCES)
    definition = work.definitions.get(definition_id)
    definition.suspend()
    _record(work, actor, definition, reason)
    return definition


def activate_definition(
    work: Work, actor: Actor, definition_id: str, reason: str = ""
) -> ProcessDefinition:
    """Let a suspended version take new instances again. Raises InvalidState."""
    require(actor, Action.OPERATE_INSTANCES)
    definition = work.definitions.get(definition_id)
    definition.activate()
    start_events.wake(work, definition)
    _record(work, actor, definition, reason)
    return definition


def _record(work: Work, actor: Actor, definition: ProcessDefinition, reason: str) -> None:
    work.definitions.record(
        DefinitionEvent(
            id=work.new_id(),
            tenant_id=work.tenant_id,
            definition_id=definition.id,
            at=work.now(),
            state=definition.state,
            actor=actor.id,
            actor_name=actor.name,
            reason=reason.strip(),
        )
    )
