"""What the queue on PostgreSQL asks of the library's own tables."""

from sqlalchemy import text

KNOWN = text(
    """SELECT 1 FROM procrastinate_jobs
    WHERE queueing_lock = :dedup AND status IN ('todo', 'failed') LIMIT 1"""
)
STILL_OURS = text("SELECT 1 FROM procrastinate_jobs WHERE id = :id AND status = 'doing' FOR UPDATE")
ENTRY = "SELECT id, priority, lock, queueing_lock, args, attempts FROM procrastinate_jobs "
OWN = text(ENTRY + "WHERE id = :id AND status = 'doing'")
PARKED = text(ENTRY + "WHERE queue_name = :queue AND status = 'failed' ORDER BY id LIMIT :limit")
TO_UNPARK = text(
    ENTRY + "WHERE queue_name = :queue AND status = 'failed' AND id = :id FOR UPDATE SKIP LOCKED"
)
STALLED_ENTRIES = text(
    """SELECT job.id, job.priority, job.lock, job.queueing_lock, job.args, job.attempts
    FROM procrastinate_jobs job
    LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
    WHERE job.status = 'doing' AND job.queue_name = :queue
      AND (worker.id IS NULL OR worker.last_heartbeat < clock_timestamp() - CAST(:age AS interval))
    FOR UPDATE OF job SKIP LOCKED"""
)
DELETE = text("DELETE FROM procrastinate_jobs WHERE id = :id")
NOTE = text(
    """UPDATE procrastinate_jobs SET args = args || CAST(:more AS jsonb)
    WHERE id = :id AND status = 'doing'"""
)
MERGE = text(
    """UPDATE procrastinate_jobs SET args = args || CAST(:more AS jsonb), scheduled_at = :run_at
    WHERE queueing_lock = :dedup AND status = 'todo'"""
)
BRING_FORWARD = text(
    """UPDATE procrastinate_jobs SET scheduled_at = NULL
    WHERE status = 'todo' AND queue_name = :queue AND scheduled_at IS NOT NULL
      AND CAST(args->>'due' AS timestamptz) <= :now"""
)
