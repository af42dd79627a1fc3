"""Real processes for chaos: the service that is killed, and the outside systems that are not."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from app.bootstrap import ROOT

KEY = "chaos:" + "k" * 40
START_SECONDS = 90  # the first start loads the demo province


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def outside_systems(folder: Path, callback: str) -> Iterator[dict[str, str]]:
    """The one-stop system and the post, in a process of their own; addresses by name."""
    command = [
        sys.executable, "-m", "connectors.sandbox", "all",
        "--state", str(folder / "sandbox.db"), "--callback", callback, "--while-stdin-open",
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**plain_environment(), "SANDBOX_KEYS": KEY},
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in range(2)]
        yield {line[0]: line[1] for line in lines}
    finally:
        process.terminate()
        process.wait(20)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()


def plain_environment() -> dict[str, str]:
    """The environment of a child: nothing of ours but where programs are."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}


def settings_of(url: str, folder: Path, port: int, addresses: Mapping[str, str]) -> dict[str, str]:
    return {
        "LM_MODE": "demo",
        "LM_DATA_DIR": str(folder),
        "LM_PORT": str(port),
        "LM_SECRET_KEY": "s" * 40,
        "LM_ONE_STOP_URL": addresses["one_stop_shop"],
        "LM_ONE_STOP_KEYS": KEY,
        "LM_POST_URL": addresses["public_post"],
        "LM_POST_KEYS": KEY,
        "LM_POST_CUSTOMER": "TQ-UBND",
        "LM_HOOK_KEYS": KEY,
        "LM_WORKER_THREADS": "2",
        "DATABASE_URL": url,
    }


@dataclass
class Server:
    """`run.py`, started again and again. `kill` takes its life without a word of warning."""

    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    starts: list[float] = field(default_factory=list)  # seconds each start took

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.environment['LM_PORT']}"

    def start(self) -> None:
        began = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "run.py"],
                cwd=ROOT,
                env={**plain_environment(), **self.environment},
                stdout=log,
                stderr=log,
            )
        while not self._ready():
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")[-3_000:]
            assert time.monotonic() - began < START_SECONDS, "the service does not start"
            time.sleep(0.05)
        self.starts.append(time.monotonic() - began)

    def _ready(self) -> bool:
        try:
            return requests.get(f"{self.address}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(20)

    def stop(self) -> int:
        """End it politely; returns its exit status."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)

    def end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
