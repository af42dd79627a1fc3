"""Which processes run inside which instances: written as they are called, found by definition."""

import orjson
from sqlalchemy import create_engine, text

from app.store.database import plain_url
from app.store.migrate import downgrade, migrate

TOKENS = {"v": 1, "n": 9, "s": [["0", "p"], ["3", "p", "0", 2, "goi", "con:1"]], "t": []}
ROW = """
INSERT INTO process_instances (id, tenant_id, agency_id, definition_id, definition_key,
  business_key, started_at, started_by, state, version, tokens, variables, end_reason,
  open_incidents, history_seq, ended_at)
VALUES (:id, 'tq', 'a', 'cha:1', 'cha', 'HS-1', :at, 'u', 'active', 1, :tokens, '{}', '', 0, 0, :ended)
"""


def test_those_that_run_already_are_found_when_the_table_is_made(database_url):
    """An instance that has called a process, one that has not, and one that has ended."""
    downgrade(database_url, "0007")
    engine = create_engine(plain_url(database_url))
    at = "2026-11-16 02:00:00+00:00"
    plain = orjson.dumps({**TOKENS, "s": TOKENS["s"][:1]})
    rows = [
        {"id": "i1", "at": at, "tokens": orjson.dumps(TOKENS), "ended": None},
        {"id": "i2", "at": at, "tokens": plain, "ended": None},
        {"id": "i3", "at": at, "tokens": orjson.dumps(TOKENS), "ended": at},
    ]
    try:
        with engine.begin() as connection:
            connection.execute(text(ROW), rows)
        migrate(database_url)
        with engine.begin() as connection:
            found = connection.execute(text("SELECT * FROM called_processes")).mappings().all()
            assert [dict(one) for one in found] == [
                {"instance_id": "i1", "scope": "3", "tenant_id": "tq", "definition_id": "con:1"}
            ]
            connection.execute(text("DELETE FROM called_processes"))
            connection.execute(text("DELETE FROM process_instances"))
    finally:
        engine.dispose()
