"""The house: every table of the first version."""

# ruff: noqa: PLR0915 - as many statements as there are tables and indexes

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")


def upgrade() -> None:

    op.create_table(
        "agencies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("short_name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("identification_code", sa.Text(), nullable=True),
        sa.Column("part", sa.String(32), nullable=True),
        sa.Column("calendar_id", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
    )
    op.create_index(
        "ix_agencies_part",
        "agencies",
        ["tenant_id", "part"],
        unique=False,
        sqlite_where=sa.text("part IS NOT NULL"),
        postgresql_where=sa.text("part IS NOT NULL"),
    )
    op.create_table(
        "calendars",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_calendars")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("receiving_agency_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("service_version", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("procedure_name", sa.Text(), nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=False),
        sa.Column("owner_phone", sa.Text(), nullable=False),
        sa.Column("owner_email", sa.Text(), nullable=False),
        sa.Column("owner_address", sa.Text(), nullable=False),
        sa.Column("identity_number", sa.Text(), nullable=False),
        sa.Column("submitter_name", sa.Text(), nullable=False),
        sa.Column("supporting_agency_id", sa.Text(), nullable=True),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("returned_at", INSTANT, nullable=True),
        sa.Column("supplement_count", sa.Integer(), nullable=False),
        sa.Column("lookup_secret", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_cases_tenant_id_code")),
    )
    op.create_index(
        "ix_cases_agency_id", "cases", ["tenant_id", "agency_id", "submitted_at"], unique=False
    )
    op.create_index(
        "ix_cases_not_accepted",
        "cases",
        ["tenant_id", "service_id"],
        unique=False,
        sqlite_where=sa.text("accepted_at IS NULL"),
        postgresql_where=sa.text("accepted_at IS NULL"),
    )
    op.create_index(
        "ix_cases_receiving_agency_id",
        "cases",
        ["tenant_id", "receiving_agency_id", "submitted_at"],
        unique=False,
    )
    op.create_index("ix_cases_submitted_at", "cases", ["tenant_id", "submitted_at"], unique=False)
    op.create_table(
        "clocks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("calendar_id", sa.Text(), nullable=False),
        sa.Column("duration", sa.Text(), nullable=False),
        sa.Column("counting", sa.String(32), nullable=False),
        sa.Column("cut_off", sa.Text(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("measured_from", INSTANT, nullable=False),
        sa.Column("measured", sa.Text(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("counting_from", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("warn_at", INSTANT, nullable=False),
        sa.Column("original_due_at", INSTANT, nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.Column("warned_at", INSTANT, nullable=True),
        sa.Column("overdue_since", INSTANT, nullable=True),
        sa.Column("reschedule_count", sa.Integer(), nullable=False),
        sa.Column("history", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
    )
    op.create_index("ix_clocks_calendar_id", "clocks", ["calendar_id", "state"], unique=False)
    op.create_index(
        "ix_clocks_overdue",
        "clocks",
        ["tenant_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'running' AND overdue_since IS NOT NULL"),
        postgresql_where=sa.text("state = 'running' AND overdue_since IS NOT NULL"),
    )
    op.create_index(
        "ix_clocks_subject", "clocks", ["subject_id", "subject_kind", "state"], unique=False
    )
    op.create_index(
        "ix_clocks_to_mark_overdue",
        "clocks",
        ["tenant_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running' AND overdue_since IS NULL"),
        postgresql_where=sa.text("state = 'running' AND overdue_since IS NULL"),
    )
    op.create_index(
        "ix_clocks_to_warn",
        "clocks",
        ["tenant_id", "warn_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running' AND warned_at IS NULL"),
        postgresql_where=sa.text("state = 'running' AND warned_at IS NULL"),
    )
    op.create_table(
        "counters",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "name", name=op.f("pk_counters")),
    )
    op.create_table(
        "decision_definitions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_definitions")),
        sa.UniqueConstraint(
            "tenant_id",
            "key",
            "version",
            name=op.f("uq_decision_definitions_tenant_id_key_version"),
        ),
    )
    op.create_index(
        "ix_decision_definitions_deployment_id",
        "decision_definitions",
        ["deployment_id"],
        unique=False,
    )
    op.create_table(
        "deployments",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("fileset_checksum", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("deployed_at", INSTANT, nullable=False),
        sa.Column("deployed_by", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployments")),
        sa.UniqueConstraint("tenant_id", "seq", name=op.f("uq_deployments_tenant_id_seq")),
    )
    op.create_table(
        "diagram_drafts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagram_drafts")),
    )
    op.create_index(
        "ix_diagram_drafts_agency_id",
        "diagram_drafts",
        ["tenant_id", "agency_id", "updated_at"],
        unique=False,
    )
    op.create_table(
        "file_sets",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "checksum", name=op.f("pk_file_sets")),
    )
    op.create_table(
        "files",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "sha256", name=op.f("pk_files")),
    )
    op.create_table(
        "history",
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "seq", name=op.f("pk_history")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("job_id", sa.Text(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("resolved_at", INSTANT, nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_instance_id", "incidents", ["instance_id"], unique=False)
    op.create_index(
        "ix_incidents_open_token",
        "incidents",
        ["instance_id", "token"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_incidents_state", "incidents", ["tenant_id", "state", "created_at"], unique=False
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("retry_every", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(
        "ix_jobs_due",
        "jobs",
        ["tenant_id", "run_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_jobs_instance_id", "jobs", ["instance_id", "token"], unique=False)
    op.create_index("ix_jobs_state", "jobs", ["tenant_id", "state", "id"], unique=False)
    op.create_table(
        "login_attempts",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_login_attempts")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("dedup", sa.Text(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("correlated_at", INSTANT, nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("tenant_id", "dedup", name=op.f("uq_messages_tenant_id_dedup")),
    )
    op.create_index(
        "ix_messages_waiting",
        "messages",
        ["tenant_id", "name", "key"],
        unique=False,
        sqlite_where=sa.text("correlated_at IS NULL"),
        postgresql_where=sa.text("correlated_at IS NULL"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("href", sa.Text(), nullable=False),
        sa.Column("read_at", INSTANT, nullable=True),
        sa.Column("dedup", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("user_id", "dedup", name=op.f("uq_notices_user_id_dedup")),
    )
    op.create_index(
        "ix_notices_unread",
        "notices",
        ["user_id"],
        unique=False,
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("ix_notices_user_id_at", "notices", ["user_id", "at"], unique=False)
    op.create_table(
        "online_services",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("live_version", sa.Integer(), nullable=False),
        sa.Column("outside_id", sa.Text(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_online_services")),
        sa.UniqueConstraint(
            "tenant_id",
            "procedure_id",
            "agency_id",
            name=op.f("uq_online_services_tenant_id_procedure_id_agency_id"),
        ),
    )
    op.create_index(
        "ix_online_services_agency_id",
        "online_services",
        ["tenant_id", "agency_id", "name"],
        unique=False,
    )
    op.create_table(
        "papers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index("ix_papers_subject", "papers", ["subject_id", "subject_kind"], unique=False)
    op.create_table(
        "postal_orders",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("item_code", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("events", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_postal_orders")),
        sa.UniqueConstraint(
            "tenant_id", "item_code", name=op.f("uq_postal_orders_tenant_id_item_code")
        ),
    )
    op.create_index("ix_postal_orders_case_id", "postal_orders", ["case_id"], unique=False)
    op.create_table(
        "procedures",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("duration_value", sa.Integer(), nullable=False),
        sa.Column("duration_unit", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_procedures")),
    )
    op.create_index(
        "ix_procedures_agency_id", "procedures", ["tenant_id", "agency_id", "code"], unique=False
    )
    op.create_table(
        "process_definitions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("deployment_id", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("version_tag", sa.Text(), nullable=True),
        sa.Column("start_form_key", sa.Text(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("deployed_at", INSTANT, nullable=True),
        sa.Column("start_messages", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_definitions")),
        sa.UniqueConstraint(
            "tenant_id", "key", "version", name=op.f("uq_process_definitions_tenant_id_key_version")
        ),
    )
    op.create_index(
        "ix_process_definitions_deployment_id",
        "process_definitions",
        ["deployment_id"],
        unique=False,
    )
    op.create_table(
        "process_instances",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("definition_key", sa.Text(), nullable=False),
        sa.Column("business_key", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.String(32), nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=False),
        sa.Column("variables", sa.Text(), nullable=False),
        sa.Column("moved_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("open_incidents", sa.Integer(), nullable=False),
        sa.Column("history_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_instances")),
    )
    op.create_index(
        "ix_process_instances_business_key",
        "process_instances",
        ["tenant_id", "business_key", "id"],
        unique=False,
        postgresql_ops={"business_key": "text_pattern_ops"},
    )
    op.create_index(
        "ix_process_instances_definition_key",
        "process_instances",
        ["tenant_id", "definition_key", "id"],
        unique=False,
    )
    op.create_index(
        "ix_process_instances_incidents",
        "process_instances",
        ["tenant_id", "id"],
        unique=False,
        sqlite_where=sa.text("open_incidents > 0"),
        postgresql_where=sa.text("open_incidents > 0"),
    )
    op.create_index(
        "ix_process_instances_newest", "process_instances", ["tenant_id", "id"], unique=False
    )
    op.create_index(
        "ix_process_instances_running",
        "process_instances",
        ["tenant_id", "definition_id", "id"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "ix_process_instances_state",
        "process_instances",
        ["tenant_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "ix_process_instances_subject",
        "process_instances",
        ["tenant_id", "subject_id", "subject_kind", "id"],
        unique=False,
    )
    op.create_table(
        "queue",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("args", sa.Text(), nullable=False),
        sa.Column("run_at", INSTANT, nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("lock", sa.Text(), nullable=True),
        sa.Column("dedup", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("parked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
    )
    op.create_index(
        "ix_queue_leased",
        "queue",
        ["tenant_id", "lock"],
        unique=False,
        sqlite_where=sa.text("lease_owner IS NOT NULL"),
        postgresql_where=sa.text("lease_owner IS NOT NULL"),
    )
    op.create_index(
        "ix_queue_next",
        "queue",
        ["tenant_id", "priority", "run_at", "id"],
        unique=False,
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    )
    op.create_index(
        "uq_queue_dedup",
        "queue",
        ["tenant_id", "dedup"],
        unique=True,
        sqlite_where=sa.text("lease_owner IS NULL"),
        postgresql_where=sa.text("lease_owner IS NULL"),
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("procedure_id", sa.Text(), nullable=False),
        sa.Column("service_name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("announcement_number", sa.Text(), nullable=False),
        sa.Column("announcement_date", sa.Date(), nullable=True),
        sa.Column("process_approval_number", sa.Text(), nullable=False),
        sa.Column("process_approval_date", sa.Date(), nullable=True),
        sa.Column("procedure_data", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("fileset_checksum", sa.Text(), nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("instance_id", sa.Text(), nullable=True),
        sa.Column("appraisal_number", sa.Text(), nullable=False),
        sa.Column("appraisal_date", sa.Date(), nullable=True),
        sa.Column("appraisal_reasons", sa.Text(), nullable=False),
        sa.Column("lint_report", sa.Text(), nullable=False),
        sa.Column("rehearsal", sa.Text(), nullable=True),
        sa.Column("published_version", sa.Integer(), nullable=True),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_registrations_tenant_id_code")),
    )
    op.create_index(
        "ix_registrations_agency_id",
        "registrations",
        ["tenant_id", "agency_id", "state"],
        unique=False,
    )
    op.create_index(
        "ix_registrations_procedure_id",
        "registrations",
        ["procedure_id", "agency_id"],
        unique=False,
    )
    op.create_table(
        "replies",
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "key", name=op.f("pk_replies")),
    )
    op.create_table(
        "service_versions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("service_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("definition_key", sa.Text(), nullable=False),
        sa.Column("fileset_checksum", sa.Text(), nullable=False),
        sa.Column("level", sa.String(32), nullable=False),
        sa.Column("announcement", sa.Text(), nullable=False),
        sa.Column("process_approval", sa.Text(), nullable=False),
        sa.Column("registration_document", sa.Text(), nullable=False),
        sa.Column("appraisal_document", sa.Text(), nullable=False),
        sa.Column("procedure_data", sa.Text(), nullable=False),
        sa.Column("live_from", INSTANT, nullable=False),
        sa.Column("live_to", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_versions")),
        sa.UniqueConstraint(
            "service_id", "version", name=op.f("uq_service_versions_service_id_version")
        ),
        sa.UniqueConstraint(
            "tenant_id",
            "registration_id",
            name=op.f("uq_service_versions_tenant_id_registration_id"),
        ),
    )
    op.create_table(
        "sessions",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("user_agent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
    )
    op.create_index(
        "ix_subscriptions_instance_id", "subscriptions", ["instance_id", "token"], unique=False
    )
    op.create_index(
        "ix_subscriptions_open",
        "subscriptions",
        ["tenant_id", "name", "key"],
        unique=False,
        sqlite_where=sa.text("open IS 1"),
        postgresql_where=sa.text("open IS true"),
    )
    op.create_table(
        "timers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    op.create_index(
        "ix_timers_due",
        "timers",
        ["tenant_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index("ix_timers_instance_id", "timers", ["instance_id", "token"], unique=False)
    op.create_table(
        "user_tasks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form_key", sa.Text(), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("case_code", sa.Text(), nullable=False),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("definition_key", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("assignee_name", sa.Text(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("due_source", sa.Text(), nullable=False),
        sa.Column("follow_up_at", INSTANT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("public_name", sa.Text(), nullable=True),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("draft_at", INSTANT, nullable=True),
        sa.Column("completed_at", INSTANT, nullable=True),
        sa.Column("completed_by", sa.Text(), nullable=True),
        sa.Column("completed_by_name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_tasks")),
    )
    op.create_index(
        "ix_user_tasks_agency",
        "user_tasks",
        ["tenant_id", "agency_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "ix_user_tasks_assignee",
        "user_tasks",
        ["tenant_id", "assignee", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
    )
    op.create_index(
        "ix_user_tasks_instance_id", "user_tasks", ["instance_id", "token"], unique=False
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("full_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("tenant_id", "username", name=op.f("uq_users_tenant_id_username")),
    )
    op.create_table(
        "role_bindings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_role_bindings_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_bindings")),
    )
    op.create_index(op.f("ix_role_bindings_user_id"), "role_bindings", ["user_id"], unique=False)


def downgrade() -> None:

    op.drop_index(op.f("ix_role_bindings_user_id"), table_name="role_bindings")
    op.drop_table("role_bindings")
    op.drop_table("users")
    op.drop_index("ix_user_tasks_instance_id", table_name="user_tasks")
    op.drop_index(
        "ix_user_tasks_assignee",
        table_name="user_tasks",
        sqlite_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
        postgresql_where=sa.text("state = 'open' AND assignee IS NOT NULL"),
    )
    op.drop_index(
        "ix_user_tasks_agency",
        table_name="user_tasks",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_table("user_tasks")
    op.drop_index("ix_timers_instance_id", table_name="timers")
    op.drop_index(
        "ix_timers_due",
        table_name="timers",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("timers")
    op.drop_index(
        "ix_subscriptions_open",
        table_name="subscriptions",
        sqlite_where=sa.text("open IS 1"),
        postgresql_where=sa.text("open IS true"),
    )
    op.drop_index("ix_subscriptions_instance_id", table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_sessions_user_id"), table_name="sessions")
    op.drop_table("sessions")
    op.drop_table("service_versions")
    op.drop_table("replies")
    op.drop_index("ix_registrations_procedure_id", table_name="registrations")
    op.drop_index("ix_registrations_agency_id", table_name="registrations")
    op.drop_table("registrations")
    op.drop_index(
        "uq_queue_dedup",
        table_name="queue",
        sqlite_where=sa.text("lease_owner IS NULL"),
        postgresql_where=sa.text("lease_owner IS NULL"),
    )
    op.drop_index(
        "ix_queue_next",
        table_name="queue",
        sqlite_where=sa.text("parked_at IS NULL"),
        postgresql_where=sa.text("parked_at IS NULL"),
    )
    op.drop_index(
        "ix_queue_leased",
        table_name="queue",
        sqlite_where=sa.text("lease_owner IS NOT NULL"),
        postgresql_where=sa.text("lease_owner IS NOT NULL"),
    )
    op.drop_table("queue")
    op.drop_index("ix_process_instances_subject", table_name="process_instances")
    op.drop_index("ix_process_instances_state", table_name="process_instances")
    op.drop_index(
        "ix_process_instances_running",
        table_name="process_instances",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_process_instances_newest", table_name="process_instances")
    op.drop_index(
        "ix_process_instances_incidents",
        table_name="process_instances",
        sqlite_where=sa.text("open_incidents > 0"),
        postgresql_where=sa.text("open_incidents > 0"),
    )
    op.drop_index("ix_process_instances_definition_key", table_name="process_instances")
    op.drop_index(
        "ix_process_instances_business_key",
        table_name="process_instances",
        postgresql_ops={"business_key": "text_pattern_ops"},
    )
    op.drop_table("process_instances")
    op.drop_index("ix_process_definitions_deployment_id", table_name="process_definitions")
    op.drop_table("process_definitions")
    op.drop_index("ix_procedures_agency_id", table_name="procedures")
    op.drop_table("procedures")
    op.drop_index("ix_postal_orders_case_id", table_name="postal_orders")
    op.drop_table("postal_orders")
    op.drop_index("ix_papers_subject", table_name="papers")
    op.drop_table("papers")
    op.drop_index("ix_online_services_agency_id", table_name="online_services")
    op.drop_table("online_services")
    op.drop_index("ix_notices_user_id_at", table_name="notices")
    op.drop_index(
        "ix_notices_unread",
        table_name="notices",
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_table("notices")
    op.drop_index(
        "ix_messages_waiting",
        table_name="messages",
        sqlite_where=sa.text("correlated_at IS NULL"),
        postgresql_where=sa.text("correlated_at IS NULL"),
    )
    op.drop_table("messages")
    op.drop_table("login_attempts")
    op.drop_index("ix_jobs_state", table_name="jobs")
    op.drop_index("ix_jobs_instance_id", table_name="jobs")
    op.drop_index(
        "ix_jobs_due",
        table_name="jobs",
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.drop_table("jobs")
    op.drop_index("ix_incidents_state", table_name="incidents")
    op.drop_index(
        "ix_incidents_open_token",
        table_name="incidents",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_incidents_instance_id", table_name="incidents")
    op.drop_table("incidents")
    op.drop_table("history")
    op.drop_table("files")
    op.drop_table("file_sets")
    op.drop_index("ix_diagram_drafts_agency_id", table_name="diagram_drafts")
    op.drop_table("diagram_drafts")
    op.drop_table("deployments")
    op.drop_index("ix_decision_definitions_deployment_id", table_name="decision_definitions")
    op.drop_table("decision_definitions")
    op.drop_table("counters")
    op.drop_index(
        "ix_clocks_to_warn",
        table_name="clocks",
        sqlite_where=sa.text("state = 'running' AND warned_at IS NULL"),
        postgresql_where=sa.text("state = 'running' AND warned_at IS NULL"),
    )
    op.drop_index(
        "ix_clocks_to_mark_overdue",
        table_name="clocks",
        sqlite_where=sa.text("state = 'running' AND overdue_since IS NULL"),
        postgresql_where=sa.text("state = 'running' AND overdue_since IS NULL"),
    )
    op.drop_index("ix_clocks_subject", table_name="clocks")
    op.drop_index(
        "ix_clocks_overdue",
        table_name="clocks",
        sqlite_where=sa.text("state = 'running' AND overdue_since IS NOT NULL"),
        postgresql_where=sa.text("state = 'running' AND overdue_since IS NOT NULL"),
    )
    op.drop_index("ix_clocks_calendar_id", table_name="clocks")
    op.drop_table("clocks")
    op.drop_index("ix_cases_submitted_at", table_name="cases")
    op.drop_index("ix_cases_receiving_agency_id", table_name="cases")
    op.drop_index(
        "ix_cases_not_accepted",
        table_name="cases",
        sqlite_where=sa.text("accepted_at IS NULL"),
        postgresql_where=sa.text("accepted_at IS NULL"),
    )
    op.drop_index("ix_cases_agency_id", table_name="cases")
    op.drop_table("cases")
    op.drop_table("calendars")
    op.drop_index(
        "ix_agencies_part",
        table_name="agencies",
        sqlite_where=sa.text("part IS NOT NULL"),
        postgresql_where=sa.text("part IS NOT NULL"),
    )
    op.drop_table("agencies")
