"""What could not be sent or run in time: the latest is sent late and once, what is too old is not, and one at most waits."""

from datetime import UTC, datetime, timedelta

import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from tests.integration.workers.background.ticks.ticking import KEYS, MINUTE, Clock, declare, ticker, waiting
from tests.support.answers import raw, text


def test_what_was_missed_runs_once_and_late(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """A deploy over 03:17."""
    clock, actor = Clock(), declare(broker, "17 3 * * *")
    ticker(broker, clock, actor).look()

    clock.now = datetime(2026, 12, 1, 9, 40, tzinfo=UTC)
    for _ in range(3):
        ticker(broker, clock, actor).look()

    assert waiting(valkey) == ["2026-12-01T03:17Z"]
    (message,) = (Message.decode(raw(encoded)) for encoded in valkey.hvals(KEYS.jobs))
    assert message.options["deadline"] == round(datetime(2026, 12, 2, 3, 17, tzinfo=UTC).timestamp() * 1000)


def test_what_is_older_than_its_catch_up_span_is_not_sent(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock, actor = Clock(), declare(broker, "17 3 * * *", catch_up=timedelta(hours=1))
    one = ticker(broker, clock, actor)
    one.look()

    clock.now = datetime(2026, 12, 1, 9, 40, tzinfo=UTC)
    one.look()

    assert waiting(valkey) == []


def test_one_tick_waits_for_busy_workers_however_many_are_missed(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """It keeps its place, and is worth running for as long as the latest it stands for."""
    clock = Clock()
    one = ticker(broker, clock, declare(broker, "* * * * *"))
    for _ in range(20):
        one.look()
        clock.now += MINUTE
    broker.enqueue(Message("tick", "look", (), {}, {"tick": "behind"}))
    one.look()

    assert waiting(valkey) == ["2026-11-30T12:20Z", "behind"]
    ids = valkey.lrange(KEYS.ready("tick", "normal"), 0, -1)
    message = Message.decode(raw(valkey.hget(KEYS.jobs, text(ids[0]))))
    assert message.message_id == text(ids[0])
    assert message.options["deadline"] == round((clock.now + timedelta(days=1)).timestamp() * 1000) - 10_000


def test_a_tick_that_runs_is_no_reason_to_wait(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    one = ticker(broker, clock, declare(broker, "* * * * *"))
    one.look()
    clock.now += MINUTE
    one.look()
    (running,) = valkey.lrange(KEYS.ready("tick", "normal"), 0, -1)
    valkey.lpop(KEYS.ready("tick", "normal"))
    valkey.zadd(KEYS.leases, {text(running): 10**15})

    for _ in range(3):
        clock.now += MINUTE
        one.look()

    assert waiting(valkey) == ["2026-11-30T12:04Z"]


def test_an_away_valkey_is_waited_for_and_what_was_missed_is_sent(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    one = ticker(broker, clock, declare(broker, "0 * * * *"))
    one.look()
    there = broker.client
    broker.client = redis.Redis(port=1)  # where nobody listens

    clock.now += timedelta(hours=1)
    assert one.look() <= timedelta(seconds=10)
    broker.client = there
    clock.now += timedelta(minutes=20)
    one.look()

    assert waiting(valkey) == ["2026-11-30T13:00Z"]
