"""The outbox's one table: as SQL, for any tool that migrates the caller's database."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Connection

TABLE = "leeward_outbox"

UPGRADE: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS leeward_outbox (
    job_id text PRIMARY KEY,
    id bigint GENERATED ALWAYS AS IDENTITY,
    provider text NOT NULL,
    shard smallint NOT NULL,
    kind text NOT NULL,
    place text NOT NULL,
    message bytea NOT NULL,
    delay_ms bigint NOT NULL,
    idempotency_key text NOT NULL,
    fingerprint text NOT NULL,
    stamped_ms bigint NOT NULL,
    span_ms bigint NOT NULL,
    due_ms bigint NOT NULL,
    added_at timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
    refused_at timestamp with time zone,
    refused_code text,
    refused_reason text
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)""",
    """CREATE INDEX IF NOT EXISTS leeward_outbox_waiting ON leeward_outbox (provider, shard, id)
    WHERE refused_code IS NULL""",
    """CREATE INDEX IF NOT EXISTS leeward_outbox_refused ON leeward_outbox (id)
    WHERE refused_code IS NOT NULL""",
)
"""Statements that make the table, in this order, each of which may be repeated. Rows are deleted all the time, so that the table is
vacuumed by the number of dead rows and not by its size.
"""

DOWNGRADE: tuple[str, ...] = ("DROP TABLE IF EXISTS leeward_outbox",)
"""Takes it back. Jobs that have not been enqueued are lost with it."""


def create_table(connection: "psycopg.Connection[Any] | Connection") -> None:
    """Makes the table where it is missing, in the caller's transaction and in the first schema of its search path.

    Args:
        connection: of psycopg or SQLAlchemy; the caller commits.

    Raises:
        psycopg.Error, sqlalchemy.exc.SQLAlchemyError: it cannot be made.
    """
    execute: Any = getattr(connection, "exec_driver_sql", None) or connection.execute
    for statement in UPGRADE:
        execute(statement)
