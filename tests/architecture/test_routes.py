"""Every route × every role of the demo × own or foreign agency × nobody: who gets in, who does not."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import demo
from app.application import make_app
from app.domain.batches import BatchKind
from app.domain.connectors import PermanentFailure
from app.domain.instances import IncidentState
from app.usecases import batches, drafts, sessions, user_tasks
from app.usecases.ports import Work
from app.web.context import COOKIE
from tests.architecture import people
from tests.architecture.routes import PUBLIC, ROWS, SENT, SIGNED, Row
from tests.scenarios import flows
from tests.service import House, actor, make_house

REFUSED = {403, 404}
NOT_LET_IN = {401, 403, 404, 405}


class Undone(Exception):
    """Ends a transaction that must leave nothing behind."""


@dataclass(frozen=True)
class World:
    """A house in which nothing that is asked is kept, things to ask for, and people's tokens."""

    app: Flask
    things: dict[str, Any]
    tokens: dict[str, str]

    def ask(self, method: str, rule: str, username: str | None) -> int:
        path = self._named(rule)
        assert "<" not in path, f"no thing for {rule}"
        client = self.app.test_client()
        options = self._named(SENT.get(f"{method} {rule}", {}))
        if rule.startswith("/api/"):
            if username:
                options["headers"] = {"Authorization": f"Bearer {self.tokens[username]}"}
            if method != "GET":
                options.setdefault("json", {})
        elif username:
            client.set_cookie(COOKIE, self.tokens[username])
        return client.open(path, method=method, **options).status_code

    def _named(self, text: Any) -> Any:
        """The same with things in the place of their names."""
        if isinstance(text, dict):
            return {key: self._named(value) for key, value in text.items()}
        if isinstance(text, list):
            return [self._named(value) for value in text]
        if not isinstance(text, str):
            return text
        for name, value in self.things.items():
            text = text.replace(f"<{name}>", str(value)).replace(f"<int:{name}>", str(value))
        return text


