"""The dead letters become partitions while others go on reading and writing them."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text

from bench.dlq.letters import fill
from bench.dlq.traffic import traffic
from storage.database import migrate
from storage.database.engine import create_engine
from storage.database.lock_timeout import SchemaBusy, together
from storage.database.online_indexes import add_index_online
from tests.integration.storage.database.test_migrate import difference
from tests.integration.workers.processes.test_migrate import COMMAND
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until

LETTERS = 5_000


@pytest.fixture
def old(empty_database_url: str) -> Iterator[Engine]:
    """At the schema before the partitions."""
    migrate.upgrade(empty_database_url, "0002")
    engine = create_engine(empty_database_url)
    yield engine
    engine.dispose()


def rows(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT id, job_id, version FROM dead_letters ORDER BY id")))


def load(engine: Engine, letters: int = LETTERS) -> None:
    with engine.connect() as connection:
        fill(connection, letters, days=40)


@pytest.mark.parametrize("letters", [0, LETTERS])
def test_nothing_is_lost_or_refused_while_it_happens_and_the_way_back_keeps_it(
    old: Engine, empty_database_url: str, letters: int
) -> None:
    load(old, letters)

    with traffic(empty_database_url, first=1_000_000) as flow:
        wait_until(lambda: all(seen.done for seen in flow.seen.values()), description="traffic")
        before = Counter({name: seen.done for name, seen in flow.seen.items()})
        migrate.upgrade(empty_database_url)
        wait_until(lambda: all(seen.done > before[name] for name, seen in flow.seen.items()), description="traffic")

    assert flow.errors == []
    assert difference(old) == []
    found = rows(old)
    assert {row.job_id for row in found} == {f"job-{n}" for n in (*range(1, letters + 1), *flow.inserted)}
    decided = Counter(flow.decided)
    assert {row.id: row.version - 1 for row in found if row.version > 1} == decided

    migrate.downgrade(empty_database_url, "0002")
    assert rows(old) == found
    migrate.upgrade(empty_database_url)
    assert rows(old) == found


def test_an_upgrade_that_fails_at_any_statement_goes_on_when_it_is_run_again(
    old: Engine, empty_database_url: str
) -> None:
    load(old, 500)
    found, failures = rows(old), 0

    for allowed in count(1):
        try:
            with FailingAfter(allowed):
                migrate.upgrade(empty_database_url)
        except Failed:
            failures += 1
            assert rows(old) == found
        else:
            break

    assert failures > 40
    assert difference(old) == []
    assert rows(old) == found


def test_an_upgrade_that_is_killed_in_the_middle_of_an_index_goes_on_when_it_is_run_again(
    old: Engine, empty_database_url: str, start_process: Callable[..., RunningProcess]
) -> None:
    load(old, 500)
    with old.connect() as reader, old.connect() as looker:
        # Whoever builds an index concurrently waits for every snapshot that is older.
        reader.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        reader.execute(text("SELECT count(*) FROM accounts"))
        process = start_process(COMMAND, env={"LEEWARD_DATABASE_URL": empty_database_url})
        wait_until(lambda: building(looker), description="an index that is being built", timeout=30)
        process.kill()
        # The server may not have noticed; its own timeouts see to that in the end.
        looker.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ~ '^CREATE INDEX CONC'")
        )
        looker.commit()
        invalid = looker.execute(text("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).scalar()
    assert invalid == 1

    migrate.upgrade(empty_database_url)

    assert difference(old) == []
    assert len(rows(old)) == 500


def test_who_reads_for_long_delays_the_upgrade_and_nobody_else(old: Engine, empty_database_url: str) -> None:
    load(old, 100)

    def inserted() -> int:
        return flow.seen["insert"].done

    def has_gone_on(before: int) -> bool:
        return inserted() > before

    with traffic(empty_database_url, first=1_000) as flow, ThreadPoolExecutor(1) as pool:
        with old.connect() as reader:
            reader.execute(text("LOCK TABLE dead_letters IN ACCESS SHARE MODE"))
            upgrade = pool.submit(migrate.upgrade, empty_database_url)
            for _ in range(3):
                wait_until(lambda: waits_for_the_table(old), description="an attempt to change the table", timeout=30)
                wait_until(lambda: not waits_for_the_table(old), description="the end of the attempt", timeout=30)
                wait_until(partial(has_gone_on, inserted()), description="a writer to go on", timeout=30)
            assert not upgrade.done()
        upgrade.result(60)

    assert flow.errors == []
    assert difference(old) == []


def test_the_first_partition_ends_after_every_dead_letter_and_a_month_from_now(
    old: Engine, empty_database_url: str
) -> None:
    far = datetime.now(UTC) + timedelta(days=400)
    with old.connect() as connection:
        fill(connection, 1, days=0, until=far.isoformat())

    migrate.upgrade(empty_database_url)

    with old.connect() as connection:
        bounds = connection.execute(
            text("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = 'dead_letters_first'")
        ).scalar_one()
    month_after = (far.replace(day=1) + timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    milliseconds = int(month_after.timestamp() * 1000)
    assert f"TO ('{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-0000-0000-000000000000')" in bounds


def test_an_index_comes_to_every_partition_and_to_those_that_are_made_later(
    old: Engine, empty_database_url: str
) -> None:
    load(old, 500)
    migrate.upgrade(empty_database_url)
    with old.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(
                "CREATE TABLE worse PARTITION OF dead_letters FOR VALUES FROM ('f0000000-0000-7000-8000-000000000000')"
                " TO ('f1000000-0000-7000-8000-000000000000')"
            )
        )
        connection.execute(text("ALTER TABLE worse RENAME TO dead_letters_far"))
        for _ in range(2):
            add_index_online(connection, "ix_dead_letters_worker", "dead_letters", "(worker) WHERE worker IS NOT NULL")
        connection.execute(
            text(
                "CREATE TABLE dead_letters_later PARTITION OF dead_letters"
                " FOR VALUES FROM ('f1000000-0000-7000-8000-000000000000') TO ('f2000000-0000-7000-8000-000000000000')"
            )
        )

        parts = connection.execute(
            text(
                "SELECT indrelid::regclass::text, indisvalid FROM pg_index WHERE indexrelid = 'ix_dead_letters_worker'::regclass"
                " OR indexrelid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = 'ix_dead_letters_worker'::regclass)"
            )
        ).all()
    tables = ("dead_letters", "dead_letters_far", "dead_letters_first", "dead_letters_later", "dead_letters_rest")
    assert sorted(map(tuple, parts)) == [(table, True) for table in tables]


def test_an_index_whose_name_cannot_be_a_partitions_is_refused(old: Engine, empty_database_url: str) -> None:
    migrate.upgrade(empty_database_url)
    with (
        old.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(ValueError, match="let it hold 'dead_letters'"),
    ):
        add_index_online(connection, "anything", "dead_letters", "(worker)")


def test_a_table_that_is_never_free_is_told(old: Engine) -> None:
    with old.connect() as reader, old.connect() as connection:
        reader.execute(text("LOCK TABLE dead_letters IN ACCESS SHARE MODE"))

        def take() -> None:
            connection.execute(text("LOCK TABLE dead_letters IN ACCESS EXCLUSIVE MODE"))

        with connection.begin(), pytest.raises(SchemaBusy, match=r"each of 2 attempts.*run it again"):
            together(connection, take, attempts=2, pause=timedelta(0))


class Failed(Exception):
    pass


class FailingAfter:
    """Inside it, the process's statement number `allowed` fails before it is sent."""

    def __init__(self, allowed: int) -> None:
        self.left = allowed

    def __enter__(self) -> None:
        event.listen(Engine, "before_cursor_execute", self._count)

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._count)

    def _count(self, connection: Connection, cursor: Any, statement: str, *_: object) -> None:
        if "advisory" in statement:  # of the lock around it, whose end must be reached
            return
        self.left -= 1
        if self.left == 0:
            raise Failed(statement)


def building(connection: Connection) -> bool:
    with connection.begin():
        return bool(
            connection.execute(
                text("SELECT count(*) FROM pg_stat_progress_create_index WHERE phase ~ 'waiting'")
            ).scalar()
        )


def waits_for_the_table(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(
            connection.execute(
                text("SELECT count(*) FROM pg_stat_activity WHERE query ~ '^ALTER' AND wait_event_type = 'Lock'")
            ).scalar()
        )
