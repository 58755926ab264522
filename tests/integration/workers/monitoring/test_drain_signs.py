"""What a host says of its drain: read from Valkey at the scrape, and told by readiness, also while PostgreSQL hangs or lacks its tables."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from leeward.wire.keys import QUEUES
from storage.database.answering import Patience
from storage.database.engine import create_engine
from storage.database.migrate import upgrade
from tests.integration.workers.background.test_drainer import LONG, QUICK, die, rows
from tests.support.faults import FaultyProxy, faulty_proxy
from tests.support.servers import execute
from tests.support.waiting import wait_until
from workers.background.drainer import Drainer, DrainerOptions
from workers.background.schema_watch import SchemaWatch
from workers.monitoring.fleet.fleet_gauges import FleetGauges
from workers.monitoring.host_gauges import HostGauges
from workers.monitoring.readiness import STORED, DrainSign, drain_problems

SHORT = Patience(silence=timedelta(milliseconds=300), answer=timedelta(seconds=2))
WELL = DrainSign(unfit=None, away=None, quiet=timedelta(seconds=5))


class Host:
    """A drainer, and the gauges beside it."""

    def __init__(self, valkey: redis.Redis, engine: Engine, options: DrainerOptions = QUICK) -> None:
        valkey.sadd(QUEUES, "sync.jellyfin")
        self.drainer = Drainer(valkey, engine, lambda: ["jellyfin"], options=options)
        self._registry = CollectorRegistry()
        self._registry.register(FleetGauges(valkey, None))
        self._registry.register(HostGauges(valkey, self.drainer))
        self.drainer.start()

    def entries(self) -> float | None:
        return self._registry.get_sample_value("leeward_outbox_entries", {"provider": "jellyfin"})

    def is_draining(self) -> bool:
        return self._registry.get_sample_value("leeward_outbox_drain_ok") == 1


@pytest.fixture
def proxy(database_url: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(database_url) as proxy:
        yield proxy


def test_a_hanging_postgresql_is_told_and_drained_into_when_it_goes_on(
    valkey: redis.Redis, database_url: str, proxy: FaultyProxy
) -> None:
    engine, direct = create_engine(proxy.url, patience=SHORT), create_engine(database_url)
    host = Host(valkey, engine)
    die(valkey, range(3), ring=True)
    wait_until(lambda: rows(direct) == 3 and host.entries() == 0, description="the first are drained")
    assert host.is_draining()
    proxy.black_hole()
    die(valkey, range(3, 64), ring=True)

    wait_until(lambda: not host.is_draining(), description="the gauge says so", timeout=30)

    assert host.entries() == 61
    proxy.heal()
    wait_until(lambda: rows(direct) == 64 and host.entries() == 0, description="all are drained", timeout=30)
    wait_until(host.is_draining, description="the gauge says so")
    assert host.drainer.stop(LONG)
    engine.dispose()
    direct.dispose()


def test_a_hang_is_told_although_nothing_is_to_be_drained(valkey: redis.Redis, proxy: FaultyProxy) -> None:
    engine = create_engine(proxy.url, patience=SHORT)
    host = Host(valkey, engine, replace(QUICK, sweep=timedelta(milliseconds=200)))
    wait_until(lambda: host.drainer.counts.lags, description="the first look")
    proxy.black_hole()

    wait_until(lambda: not host.is_draining(), description="the gauge says so", timeout=30)

    proxy.heal()
    assert host.drainer.stop(LONG)
    engine.dispose()


def test_a_database_without_tables_is_told_until_it_has_them(valkey: redis.Redis, empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    host = Host(valkey, engine)
    die(valkey, range(3), ring=True)
    wait_until(lambda: host.drainer.counts.unfit, description="the schema is missed", timeout=30)
    assert "run `leeward migrate`" in drain_problems(host.drainer.sign)[0]
    assert not host.is_draining()

    upgrade(empty_database_url)

    wait_until(lambda: rows(engine) == 3 and host.is_draining(), description="all are drained", timeout=30)
    assert drain_problems(host.drainer.sign) == []
    assert host.drainer.stop(LONG)
    engine.dispose()


def test_a_schema_is_looked_at_until_it_fits(empty_database_url: str) -> None:
    engine = create_engine(empty_database_url)
    watch = SchemaWatch(engine)
    said = []
    watch.look()
    said.append(watch.problem)
    for revision in ("0003", "head"):
        upgrade(empty_database_url, revision)
        watch.look()
        said.append(watch.problem)
    execute(empty_database_url, "UPDATE alembic_version SET version_num = '9999'")
    watch.look()  # the next release's migrations, made before its processes
    said.append(watch.problem)
    later = SchemaWatch(engine)
    later.look()

    for problem in said[:2]:
        assert re.fullmatch(
            r"the database lacks \d+ of this release's migrations: run `leeward migrate`", problem or ""
        )
    assert said[2:] == [None, None]
    assert "newer than this release" in str(later.problem)
    assert "install" in str(later.problem)
    engine.dispose()


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        (WELL, []),
        (DrainSign(unfit=None, away="postgresql", quiet=STORED), []),
        (DrainSign(unfit="do this", away=None, quiet=timedelta(0)), ["do this"]),
        (DrainSign(unfit=None, away="postgresql", quiet=timedelta(seconds=31)), ["31 s: PostgreSQL does not answer"]),
        (DrainSign(unfit=None, away=None, quiet=timedelta(seconds=31)), ["31 s: PostgreSQL does not answer"]),
        (DrainSign(unfit=None, away="valkey", quiet=timedelta(minutes=2)), ["120 s: Valkey does not answer"]),
        (DrainSign(unfit=None, away="unknown", quiet=timedelta(minutes=2)), ["120 s: see this host's log"]),
    ],
)
def test_readiness_says_what_is_wrong_with_the_drain(sign: DrainSign, said: list[str]) -> None:
    found = drain_problems(sign)

    assert len(found) == len(said)
    assert all(problem.endswith(end) for problem, end in zip(found, said, strict=True))


def test_a_database_of_another_encoding_is_told_by_its_sentence(valkey: redis.Redis, database_url: str) -> None:
    execute(database_url, "CREATE DATABASE odd ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'")
    engine = create_engine(database_url.rpartition("/")[0] + "/odd")
    host = Host(valkey, engine)
    die(valkey, range(1), ring=True)

    wait_until(lambda: host.drainer.counts.unfit, description="the encoding is told", timeout=30)

    assert "createdb --encoding=UTF8" in drain_problems(host.drainer.sign)[0]
    assert host.drainer.stop(LONG)
    engine.dispose()
    execute(database_url, "DROP DATABASE odd")
