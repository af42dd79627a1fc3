"""HTTP for the other side: business paths, and `/_sandbox/` for those who watch and meddle."""

import json
import random
import re
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from connectors.sandbox.faults import ON_REQUEST, Fault, Plan
from connectors.sandbox.page import draw
from connectors.sandbox.system import Answer, Refusal, System

_LARGEST_BODY: Final = 5_000_000  # bytes
_JSON: Final = "application/json"
_NEXT_STEP: Final = re.compile(r"/_sandbox/orders/([^/]+)/next")
_NONSENSE: Final = (
    ("text/html; charset=utf-8", b"<html><body>B\xe1\xba\xa3o tr\xc3\xac</body></html>"),
    (_JSON, b'{"accepted_at": "2019-07-'),
    (_JSON, b"[1, 2, 3]"),
    (
        _JSON,
        b'{"service_id": 7, "receipt_id": null, "item_code": "", "accepted_at": "h\xc3\xb4m qua"}',
    ),
)


class Server(ThreadingHTTPServer):
    """Serves one system; a slow answer holds up nobody else."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], system: System) -> None:
        super().__init__(address, Handler)
        self.system = system
        self.random = random.Random(0)  # noqa: S311 (reproducible, not secret)

    def server_bind(self) -> None:
        """Bind without the reverse look-up of http.server, which may take seconds offline."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]!s}:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "LienMachSandbox"
    sys_version = ""
    timeout = 60
    server: Server

    def do_GET(self) -> None:
        match urlsplit(self.path).path:
            case "/_sandbox/":
                self._send(200, "text/html; charset=utf-8", draw(self.server.system).encode())
            case "/_sandbox/ledger":
                self._send_json(Answer(200, self._ledger()))
            case "/_sandbox/faults":
                self._send_json(Answer(200, self.server.system.faults.view()))
            case _:
                self._send_json(Answer(404, {"error_code": "not_found"}))

    def do_PUT(self) -> None:
        self._meddle(self._meddle_by_json)

    def do_DELETE(self) -> None:
        self._body()
        if urlsplit(self.path).path != "/_sandbox/faults":
            self._send_json(Answer(404, {"error_code": "not_found"}))
            return
        self.server.system.faults.clear()
        self._send_json(Answer(200, self.server.system.faults.view()))

    def do_POST(self) -> None:
        if self.path.startswith("/_sandbox/"):
            self._meddle(self._meddle_by_form)
        else:
            self._serve()

    def log_message(self, *_: object) -> None:
        """Stay silent: the ledger says what came."""

    def _named(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def _serve(self) -> None:
        """Answer a request of business, or misbehave as planned."""
        body = self._body()
        if body is None:
            return
        system = self.server.system
        plan = system.faults.draw(ON_REQUEST)
        fault = plan.fault if plan is not None else None
        if fault is Fault.DOWN:
            self.close_connection = True
            return
        if fault is Fault.ERROR_500:
            self._send_json(Answer(500, {"error_code": "internal_error"}))
            return
        answer = system.answer(urlsplit(self.path).path, self._named(), body)
        self._deliver(answer, plan)

    def _deliver(self, answer: Answer, plan: Plan | None) -> None:
        fault = plan.fault if plan is not None else None
        if fault is Fault.LOST_ANSWER:
            self.close_connection = True
            return
        if fault is Fault.NONSENSE:
            self._send(200, *self.server.random.choice(_NONSENSE))
            return
        if plan is not None and fault is Fault.SLOW:
            time.sleep(plan.seconds)
        if fault is Fault.DUPLICATE and answer.status == 200:
            answer = self.server.system.already_exists(self._named(), answer)
        self._send_json(answer)

    def _meddle(self, meddle: Callable[[bytes], None]) -> None:
        body = self._body()
        if body is None:
            return
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.headers.get("Host"):
            self._send_json(Answer(403, {"error_code": "foreign_origin"}))
            return
        try:
            meddle(body)
        except Refusal as refusal:
            self._send_json(refusal.answer)
        except ValueError as error:
            self._send_json(Answer(400, {"error_code": "bad_request", "message": str(error)}))

    def _meddle_by_json(self, body: bytes) -> None:
        given = json.loads(body or b"{}")
        if not isinstance(given, dict):
            raise ValueError("Nội dung phải là một đối tượng JSON.")  # noqa: TRY004 (answered 400)
        system, path = self.server.system, urlsplit(self.path).path
        step = _NEXT_STEP.fullmatch(path)
        if path == "/_sandbox/faults":
            system.faults.plan(Plan.read(given))
            self._send_json(Answer(200, system.faults.view()))
        elif step:
            kind = given.get("kind")
            event = system.advance(unquote(step[1]), str(kind) if kind is not None else None)
            self._send_json(Answer(200, event))
        else:
            raise Refusal(404, "not_found", f"Không có {path}")

    def _meddle_by_form(self, body: bytes) -> None:
        given = dict(parse_qsl(body.decode("utf-8", "replace")))
        system, parts = self.server.system, urlsplit(self.path)
        step = _NEXT_STEP.fullmatch(parts.path)
        if parts.path == "/_sandbox/faults" and given.get("mode"):
            system.faults.plan(Plan.read(given))
        elif parts.path == "/_sandbox/faults":
            system.faults.clear()
        elif step:
            system.advance(unquote(step[1]), parts.query or None)
        else:
            raise Refusal(404, "not_found", f"Không có {parts.path}")
        self.send_response(303)
        self.send_header("Location", "/_sandbox/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _ledger(self) -> dict[str, Any]:
        system = self.server.system
        return {
            "requests": system.ledger.requests(),
            "effects": system.ledger.effects(),
            **system.state(),
        }

    def _body(self) -> bytes | None:
        """Read what came, or answer 413 or 411 and return nothing."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > _LARGEST_BODY:
            self.close_connection = True
            self._send_json(Answer(413, {"error_code": "too_large"}))
            return None
        return self.rfile.read(int(length))

    def _send_json(self, answer: Answer) -> None:
        self._send(answer.status, _JSON, json.dumps(answer.body, ensure_ascii=False).encode())

    def _send(self, status: int, media_type: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
