"""Dead letters and their audit. Before the release that writes them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = """
CREATE FUNCTION leeward_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
_REFUSE_CHANGES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dead_letter_events
FOR EACH STATEMENT EXECUTE FUNCTION leeward_append_only()
"""


def upgrade() -> None:
    _dead_letters()
    _dead_letter_events()


def downgrade() -> None:
    op.drop_table("dead_letter_events")
    op.execute("DROP FUNCTION leeward_append_only()")
    op.drop_table("dead_letters")


def _dead_letters() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("id", UUID, nullable=False),
        sa.Column("outbox_id", sa.Text, nullable=False),
        sa.Column("job_id", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("queue", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False, server_default="failed"),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("owner", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("payload", JSONB),
        sa.Column("options", JSONB),
        sa.Column("error", JSONB, nullable=False),
        sa.Column("error_type", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.Column("progress", JSONB),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("deliveries", sa.Integer, nullable=False),
        sa.Column("worker", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("trace_id", sa.Text),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("tenant", sa.Text),
        sa.Column("enqueued_at", sa.DateTime(timezone=True)),
        sa.Column("died_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("replay_refusal", sa.Text),
        sa.Column("replay_of", UUID),
        sa.Column("replayed_as", sa.Text),
        sa.Column("replay_runner", sa.BigInteger),
        sa.Column("replayed_at", sa.DateTime(timezone=True)),
        sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
        sa.UniqueConstraint("outbox_id", name="uq_dead_letters_outbox_id"),
        sa.ForeignKeyConstraint(["replay_of"], ["dead_letters.id"], name="fk_dead_letters_replay_of"),
        sa.CheckConstraint(
            "reason IN ('exhausted', 'permanent', 'expired', 'crash_loop', 'invalid', 'undecodable', 'unknown_actor',"
            " 'unknown_outcome')",
            name=op.f("ck_dead_letters_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('failed', 'reviewing', 'requeued', 'discarded', 'recovered')", name=op.f("ck_dead_letters_state")
        ),
    )
    _dead_letter_indexes()


def _dead_letter_indexes() -> None:
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


def _dead_letter_events() -> None:
    op.create_table(
        "dead_letter_events",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("dead_letter_id", UUID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("from_state", sa.Text),
        sa.Column("to_state", sa.Text),
        sa.Column("detail", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter_events"),
    )
    op.create_index("ix_dead_letter_events_dead_letter_id_id", "dead_letter_events", ["dead_letter_id", "id"])
    op.execute(_APPEND_ONLY)
    op.execute(_REFUSE_CHANGES)
