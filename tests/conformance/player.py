"""Plays one scenario: command after command, comparing after each."""

import copy
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from app.domain import engine as facts
from app.engine.graph import Node
from tests.conformance.host import Host, Instance, Observed, Refused, StartWait, Wait, is_dmn, later
from tests.conformance.view import LEVELS, cut_off, same_history, seen, wanted

Scenario = dict[str, Any]
Command = dict[str, Any]


VERBS = (
    "deploy",
    "start",
    "completeTask",
    "claim",
    "runJob",
    "trigger",
    "messageReceived",
    "correlate",
    "correlateAll",
    "correlateStart",
    "signal",
    "setVariables",
    "deleteInstance",
    "fetchAndLock",
    "completeExternalTask",
    "handleExternalTaskFailure",
    "handleExternalTaskBpmnError",
)
"""What a step can be."""


@dataclass
class Result:
    """How far a scenario agrees: `level` 0 to 4, and the first difference at each level."""

    id: str
    level: int
    difference: str = ""


class Plays(Protocol):
    """Carries commands out; `host` shows what came of them."""

    @property
    def host(self) -> Observed: ...
    def do(self, command: Command) -> str | None:
        """ "refused" or an explanation when it fails, None when it is done."""


def play(scenario: Scenario, player: Plays) -> Result:
    """Play and compare; what is not written as a recording should be fails, and stops nothing."""
    try:
        return _play(scenario, player)
    except Exception as error:  # noqa: BLE001  (files of strangers: each scenario stands alone)
        what = f"{type(error).__name__}: {error}"
        return Result(str(scenario.get("id", "?")), 0, f"cannot be played: {what}")


def _play(scenario: Scenario, player: Plays) -> Result:
    host = player.host
    level = 4
    difference = ""
    for number, command in enumerate(scenario["steps"], 1):
        outcome = _done(player, command)
        if outcome != command_outcome(command):
            told = f"step {number} {command.get('do')}: {outcome or 'went through'}"
            return Result(scenario["id"], 0, told)
        if "expect" in command:
            reached, what = compare(host, command["expect"], limit=level)
            if reached < level:
                level = reached
                difference = f"step {number} {command['do']}: {what}"
    if level == 4 and scenario.get("final_history") is not None:
        difference = same_history(host, scenario["final_history"])
        level = 3 if difference else 4
    return Result(scenario["id"], level, difference)


def _done(player: Plays, command: Command) -> str | None:
    """Carry a command out; one that nobody knows, or that lacks an argument, says so."""
    if command.get("do") not in VERBS:
        return f"unknown step {command.get('do')}"
    try:
        return player.do(command)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return f"cannot be carried out: {type(error).__name__}: {error}"


def command_outcome(command: Command) -> str | None:
    return "refused" if "throws" in command else None


def compare(host: Observed, expect: dict[str, Any], *, limit: int) -> tuple[int, str]:
    """The level that is reached, and the first difference above it."""
    now, want = seen(host), wanted(expect)
    for level, parts in enumerate(LEVELS):
        if level >= limit:
            break
        for part in parts:
            if now[part] != want[part] and not cut_off(now[part], want[part]):
                return level, f"{part}: expected {want[part]}, found {now[part]}"
    return limit, ""


