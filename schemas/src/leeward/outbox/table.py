"""The outbox's table as SQLAlchemy knows it, for applications whose migrations come from their metadata."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table


def define_table(metadata: "MetaData", *, schema: str | None = None) -> "Table":
    """Adds the table to an application's metadata, so that `metadata.create_all` makes it and Alembic's autogenerate knows it.

    Args:
        metadata: the application's, for example `Base.metadata`.
        schema: where the table is, if that is not the first schema of the search path. The search path of the application and of the relay
            must then contain it.
    """
    from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, SmallInteger, Table, Text, text

    from leeward.outbox.schema import TABLE

    table = Table(
        TABLE,
        metadata,
        Column("job_id", Text, primary_key=True),
        Column("id", BigInteger, Identity(always=True), nullable=False),
        Column("provider", Text, nullable=False),
        Column("shard", SmallInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("place", Text, nullable=False),
        Column("message", LargeBinary, nullable=False),
        Column("delay_ms", BigInteger, nullable=False),
        Column("idempotency_key", Text, nullable=False),
        Column("fingerprint", Text, nullable=False),
        Column("stamped_ms", BigInteger, nullable=False),
        Column("span_ms", BigInteger, nullable=False),
        Column("due_ms", BigInteger, nullable=False),
        Column("added_at", DateTime(timezone=True), nullable=False, server_default=text("clock_timestamp()")),
        Column("refused_at", DateTime(timezone=True)),
        Column("refused_code", Text),
        Column("refused_reason", Text),
        schema=schema,
        postgresql_with={"autovacuum_vacuum_scale_factor": 0, "autovacuum_vacuum_threshold": 5000},
    )
    waiting, refused = text("refused_code IS NULL"), text("refused_code IS NOT NULL")
    Index(f"{TABLE}_waiting", table.c.provider, table.c.shard, table.c.id, postgresql_where=waiting)
    Index(f"{TABLE}_refused", table.c.id, postgresql_where=refused)
    return table
