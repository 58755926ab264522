"""Ten minutes without PostgreSQL, by a clock that the test turns."""

import threading

import redis
from sqlalchemy import Engine

from storage.database.engine import create_engine
from tests.integration.workers.background.test_drainer import die, jobs, waiting
from workers.background.drainer import Drainer, DrainerOptions

OUTAGE_SECONDS = 600
DEATHS = 1_000


class SimulatedStop(threading.Event):
    """Nobody waits: the clock goes on by as much, and at its end the drainer is stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0)
        if sum(self.pauses) >= OUTAGE_SECONDS:
            self.set()
        return self.is_set()


def test_ten_minutes_without_postgresql_cost_a_look_every_few_seconds_and_nothing_else(
    valkey: redis.Redis, engine: Engine
) -> None:
    die(valkey, range(DEATHS))
    away = create_engine("postgresql://leeward:secret@127.0.0.1:9/leeward")
    drainer, stop = Drainer(valkey, away, lambda: ["jellyfin"]), SimulatedStop()
    drainer._stopping = stop

    drainer.run()

    assert drainer.counts.away == "postgresql"
    assert drainer.counts.lags["jellyfin"].entries == DEATHS
    longest = DrainerOptions().longest_pause.total_seconds()
    assert max(stop.pauses) <= longest
    assert drainer.counts.failures == len(stop.pauses) <= OUTAGE_SECONDS / (longest / 2) + 10

    Drainer(valkey, engine, lambda: ["jellyfin"]).sweep()
    assert len(jobs(engine)) == DEATHS
    assert waiting(valkey) == 0
