"""A PostgreSQL that goes and comes: the drainer's reconnections are on record."""

from datetime import timedelta
from typing import Any

import redis

from broker.fleet.recovery.record import Outcome, history, totals
from leeward import SyncUser
from storage.database import migrate
from storage.database.engine import create_engine
from tests.support.waiting import wait_until
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of
from workers.background.drainer import Drainer, DrainerOptions
from workers.embedded import EmbeddedPostgres
from workers.recovery.own_actions import RECONNECT, reconnect_database
from workers.recovery.recovery import Recovery

QUICK = DrainerOptions(sweep=timedelta(milliseconds=50), longest_pause=timedelta(milliseconds=200))


def test_each_attempt_to_reconnect_is_on_record_until_one_succeeds(
    own_postgres: EmbeddedPostgres, valkey: redis.Redis
) -> None:
    migrate.upgrade(own_postgres.url)
    engine = create_engine(own_postgres.url)
    recovery = Recovery(valkey, [reconnect_database(lambda: engine)], by=lambda: "host:1")
    drainer = Drainer(
        valkey, engine, lambda: ["lab"], options=QUICK, recover=lambda failure: recovery.recover(failure) is not None
    )
    drainer.start()
    try:
        wait_until(lambda: drainer.counts.unfit is None and drainer.counts.away is None, description="it drains")
        own_postgres.stop()
        message = message_of(SyncUser(user="alice", provider="lab"), message_id="lab-1")
        valkey.xadd("leeward:{lab}:dead", dict[Any, Any](dead_fields(message)))
        wait_until(lambda: _failed(valkey) >= 2, description="two attempts failed")
        own_postgres.start()
        wait_until(lambda: totals(valkey)[RECONNECT].recovered >= 1, description="one attempt helped")
    finally:
        drainer.stop(timedelta(seconds=30))
        engine.dispose()

    helped = next(one for one in history(valkey) if one.outcome is Outcome.RECOVERED)
    assert (helped.of, helped.operation, helped.by) == ("postgresql", "drain", "host:1")
    failed = next(one for one in history(valkey) if one.outcome is Outcome.FAILED)
    assert failed.attempts >= 2
    assert "connection" in failed.detail
    assert own_postgres.url not in failed.detail


def _failed(valkey: redis.Redis) -> int:
    return totals(valkey)[RECONNECT].failed if RECONNECT in totals(valkey) else 0
