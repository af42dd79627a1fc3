"""(e) Parse, check, compile and deploy a diagram of 1,000 elements."""

from pathlib import Path
from typing import Any

from bench import flow
from bench.databases import Databases
from bench.meter import middle_seconds
from bench.service import running

ELEMENTS = 1_000
PART = 5  # a gateway, two tasks side by side, a gateway, a task


def large(number: int) -> bytes:
    """A long flow of small diamonds: `ELEMENTS` elements between start and end."""
    nodes, flows, last = [], [], "s"
    for place in range((ELEMENTS - 2) // PART):
        ids = [f"{name}{place}" for name in ("g", "a", "b", "h", "c")]
        g, a, b, h, c = ids
        nodes.append(
            f'<exclusiveGateway id="{g}" name="Chọn" default="{g}-{b}"/>'
            f'<userTask id="{a}" name="Việc" camunda:candidateGroups="specialist"/>'
            f'<userTask id="{b}" name="Việc" camunda:candidateGroups="specialist"/>'
            f'<exclusiveGateway id="{h}"/>'
            f'<userTask id="{c}" name="Việc" camunda:candidateGroups="specialist"/>'
        )
        flows.append(
            f'<sequenceFlow id="{g}-{a}" name="lớn" sourceRef="{g}" targetRef="{a}">'
            f"<conditionExpression>=so &gt; {place + number}</conditionExpression></sequenceFlow>"
        )
        pairs = ((last, g), (g, b), (a, h), (b, h), (h, c))
        flows += [f'<sequenceFlow id="{x}-{y}" sourceRef="{x}" targetRef="{y}"/>' for x, y in pairs]
        last = c
    flows.append(f'<sequenceFlow id="{last}-e" sourceRef="{last}" targetRef="e"/>')
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
        xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="t">
      <process id="{flow.KEY}" name="Rất dài" isExecutable="true"><startEvent id="s" name="Nộp"/>
      {"".join(nodes)}<endEvent id="e" name="Xong"/>{"".join(flows)}</process>
      </definitions>""".encode()


def measure(databases: Databases, *, rounds: int) -> dict[str, Any]:
    """CPU seconds until a new version is deployed and compiled, on SQLite."""
    with databases.fresh("sqlite") as url, running(url, Path(databases.folder)) as bench:
        number = 0

        def deploy() -> None:
            nonlocal number
            number += 1  # another content each time: nothing is cached
            made = bench.deploy(large(number), {})
            with bench.open_work(read_only=True) as work:
                work.programs.get(made)

        return {"elements": ELEMENTS, "seconds": round(middle_seconds(deploy, rounds), 3)}
