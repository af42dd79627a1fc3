"""A house with the sample procedure, and browsers to look at it."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from flask.testing import FlaskClient

from app.application import make_app
from tests.service import House, make_house, sign_in
from tests.web import sample

T = TypeVar("T")


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Path:
    """An SQLite file with the sample procedure in force; tests get a copy."""
    folder = tmp_path_factory.mktemp("sample")
    path = folder / "sample.db"
    shutil.copyfile(sqlite_template, path)
    house = make_house(f"sqlite:///{path}", folder)
    sample.load(house)
    house.assembly.store.close()
    return path


@pytest.fixture
def desk(sample_file: Path, tmp_path: Path) -> Iterator[House]:
    """The sample procedure, running."""
    path = tmp_path / "sample.db"
    shutil.copyfile(sample_file, path)
    made = make_house(f"sqlite:///{path}", tmp_path)
    yield made
    made.assembly.store.close()


class Browser:
    """A signed-in browser without scripts; CSRF is off but where a test asks for it."""

    def __init__(self, house: House, username: str | None, *, csrf: bool = False) -> None:
        app = make_app(house.assembly)
        app.config["WTF_CSRF_ENABLED"] = csrf
        self.client: FlaskClient = app.test_client()
        if username:
            sign_in(self.client, username)

    def get(self, url: str, status: int = 200, **more: Any) -> str:
        answer = self.client.get(url, **more)
        assert answer.status_code == status, (url, answer.status_code, words(answer.text))
        return answer.text

    def post(self, url: str, data: Any = None, status: int = 303, **more: Any) -> str:
        answer = self.client.post(url, data=data or {}, **more)
        assert answer.status_code == status, (url, answer.status_code, words(answer.text))
        return answer.text if status != 303 else str(answer.headers["Location"])


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of these at the same moment, each in a thread of its own; return what came of them."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def words(html: str) -> str:
    """The text of a page, to be read in a failed assertion or searched for a sentence."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    assert found, name
    return found[1]
