import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import redis
import structlog
from sqlalchemy import Engine, func, select, text
from structlog.testing import capture_logs

from leeward import SyncUser
from storage.database import migrate
from storage.database.engine import create_engine
from storage.tables import dead_letters
from tests.support.answers import entries
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until
from tests.unit.storage.dead_letters.intake.dead_entries import dead_fields, message_of
from workers.background.drainer import Drainer, DrainerOptions
from workers.embedded import EmbeddedPostgres, EmbeddedValkey

NEVER = timedelta(hours=1)
LONG = timedelta(seconds=30)
QUICK = DrainerOptions(batch=10, longest_pause=timedelta(milliseconds=200))
RING_ONLY = DrainerOptions(sweep=NEVER)


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What the drainer logs; by a fresh logger, because one that was used before may be bound to another test's configuration."""
    monkeypatch.setattr("workers.background.drainer._log", structlog.get_logger())
    with capture_logs() as lines:
        yield lines


@contextmanager
def running(
    client: redis.Redis,
    engine: Engine,
    *,
    providers: Callable[[], Sequence[str]] = lambda: ["jellyfin"],
    options: DrainerOptions = QUICK,
) -> Iterator[Drainer]:
    drainer = Drainer(client, engine, providers, options=options)
    drainer.start()
    try:
        yield drainer
    finally:
        assert drainer.stop(LONG)


def die(client: redis.Redis, numbers: range, *, provider: str = "jellyfin", ring: bool = False, **changes: str) -> None:
    """Puts jobs into an outbox, as `dead_letter.lua` does."""
    with client.pipeline(transaction=False) as pipeline:
        for number in numbers:
            message = message_of(SyncUser(user=f"user-{number}", provider=provider), message_id=f"{provider}-{number}")
            pipeline.xadd(f"leeward:{{{provider}}}:dead", dict[Any, Any](dead_fields(message, **changes)))
        if ring:
            pipeline.publish("leeward:dead", provider)
        pipeline.execute()


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(dead_letters)).scalar_one()


def jobs(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(select(dead_letters.c.job_id)).scalars())


def waiting(client: redis.Redis, provider: str = "jellyfin") -> int:
    return client.xlen(f"leeward:{{{provider}}}:dead")


def listens(client: redis.Redis) -> Callable[[], bool]:
    return lambda: dict(client.pubsub_numsub("leeward:dead"))[b"leeward:dead"] > 0


def test_what_waits_at_the_start_is_drained(valkey: redis.Redis, engine: Engine) -> None:
    die(valkey, range(25))
    die(valkey, range(5), provider="smtp")

    with running(valkey, engine, providers=lambda: ["jellyfin", "smtp"], options=RING_ONLY) as drainer:
        wait_until(lambda: drainer.counts.drained == 30, description="both outboxes are drained")

    assert jobs(engine) == {f"jellyfin-{number}" for number in range(25)} | {f"smtp-{number}" for number in range(5)}
    assert waiting(valkey) == waiting(valkey, "smtp") == 0
    assert {provider: lag.entries for provider, lag in drainer.counts.lags.items()} == {"jellyfin": 0, "smtp": 0}


def test_a_ring_is_answered_long_before_the_next_sweep(valkey: redis.Redis, engine: Engine) -> None:
    with running(valkey, engine, options=RING_ONLY) as drainer:
        wait_until(listens(valkey), description="the drainer listens")
        # Until the first sweep is over a ring proves nothing.
        wait_until(lambda: "jellyfin" in drainer.counts.lags, description="the first sweep")
        die(valkey, range(3), ring=True)
        wait_until(lambda: rows(engine) == 3, description="the ring is answered")


def test_a_ring_from_a_provider_that_was_not_named_is_answered(valkey: redis.Redis, engine: Engine) -> None:
    with running(valkey, engine, options=RING_ONLY) as drainer:
        wait_until(lambda: "jellyfin" in drainer.counts.lags, description="the first sweep")
        die(valkey, range(3), provider="emby", ring=True)
        wait_until(lambda: rows(engine) == 3, description="the ring is answered")


def test_a_lost_ring_costs_time_and_nothing_else(valkey: redis.Redis, engine: Engine) -> None:
    with running(valkey, engine, options=DrainerOptions(sweep=timedelta(milliseconds=50))) as drainer:
        wait_until(lambda: "jellyfin" in drainer.counts.lags, description="the first sweep")
        die(valkey, range(3))
        wait_until(lambda: rows(engine) == 3, description="a sweep finds them")


def test_several_drainers_at_once_write_each_dead_job_once(valkey: redis.Redis, engine: Engine) -> None:
    with running(valkey, engine) as one, running(valkey, engine) as other:
        for start in range(0, 600, 100):
            die(valkey, range(start, start + 100), ring=True)
        wait_until(lambda: waiting(valkey) == 0, description="the outbox is empty", timeout=30)

    assert rows(engine) == 600
    assert one.counts.failures == other.counts.failures == 0


