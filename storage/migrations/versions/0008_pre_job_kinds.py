"""What kinds of jobs there are, as workers publish them, so that letters are read without Valkey. Before the release that writes it.

Workers of the release before neither read nor write it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job_kinds",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("description", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("kind", "version", name="pk_job_kinds"),
    )


def downgrade() -> None:
    op.drop_table("job_kinds")
