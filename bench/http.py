"""(b) Through HTTP: waitress, the bearer token, JSON in and out, one request for each completion.

The server runs in this process and is charged; the client that sends the requests is a process of
its own and is not.
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from waitress.server import create_server

from app.application import make_app
from app.usecases import sessions
from bench import flow
from bench.databases import Databases
from bench.meter import Meter, middle
from bench.service import OFFICER, PASSWORD, Bench, running

CLIENTS = 8  # connections that send at the same time
THREADS = 8
PATIENCE = 120  # seconds


@contextmanager
def serving(bench: Bench) -> Iterator[int]:
    """The service on a free port of the loopback."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a queue is what we want
    app = make_app(bench.assembly)
    server = create_server(app, host="127.0.0.1", port=0, threads=THREADS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()
        thread.join(PATIENCE)


def token_of(bench: Bench) -> str:
    with bench.open_work() as work:
        token = sessions.sign_in(work, OFFICER, PASSWORD, address="127.0.0.1", user_agent="bench")
    if token is None:
        raise RuntimeError("the officer could not sign in")
    return token


def send(port: int, token: str, tasks: list[str], values: dict[str, Any]) -> None:
    """Complete these tasks from another process. Raises where one was not accepted."""
    order = {"port": port, "token": token, "tasks": tasks, "values": values, "clients": CLIENTS}
    subprocess.run(
        [sys.executable, "-m", "bench.http_client"],
        input=orjson.dumps(order),
        check=True,
        timeout=PATIENCE,
    )


def requests(bench: Bench, port: int, instances: int, postmaster: int | None) -> Meter:
    meter, token = Meter(postmaster), token_of(bench)
    ids = bench.begin(instances)
    for element, values in flow.STEPS:
        tasks = bench.open_tasks(ids, element)
        with meter.running(len(tasks)):
            send(port, token, tasks, values)
    bench.require_ended(ids)
    return meter


def measure(databases: Databases, kind: str, *, instances: int, rounds: int) -> dict[str, Any]:
    postmaster = databases.postmaster(kind)
    with (
        databases.fresh(kind) as url,
        running(url, Path(databases.folder)) as bench,
        serving(bench) as port,
    ):
        requests(bench, port, 10, postmaster)
        meter = middle(lambda: requests(bench, port, instances, postmaster), rounds)
        return {"per_cpu_second": round(meter.per_second()), **meter.micro()}
