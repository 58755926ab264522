"""When accounts at providers expire. Before the release that disables them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("user_key", sa.Text, sa.Computed("lower(user_name)", persisted=True), nullable=False),
        sa.Column("user_name", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.Text, nullable=False, server_default="active"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("provider", "user_key", name="pk_accounts"),
        sa.CheckConstraint("state IN ('active', 'expired')", name=op.f("ck_accounts_state")),
    )
    op.create_index(
        "ix_accounts_due",
        "accounts",
        ["expires_at"],
        postgresql_where=sa.text("state = 'active' AND expires_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("accounts")