class Player:
    """Plays on a host in memory."""

    def __init__(self, models: Path) -> None:
        self.host = Host()
        self.models = models

    def do(self, command: Command) -> str | None:
        """Carry a command out; "refused" or an explanation when it fails, None when it is done."""
        host = self.host
        act = getattr(self, f"_{command['do']}")
        if "clockAdvanceMs" in command:
            host.world.now = later(host.world.now, command["clockAdvanceMs"])
        before = copy.copy(host.world)
        kept = {name: copy.copy(value) for name, value in vars(host.world).items()}
        snapshots = [(one, copy.copy(vars(one))) for one in host.world.instances]
        try:
            act(command)
        except Refused as refusal:
            vars(before).update(kept)
            host.world = before
            for instance, values in snapshots:
                vars(instance).update(values)
            self.reason = str(refusal)
            return "refused" if "throws" in command else f"refused: {refusal}"
        return None

    # --- commands -----------------------------------------------------------------------------

    def _deploy(self, command: Command) -> None:
        self.host.deploy([source for source, *_ in resources(self.models, command)])

    def _start(self, command: Command) -> None:
        found = [one for one in self.host.world.definitions if one.key == command["key"]]
        if not found:
            raise Refused("no such definition")
        more: dict[str, Any] = {}
        variables = self._variables(command)
        if command.get("at"):
            more["before"] = [one["activityId"] for one in command["at"]]
            for one in command["at"]:
                variables.update(one.get("variables") or {})
                variables.update(one.get("variablesLocal") or {})
        self.host.start(
            found[-1],
            variables,
            business_key=command.get("businessKey"),
            **more,
        )

    def _completeTask(self, command: Command) -> None:  # noqa: N802  (the recording's name)
        wait = self._first(facts.UserTaskOpened, command["task"])
        self.host.step(wait.instance, "finish", wait.token, self._variables(command))

    def _claim(self, command: Command) -> None:
        wait = self._first(facts.UserTaskOpened, command["task"])
        if isinstance(wait.fact, facts.UserTaskOpened):
            wait.fact = replace(wait.fact, assignee=command["user"])

    def _runJob(self, command: Command) -> None:  # noqa: N802
        handler, element = job_of(command)
        if handler == "event":
            self.host.broadcast(*self._signal_job())
            return
        if handler == "timer-start-event":
            self._run_start_timer(element)
            return
        kind = facts.JobCreated if handler == "async-continuation" else facts.TimerStarted
        wait = self._first(kind, element)
        if wait.due is not None and wait.due > self.host.world.now:
            self.host.world.now = wait.due
        name = "resume" if kind is facts.JobCreated else "fire_timer"
        self.host.step(wait.instance, name, wait.token)

    def _signal_job(self) -> tuple[str, dict[str, Any], list[Any], str | None]:
        if not self.host.world.signal_jobs:
            raise Refused("no signal waits to be delivered")
        listener, name, payload, key = self.host.world.signal_jobs.pop(0)
        return name, payload, [listener], key

    def _run_start_timer(self, element: str) -> None:
        for start in self.host.world.starts:
            if start.node.id == element and start.event.kind == "timer":
                self.host.fire_start(start)
                return
        raise Refused("no such timer")

    def _trigger(self, command: Command) -> None:
        wait = self.host.to_trigger(self._instance(command["at"]), command["at"])
        self.host.step(wait.instance, "finish", wait.token, self._variables(command))

    def _messageReceived(self, command: Command) -> None:  # noqa: N802
        instance = self._instance(command["at"])
        listening = self.host.listening("message", command["message"])
        waits = [one for one in listening if isinstance(one, Wait) and one.instance is instance]
        if not waits:
            raise Refused("no subscription")
        wait = self.host.nearest(waits, command["at"])[0]
        self.host.step(instance, "deliver", wait.token, self._variables(command))

    def _signal(self, command: Command) -> None:
        listeners = self.host.listening("signal", command["signal"])
        if command.get("executionId"):
            instance = self._instance(command["executionId"])
            listeners = [
                one for one in listeners if isinstance(one, Wait) and one.instance is instance
            ]
        self.host.broadcast(command["signal"], self._variables(command), listeners)

    def _setVariables(self, command: Command) -> None:  # noqa: N802
        reference = str(command.get("pi") or command.get("at") or "pi1")
        instance = self._instance(reference)
        if instance.ended:
            raise Refused("ended")
        placed = self.host.placed(instance, reference, command, self._variables(command))
        for scope, values in placed.items():
            self.host.step(instance, "set_variables", values, scope=scope)

    def _deleteInstance(self, command: Command) -> None:  # noqa: N802
        instance, token = self._instance(command["pi"]), self.host.calling(command["pi"])
        if token is None:
            self.host.step(instance, "cancel")
        else:
            self.host.step(instance, "modify", facts.Modification(cancel=(token,)))

    def _fetchAndLock(self, command: Command) -> None:  # noqa: N802
        """Locking changes nothing that is compared."""

    def _completeExternalTask(self, command: Command) -> None:  # noqa: N802
        wait = self._first(facts.JobCreated, command["externalTaskId"].removeprefix("ext:"))
        local = self._variables(command, "localVariables")
        self.host.step(wait.instance, "finish", wait.token, self._variables(command), local=local)

    def _handleExternalTaskFailure(self, command: Command) -> None:  # noqa: N802
        """The task stays, unless its rules make an error of the failure."""
        wait = self._first(facts.JobCreated, command["externalTaskId"].removeprefix("ext:"))
        self.host.step(
            wait.instance,
            "attempt_failed",
            wait.token,
            str(command.get("errorMessage") or ""),
            str(command.get("errorDetails") or ""),
            self._variables(command),
            local=self._variables(command, "localVariables"),
        )

    def _handleExternalTaskBpmnError(self, command: Command) -> None:  # noqa: N802
        wait = self._first(facts.JobCreated, command["externalTaskId"].removeprefix("ext:"))
        self.host.step(
            wait.instance,
            "throw_error",
            wait.token,
            command["errorCode"],
            command.get("errorMessage", ""),
            self._variables(command),
        )

    # --- correlation --------------------------------------------------------------------------

    def _correlate(self, command: Command) -> None:
        self._match(command, many=False)

    def _correlateStart(self, command: Command) -> None:  # noqa: N802
        self._match({**command, "startMessagesOnly": True}, many=False)

    def _correlateAll(self, command: Command) -> None:  # noqa: N802
        self._match(command, many=True)

    def _match(self, command: Command, *, many: bool) -> None:
        command = {**command, "message": message_of(command)}
        criteria = (
            "message",
            "businessKey",
            "processInstanceId",
            "correlationProcessInstanceVariables",
            "correlationLocalVariables",
        )
        if not any(command.get(name) for name in criteria):
            raise Refused("nothing to correlate by")
        waits, starts = self._candidates(command)
        payload, local = payload_of(command, [one.node(self.host) for one in waits])
        if not many and len(waits) > 1:
            raise Refused("several executions match")
        for wait in waits:
            if self.host.alive(wait):
                self.host.step(wait.instance, "deliver", wait.token, payload, local=local)
        if waits and not many:
            return
        if not waits and not starts and not many:
            raise Refused("nobody waits")
        for start in starts:
            self.host.start(
                start.definition,
                {**payload, **local, **(command.get("correlationProcessInstanceVariables") or {})},
                business_key=command.get("businessKey"),
                start_event=start.node.id,
            )

    def _candidates(self, command: Command) -> tuple[list[Wait], list[StartWait]]:
        name = command.get("message")
        everything = (
            self.host.listening("message", name)
            if name is not None
            else [
                wait
                for wait in self._waits(facts.SubscriptionOpened)
                if isinstance(wait.fact, facts.SubscriptionOpened)
                and wait.fact.kind is facts.SubscriptionKind.MESSAGE
            ]
        )
        only_starts = command.get("startMessagesOnly")
        waits = [
            one
            for one in everything
            if isinstance(one, Wait) and not only_starts and self._correlates(one, command)
        ]
        narrowed = "processInstanceId" in command
        starts = [one for one in everything if isinstance(one, StartWait) and not narrowed]
        wanted_definition = command.get("processDefinitionId")
        if wanted_definition:
            version = int(wanted_definition.split(":")[1])
            starts = [one for one in starts if one.definition.version == version]
        return waits, starts

    def _correlates(self, wait: Wait, command: Command) -> bool:
        instance = wait.instance
        named = command.get("processInstanceId")
        if named is not None and instance is not self._instance(named):
            return False
        key = command.get("businessKey")
        if key is not None and instance.business_key != key:
            return False
        beside = command.get("correlationLocalVariables") or {}
        seen = self.host.local_variables(wait)
        if not all(name in seen and seen[name] == one for name, one in beside.items()):
            return False
        variables = command.get("correlationProcessInstanceVariables") or {}
        return all(instance.snapshot.root.get(name) == one for name, one in variables.items())

    def _variables(self, command: Command, under: str = "variables") -> dict[str, Any]:
        return variables_of(command, self.host.world.now, under)

    # --- finding ------------------------------------------------------------------------------

    def _waits(self, kind: type[facts.Fact]) -> list[Wait]:
        waits = sorted(self.host.world.waits.values(), key=lambda wait: wait.order)
        return [wait for wait in waits if isinstance(wait.fact, kind)]

    def _first(self, kind: type[facts.Fact], element: str) -> Wait:
        for wait in self._waits(kind):
            if wait.fact.element == element:
                return wait
        raise Refused(f"nothing waits at {element}")

    def _instance(self, reference: str) -> Instance:
        parts = reference.removeprefix("exec:").split(":")
        number = parts[0].removeprefix("pi")
        if not number.isdigit() or int(number) > len(self.host.world.numbered):
            raise Refused(f"no instance {reference}")
        return self.host.world.numbered[int(number) - 1]


