"""A throw-away PostgreSQL: made from the installed binaries, gone when the tests are over."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "",
    "log_min_messages": "fatal",
    "autovacuum": "off",
}
PORT = 5432  # names the socket file only; nothing listens on the network
START_TIMEOUT = 30  # seconds


def leave_out(reason: str) -> None:
    """Skip this test; where everything is demanded (CI), fail it."""
    if os.environ.get("LM_DEMAND_ALL") == "1":
        pytest.fail(f"demanded, but {reason}", pytrace=False)
    pytest.skip(reason)


def binaries() -> Path | None:
    """The folder of the newest installed server, if there is one."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


class Cluster:
    """A running server and the databases made on it."""

    def __init__(self, server: str, pid: int | None = None) -> None:
        """`server` is an address like postgresql://user@host/ without a database."""
        self.server = server
        self.pid = pid
        self._made = 0

    def url(self, database: str) -> str:
        before, _, after = self.server.partition("?")
        return f"{before.rstrip('/')}/{database}" + (f"?{after}" if after else "")

    def create(self, template: str = "template1") -> str:
        """Make a database, a copy of `template`, and return its name."""
        self._made += 1
        name = f"lm_{os.getpid()}_{self._made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def remember(self, name: str) -> None:
        """Keep what is in a database now, so that `restore` can bring it back."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("CREATE SCHEMA pristine")
            for table in _tables(connection):
                connection.execute(f"CREATE TABLE pristine.{table} AS TABLE public.{table}")

    def restore(self, name: str) -> None:
        """Bring back what `remember` kept: in 30 ms, where a new copy takes a second."""
        with psycopg.connect(self.url(name)) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("SET session_replication_role = replica")  # no triggers, no keys
            for table in _tables(connection):
                connection.execute(f"DELETE FROM public.{table}")
                connection.execute(
                    f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE"
                    f" SELECT * FROM pristine.{table}"
                )

    def _run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def _tables(connection: "psycopg.Connection[tuple[str]]") -> list[str]:
    rows = connection.execute(
        "SELECT quote_ident(tablename) FROM pg_tables"
        " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    return [row[0] for row in rows]


@contextmanager
def throw_away(folder: Path, settings: Mapping[str, str] = SETTINGS) -> Iterator[Cluster]:
    """Start a server from the binaries in `folder`, in a directory of its own."""
    home = Path(tempfile.mkdtemp(prefix="lm-pg-"))
    user = _unprivileged()
    if user:
        shutil.chown(home, user)
    try:
        _call(user, folder / "initdb", "-D", home / "data", "-U", "postgres", "-A", "trust",
              "-E", "UTF8", "--no-locale", "-N")  # fmt: skip
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [folder / "postgres", "-D", home / "data", "-k", home, "-p", str(PORT), *options],
            user=user,
            group=_group(user),
            extra_groups=[] if user else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one system call, no lock
        )
        try:
            address = f"postgresql://postgres@/?host={home}&port={PORT}"
            cluster = Cluster(address, server.pid)
            _wait_until_ready(server, cluster)
            yield cluster
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(5)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(server: "subprocess.Popen[bytes]", cluster: Cluster) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            psycopg.connect(cluster.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the user to become, None where we are nobody special."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _group(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None


def _call(user: str | None, *command: str | Path) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=user,
        group=_group(user),
        extra_groups=[] if user else None,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _die_with_parent() -> None:
    """A killed test run must not leave a server behind (Linux: PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)
