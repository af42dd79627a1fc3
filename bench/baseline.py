"""The usual way to keep a SpiffWorkflow instance: its whole JSON, read and written at every step.

The same durable work as ours for each completed user task: update the instance under its version,
mark the task done, insert the tasks that are new, append history; one commit. The driver is used
directly and the specification is parsed once, so nothing but the method is slow.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench import flow
from bench.databases import Databases
from bench.meter import Meter, middle
from bench.service import new_id

TABLES = (
    "CREATE TABLE inst (id text PRIMARY KEY, version int NOT NULL, state text NOT NULL)",
    """CREATE TABLE task (id text PRIMARY KEY, inst text NOT NULL, element text NOT NULL,
    lane text NOT NULL, done_by text, done_at timestamptz)""",
    "CREATE INDEX ix_task_open ON task (lane, id) WHERE done_at IS NULL",
    """CREATE TABLE hist (inst text, seq int, at timestamptz NOT NULL, element text NOT NULL,
    form text NOT NULL, PRIMARY KEY (inst, seq))""",
)
Run = Callable[[str, tuple[Any, ...]], Any]


class Stock:
    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        parser = BpmnParser()
        parser.add_bpmn_str(flow.stock_diagram())
        self.spec = parser.get_spec(flow.KEY)
        self.inner = parser.get_subprocess_specs(flow.KEY)
        self.serializer = BpmnWorkflowSerializer()
        for statement in TABLES:
            connection.execute(statement)
        connection.commit()

    def begin(self, number: int) -> list[str]:
        ids = [new_id() for _ in range(number)]
        for place, key in enumerate(ids):
            workflow = BpmnWorkflow(self.spec, self.inner)
            workflow.task_tree.data.update({**flow.APPLICATION, "so": place})
            workflow.do_engine_steps()
            text = self.serializer.serialize_json(workflow)
            self._run("INSERT INTO inst VALUES (%s, 1, %s)", (key, text))
            self._open(key, workflow, set())
        self.connection.commit()
        return ids

    def complete(self, key: str, seq: int, element: str, values: dict[str, Any]) -> None:
        found = self._run("SELECT version, state FROM inst WHERE id = %s FOR UPDATE", (key,))
        version, state = found.fetchone()
        workflow = self.serializer.deserialize_json(state)
        task = workflow.get_next_task(state=TaskState.READY, spec_name=element)
        open_before = {
            str(one.id) for one in workflow.get_tasks(state=TaskState.READY, manual=True)
        }
        task.data.update(values)
        task.run()
        workflow.do_engine_steps()
        text = self.serializer.serialize_json(workflow)
        now = datetime.now(UTC)
        changed = self._run(
            "UPDATE inst SET version = version + 1, state = %s WHERE id = %s AND version = %s",
            (text, key, version),
        )
        if changed.rowcount != 1:
            raise RuntimeError("somebody was faster")
        self._run("UPDATE task SET done_by = 'an', done_at = %s WHERE id = %s", (now, str(task.id)))
        self._open(key, workflow, open_before)
        form = json.dumps(values, ensure_ascii=False)
        self._run("INSERT INTO hist VALUES (%s, %s, %s, %s, %s)", (key, seq, now, element, form))
        self.connection.commit()

    def _open(self, key: str, workflow: Any, known: set[str]) -> None:
        for task in workflow.get_tasks(state=TaskState.READY, manual=True):
            if str(task.id) not in known:
                self._run(
                    "INSERT INTO task (id, inst, element, lane) VALUES (%s, %s, %s, 'specialist')",
                    (str(task.id), key, task.task_spec.name),
                )

    def _run(self, text: str, parameters: tuple[Any, ...]) -> Any:
        return self.connection.execute(text, parameters, prepare=True)


def _round(stock: Stock, instances: int, postmaster: int | None) -> Meter:
    meter = Meter(postmaster)
    ids = stock.begin(instances)
    for seq, (element, values) in enumerate(flow.STEPS):
        with meter.running(len(ids)):
            for key in ids:
                stock.complete(key, seq, element, values)
    return meter


def measure(databases: Databases, *, instances: int, rounds: int) -> dict[str, Any]:
    """On PostgreSQL, where the target is set."""
    postmaster = databases.postmaster("postgresql")
    with databases.fresh("postgresql") as url, psycopg.connect(url) as connection:
        stock = Stock(connection)
        meter = middle(lambda: _round(stock, instances, postmaster), rounds)
        return {"per_cpu_second": round(meter.per_second()), **meter.micro()}
