"""Partitions are there before their month, whoever is first to look."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
import structlog
from sqlalchemy import Engine
from structlog.testing import capture_logs

from storage.database.engine import create_engine
from storage.dead_letters.retention.months import Month
from storage.dead_letters.retention.partitions import partitions
from tests.integration.workers.processes.test_migrate import COMMAND
from tests.support.processes import RunningProcess
from tests.support.waiting import wait_until
from workers.background.drainer import Drainer
from workers.background.partition_maintenance import EVERY, PartitionMaintenance

NOW = datetime(2031, 11, 26, tzinfo=UTC)


def months(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [each.table for each in partitions(connection) if each.table != "dead_letters_first"]


def test_it_looks_at_once_and_then_now_and_then(engine: Engine) -> None:
    seconds, now = [0.0], [NOW]
    ahead = PartitionMaintenance(engine, clock=lambda: seconds[0], now=lambda: now[0])

    ahead.look()
    assert months(engine)[-1] == "dead_letters_2032_02"

    now[0] += timedelta(days=31)
    ahead.look()
    assert months(engine)[-1] == "dead_letters_2032_02"
    seconds[0] += EVERY.total_seconds()
    ahead.look()
    assert months(engine)[-1] == "dead_letters_2032_03"


def test_a_database_that_is_away_is_survived_and_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.background.partition_maintenance._log", structlog.get_logger())
    engine = create_engine("postgresql://leeward:secret@127.0.0.1:9/leeward", connect_timeout=timedelta(seconds=1))

    with capture_logs() as lines:
        PartitionMaintenance(engine).look()

    (line,) = lines
    assert line["event"] == "partitions_postponed"
    assert "secret" not in line["error"]


def test_a_drainer_makes_them(valkey: redis.Redis, engine: Engine) -> None:
    drainer = Drainer(valkey, engine, list)
    drainer.start()
    try:
        wait_until(lambda: _is_ahead(engine), description="the partitions of the months to come")
    finally:
        drainer.stop()


def test_a_migration_makes_them(start_process: Callable[..., RunningProcess], empty_database_url: str) -> None:
    process: Any = start_process(COMMAND, env={"LEEWARD_DATABASE_URL": empty_database_url})
    assert process.wait(60) == 0, process.output

    engine = create_engine(empty_database_url)
    assert _is_ahead(engine)
    engine.dispose()


def _is_ahead(engine: Engine) -> bool:
    last = Month.of(datetime.now(UTC)).next.next.next
    return last.partition in months(engine)