def model(models: Path, name: str) -> tuple[bytes, str]:
    """The file of a model, and how its name ends. Raises Refused where it is not there."""
    if _PLAIN.fullmatch(name):
        for path in sorted(models.glob(f"{name}*")):
            if path.is_file() and path.name.removeprefix(name)[:1] in ("", "."):
                source = path.read_bytes()
                return source, "dmn" if is_dmn(source) else "bpmn"
    raise Refused(f"model {name} is not in the folder")


_PLAIN = re.compile(r"[\w#-][\w.#-]*")
"""Names of models: nothing that leads out of their folder, or means several files."""


def resources(models: Path, command: Command) -> list[tuple[bytes, str, str]]:
    """The files of a deployment: bytes, ending, model; pictures and texts beside them count not."""
    found = []
    for one in command["resources"]:
        if one.get("model"):
            found.append((*model(models, one["model"]), str(one["model"])))
        elif str(one.get("resource", "")).rpartition(".")[2] in ("bpmn", "xml", "dmn"):
            raise Refused(f"model of {one['resource']} is not in the folder")
    return found


def job_of(command: Command) -> tuple[str, str]:
    """Which handler is to run, and at which element: `job:handler:element`, with or without tail."""
    written = str(command["job"]).removeprefix("job:").split(" ")[0]
    handler, _, activity = written.partition(":")
    return handler, activity.split("#")[0]


