from collections import Counter
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from bench.dlq.load import load
from storage.database.engine import create_engine
from storage.dead_letters.groups.fingerprint import failure_of, values_of
from storage.dead_letters.state import State
from storage.tables import dead_letter_groups, dead_letters

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ROWS = 3_000


def test_the_loaded_queue_is_what_a_fleet_would_have_written(database_url: str) -> None:
    engine = create_engine(database_url)
    load(engine, rows=ROWS, seed=7, now=NOW)
    with engine.connect() as connection:
        rows = connection.execute(select(dead_letters)).all()
        known = set(connection.execute(select(dead_letter_groups.c.fingerprint)).scalars())
    engine.dispose()

    assert len({row.id for row in rows}) == len({row.job_id for row in rows}) == ROWS
    assert {row.state for row in rows} == set(State)
    assert all(NOW - timedelta(days=60) <= row.died_at < NOW for row in rows)
    for row in rows:
        values = values_of(row.payload, job=row.job_id, worker=row.worker)
        assert failure_of(row.provider, row.actor, row.error, values).fingerprint == row.fingerprint
        assert row.fingerprint in known


def test_the_loaded_queue_has_two_bursts_and_uneven_groups(database_url: str) -> None:
    engine = create_engine(database_url)
    load(engine, rows=ROWS, seed=7, now=NOW)
    with engine.connect() as connection:
        hours = connection.execute(select(func.date_bin(timedelta(hours=1), dead_letters.c.died_at, NOW))).scalars()
        in_an_hour = Counter(hours).most_common(3)
        groups = connection.execute(
            select(func.count(dead_letters.c.id)).group_by(dead_letters.c.fingerprint).order_by(func.count().desc())
        ).scalars()
        sizes = list(groups)
    engine.dispose()

    (first, first_size), (second, second_size), (_, usual) = in_an_hour
    assert (first, second) == (NOW - timedelta(days=20, hours=1), NOW - timedelta(hours=6))
    assert first_size >= 0.3 * ROWS
    assert second_size >= 0.1 * ROWS
    assert usual < 0.01 * ROWS
    assert sizes[0] > 20 * sizes[len(sizes) // 2]
