"""Indexes to find dead letters by any conditions: combinations of facets, words, parts of errors. Before the release that asks them."""

from alembic import op

from storage.database.online_indexes import add_index_online

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Bounded: a tsvector of more than a megabyte is an error, and would be one of the insert; and making words is most of what a dead letter
# costs to write, so tracebacks, which are not searched by their words, have no part. What JSON escapes is no part of a word.
_WORDS = r"""
    CREATE OR REPLACE FUNCTION leeward_words(
        note text, job text, request text, key text, trace text, tenant text, kind text, message text, payload jsonb)
    RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple', translate(
        coalesce(left(note, 4000), '') || ' ' || job || ' ' || coalesce(request, '') || ' ' || coalesce(key, '') || ' '
        || coalesce(trace, '') || ' ' || coalesce(tenant, '') || ' ' || coalesce(kind, '') || ' '
        || coalesce(left(message, 4000), '') || ' '
        || replace(replace(replace(replace(coalesce(left(payload::text, 20000), ''), '\\', '  '), '\n', '  '), '\t', '  '), '\r', '  '),
        '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)))
"""
_FACETS = (
    "left(provider, 100), left(queue, 100), left(actor, 100), left(coalesce(operation, ''), 100), reason, \"state\", id"
)
_LEADS = {
    "replay_id": "replay_id",
    "owner": "left(owner, 100)",
    "tenant": "left(tenant, 100)",
    "fingerprint": "left(fingerprint, 100)",
}
_INDEXES = {
    "ix_dead_letters_facets": f"({_FACETS})",
    **{
        f"ix_dead_letters_{column}_facets": f"({lead}, {_FACETS}) WHERE {column} IS NOT NULL"
        for column, lead in _LEADS.items()
    },
    "ix_dead_letters_hold_facets": f"({_FACETS}) WHERE hold",
    "ix_dead_letters_words": (
        "USING gin (leeward_words(note, job_id, request_id, idempotency_key, trace_id, tenant, error_type, error_message, payload))"
        " WITH (gin_pending_list_limit = 1024)"
    ),
    "ix_dead_letters_error": (
        "USING gin ((coalesce(error_type, '') || ' ' || coalesce(error_message, '')) gin_trgm_ops)"
        " WITH (gin_pending_list_limit = 1024)"
    ),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # Trusted: a user who may create tables in the database may do this.
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute(_WORDS)
        for name, index in _INDEXES.items():
            add_index_online(op.get_bind(), name, "dead_letters", index)


def downgrade() -> None:
    for name in _INDEXES:
        op.execute(f"DROP INDEX IF EXISTS {name}")
    op.execute("DROP FUNCTION leeward_words(text, text, text, text, text, text, text, text, jsonb)")
