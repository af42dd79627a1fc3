"""The short way to PostgreSQL: what goes in comes out, and errors keep their names."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg import errors
from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, Text

from app.store.columns import Instant
from app.store.wire import Wire, reader

pytestmark = pytest.mark.postgres

COLUMNS = [
    Column("t", Text),
    Column("n", Integer),
    Column("b", Boolean),
    Column("d", Date),
    Column("i", Instant),
    Column("x", LargeBinary),
]


@pytest.fixture
def wire(postgres_url):
    with psycopg.connect(postgres_url, options="-c timezone=utc") as connection:
        yield Wire(connection, {})


def ask(wire, text, *parameters):
    [answer] = wire.ask([(text, parameters)])
    return answer


ROW = (
    "Lò Văn \"Páo\" 'x' \\ {},$1",
    -7,
    True,
    date(2026, 11, 24),
    datetime(2026, 11, 24, 1, 2, 3, 456, tzinfo=UTC),
    b"\x00\xff",
)
KINDS = ("text", "int", "boolean", "date", "timestamptz", "bytea")
EVERY = "SELECT " + ", ".join(f"CAST(%s AS {kind})" for kind in KINDS)
READERS = [reader(column) for column in COLUMNS]


def test_values_come_back_as_they_went(wire):
    assert ask(wire, EVERY, *ROW).rows(READERS) == [ROW]
    assert ask(wire, EVERY, *[None] * 6).rows(READERS) == [(None,) * 6]
    assert ask(wire, EVERY, ROW[0], 1, False, *ROW[3:]).rows(READERS)[0][2] is False


def test_keys_are_found_whatever_stands_in_them(wire):
    keys = ['a"b', "c\\d", "{e}", "f,g", "NULL", "ơ"]
    text = "SELECT key FROM unnest(CAST(%s AS text[])) AS key WHERE key = ANY(%s)"
    found = ask(wire, text, keys, keys).rows([bytes.decode])
    assert [row[0] for row in found] == keys


def test_several_statements_are_one_question(wire):
    first, second = wire.ask([("SELECT CAST(%s AS int)", (1,)), ("SELECT CAST(%s AS int)", (2,))])
    assert (first.rows([int]), second.rows([int])) == ([(1,)], [(2,)])


@pytest.mark.parametrize("others", [[], [("SELECT 1", ())]])
def test_errors_keep_their_names_and_the_connection_lives(wire, others):
    with pytest.raises(errors.DivisionByZero):
        wire.ask([("SELECT 1 / CAST(%s AS int)", (0,)), *others])
    assert ask(wire, "SELECT CAST(%s AS int)", 3).rows([int]) == [(3,)]


def test_a_zero_byte_is_refused_before_it_is_cut_off(wire):
    with pytest.raises(psycopg.DataError):
        ask(wire, "SELECT CAST(%s AS text)", "a\0b")
    with pytest.raises(TypeError):
        ask(wire, "SELECT CAST(%s AS text)", object())
