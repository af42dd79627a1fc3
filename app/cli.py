"""What an operator types: `run.py cli COMMAND`."""

import argparse
import getpass
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app import demo
from app.bootstrap import Assembly, build, demo_secret
from app.domain.engine import Severity
from app.domain.errors import DomainError
from app.domain.people import Role, RoleBinding, User
from app.settings import Mode, Settings
from app.store.migrate import migrate
from app.usecases import deployments, jobs
from app.worker import Worker

SHORTEST_PASSWORD = 12


def main(settings: Settings, arguments: Sequence[str]) -> int:
    options = _parser().parse_args(arguments)
    if settings.mode is Mode.DEMO and not settings.secret_key:
        settings = replace(settings, secret_key=demo_secret(settings.data_dir, "forms"))
    assembly = build(settings)
    try:
        return int(options.run(assembly, options))
    except DomainError as error:
        sys.stderr.write(f"{error.message}\n")
        for name, texts in error.fields.items():
            sys.stderr.writelines(f"  {name}: {text}\n" for text in texts)
        return 1
    finally:
        assembly.store.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py cli", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    migrate = commands.add_parser("migrate", help="bring the database to this version's schema")
    migrate.set_defaults(run=_migrate)

    load = commands.add_parser("load-demo", help="load the demo province into an empty database")
    load.set_defaults(run=_load_demo)

    user = commands.add_parser("create-user", help="create an account; the password is asked for")
    user.add_argument("username")
    user.add_argument("full_name")
    user.add_argument("--agency", required=True, help="id of the agency")
    user.add_argument("--role", required=True, action="append", choices=[*Role])
    user.add_argument("--unit")
    user.set_defaults(run=_create_user)

    check = commands.add_parser(
        "check", help="lint diagrams, forms and decisions as deployment would"
    )
    check.add_argument("files", nargs="+", type=Path)
    check.set_defaults(run=_check)

    work = commands.add_parser("work", help="do the work that is due now, then end")
    work.add_argument("--limit", type=int, default=10_000)
    work.set_defaults(run=_work)
    return parser


def _migrate(assembly: Assembly, _options: argparse.Namespace) -> int:
    migrate(assembly.settings.database_url)
    deployed = demo.deploy_house_flows(assembly.service)
    print(f"schema is current; {deployed} flow(s) of the house deployed")
    return 0


def _load_demo(assembly: Assembly, _options: argparse.Namespace) -> int:
    loaded = demo.load(assembly)
    print("demo province loaded" if loaded else "the database holds users already: nothing loaded")
    return 0


def _create_user(assembly: Assembly, options: argparse.Namespace) -> int:
    password = getpass.getpass("Mật khẩu: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if len(password) < SHORTEST_PASSWORD:
        sys.stderr.write(f"Mật khẩu phải có ít nhất {SHORTEST_PASSWORD} ký tự.\n")
        return 1
    with assembly.service.open_work() as work:
        if work.users.by_username(options.username) is not None:
            sys.stderr.write("Tên đăng nhập này đã có.\n")
            return 1
        agency = work.agencies.get(options.agency)
        user_id = work.new_id()
        work.users.add(
            User(
                id=user_id,
                tenant_id=work.tenant_id,
                username=options.username,
                full_name=options.full_name,
                password_hash=work.passwords.hash(password),
                created_at=work.now(),
                bindings=[
                    RoleBinding(work.new_id(), user_id, agency.id, Role(role), options.unit)
                    for role in options.role
                ],
            )
        )
    print(f"{options.username}: {options.full_name}, {agency.name}")
    return 0


def _check(assembly: Assembly, options: argparse.Namespace) -> int:
    files = {path.name: path.read_bytes() for path in options.files}
    with assembly.service.open_work(read_only=True) as work:
        problems = deployments.check(work, files)
    for problem in problems:
        where = f"{problem.file}#{problem.element_id}" if problem.element_id else problem.file
        print(f"{problem.severity}: {where}: {problem.message} [{problem.code}]")
    return int(any(problem.severity is Severity.ERROR for problem in problems))


def _work(assembly: Assembly, options: argparse.Namespace) -> int:
    jobs.sweep(assembly.service.open_work)
    done = Worker(assembly.store, assembly.handlers, threads=1).drain(options.limit)
    print(f"{done} job(s) done")
    return 0
