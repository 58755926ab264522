"""The record of erasures, which alone may rewrite the audit of dead letters. Before the release that does it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_ALLOW_ERASURE = """
CREATE OR REPLACE FUNCTION leeward_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('leeward.erasing', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""
_REFUSE_ALL = """
CREATE OR REPLACE FUNCTION leeward_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$
"""


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", UUID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("subject_hash", sa.Text, nullable=False),
        sa.Column("counts", JSONB, nullable=False),
        sa.Column("remains", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
    )
    op.create_index("ix_erasures_subject_hash_at", "erasures", ["subject_hash", "at"])
    op.execute(_ALLOW_ERASURE)


def downgrade() -> None:
    op.execute(_REFUSE_ALL)
    op.drop_table("erasures")
