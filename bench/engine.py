"""The engine in memory, against stock SpiffWorkflow doing the same work: `python -m bench.engine`.

One diagram of 17 elements with 6 user tasks per instance is run from start to end, again and
again, in one process; CPU time, best of several rounds. Stock keeps its task tree in memory;
ours writes the token state at every step, and in the second row also reads it at every step.
"""

import gc
import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from app.domain.engine import InstanceEnded, Snapshot, UserTaskOpened
from app.engine.program import CompiledProgram
from app.engine.reading import read

AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
STEPS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("tiep_nhan", {"hop_le": True, "ghi_chu": "Đủ thành phần hồ sơ"}),
    ("tham_dinh", {"ket_qua": "đạt", "y_kien": "Đề nghị cấp"}),
    ("trinh_ky", {"nguoi_ky": "Trần B"}),
    ("dong_dau", {"so_vb": "12/GXN"}),
    ("tra_kq", {"da_tra": True}),
    ("luu_hs", {"kho": "K1"}),
)
APPLICATION = {
    "so": 1,
    "ho_ten": "Nguyễn Văn An",
    "dia_chi": {"tinh": "Tuyên Quang", "xa": "Minh Xuân"},
    "giay_to": [{"ten": f"giay_to_{n}.pdf", "kich_thuoc": 123456 + n} for n in range(6)],
}


def diagram(*, condition: str, duration: str, scripts: tuple[str, str]) -> bytes:
    """The same drawing for both: conditions, durations and scripts in the engine's language."""
    users = "".join(f'<userTask id="{name}"/>' for name, _ in (*STEPS, ("bo_sung", {})))
    flows = (
        ("s", "tiep_nhan"),
        ("tiep_nhan", "cong"),
        ("bo_sung", "tiep_nhan"),
        ("han", "nhac"),
        ("nhac", "e2"),
        ("tham_dinh", "trinh_ky"),
        ("trinh_ky", "dong_dau"),
        ("dong_dau", "tinh"),
        ("tinh", "tach"),
        ("tach", "tra_kq"),
        ("tach", "luu_hs"),
        ("tra_kq", "gop"),
        ("luu_hs", "gop"),
        ("gop", "e"),
    )
    arrows = "".join(
        f'<sequenceFlow id="{a}-{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows
    )
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d">
      <process id="p" isExecutable="true"><startEvent id="s"/>{users}
      <exclusiveGateway id="cong" default="ok"/>
      <sequenceFlow id="ok" sourceRef="cong" targetRef="tham_dinh"/>
      <sequenceFlow id="thieu" sourceRef="cong" targetRef="bo_sung">
        <conditionExpression>{condition}</conditionExpression></sequenceFlow>
      <boundaryEvent id="han" attachedToRef="tham_dinh" cancelActivity="false">
        <timerEventDefinition><timeDuration>{duration}</timeDuration></timerEventDefinition>
      </boundaryEvent>
      <scriptTask id="nhac"><script>{scripts[0]}</script></scriptTask>
      <scriptTask id="tinh"><script>{scripts[1]}</script></scriptTask>
      <parallelGateway id="tach"/><parallelGateway id="gop"/>{arrows}
      <endEvent id="e"/><endEvent id="e2"/></process></definitions>""".encode()


def stock() -> Callable[[], None]:
    parser = BpmnParser()
    parser.add_bpmn_str(
        diagram(
            condition="not hop_le",
            duration='"P5D"',
            scripts=("nhac_viec = True", "ma = 'GD' + str(so)"),
        )
    )
    spec, inner = parser.get_spec("p"), parser.get_subprocess_specs("p")

    def run() -> None:
        workflow = BpmnWorkflow(spec, inner)
        workflow.task_tree.data.update(APPLICATION)
        workflow.do_engine_steps()
        for name, values in STEPS:
            task = workflow.get_next_task(state=TaskState.READY, spec_name=name)
            task.data.update(values)
            task.run()
            workflow.do_engine_steps()
        if not workflow.is_completed():
            raise RuntimeError("stock did not finish")

    return run


def ours(*, restored: bool) -> Callable[[], None]:
    source = diagram(
        condition="hop_le = false",
        duration="P5D",
        scripts=("nhac_viec = true", 'ma = "GD" + string(so)'),
    )
    program = CompiledProgram("p:1", "p", read(source).processes["p"])

    def run() -> None:
        step = program.start(APPLICATION, at=AT, programs=None)
        open_tasks: dict[str, int] = {}
        for name, values in STEPS:
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


def best(run: Callable[[], None], *, rounds: int = 7, times: int = 30) -> float:
    """CPU seconds of one instance."""
    found = []
    for _ in range(rounds):
        gc.collect()
        begun = time.process_time()
        for _ in range(times):
            run()
        found.append((time.process_time() - begun) / times)
    return min(found)


def measure() -> dict[str, float]:
    """User tasks per CPU second, and the ratios to stock."""
    base = best(stock(), times=10)
    living, restored = best(ours(restored=False)), best(ours(restored=True))
    tasks = len(STEPS)
    return {
        "stock_user_tasks_per_cpu_second": round(tasks / base),
        "ours_user_tasks_per_cpu_second": round(tasks / living),
        "ours_from_bytes_user_tasks_per_cpu_second": round(tasks / restored),
        "ratio": round(base / living, 2),
        "ratio_from_bytes": round(base / restored, 2),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=2) + "\n")
