"""Replays as stored operations, and saved filters. Before the release that makes them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ACTIVE = "state IN ('planned', 'running', 'paused')"


def upgrade() -> None:
    _filters()
    _replays()
    _items()


def downgrade() -> None:
    for table in ("replay_items", "replays", "dead_letter_filters"):
        op.drop_table(table)


def _filters() -> None:
    op.create_table(
        "dead_letter_filters",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("filter", JSONB, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("name", name="pk_dead_letter_filters"),
    )


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("id", UUID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("cause", sa.Text),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("filter", JSONB, nullable=False),
        sa.Column("rules", JSONB, nullable=False),
        sa.Column("letters", sa.Integer, nullable=False),
        sa.Column("origin", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_replays"),
        sa.CheckConstraint(
            "state IN ('planned', 'running', 'paused', 'stopped', 'cancelled', 'finished')",
            name=op.f("ck_replays_state"),
        ),
    )
    op.create_index("ix_replays_created_at_id", "replays", ["created_at", "id"])
    op.create_index("ix_replays_active", "replays", ["state"], postgresql_where=sa.text(_ACTIVE))
    op.create_index(
        "uq_replays_origin",
        "replays",
        ["origin"],
        unique=True,
        postgresql_where=sa.text(f"origin IS NOT NULL AND {_ACTIVE}"),
    )


def _items() -> None:
    op.create_table(
        "replay_items",
        sa.Column("replay_id", UUID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("dead_letter_id", UUID, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False, server_default="pending"),
        sa.Column("job_id", sa.Text),
        sa.Column("successor", UUID),
        sa.Column("why", sa.Text),
        sa.Column("queued_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("replay_id", "position", name="pk_replay_items"),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.id"], ondelete="CASCADE", name="fk_replay_items_replay_id"),
        sa.CheckConstraint(
            "outcome IN ('pending', 'claimed', 'queued', 'done', 'dead_again', 'duplicate', 'refused')",
            name=op.f("ck_replay_items_outcome"),
        ),
    )
    op.create_index("ix_replay_items_dead_letter_id", "replay_items", ["dead_letter_id"])
    op.create_index(
        "ix_replay_items_replay_id_outcome_provider_position",
        "replay_items",
        ["replay_id", "outcome", "provider", "position"],
    )
    op.create_index(
        "ix_replay_items_ended",
        "replay_items",
        ["replay_id", "ended_at"],
        postgresql_where=sa.text("outcome IN ('done', 'dead_again')"),
    )
