"""What request managers said of their requests. Before the release that asks them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WATCHED = (
    "is_open OR (announced_status IS DISTINCT FROM status OR announced_media_status IS DISTINCT FROM media_status)"
)


def upgrade() -> None:
    op.create_table(
        "media_requests",
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("request_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("tmdb_id", sa.BigInteger),
        sa.Column("is_4k", sa.Boolean, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("media_status", sa.Text, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("announced_status", sa.Text),
        sa.Column("announced_media_status", sa.Text),
        sa.Column("announced_by", sa.Text),
        sa.PrimaryKeyConstraint("provider", "request_id", name="pk_media_requests"),
    )
    op.create_index(
        "ix_media_requests_watched",
        "media_requests",
        ["provider", "checked_at"],
        postgresql_where=sa.text(_WATCHED),
    )


def downgrade() -> None:
    op.drop_table("media_requests")
