"""Dead letters in monthly partitions of their ids, with the columns of triage and replay. Before the release that needs them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEW_COLUMNS = (
    ("operation", sa.Text),
    ("fingerprint", sa.Text),
    ("finished_at", sa.DateTime(timezone=True)),
    ("superseded_by", UUID),
    ("edited_message", sa.LargeBinary),
    ("edited_payload", JSONB),
    ("replay_id", UUID),
)
_OLD_INDEXES = ("died_at_id", "state_died_at_id", "job_id", "replay_of", "unconfirmed")
_FACETS = ("state", "reason", "provider", "queue", "actor", "operation", "error_type", "fingerprint")


def upgrade() -> None:
    _extend()
    _become_a_partition()
    _indexes()
    op.execute("CREATE TABLE dead_letters_rest PARTITION OF dead_letters DEFAULT")


def downgrade() -> None:
    _become_plain()


def _extend() -> None:
    for name, kind in _NEW_COLUMNS:
        op.add_column("dead_letters", sa.Column(name, kind))
    op.add_column("dead_letters", sa.Column("hold", sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.drop_constraint("fk_dead_letters_replay_of", "dead_letters")
    op.drop_constraint("uq_dead_letters_outbox_id", "dead_letters")
    for name in _OLD_INDEXES:
        op.drop_index(f"ix_dead_letters_{name}")
    op.drop_column("dead_letters", "replay_runner")


def _become_a_partition() -> None:
    op.execute("ALTER TABLE dead_letters RENAME TO dead_letters_first")
    op.execute("ALTER TABLE dead_letters_first RENAME CONSTRAINT pk_dead_letters TO pk_dead_letters_first")
    op.execute(
        "CREATE TABLE dead_letters (LIKE dead_letters_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id)"
    )
    op.create_primary_key("pk_dead_letters", "dead_letters", ["id"])
    op.execute(
        "DO $$ BEGIN EXECUTE format('ALTER TABLE dead_letters ATTACH PARTITION dead_letters_first FOR VALUES FROM (MINVALUE) TO (%L)',"
        " lpad(to_hex((extract(epoch FROM date_trunc('month', now(), 'UTC') + interval '2 months') * 1000)::bigint), 12, '0')"
        " || repeat('0', 20)); END $$"
    )


def _indexes() -> None:
    for facet in _FACETS:
        op.create_index(f"ix_dead_letters_{facet}_id", "dead_letters", [facet, "id"])
    op.create_index(
        "ix_dead_letters_tenant_id", "dead_letters", ["tenant", "id"], postgresql_where=sa.text("tenant IS NOT NULL")
    )
    op.create_index("ix_dead_letters_job_id", "dead_letters", ["job_id"])
    for column in ("replay_of", "finished_at"):
        op.create_index(
            f"ix_dead_letters_{column}",
            "dead_letters",
            [column],
            postgresql_where=sa.text(f"{column} IS NOT NULL"),
        )


def _become_plain() -> None:
    op.execute("ALTER TABLE dead_letters RENAME TO dead_letters_parted")
    op.execute("CREATE TABLE dead_letters (LIKE dead_letters_parted INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    op.execute("INSERT INTO dead_letters SELECT * FROM dead_letters_parted")
    op.drop_table("dead_letters_parted")
    for name, _ in _NEW_COLUMNS:
        op.drop_column("dead_letters", name)
    op.drop_column("dead_letters", "hold")
    op.add_column("dead_letters", sa.Column("replay_runner", sa.BigInteger))
    op.create_primary_key("pk_dead_letters", "dead_letters", ["id"])
    op.create_unique_constraint("uq_dead_letters_outbox_id", "dead_letters", ["outbox_id"])
    op.execute(
        "UPDATE dead_letters SET replay_of = NULL WHERE replay_of IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM dead_letters AS parent WHERE parent.id = dead_letters.replay_of)"
    )
    op.create_foreign_key("fk_dead_letters_replay_of", "dead_letters", "dead_letters", ["replay_of"], ["id"])
    op.create_index("ix_dead_letters_died_at_id", "dead_letters", ["died_at", "id"])
    op.create_index("ix_dead_letters_state_died_at_id", "dead_letters", ["state", "died_at", "id"])
    op.create_index("ix_dead_letters_job_id", "dead_letters", ["job_id"])
    op.create_index(
        "ix_dead_letters_replay_of", "dead_letters", ["replay_of"], postgresql_where=sa.text("replay_of IS NOT NULL")
    )
    op.create_index(
        "ix_dead_letters_unconfirmed",
        "dead_letters",
        ["replay_runner"],
        postgresql_where=sa.text("state = 'requeued' AND replayed_at IS NULL"),
    )