def test_postgresql_killed_in_mid_drain_loses_and_doubles_nothing(
    valkey: redis.Redis, own_postgres: EmbeddedPostgres, logs: list[Any]
) -> None:
    migrate.upgrade(own_postgres.url)
    engine = create_engine(own_postgres.url)
    die(valkey, range(1_000))

    with running(valkey, engine) as drainer:
        wait_until(lambda: drainer.counts.drained >= 100, description="the drain has begun")
        own_postgres.kill()
        wait_until(lambda: drainer.counts.away == "postgresql", description="the drainer notices")
        assert drainer.counts.drained < 1_000
        die(valkey, range(1_000, 1_020))
        left = waiting(valkey)
        wait_until(lambda: drainer.counts.lags["jellyfin"].entries == left, description="the lag is visible")
        failures = drainer.counts.failures
        wait_until(lambda: drainer.counts.failures > failures + 2, description="the drainer goes on trying")
        own_postgres.start()
        wait_until(lambda: waiting(valkey) == 0, description="the outbox is empty", timeout=30)
        wait_until(lambda: drainer.counts.away is None, description="all is well again")

    assert rows(engine) == len(jobs(engine)) == 1_020
    assert [line["event"] for line in logs] == ["drainer_interrupted", "drainer_resumed"]
    assert logs[0]["away"] == "postgresql"
    engine.dispose()


def test_entries_that_come_again_after_their_commit_are_not_doubled(valkey: redis.Redis, engine: Engine) -> None:
    """As after a drainer that was killed between the commit and the emptying of the outbox."""
    die(valkey, range(20))
    stream = "leeward:{jellyfin}:dead"
    before = entries(valkey, stream)
    with running(valkey, engine, options=RING_ONLY):
        wait_until(lambda: waiting(valkey) == 0, description="the outbox is empty")
    valkey.delete(stream)
    for id_, fields in before:
        valkey.xadd(stream, dict[Any, Any](fields), id=id_.decode())

    with running(valkey, engine, options=RING_ONLY):
        wait_until(lambda: waiting(valkey) == 0, description="the outbox is empty again")

    assert rows(engine) == 20


def test_valkey_restarted_loses_and_doubles_nothing(
    own_valkey: EmbeddedValkey, engine: Engine, logs: list[Any]
) -> None:
    with connect_valkey(own_valkey.url) as client:
        die(client, range(200))
        with running(client, engine) as drainer:
            wait_until(lambda: drainer.counts.drained >= 20, description="the drain has begun")
            own_valkey.kill()
            wait_until(lambda: drainer.counts.away == "valkey", description="the drainer notices")
            own_valkey.start()
            wait_until(lambda: drainer.counts.away is None, description="all is well again")
            die(client, range(200, 220), ring=True)
            wait_until(lambda: rows(engine) == 220, description="all are in PostgreSQL", timeout=30)

    assert jobs(engine) == {f"jellyfin-{number}" for number in range(220)}
    assert [line["event"] for line in logs] == ["drainer_interrupted", "drainer_resumed"]


def test_a_list_of_providers_that_fails_is_survived(valkey: redis.Redis, engine: Engine, logs: list[Any]) -> None:
    answers = iter([RuntimeError("no list today"), ["jellyfin"]])

    def providers() -> list[str]:
        answer: Any = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    die(valkey, range(3))
    with running(valkey, engine, providers=providers, options=RING_ONLY):
        wait_until(lambda: rows(engine) == 3, description="the second try works")

    assert logs[0]["away"] == "unknown"


def test_an_entry_that_cannot_be_stored_keeps_no_other_waiting(valkey: redis.Redis, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE dead_letters ADD CONSTRAINT no CHECK (job_id <> 'stuck')"))
    die(valkey, range(1), job="stuck")
    die(valkey, range(1, 31))
    die(valkey, range(30), provider="smtp")

    with running(valkey, engine, providers=lambda: ["jellyfin", "smtp"]) as drainer:
        wait_until(lambda: rows(engine) == 60, description="everything else is stored")
        wait_until(lambda: drainer.counts.lags["jellyfin"].entries == 1, description="what is stuck can be seen")

    assert waiting(valkey) == 1


class _Pauses(threading.Event):
    """Notes each pause instead of pausing, and stops after a number of them."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._number = number

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.seconds.append(timeout)
        if len(self.seconds) == self._number:
            self.set()
        return self.is_set()


def test_the_pauses_grow_to_their_limit_while_postgresql_is_away(valkey: redis.Redis) -> None:
    engine = create_engine("postgresql://leeward:x@127.0.0.1:9/leeward")
    die(valkey, range(1))
    drainer = Drainer(valkey, engine, lambda: ["jellyfin"])
    drainer._stopping = pauses = _Pauses(9)

    drainer.run()

    assert drainer.counts.failures == 9
    longest = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    for pause, bound in zip(pauses.seconds, longest, strict=True):
        assert bound / 2 <= pause <= bound
    assert waiting(valkey) == 1


def test_a_drainer_that_was_never_started_can_be_stopped(valkey: redis.Redis, engine: Engine) -> None:
    assert Drainer(valkey, engine, list).stop()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"sweep": timedelta(0)},
        {"batch": 0},
        {"first_pause": timedelta(0)},
        {"first_pause": timedelta(seconds=2), "longest_pause": timedelta(seconds=1)},
    ],
)
def test_impossible_options_are_refused(nonsense: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="must be above zero"):
        DrainerOptions(**nonsense)
