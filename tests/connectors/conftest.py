"""Real sandbox processes on loopback, and the real connectors that speak to them."""

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import requests

from app.outbound.http import HttpSession, Partner
from app.outbound.signatures import read_keys
from connectors.one_stop_shop import OneStopShop
from connectors.public_post import PublicPost
from connectors.sandbox import DEMO_KEYS

ROOT = Path(__file__).parents[2]


class Sandbox:
    """One sandbox process. `url` is read from the line that says it is ready."""

    def __init__(self, name, *arguments):
        self.name, self.arguments = name, arguments
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "connectors.sandbox", self.name, *self.arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        name, self.url = self.process.stdout.readline().split()
        assert name == self.name

    def stop(self, *, kill=False):
        (self.process.kill if kill else self.process.terminate)()
        code = self.process.wait(timeout=10)
        self.process.stdin.close()
        self.process.stdout.close()
        return code

    def admin(self, method, path, **given):
        answer = requests.request(method, self.url + "/_sandbox" + path, timeout=5, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def misbehave(self, mode, **plan):
        self.admin("PUT", "/faults", json={"mode": mode, **plan})

    def request_of(self, key):
        """What the ledger says of one key, or None where it never came."""
        ledger = self.admin("GET", "/ledger")
        return next((row for row in ledger["requests"] if row["key"] == key), None)

    def effects_of(self, key):
        return [row for row in self.admin("GET", "/ledger")["effects"] if row["key"] == key]

    def session(self, **changes):
        partner = {
            "label": "Hệ thống thử",
            "base_url": self.url,
            "keys": read_keys(DEMO_KEYS),
            "allowed_hosts": ("127.0.0.1",),
            "read_seconds": 2.0,
        }
        return HttpSession(Partner(**{**partner, **changes}))


@pytest.fixture
def start_sandbox():
    running = []

    def start(name, *arguments):
        running.append(Sandbox(name, *arguments))
        return running[-1]

    yield start
    for sandbox in running:
        if sandbox.process.returncode is None:
            sandbox.stop()


@pytest.fixture(scope="module")
def one_stop_process():
    sandbox = Sandbox("one_stop_shop")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def one_stop(one_stop_process):
    yield one_stop_process
    one_stop_process.admin("DELETE", "/faults")


@pytest.fixture(scope="module")
def post_process():
    sandbox = Sandbox("public_post")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def post(post_process):
    yield post_process
    post_process.admin("DELETE", "/faults")


@pytest.fixture
def shop(one_stop):
    session = one_stop.session()
    yield OneStopShop(session)
    session.close()


@pytest.fixture
def courier(post):
    session = post.session()
    yield PublicPost(session, customer_code="TQG")
    session.close()


@pytest.fixture
def key():
    return f"case/token/{uuid.uuid4()}"