@pytest.fixture(scope="module")
def world(province_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("routes")
    shutil.copyfile(province_file, folder / "province.db")
    house = make_house(f"sqlite:///{folder / 'province.db'}", folder)
    things = _things(house)
    tokens = {name: _token(house, name) for name in people.EVERYONE}
    store = house.assembly.store

    @contextmanager
    def dry(*, read_only: bool = False) -> Iterator[Work]:
        try:
            with store.open_work(read_only=read_only) as work:
                yield work
                if not read_only:
                    raise Undone  # noqa: TRY301 - leaves the transaction, which must not commit
        except Undone:
            return

    service = replace(house.assembly.service, open_work=dry)
    app = make_app(replace(house.assembly, service=service))
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False
    yield World(app, things, tokens)
    store.close()


def _token(house: House, username: str) -> str:
    with house.open_work() as work:
        token = sessions.sign_in(
            work, username, demo.PASSWORD, address="127.0.0.1", user_agent="test"
        )
    assert token is not None
    return token


def _things(house: House) -> dict[str, Any]:
    """One of each kind, of Sở TT&TT."""
    made = flows.register(house)
    case = flows.enter(house)
    task = house.task(case.code, "receive")
    with house.open_work() as work:
        chi, lan = actor(work, "chi.reception"), actor(work, "lan.analyst")
        user_tasks.claim(work, chi, task.id)
        draft = drafts.create(work, lan, "stttt", "Nháp", "<definitions/>")
        service = work.services.of_procedure("P04", "stttt")
        assert service is not None
        [paper, _other] = work.papers.of_subject("case", case.id)
        calendar = work.calendars.for_agency("stttt")
    return {
        "registration_id": made.id,
        "name": f"{flows.P04}.bpmn",
        "code": case.code,
        "task_id": task.id,
        "instance_id": case.instance_id,
        "definition_id": _definition(house),
        "service_id": service.id,
        "number": 1,
        "paper_id": paper.id,
        "draft_id": draft.id,
        "calendar_id": calendar.id,
        "incident_id": _incident(house),
        "job_id": "0",
        "token": "0",
        "key": "0",
        "batch_id": _batch(house, str(case.instance_id)),
        "user_id": house.actor("chi.reception").id,
    }


def _definition(house: House) -> str:
    with house.open_work(read_only=True) as work:
        found = work.definitions.latest(flows.P04)
        assert found is not None
        return found.id


def _batch(house: House, instance_id: str) -> str:
    """Ordered, and not worked off: what it is to do stays undone."""
    with house.open_work() as work:
        found = batches.of_instances([work.instances.get(instance_id)])
        given = batches.Order(BatchKind.SUSPEND, "Lô thử", "Theo công văn", found, {})
        return batches.start(work, actor(work, "viet.admin"), given).id


def _incident(house: House) -> str:
    house.outside["one_stop_shop"].script = [PermanentFailure("400")]
    case = flows.enter(house)
    house.complete(case.code, "receive", "chi.reception", decision="accept")
    with house.open_work(read_only=True) as work:
        return work.incidents.page(IncidentState.OPEN, 1, 1).items[0].id


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row_and_every_row_a_route(world: World) -> None:
    found = routes(world.app)
    assert found - ROWS.keys() - PUBLIC - SIGNED == set(), "say in routes.py who may use these"
    assert (ROWS.keys() | PUBLIC | SIGNED) - found == set(), "rows without a route"


def test_the_people_of_the_table_are_the_people_of_the_demo(one_house: House) -> None:
    with one_house.open_work(read_only=True) as work:
        users = {user.username for user in work.users.all()}
        roles = {b.role for user in work.users.all() for b in user.bindings}
    assert users == people.EVERYONE
    assert len(roles) == 11, "every role is played by somebody"


@pytest.mark.parametrize("route", ROWS)
def test_who_gets_in(world: World, route: str) -> None:
    method, rule = route.split(" ", 1)
    row = ROWS[route]
    wrong = {
        username: status
        for username in sorted(people.EVERYONE - row.either)
        if (status := world.ask(method, rule, username)) not in _expected(row, username)
    }
    assert not wrong, f"{route}: not as the table says"


class _LetIn:
    """Whatever a person gets who may: also that the empty request makes no sense."""

    def __init__(self, *, absent: bool) -> None:
        self.absent = absent

    def __contains__(self, status: object) -> bool:
        if not isinstance(status, int) or status >= 500:
            return False
        return status not in NOT_LET_IN or (self.absent and status == 404)


def _expected(row: Row, username: str) -> "set[int] | _LetIn":
    if username not in row.door:
        return {403}
    return _LetIn(absent=row.absent) if username in row.own else REFUSED


@pytest.mark.parametrize("route", ROWS)
def test_nobody_gets_in_unknown(world: World, route: str) -> None:
    method, rule = route.split(" ", 1)
    status = world.ask(method, rule, None)
    assert status == 401 if rule.startswith("/api/") else status in {302, 303, 401}


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_what_is_public_needs_nobody(world: World, route: str) -> None:
    method, rule = route.split(" ", 1)
    assert world.ask(method, rule, None) in _LetIn(absent=False)


@pytest.mark.parametrize("route", sorted(SIGNED))
def test_what_is_signed_is_refused_without_a_signature(world: World, route: str) -> None:
    method, rule = route.split(" ", 1)
    for username in (None, "viet.admin"):
        assert world.ask(method, rule, username) in {401, 403}


def test_a_foreign_cookie_value_or_token_is_nobody(world: World) -> None:
    client = world.app.test_client()
    client.set_cookie(COOKIE, "x" * 48)
    assert client.get("/tasks").status_code in {302, 303, 401}
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {'x' * 48}"})
    assert answer.status_code == 401


def test_a_cookie_does_not_open_the_api(world: World) -> None:
    """Else another site could make a browser speak for its owner."""
    client = world.app.test_client()
    client.set_cookie(COOKIE, world.tokens["viet.admin"])
    assert client.get("/api/v1/me").status_code == 401
