"""What is wanted of an account, and every step on the way there. Before the release that disables accounts here while their provider
cannot be reached.

Workers of the previous release still work: they write no step, and `wanted` follows at the next step of this one.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from storage.database.lock_timeout import alone
from storage.database.online_indexes import build_index

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = {"wanted": "text NOT NULL DEFAULT 'enabled'", "approved_at": "timestamptz"}
_START = "wanted = 'enabled' AND job_id IS NOT NULL AND state IN ('pending_sync', 'failed')"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        columns = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in _COLUMNS.items())
        alone(connection, f"ALTER TABLE accounts {columns}")
        alone(
            connection,
            "ALTER TABLE accounts DROP CONSTRAINT IF EXISTS ck_accounts_wanted,"
            " ADD CONSTRAINT ck_accounts_wanted CHECK (wanted IN ('enabled', 'disabled')) NOT VALID",
        )
        alone(connection, "ALTER TABLE accounts VALIDATE CONSTRAINT ck_accounts_wanted")
        alone(
            connection,
            "UPDATE accounts SET wanted = 'disabled' WHERE state IN ('expiring', 'expired', 'disabled', 'failed')",
        )
        build_index(connection, "ix_accounts_unconfirmed_start", "accounts", f"(provider) WHERE {_START}")
    if not sa.inspect(op.get_bind()).has_table("account_steps"):
        op.create_table(
            "account_steps",
            sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
            sa.Column("provider", sa.Text, nullable=False),
            sa.Column("user_key", sa.Text, sa.Computed("lower(user_name)", persisted=True), nullable=False),
            sa.Column("user_name", sa.Text, nullable=False),
            sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.clock_timestamp()),
            sa.Column("step", sa.Text, nullable=False),
            sa.Column("who", sa.Text),
            sa.Column("detail", JSONB, nullable=False, server_default=sa.text("'{}'::jsonb")),
            sa.PrimaryKeyConstraint("id", name="pk_account_steps"),
        )
        op.create_index("ix_account_steps_provider_user_key_id", "account_steps", ["provider", "user_key", "id"])


def downgrade() -> None:
    op.drop_table("account_steps")
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        alone(connection, "DROP INDEX IF EXISTS ix_accounts_unconfirmed_start")
        columns = ", ".join(f"DROP COLUMN IF EXISTS {name}" for name in _COLUMNS)
        alone(connection, f"ALTER TABLE accounts DROP CONSTRAINT IF EXISTS ck_accounts_wanted, {columns}")