def message_of(command: Command) -> str | None:
    """Of a refused command the recording keeps the refusal where the name of the message was."""
    name = command.get("name") if "throws" in command else command.get("message")
    return name or command.get("messageName")


def payload_of(command: Command, waiting: list[Node]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What becomes variables of the process, and what of the event alone.

    What is local to the execution that waits goes with it, if that is the event in the flow.
    """
    payload = {
        **(command.get("variables") or {}),
        **(command.get("payloadProcessInstanceVariables") or {}),
    }
    local = dict(command.get("payloadProcessInstanceVariablesToTriggeredScope") or {})
    beside = command.get("payloadProcessInstanceVariablesLocal") or {}
    in_flow = bool(waiting) and all(one.host is None and one.incoming for one in waiting)
    (local if in_flow else payload).update(beside)
    return payload, local


def variables_of(command: Command, now: datetime, under: str = "variables") -> dict[str, Any]:
    return {str(name): _dated(one, now) for name, one in (command.get(under) or {}).items()}


def _dated(value: Any, now: datetime) -> Any:
    """A recorded date is written relative to the clock of the recording, or as it is."""
    if not isinstance(value, dict) or "$date" not in value:
        return value
    written = str(value["$date"])
    try:
        return later(now, float(written.removeprefix("+").removesuffix("ms"))).isoformat()
    except ValueError:
        return written
