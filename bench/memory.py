"""(a) The engine in memory, against stock SpiffWorkflow doing the same work.

The flow is run from start to end, again and again, in one process. Stock keeps its task tree in
memory; ours writes the token state at every step, and in the second row also reads it each time.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.domain.engine import InstanceEnded, Snapshot, UserTaskOpened
from app.engine.program import CompiledProgram
from app.engine.reading import read
from bench import flow
from bench.meter import middle_seconds

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


def stock() -> Callable[[], None]:
    parser = BpmnParser()
    parser.add_bpmn_str(flow.stock_diagram())
    spec, inner = parser.get_spec(flow.KEY), parser.get_subprocess_specs(flow.KEY)

    def run() -> None:
        workflow = BpmnWorkflow(spec, inner)
        workflow.task_tree.data.update(flow.APPLICATION)
        workflow.do_engine_steps()
        for name, values in flow.STEPS:
            task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
            task.data.update(values)
            task.run()
            workflow.do_engine_steps()
        if not workflow.is_completed():
            raise RuntimeError("stock did not finish")

    return run


def ours(*, restored: bool) -> Callable[[], None]:
    program = CompiledProgram("p:1", flow.KEY, read(flow.our_diagram()).processes[flow.KEY])

    def run() -> None:
        step = program.start(flow.APPLICATION, at=AT, programs=None)
        open_tasks: dict[str, int] = {}
        for name, values in flow.STEPS:
            for fact in step.facts:
                if isinstance(fact, UserTaskOpened):
                    open_tasks[fact.element] = fact.token
            given = step.snapshot
            if restored:
                given = Snapshot(given.tokens, given.variables)
            step = program.finish(given, open_tasks[name], values, at=AT, programs=None)
        if not any(isinstance(fact, InstanceEnded) for fact in step.facts):
            raise RuntimeError("ours did not finish")

    return run


def stock_rate() -> float:
    """User tasks per CPU second that stock does now: how fast this machine is at the moment."""
    return len(flow.STEPS) / middle_seconds(stock(), rounds=3, times=20)


def measure(*, rounds: int) -> dict[str, Any]:
    """User tasks per CPU second, and the ratios to stock."""
    base = middle_seconds(stock(), rounds, times=20)
    living = middle_seconds(ours(restored=False), rounds, times=100)
    restored = middle_seconds(ours(restored=True), rounds, times=100)
    tasks = len(flow.STEPS)
    return {
        "stock_per_cpu_second": round(tasks / base),
        "per_cpu_second": round(tasks / living),
        "from_bytes_per_cpu_second": round(tasks / restored),
        "times_stock": round(base / living, 1),
        "times_stock_from_bytes": round(base / restored, 1),
    }
