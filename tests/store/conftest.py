"""A store on each kind of database."""

from collections.abc import Iterator

import pytest

from app.store.work import Store
from tests.store.rooms import StandingClock, a_store


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def store(database_url: str, clock: StandingClock) -> Iterator[Store]:
    opened = a_store(database_url, clock)
    yield opened
    opened.close()
