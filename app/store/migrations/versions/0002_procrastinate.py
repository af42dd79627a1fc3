"""The tables of Procrastinate, on PostgreSQL.

They are the library's own, written by its own schema file. The comment on the table says which
release wrote them: a later migration applies the library's migration files from there on.
"""

from importlib.metadata import version

from alembic import op
from procrastinate import App, SyncPsycopgConnector

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

DROP = """
DO $$
DECLARE thing record;
BEGIN
    DROP TABLE IF EXISTS procrastinate_events, procrastinate_periodic_defers,
        procrastinate_jobs, procrastinate_workers CASCADE;
    FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE proname LIKE 'procrastinate%' AND pronamespace = current_schema()::regnamespace
    LOOP EXECUTE 'DROP FUNCTION ' || thing.name || ' CASCADE'; END LOOP;
    FOR thing IN SELECT oid::regtype AS name FROM pg_type
        WHERE typname LIKE 'procrastinate%' AND typtype IN ('e', 'c')
        AND typnamespace = current_schema()::regnamespace
    LOOP EXECUTE 'DROP TYPE ' || thing.name || ' CASCADE'; END LOOP;
END $$
"""

# A parked entry blocks its dedup key, and is looked for whenever one is enqueued.
PARKED = """
CREATE INDEX lien_mach_parked ON procrastinate_jobs (queueing_lock) WHERE status = 'failed'
"""


def upgrade() -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    _run(App(connector=SyncPsycopgConnector()).schema_manager.get_schema())
    _run(PARKED)
    _run(f"COMMENT ON TABLE procrastinate_jobs IS '{version('procrastinate')}'")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        _run(DROP)


def _run(statements: str) -> None:
    """Run several statements at once, in which a percent sign means itself."""
    op.get_bind().exec_driver_sql(statements, execution_options={"no_parameters": True})
