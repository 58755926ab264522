"""A producer's clock does not matter: what it reckons from its own now is reckoned by the server."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dramatiq
import pytest
import redis
from dramatiq import Message
from hypothesis import given, settings
from hypothesis import strategies as st

import leeward.wire.job_message
from broker.broker import LeewardBroker
from leeward import JobState, Leeward, Request, SyncUser
from leeward.wire.entry import entry_from, submit
from leeward.wire.job_message import fields_for
from leeward.wire.keys import ProviderKeys
from leeward.wire.stamps import NO_SPAN_MS, by_server_clock, tolerated_ms
from tests.integration.broker.lab import T0
from tests.support.examples import examples
from tests.support.waiting import wait_until

KEYS = ProviderKeys("jellyfin")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SKEWS = [timedelta(seconds=-90), -10 * MINUTE, 10 * MINUTE, -2 * timedelta(hours=1), 400 * DAY, -20_000 * DAY]


@pytest.fixture
def client(valkey_url: str) -> Iterator[Leeward]:
    with Leeward(valkey_url) as client:
        yield client


def with_clock_off_by(monkeypatch: pytest.MonkeyPatch, skew: timedelta) -> None:
    class Skewed:
        @staticmethod
        def time() -> float:
            return time.time() + skew.total_seconds()

    monkeypatch.setattr(leeward.wire.job_message, "time", Skewed)


def stored(valkey: "redis.Redis", job_id: str) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(valkey.hget(KEYS.jobs, job_id))  # type: ignore[arg-type]
    return message


def server_ms(valkey: "redis.Redis") -> int:
    seconds, micros = valkey.time()
    return seconds * 1000 + micros // 1000


@pytest.mark.parametrize("skew", SKEWS)
@pytest.mark.parametrize("delay", [None, 3 * MINUTE])
def test_a_span_counts_from_the_servers_now(
    client: Leeward, valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch, skew: timedelta, delay: timedelta | None
) -> None:
    with_clock_off_by(monkeypatch, skew)
    before = server_ms(valkey)
    job = client.enqueue(SyncUser(user="alice"), deadline=5 * MINUTE, delay=delay, idempotency_key="key")
    after = server_ms(valkey)

    message = stored(valkey, job.job_id)
    # What is within a second of the server's clock is left as it is.
    assert before - 1_000 <= message["message_timestamp"] <= after + 1_000
    assert message["options"]["deadline"] - message["message_timestamp"] == 300_000
    assert message["kwargs"]["payload"]["user"] == "alice"


@pytest.mark.parametrize("skew", SKEWS)
def test_an_instant_stays_the_instant_that_it_is(
    client: Leeward, valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch, skew: timedelta
) -> None:
    with_clock_off_by(monkeypatch, skew)
    instant = datetime(2031, 5, 4, tzinfo=UTC)

    job = client.enqueue(SyncUser(user="alice"), deadline=instant)

    message = stored(valkey, job.job_id)
    assert message["options"]["deadline"] == round(instant.timestamp() * 1000)
    assert abs(message["message_timestamp"] - server_ms(valkey)) < 60_000


@pytest.mark.parametrize("skew", SKEWS)
def test_an_actors_own_budget_counts_from_the_servers_now(
    broker: LeewardBroker, valkey: "redis.Redis", skew: timedelta
) -> None:
    @dramatiq.actor(broker=broker, actor_name="look", queue_name="sync.jellyfin", budget=5 * MINUTE)
    def look() -> None: ...

    skewed = look.message().copy(message_timestamp=server_ms(valkey) + round(skew.total_seconds() * 1000))
    broker.enqueue(skewed)

    message = stored(valkey, skewed.message_id)
    assert abs(message["message_timestamp"] - server_ms(valkey)) < 60_000
    assert message["options"]["deadline"] - message["message_timestamp"] == 300_000


@pytest.mark.parametrize("skew", [-10 * MINUTE, -3 * DAY, 10 * MINUTE])
def test_a_job_of_a_producer_whose_clock_is_off_runs(
    client: Leeward, broker: LeewardBroker, monkeypatch: pytest.MonkeyPatch, skew: timedelta
) -> None:
    @dramatiq.actor(broker=broker, actor_name="sync.user", queue_name="sync.jellyfin")
    def sync(payload: dict[str, Any]) -> None: ...

    with_clock_off_by(monkeypatch, skew)
    job = client.enqueue(SyncUser(user="alice"), deadline=5 * MINUTE)
    worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=100)
    worker.start()
    try:
        wait_until(lambda: client.status(job.job_id).state.is_final, description="the job to end")
        assert client.status(job.job_id).state is JobState.DONE
    finally:
        worker.stop()


@settings(max_examples=examples(60), deadline=None)
@given(
    skew=st.integers(-(10**12), 10**12),
    text=st.text(max_size=60) | st.just('"deadline":1,"message_timestamp":2}') | st.just('{"deadline": 5}'),
    number=st.integers(-(2**60), 2**60) | st.none(),
)
def test_nothing_but_the_two_instants_changes(skew: int, text: str, number: int | None) -> None:
    """Whatever a job carries, also members of the same names, and of the same values."""
    deadline = T0 + skew + 300_000
    fields = fields_for(SyncUser(user="alice"), deadline=5 * MINUTE)
    fields["kwargs"] = {"payload": {"deadline": deadline if number is None else number, "text": text}}
    fields |= {"message_timestamp": T0 + skew, "options": fields["options"] | {"deadline": deadline}}
    entry = entry_from(fields, is_span=True)

    message = json.loads(by_server_clock(entry.message, entry.sent_ms, entry.span_ms, T0))

    assert message == fields | {
        "args": [],
        "message_timestamp": T0,
        "options": fields["options"] | {"deadline": T0 + 300_000},
    }


def test_a_bulk_of_a_producer_whose_clock_is_off_is_all_there_with_its_answers(
    client: Leeward, valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    with_clock_off_by(monkeypatch, -10 * MINUTE)
    jobs = [Request(SyncUser(user=f"user-{n}"), idempotency_key=f"key-{n % 600}", deadline=MINUTE) for n in range(700)]

    answers = client.enqueue_many(jobs)

    assert [type(answer).__name__ for answer in answers] == ["Enqueued"] * 600 + ["IdempotencyConflict"] * 100
    now = server_ms(valkey)
    deadlines = [json.loads(raw)["options"]["deadline"] for raw in valkey.hvals(KEYS.jobs)]
    assert len(deadlines) == 600
    assert all(now < deadline <= now + 60_000 for deadline in deadlines)


def test_a_bulk_that_takes_a_while_to_be_made_is_no_wrong_clock() -> None:
    assert tolerated_ms(NO_SPAN_MS) == tolerated_ms(86_400_000) == 60_000
    assert (tolerated_ms(300_000), tolerated_ms(5_000)) == (3_000, 1_000)


def test_bytes_of_another_encoder_stay_as_they_are(valkey: "redis.Redis") -> None:
    entry = entry_from(fields_for(SyncUser(user="alice")), is_span=True)._replace(
        message=b"\x80\x04\x00binary", sent_ms=5
    )

    submit(valkey, "jellyfin", [entry])

    assert valkey.hget(KEYS.jobs, entry.job_id) == b"\x80\x04\x00binary"


def test_a_message_that_was_made_long_ago_counts_from_when_it_is_enqueued(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    broker.declare_queue("sync.jellyfin")
    old: Message[Any] = Message("sync.jellyfin", "look", (), {}, {}, message_timestamp=server_ms(valkey) - 10**9)
    broker.enqueue(old)

    assert abs(stored(valkey, old.message_id)["message_timestamp"] - server_ms(valkey)) < 60_000
