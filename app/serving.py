"""Run one process of the service: web, worker, or everything, until it is told to stop."""

import gc
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from dataclasses import replace
from types import FrameType

import waitress

from app import demo, logs
from app.application import make_app
from app.bootstrap import ROOT, TICKS, Assembly, build, demo_secret
from app.settings import Keys, Mode, Settings, SettingsError
from app.store.migrate import migrate
from app.usecases import start_events
from app.worker import Clock, Worker

COLLECT_AFTER = 20_000  # objects made and not freed
STOP_SECONDS = 20.0
SANDBOX_SECONDS = 15.0


def serve(settings: Settings, part: str) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    logs.set_up(settings.log)
    log = logs.get("serving")
    started = time.monotonic()
    with ExitStack() as stack:
        if settings.mode is Mode.DEMO:
            settings = _with_demo_secrets(settings)
            if part == "all":
                settings = _start_sandboxes(settings, stack)
        migrate(settings.database_url)
        assembly = build(settings)
        stack.callback(assembly.store.close)
        start_events.heal(assembly.service.open_work)
        demo.deploy_house_flows(assembly.service)
        if settings.mode is Mode.DEMO and part != "worker":
            demo.load(assembly)
        if part in {"all", "worker"}:
            _start_worker(assembly, stack)
        stopping = _stop_on_signal()
        settle_memory()
        if part in {"all", "web"}:
            _start_web(assembly, stack)
            if settings.mode is Mode.DEMO:
                sys.stdout.write(demo.greeting(settings.public_url))
                sys.stdout.flush()
        log.info("started", part=part, seconds=round(time.monotonic() - started, 2))
        stopping.wait()
        log.info("stopping")
    return 0


def settle_memory() -> None:
    """Let the collector of circles leave what stands for good alone, and look less often.

    Nearly all that a request makes is freed as it goes; each look through everything that was
    imported and compiled would cost some ten milliseconds in the middle of somebody's request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def _with_demo_secrets(settings: Settings) -> Settings:
    secret = settings.secret_key or demo_secret(settings.data_dir, "forms")
    shared = (("demo", demo_secret(settings.data_dir, "partners")),)
    return replace(
        settings,
        secret_key=secret,
        one_stop_keys=settings.one_stop_keys or shared,
        post_keys=settings.post_keys or shared,
        hook_keys=settings.hook_keys or shared,
        post_customer=settings.post_customer or "TQ-UBND",
    )


def _start_sandboxes(settings: Settings, stack: ExitStack) -> Settings:
    """Start the other side, each system in a process of its own, and point the connectors at it."""
    one_stop = settings.one_stop_url or _sandbox(
        "one_stop_shop", settings, settings.one_stop_keys, stack
    )
    post = settings.post_url or _sandbox("public_post", settings, settings.post_keys, stack)
    return replace(
        settings,
        one_stop_url=one_stop,
        post_url=post,
        allowed_hosts=(*settings.allowed_hosts, "127.0.0.1"),
    )


def _sandbox(name: str, settings: Settings, keys: Keys, stack: ExitStack) -> str:
    """Start one sandbox server and return its base URL, which it prints when it is ready.

    It ends with this process, however this process ends: its standard input closes.
    """
    command = [
        sys.executable, "-m", "connectors.sandbox", name,
        "--state", str(settings.data_dir.absolute() / f"sandbox-{name}.db"),
        "--callback", f"{settings.public_url}/hooks/public-post",
        "--auto-deliver", "20",
        "--while-stdin-open",
    ]  # fmt: skip
    process = subprocess.Popen(  # noqa: S603 - our own module, no text from outside
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"SANDBOX_KEYS": ",".join(f"{key_id}:{secret}" for key_id, secret in keys)},
        text=True,
    )
    stack.callback(_end, process)
    if process.stdout is None:
        raise RuntimeError(f"sandbox {name} has no output")
    line = process.stdout.readline().strip()
    threading.Thread(target=process.stdout.read, daemon=True).start()
    return line.rpartition(" ")[2]


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(SANDBOX_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _start_worker(assembly: Assembly, stack: ExitStack) -> None:
    worker = Worker(assembly.store, assembly.handlers, threads=assembly.settings.worker_threads)
    worker.start()
    stack.callback(worker.stop, STOP_SECONDS)
    clock = Clock(assembly.service.open_work, TICKS)
    clock.start()
    stack.callback(clock.stop)


def _start_web(assembly: Assembly, stack: ExitStack) -> None:
    settings = assembly.settings
    try:
        server = waitress.create_server(
            make_app(assembly),
            host=settings.host,
            port=settings.port,
            threads=settings.web_threads,
            ident=None,
            clear_untrusted_proxy_headers=True,
        )
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            "another process may hold it: choose another LM_PORT"
        ) from error
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    stack.callback(server.close)


def _stop_on_signal() -> threading.Event:
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping
