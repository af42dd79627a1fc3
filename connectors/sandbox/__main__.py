"""`python -m connectors.sandbox`: start the other side of one connector, or of all."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from app.outbound.signatures import read_keys
from connectors.sandbox import DEMO_KEYS
from connectors.sandbox.faults import Faults
from connectors.sandbox.ledger import Ledger
from connectors.sandbox.one_stop_shop import OneStopSystem
from connectors.sandbox.public_post import PostSystem
from connectors.sandbox.server import Server
from connectors.sandbox.system import System

_NAMES: Final = (OneStopSystem.name, PostSystem.name)
_SHUTDOWN_LOOK: Final = 0.05  # seconds between looks whether to end


def main(arguments: Sequence[str]) -> None:
    """Serve until SIGTERM, SIGINT, or (if asked) until standard input closes.

    Prints `name address` on one line for each system as soon as it can be reached.
    """
    options = _parser().parse_args(arguments)
    names = _NAMES if options.system == "all" else (options.system,)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if options.while_stdin_open:
        threading.Thread(target=_stop_at_end_of_input, args=(stop,), daemon=True).start()
    running = [_start(name, index, options) for index, name in enumerate(names)]
    stop.wait()
    for server in running:
        server.shutdown()
        server.server_close()
        server.system.close()


def _start(name: str, index: int, options: argparse.Namespace) -> Server:
    port = options.port + index if options.port else 0
    try:
        server = Server((options.host, port), _system(name, options))
    except OSError as error:
        raise SystemExit(f"Không mở được cổng {port} cho {name}: {error.strerror}") from error
    server.system.start()
    threading.Thread(
        target=server.serve_forever, args=(_SHUTDOWN_LOOK,), name=name, daemon=True
    ).start()
    sys.stdout.write(f"{name} {server.url}\n")
    sys.stdout.flush()
    return server


def _system(name: str, options: argparse.Namespace) -> System:
    keys = read_keys(options.keys)
    state = _state_file(options.state, name if options.system == "all" else "")
    if name == OneStopSystem.name:
        return OneStopSystem(Ledger(state, OneStopSystem.TABLES), Faults(), keys)
    return PostSystem(
        Ledger(state, PostSystem.TABLES),
        Faults(),
        keys,
        callback_url=options.callback,
        auto_deliver=options.auto_deliver,
    )


def _state_file(path: Path | None, infix: str) -> str | None:
    """Systems that share a process do not share a file: `state.db` → `state.public_post.db`."""
    if path is None:
        return None
    return str(path.with_suffix(f".{infix}{path.suffix}") if infix else path)


def _stop_at_end_of_input(stop: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m connectors.sandbox", description=__doc__)
    parser.add_argument("system", choices=[*_NAMES, "all"])
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="first port; 0: any free one")
    parser.add_argument("--state", type=Path, help="SQLite file that keeps the ledger")
    parser.add_argument(
        "--keys",
        default=os.environ.get("SANDBOX_KEYS") or DEMO_KEYS,
        help="id:secret[,id:secret…], the first one signs; better given as SANDBOX_KEYS, which"
        " other users of the machine cannot read",
    )
    parser.add_argument("--callback", help="where the post tells what happened")
    parser.add_argument(
        "--auto-deliver", type=float, metavar="SECONDS", help="items move on by themselves"
    )
    parser.add_argument(
        "--while-stdin-open", action="store_true", help="stop when the starting process ends"
    )
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
