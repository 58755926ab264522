"""Dead letters in monthly partitions of their ids, with the columns of triage and replay. Before the release that needs them.

Readers and writers continue in the meantime: long steps take no lock that they wait for, and steps that take such a lock are short. The
long part is committed step by step; each step checks before it acts, so an upgrade that was killed continues where it stopped. The older
release's drainers still work afterwards, too; its `leeward dlq replay` does not, because it has no `replay_runner`.
"""

import re
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from storage.database.lock_timeout import alone, together
from storage.database.online_indexes import build_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEW_COLUMNS = {
    "operation": "text",
    "fingerprint": "text",
    "finished_at": "timestamptz",
    "superseded_by": "uuid",
    "edited_message": "bytea",
    "edited_payload": "jsonb",
    "replay_id": "uuid",
    "hold": "boolean NOT NULL DEFAULT false",
}
_DROPPED_INDEXES = ("died_at_id", "state_died_at_id", "unconfirmed")
_KEPT_INDEXES = {"job_id": "(job_id)", "replay_of": "(replay_of) WHERE replay_of IS NOT NULL"}
_FACETS = ("state", "reason", "provider", "fingerprint")
_NEW_INDEXES = {f"{facet}_id": f"({facet}, id)" for facet in _FACETS} | {
    "tenant_id": "(tenant, id) WHERE tenant IS NOT NULL",
    "finished_at": "(finished_at) WHERE finished_at IS NOT NULL",
    "hold": "(id) WHERE hold",
}
_BOUND = "dead_letters_first_bound"
# Where the first partition ends: with the first month that begins after a month from now and after every dead letter there is.
_NEEDED_BOUND = """
    SELECT (lpad(to_hex((extract(epoch FROM date_trunc('month', greatest(
        now() + interval '1 month',
        to_timestamp(('x' || lpad(left(replace((SELECT id FROM dead_letters ORDER BY id DESC LIMIT 1)::text, '-', ''), 12), 16, '0'))
            ::bit(64)::bigint / 1000.0)
    ), 'UTC') + interval '1 month') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        _add_columns(connection)
        _build_indexes(connection)
        bound = _bounded(connection)
    together(op.get_bind(), lambda: _become_a_partition(bound))


def downgrade() -> None:
    """Copies every dead letter back into one table: no other transaction can read or write them in the meantime."""
    _become_plain()


def _add_columns(connection: sa.Connection) -> None:
    columns = ", ".join(f"ADD COLUMN IF NOT EXISTS {name} {kind}" for name, kind in _NEW_COLUMNS.items())
    alone(connection, f"ALTER TABLE dead_letters {columns}")


def _build_indexes(connection: sa.Connection) -> None:
    """The first partition's indexes before it is one, so that attaching it finds them and builds none."""
    for name, definition in _NEW_INDEXES.items():
        build_index(connection, f"ix_dead_letters_first_{name}", "dead_letters", definition)


def _bounded(connection: sa.Connection) -> UUID:
    """Makes sure that every id is below a bound, so that attaching the table needs no look at its rows."""
    needed = connection.execute(sa.text(_NEEDED_BOUND)).scalar_one()
    if (bound := _present_bound(connection)) is None or bound < needed:
        drop = f"DROP CONSTRAINT IF EXISTS {_BOUND}, "
        alone(connection, f"ALTER TABLE dead_letters {drop} ADD CONSTRAINT {_BOUND} CHECK (id < '{needed}') NOT VALID")
        bound = needed
    connection.execute(sa.text(f"ALTER TABLE dead_letters VALIDATE CONSTRAINT {_BOUND}"))
    return bound


def _present_bound(connection: sa.Connection) -> UUID | None:
    query = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"
    found = re.search(r"[0-9a-f-]{36}", connection.execute(sa.text(query), {"name": _BOUND}).scalar() or "")
    return UUID(found[0]) if found else None


def _become_a_partition(bound: UUID) -> None:
    op.execute("LOCK TABLE dead_letters IN ACCESS EXCLUSIVE MODE")
    _shed_what_is_old()
    op.execute("ALTER TABLE dead_letters RENAME TO dead_letters_first")
    op.execute("ALTER TABLE dead_letters_first RENAME CONSTRAINT pk_dead_letters TO pk_dead_letters_first")
    for name in _KEPT_INDEXES:
        op.execute(f"ALTER INDEX ix_dead_letters_{name} RENAME TO ix_dead_letters_first_{name}")
    op.execute(
        "CREATE TABLE dead_letters (LIKE dead_letters_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (id)"
    )
    op.execute(f"ALTER TABLE dead_letters DROP CONSTRAINT {_BOUND}, ADD CONSTRAINT pk_dead_letters PRIMARY KEY (id)")
    for name, definition in (_KEPT_INDEXES | _NEW_INDEXES).items():
        op.execute(f"CREATE INDEX ix_dead_letters_{name} ON dead_letters {definition}")
    op.execute(
        f"ALTER TABLE dead_letters ATTACH PARTITION dead_letters_first FOR VALUES FROM (MINVALUE) TO ('{bound}')"
    )
    op.execute(f"ALTER TABLE dead_letters_first DROP CONSTRAINT {_BOUND}")
    op.execute("CREATE TABLE dead_letters_rest PARTITION OF dead_letters DEFAULT")


def _shed_what_is_old() -> None:
    for name in _DROPPED_INDEXES:
        op.execute(f"DROP INDEX ix_dead_letters_{name}")
    op.execute(
        "ALTER TABLE dead_letters DROP CONSTRAINT fk_dead_letters_replay_of, DROP CONSTRAINT uq_dead_letters_outbox_id,"
        " DROP COLUMN replay_runner"
    )


def _become_plain() -> None:
    op.execute("ALTER TABLE dead_letters RENAME TO dead_letters_parted")
    op.execute("CREATE TABLE dead_letters (LIKE dead_letters_parted INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
    op.execute("INSERT INTO dead_letters SELECT * FROM dead_letters_parted")
    op.drop_table("dead_letters_parted")
    for name in _NEW_COLUMNS:
        op.drop_column("dead_letters", name)
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
    for name, definition in _KEPT_INDEXES.items():
        op.execute(f"CREATE INDEX ix_dead_letters_{name} ON dead_letters {definition}")
    op.create_index(
        "ix_dead_letters_unconfirmed",
        "dead_letters",
        ["replay_runner"],
        postgresql_where=sa.text("state = 'requeued' AND replayed_at IS NULL"),
    )
