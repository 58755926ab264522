from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from bench.dlq.letters import fill
from storage.dead_letters.retention.orphans import delete_orphaned_groups, delete_orphaned_replays

BEFORE = datetime(2026, 2, 1, tzinfo=UTC)
GROUPS = """
    INSERT INTO dead_letter_groups (fingerprint, provider, last_seen)
    VALUES ('empty', 'p', '2026-01-20Z'), ('lives', 'p', '2026-01-20Z'), ('waits', 'p', '2026-01-20Z'), ('young', 'p', '2026-02-28Z');
    INSERT INTO dead_letter_group_hours VALUES ('empty', '2026-01-20Z', 1), ('lives', '2026-01-20Z', 1), ('lives', '2026-01-21Z', 0);
    INSERT INTO dead_letter_group_tenants VALUES ('empty', 't', 1), ('lives', 't', 1), ('lives', 'u', 0)
"""
REPLAYS = """
    INSERT INTO replays (id, state, who, note, filter, rules, letters, ended_at)
    SELECT gen_random_uuid(), state, 'ada', note, '{}', '{}', 2, ended FROM (VALUES
        ('over', 'finished', timestamptz '2026-01-01Z'), ('over', 'cancelled', '2026-01-01Z'), ('young', 'finished', '2026-02-20Z'),
        ('may be resumed', 'stopped', '2026-01-01Z'), ('under way', 'paused', NULL)
    ) AS made (note, state, ended);
    INSERT INTO replay_items (replay_id, position, dead_letter_id, provider)
    SELECT id, number, gen_random_uuid(), 'p' FROM replays, generate_series(1, 3) AS number
"""


def fingerprints(connection: Connection, table: str) -> list[str]:
    with connection.begin():
        return sorted(connection.execute(text(f"SELECT fingerprint FROM {table}")).scalars())


def test_an_old_group_without_a_dead_letter_goes_with_what_it_counted(connection: Connection) -> None:
    fill(connection, 2, days=1)
    with connection.begin():
        connection.execute(text("UPDATE dead_letters SET fingerprint = 'lives' WHERE job_id = 'job-1'"))
        connection.execute(text("DELETE FROM dead_letter_changes"))  # folded in
        connection.execute(
            text("INSERT INTO dead_letter_changes (fingerprint, state, letters) VALUES ('waits', 'failed', -1)")
        )
        connection.execute(text(GROUPS))

    assert delete_orphaned_groups(connection, BEFORE) == 1
    assert delete_orphaned_groups(connection, BEFORE) == 0

    assert fingerprints(connection, "dead_letter_groups") == ["lives", "waits", "young"]
    assert fingerprints(connection, "dead_letter_group_hours") == ["lives"]
    assert fingerprints(connection, "dead_letter_group_tenants") == ["lives"]


def test_replays_that_ended_long_ago_go_with_their_items(connection: Connection) -> None:
    with connection.begin():
        connection.execute(text(REPLAYS))

    assert delete_orphaned_replays(connection, BEFORE) == 2
    assert delete_orphaned_replays(connection, BEFORE) == 0

    with connection.begin():
        notes = connection.execute(
            text("SELECT note FROM replays JOIN replay_items ON replay_id = replays.id")
        ).scalars()
        assert Counter(notes) == {"young": 3, "may be resumed": 3, "under way": 3}
