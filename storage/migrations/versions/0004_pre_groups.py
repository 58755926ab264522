"""Groups of failures, counted by triggers and folded in later. Before the release that reads them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from storage.database.lock_timeout import together

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATES = ("failed", "reviewing", "requeued", "discarded", "recovered")
_CAME = """
    INSERT INTO dead_letter_changes (fingerprint, state, letters, hour, tenant, first_seen, last_seen, sample)
    SELECT fingerprint, state, count(*), date_trunc('hour', died_at), tenant, min(died_at), max(died_at),
           (array_agg(id ORDER BY id DESC))[1]
    FROM came WHERE fingerprint IS NOT NULL GROUP BY fingerprint, state, date_trunc('hour', died_at), tenant;
"""
_WENT = """
    INSERT INTO dead_letter_changes (fingerprint, state, letters, hour, tenant)
    SELECT fingerprint, state, -count(*), date_trunc('hour', died_at), tenant
    FROM went WHERE fingerprint IS NOT NULL GROUP BY fingerprint, state, date_trunc('hour', died_at), tenant;
"""
# A new state moves a letter within its group; a new fingerprint, from a release that computes it again, to another.
_MOVED = """
    INSERT INTO dead_letter_changes (fingerprint, state, letters)
    SELECT fingerprint, state, sum(letters) FROM (
        SELECT went.fingerprint, went.state, -1 AS letters FROM went JOIN came USING (id)
        WHERE went.state <> came.state AND went.fingerprint = came.fingerprint
        UNION ALL
        SELECT came.fingerprint, came.state, 1 FROM went JOIN came USING (id)
        WHERE went.state <> came.state AND went.fingerprint = came.fingerprint
    ) AS moved GROUP BY fingerprint, state HAVING sum(letters) <> 0;
    INSERT INTO dead_letter_changes (fingerprint, state, letters, hour, tenant, first_seen, last_seen, sample)
    SELECT came.fingerprint, came.state, count(*), date_trunc('hour', came.died_at), came.tenant,
           min(came.died_at), max(came.died_at), (array_agg(came.id ORDER BY came.id DESC))[1]
    FROM went JOIN came USING (id) WHERE came.fingerprint IS NOT NULL AND went.fingerprint IS DISTINCT FROM came.fingerprint
    GROUP BY came.fingerprint, came.state, date_trunc('hour', came.died_at), came.tenant;
    INSERT INTO dead_letter_changes (fingerprint, state, letters, hour, tenant)
    SELECT went.fingerprint, went.state, -count(*), date_trunc('hour', went.died_at), went.tenant
    FROM went JOIN came USING (id) WHERE went.fingerprint IS NOT NULL AND went.fingerprint IS DISTINCT FROM came.fingerprint
    GROUP BY went.fingerprint, went.state, date_trunc('hour', went.died_at), went.tenant;
"""
_TRIGGERS = (
    ("insert", "INSERT", "NEW TABLE AS came", _CAME),
    ("update", "UPDATE", "OLD TABLE AS went NEW TABLE AS came", _MOVED),
    ("delete", "DELETE", "OLD TABLE AS went", _WENT),
)


def upgrade() -> None:
    op.create_table(
        "dead_letter_groups",
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("operation", sa.Text),
        sa.Column("error_type", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("frame", sa.Text),
        *(sa.Column(state, sa.BigInteger, nullable=False, server_default="0") for state in _STATES),
        sa.Column("first_seen", sa.DateTime(timezone=True)),
        sa.Column("last_seen", sa.DateTime(timezone=True)),
        sa.Column("sample", UUID),
        sa.PrimaryKeyConstraint("fingerprint", name="pk_dead_letter_groups"),
    )
    op.create_index("ix_dead_letter_groups_last_seen", "dead_letter_groups", ["last_seen"])
    op.create_table(
        "dead_letter_group_hours",
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letters", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "hour", name="pk_dead_letter_group_hours"),
    )
    op.create_index("ix_dead_letter_group_hours_hour", "dead_letter_group_hours", ["hour"])
    op.create_table(
        "dead_letter_group_tenants",
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("letters", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "tenant", name="pk_dead_letter_group_tenants"),
    )
    _changes()


def downgrade() -> None:
    for name, *_ in _TRIGGERS:
        op.execute(f"DROP TRIGGER count_{name} ON dead_letters")
        op.execute(f"DROP FUNCTION leeward_count_{name}()")
    for table in (
        "dead_letter_changes",
        "dead_letter_group_tenants",
        "dead_letter_group_hours",
        "dead_letter_groups",
    ):
        op.drop_table(table)


def _changes() -> None:
    op.create_table(
        "dead_letter_changes",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("letters", sa.BigInteger, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True)),
        sa.Column("tenant", sa.Text),
        sa.Column("first_seen", sa.DateTime(timezone=True)),
        sa.Column("last_seen", sa.DateTime(timezone=True)),
        sa.Column("sample", UUID),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letter_changes"),
    )
    for name, _, _, body in _TRIGGERS:
        op.execute(
            f"CREATE FUNCTION leeward_count_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$"
        )
    # Needs the dead letters for itself, for a moment.
    together(op.get_bind(), _triggers)


def _triggers() -> None:
    for name, event, tables, _ in _TRIGGERS:
        op.execute(
            f"CREATE TRIGGER count_{name} AFTER {event} ON dead_letters REFERENCING {tables}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION leeward_count_{name}()"
        )
