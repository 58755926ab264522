"""Dead letters by the hundred thousand, in a table of any release since the first."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

_COLUMNS = (
    "id, outbox_id, job_id, provider, queue, actor, priority, reason, state, message, payload, options, error, error_type, error_message,"
    " attempts, deliveries, worker, request_id, tenant, enqueued_at, died_at, created_at, updated_at"
)
_ROWS = """
    SELECT (lpad(to_hex(ms), 12, '0') || '7' || left(md5(n::text), 3) || '8' || right(md5(n::text), 15))::uuid,
        provider || '/' || ms || '-' || n, 'job-' || n, provider, 'sync.' || provider, 'sync.user', 'normal',
        (ARRAY['exhausted', 'permanent', 'expired', 'invalid'])[1 + n % 4],
        (CAST(:states AS text[]))[1 + n % cardinality(CAST(:states AS text[]))],
        convert_to(envelope::text, 'UTF8'), envelope -> 'kwargs', envelope -> 'options',
        jsonb_build_object('type', 'Transient', 'message', '503 from server ' || n % 50, 'operation', 'create_user',
            'traceback', repeat('  File "providers/jellyfin/client.py", line 42, in create_user' || chr(10), 8)),
        'Transient', '503 from server ' || n % 50, 5, 5, 'host-' || n % 8, md5(n::text), 'tenant-' || n % 100,
        died - interval '1 hour', died, died, died
    FROM generate_series(CAST(:first AS bigint), :last) AS n,
        LATERAL (SELECT CAST(:until AS timestamptz) - (CAST(:days AS float) * interval '1 day') * (n::float / :last)) AS at (died),
        LATERAL (SELECT (extract(epoch FROM died) * 1000)::bigint, (ARRAY['jellyfin', 'smtp', 'http'])[1 + n % 3]) AS made (ms, provider),
        LATERAL (SELECT jsonb_build_object('queue_name', 'sync.' || provider, 'actor_name', 'sync.user', 'message_id', 'job-' || n,
            'args', '[]'::jsonb, 'kwargs', jsonb_build_object('user', 'user-' || n, 'provider', provider),
            'options', jsonb_build_object('retries', 5, 'request_id', md5(n::text)))) AS sent (envelope)
"""
STATES = ("failed", "failed", "reviewing", "discarded", "recovered")
_AT_ONCE = 50_000


def fill(
    connection: Connection, letters: int, *, days: float, until: str = "now", states: Sequence[str] = STATES
) -> None:
    """Writes that many, the first the newest, in these states by turns; they died in the `days` before `until`, at even distances."""
    for first in range(1, letters + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, letters)
        with connection.begin():
            values = {
                "first": first,
                "last": last,
                "until": until,
                "days": days * last / letters,
                "states": list(states),
            }
            connection.execute(text(f"INSERT INTO dead_letters ({_COLUMNS}) {_ROWS}"), values)


def one_more(connection: Connection, number: int) -> None:
    """Writes one that dies now, as a drainer does: once, however often it comes."""
    values = {"first": number, "last": number, "until": "now", "days": 0, "states": ["failed"]}
    connection.execute(text(f"INSERT INTO dead_letters ({_COLUMNS}) {_ROWS} ON CONFLICT DO NOTHING"), values)
