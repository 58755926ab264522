"""The numbers of the whole fleet that alerts need: age, flow, deaths, processes, ticks, open letters."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import redis
from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from broker.fleet.processes import Report, Role, report
from broker.periodic.plan import Plan
from broker.periodic.plans import pause, publish
from broker.periodic.schedule import Every
from broker.periodic.ticks import last_tick
from leeward import Leeward, SendEmail, SyncUser
from leeward.jobs.dead_reason import DeadReason
from leeward.wire.keys import QUEUES
from storage.dead_letters.intake.insert import insert_many
from storage.dead_letters.open_letters import count_open
from tests.integration.broker.lab import Lab
from tests.integration.storage.grouped import failed
from workers.monitoring.fleet.fleet_gauges import FleetGauges
from workers.monitoring.fleet.letter_gauges import COUNT_EVERY, LetterGauges

Value = Callable[..., float | None]


@pytest.fixture
def value(valkey: redis.Redis) -> Value:
    registry = CollectorRegistry()
    registry.register(FleetGauges(valkey, None))

    def read(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, labels)

    return read


def test_what_comes_into_a_queue_is_counted_whoever_sends_it(valkey_url: str, value: Value) -> None:
    sync = {"provider": "jellyfin", "queue": "sync.jellyfin"}
    with Leeward(valkey_url) as client:
        client.enqueue(SyncUser(user="alice"))
        assert value("leeward_queue_enqueued_total", **sync) == 1
        client.enqueue(SyncUser(user="bob"), delay=timedelta(hours=1))
        client.enqueue_many([SyncUser(user=f"user-{n}") for n in range(300)])
        client.enqueue(SyncUser(user="carol"), idempotency_key="k")
        client.enqueue(SyncUser(user="carol"), idempotency_key="k")
        client.enqueue(SendEmail(to=("a@example.org",), subject="Hi", text="Hello"))

    assert value("leeward_queue_enqueued_total", **sync) == 303
    assert value("leeward_queue_enqueued_total", provider="smtp", queue="email.smtp") == 1


def test_the_age_of_the_oldest_job_is_that_since_it_was_enqueued(valkey: redis.Redis, value: Value) -> None:
    valkey.sadd(QUEUES, "lab")
    assert value("leeward_oldest_job_seconds", provider="lab", queue="lab") == 0
    lab = Lab(valkey)
    lab.enqueue("old", "young")
    seconds, _ = valkey.time()
    message = json.loads(valkey.hget(lab.keys.jobs, "old") or b"{}") | {"message_timestamp": (seconds - 100) * 1000}
    valkey.hset(lab.keys.jobs, "old", json.dumps(message))

    age = value("leeward_oldest_job_seconds", provider="lab", queue="lab")

    assert age is not None
    assert age >= 100


def test_deaths_are_counted_by_reason_from_zero_on(valkey: redis.Redis, value: Value) -> None:
    valkey.sadd(QUEUES, "lab")
    for reason in DeadReason:
        assert value("leeward_queue_deaths_total", provider="lab", queue="lab", reason=reason.value) == 0
    lab = Lab(valkey)
    lab.enqueue("a", "b")
    for job in lab.admit(2).jobs:
        lab.die(job, "permanent")

    assert value("leeward_queue_deaths_total", provider="lab", queue="lab", reason="permanent") == 2
    assert value("leeward_queue_deaths_total", provider="lab", queue="lab", reason="exhausted") == 0


def test_workers_and_schedulers_that_live_are_counted(valkey: redis.Redis, value: Value) -> None:
    valkey.sadd(QUEUES, "lab")
    assert value("leeward_workers_alive") == value("leeward_schedulers_alive") == 0
    assert value("leeward_queue_workers", provider="lab", queue="lab") == 0

    report(valkey, Report(role=Role.WORKER, process="a:1"))
    report(valkey, Report(role=Role.WORKER, process="a:2"))
    report(valkey, Report(role=Role.SCHEDULER, process="a:3"))

    assert value("leeward_workers_alive") == 2
    assert value("leeward_schedulers_alive") == 1


def test_the_next_tick_stays_where_it_was_when_no_scheduler_sends_it(valkey: redis.Redis, value: Value) -> None:
    valkey.sadd(QUEUES, "lab")
    plan = Plan("act", "lab", Every(timedelta(minutes=1)), timedelta(hours=1))
    publish(valkey, plan)
    begun = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)
    last_tick(valkey, "lab", "act", begins_with="every minute", now=begun)

    assert value("leeward_next_tick_timestamp_seconds", provider="lab", actor="act") == begun.timestamp() + 30
    assert value("leeward_last_tick_timestamp_seconds", provider="lab", actor="act") is None
    pause(valkey, plan, by="test", why="")
    assert value("leeward_next_tick_timestamp_seconds", provider="lab", actor="act") is None
    assert value("leeward_schedule_paused", provider="lab", actor="act") == 1


def test_open_letters_are_counted_by_provider_and_reason(valkey: redis.Redis, engine: Engine) -> None:
    with engine.begin() as connection:
        insert_many(connection, [failed(1), failed(2), failed(3, reason="permanent"), failed(4, provider="smtp")])
    now = 0.0

    def count() -> dict[tuple[str, str], int]:
        with engine.connect() as connection:
            return count_open(connection)

    gauges = LetterGauges(count, monotonic=lambda: now)

    def counted() -> dict[tuple[str, ...], float]:
        (family,) = gauges.families(["http"])
        return {tuple(sample.labels.values()): sample.value for sample in family.samples}

    found = counted()
    assert {labels: value for labels, value in found.items() if value} == {
        ("jellyfin", "exhausted"): 2,
        ("jellyfin", "permanent"): 1,
        ("smtp", "exhausted"): 1,
    }
    assert found["http", "crash_loop"] == 0
    with engine.begin() as connection:
        insert_many(connection, [failed(5)])
    assert counted() == found  # several collectors cost one count
    now += COUNT_EVERY.total_seconds()
    assert counted()["jellyfin", "exhausted"] == 3


def test_without_an_answer_there_is_no_number_of_letters() -> None:
    def fail() -> dict[tuple[str, str], int]:
        raise OSError("no route to host")

    assert list(LetterGauges(fail).families(["http"])) == []


def test_without_valkey_there_are_no_numbers() -> None:
    with redis.Redis(port=1) as nowhere:
        assert list(FleetGauges(nowhere, None).collect()) == []
