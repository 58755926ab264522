import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from bench.dlq.letters import fill
from storage.database.lock_timeout import SchemaBusy
from storage.dead_letters.retention.months import Month
from storage.dead_letters.retention.partitions import REST, make_ahead, partitions
from tests.integration.storage.database.test_migrate import difference

# The first partition of a database that was migrated today ends before these.
NOW = datetime(2031, 11, 26, tzinfo=UTC)
MADE = ["dead_letters_2031_11", "dead_letters_2031_12", "dead_letters_2032_01", "dead_letters_2032_02"]


def places(connection: Connection) -> dict[str, list[Any]]:
    with connection.begin():
        found = connection.execute(
            text(
                "SELECT tableoid::regclass::text AS tableoid, array_agg(job_id ORDER BY job_id) AS jobs FROM dead_letters GROUP BY 1"
            )
        )
        return {row.tableoid: row.jobs for row in found}


def names(connection: Connection) -> list[str]:
    with connection.begin():
        return [each.table for each in partitions(connection)]


def test_this_month_and_the_next_three_have_a_partition_and_no_other(connection: Connection) -> None:
    assert make_ahead(connection, NOW) == MADE
    assert make_ahead(connection, NOW) == []
    assert names(connection) == ["dead_letters_first", *MADE]

    assert make_ahead(connection, datetime(2031, 12, 1, tzinfo=UTC)) == ["dead_letters_2032_03"]


def test_what_the_first_partition_holds_needs_none(connection: Connection) -> None:
    now = datetime.now(UTC)

    made = make_ahead(connection, now)

    assert Month.of(now).partition not in made
    assert len(made) in {1, 2}


def test_a_dead_letter_comes_into_its_month(engine: Engine, connection: Connection) -> None:
    make_ahead(connection, NOW)
    fill(connection, 1, days=0, until="2031-12-01T00:00Z")

    assert places(connection) == {"dead_letters_2031_12": ["job-1"]}
    assert [found for found in difference(engine) if "2031" not in str(found) and "2032" not in str(found)] == []


def test_rows_that_already_lie_in_the_default_partition_come_into_their_month(connection: Connection) -> None:
    for number, until in enumerate(("2031-12-31T23:59:59Z", "2032-01-01T00:00Z", "2044-01-01T00:00Z"), start=1):
        fill(connection, 1, days=0, until=until)
        with connection.begin():
            connection.execute(text(f"UPDATE dead_letters SET job_id = 'stray-{number}' WHERE job_id = 'job-1'"))
    assert places(connection) == {REST: ["stray-1", "stray-2", "stray-3"]}

    make_ahead(connection, NOW)

    assert places(connection) == {
        "dead_letters_2031_12": ["stray-1"],
        "dead_letters_2032_01": ["stray-2"],
        REST: ["stray-3"],
    }


def test_moving_a_row_counts_nothing_in_its_group(connection: Connection) -> None:
    fill(connection, 1, days=0, until="2031-12-31T23:59:59Z")
    with connection.begin():
        connection.execute(text("UPDATE dead_letters SET fingerprint = 'f'"))

    make_ahead(connection, NOW)

    with connection.begin():
        assert connection.execute(text("SELECT sum(letters), count(*) FROM dead_letter_changes")).one() == (1, 1)


def test_a_month_with_too_much_in_the_default_partition_stays_there(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.dead_letters.retention.partitions.MOVED_AT_ONCE", 10)
    fill(connection, 11, days=0.001, until="2031-12-31T23:59:59Z")

    assert make_ahead(connection, NOW) == [name for name in MADE if name != "dead_letters_2031_12"]

    assert len(places(connection)[REST]) == 11


def test_any_number_may_make_them_at_once(engine: Engine, connection: Connection) -> None:
    together = threading.Barrier(4)

    def make(_: int) -> list[str]:
        with engine.connect() as own:
            together.wait()
            try:
                return make_ahead(own, NOW)
            except SchemaBusy:
                return []

    with ThreadPoolExecutor(4) as pool:
        made = [name for names in pool.map(make, range(4)) for name in names]

    assert len(made) == len(set(made))
    make_ahead(connection, NOW)
    assert names(connection) == ["dead_letters_first", *MADE]


def test_who_reads_for_long_is_not_waited_for(engine: Engine, connection: Connection) -> None:
    with engine.connect() as reader:
        reader.execute(text(f"SELECT count(*) FROM {REST}"))
        with pytest.raises(SchemaBusy, match="pg_stat_activity"):
            make_ahead(connection, NOW)

    assert make_ahead(connection, NOW) == MADE


@pytest.fixture(autouse=True)
def _utc(connection: Connection) -> Iterator[None]:
    yield
    assert not connection.in_transaction()
