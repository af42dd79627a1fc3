"""A partner on loopback that answers as each test scripts it."""

import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.outbound.http import HttpSession, Partner
from app.outbound.signatures import read_keys

KEYS = read_keys(f"k2:{'n' * 32},k1:{'o' * 32}")
TLS = Path(__file__).parent / "tls"


class Reply:
    """What goes back: status line, headers, and a body that may come in drips."""

    def __init__(self, status=200, body=b"{}", *, drip=None, cut=False, delay=0.0, **headers):
        self.status, self.body, self.drip, self.cut, self.delay = status, body, drip, cut, delay
        self.headers = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        reply = self.server.reply
        time.sleep(reply.delay)
        self.send_response(reply.status)
        headers = {"Content-Length": str(len(reply.body))} | reply.headers
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.send(reply)
        except OSError:
            self.close_connection = True

    def send(self, reply):
        if reply.cut:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        elif reply.drip is None:
            self.wfile.write(reply.body)
        else:
            for index in range(len(reply.body)):
                self.wfile.write(reply.body[index : index + 1])
                self.wfile.flush()
                time.sleep(reply.drip)

    def log_message(self, *args):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *, tls=False):
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard, self.reply = [], Reply()
        self.port = self.server_address[1]
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(TLS / "partner.crt", TLS / "partner.key")
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request, client_address):
        """A client that leaves in the middle is what some tests are about."""


@contextmanager
def serving(**options):
    server = Server(**options)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def asking(base_url, *allowed, ports=None, **changes):
    """A session to `base_url`; `ports` are the ports of HttpSession (now, resolver)."""
    partner = Partner(
        **{
            "label": "Đối tác",
            "base_url": base_url,
            "keys": KEYS,
            "allowed_hosts": allowed,
            "connect_seconds": 1.0,
            "read_seconds": 1.0,
            **changes,
        }
    )
    session = HttpSession(partner, **(ports or {}))
    try:
        yield session
    finally:
        session.close()
