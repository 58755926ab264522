"""From what triggers have counted into the numbers of the groups."""

from sqlalchemy import Connection, text

_LOCK = 0x1EE_3A2D
"""The PostgreSQL advisory lock of the process that folds."""

# One statement: a change is in the numbers and off the list, or neither. An identity is written before its first letter, in the same
# transaction (storage/dead_letters/groups/group_identity.py), so every change that can be seen here has its group.
_FOLD = text("""
    WITH taken AS (
        DELETE FROM dead_letter_changes RETURNING fingerprint, state, letters, hour, tenant, first_seen, last_seen, sample
    ), hours AS (
        INSERT INTO dead_letter_group_hours AS known (fingerprint, hour, letters)
        SELECT fingerprint, hour, sum(letters) FROM taken
        WHERE hour IS NOT NULL GROUP BY fingerprint, hour HAVING sum(letters) <> 0
        ON CONFLICT (fingerprint, hour) DO UPDATE SET letters = known.letters + excluded.letters
    ), tenants AS (
        INSERT INTO dead_letter_group_tenants AS known (fingerprint, tenant, letters)
        SELECT fingerprint, tenant, sum(letters) FROM taken
        WHERE tenant IS NOT NULL GROUP BY fingerprint, tenant HAVING sum(letters) <> 0
        ON CONFLICT (fingerprint, tenant) DO UPDATE SET letters = known.letters + excluded.letters
    ), change AS (
        SELECT fingerprint,
               coalesce(sum(letters) FILTER (WHERE state = 'failed'), 0) AS failed,
               coalesce(sum(letters) FILTER (WHERE state = 'reviewing'), 0) AS reviewing,
               coalesce(sum(letters) FILTER (WHERE state = 'requeued'), 0) AS requeued,
               coalesce(sum(letters) FILTER (WHERE state = 'discarded'), 0) AS discarded,
               coalesce(sum(letters) FILTER (WHERE state = 'recovered'), 0) AS recovered,
               min(first_seen) AS first_seen, max(last_seen) AS last_seen,
               (array_agg(sample ORDER BY sample DESC) FILTER (WHERE sample IS NOT NULL))[1] AS sample
        FROM taken GROUP BY fingerprint
    )
    UPDATE dead_letter_groups AS known SET
        failed = known.failed + change.failed, reviewing = known.reviewing + change.reviewing,
        requeued = known.requeued + change.requeued, discarded = known.discarded + change.discarded,
        recovered = known.recovered + change.recovered,
        first_seen = least(known.first_seen, change.first_seen), last_seen = greatest(known.last_seen, change.last_seen),
        sample = greatest(known.sample, change.sample)
    FROM change WHERE known.fingerprint = change.fingerprint
""")


def roll_up(connection: Connection) -> None:
    """Brings the groups' numbers up to what is committed by now. Waits for another fold; writers of letters do not wait for it."""
    # Before the statement: what it sees is what is there once the lock is held.
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(_FOLD)


def roll_up_if_free(connection: Connection) -> bool:
    """`fold` in the background: returns at once, without having folded, while another process folds or when there is nothing to fold."""
    query = text("SELECT EXISTS (SELECT FROM dead_letter_changes) AND pg_try_advisory_xact_lock(:lock)")
    if not connection.execute(query, {"lock": _LOCK}).scalar():
        return False
    connection.execute(_FOLD)
    return True
