"""Ticks are sent once, on time or late, whatever happens to schedulers, workers and Valkey."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dramatiq
import pytest
import redis
from dramatiq import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from periodiq import PeriodiqMiddleware, Scheduler, cron

from broker.broker import LeewardBroker
from broker.periodic.schedule import schedule_of
from broker.periodic.ticks import last_tick, tick_name
from leeward.wire.keys import ProviderKeys
from middleware.actor_options import InvalidActorOption
from middleware.order import rings
from tests.support.answers import raw, text
from tests.support.examples import examples
from tests.support.fleets.workers_under_test import broker_at
from tests.support.waiting import wait_until
from workers.background.ticker import Ticker

NOON = datetime(2026, 11, 30, 12, 0, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
KEYS = ProviderKeys("tick")


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker


class Clock:
    """The server's, moved by the test."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def declare(broker: LeewardBroker, schedule: Any, name: str = "look", **options: Any) -> "dramatiq.Actor[..., Any]":
    @dramatiq.actor(broker=broker, actor_name=name, queue_name="tick", periodic=schedule, **options)
    def look() -> None: ...

    return look


def ticker(broker: LeewardBroker, actor: "dramatiq.Actor[..., Any]", clock: Clock, zone: str = "UTC") -> Ticker:
    # Its own clock is always past every pause: each look looks.
    times = iter(range(0, 10**9, 100))
    return Ticker(broker, [actor], zone=ZoneInfo(zone), now=clock, monotonic=lambda: float(next(times)))


def waiting(client: "redis.Redis") -> list[str]:
    """The names of the ticks that wait, in their order."""
    ids = client.lrange(KEYS.ready("tick", "normal"), 0, -1)
    messages = [client.hget(KEYS.jobs, job_id) for job_id in ids]
    return [Message.decode(message).options["tick"] for message in messages]  # type: ignore[arg-type]


def take(client: "redis.Redis") -> list[str]:
    """A worker that runs everything that waits."""
    names = waiting(client)
    for key in (KEYS.ready("tick", "normal"), KEYS.jobs, KEYS.places):
        client.delete(key)
    return names


def test_a_scheduler_that_starts_sends_nothing_that_was_never_due(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    clock.now = NOON.replace(second=0)
    first = ticker(broker, declare(broker, "* * * * *"), clock)

    first.look()
    assert waiting(valkey) == []
    clock.now += MINUTE
    first.look()

    assert waiting(valkey) == ["2026-11-30T12:01Z"]


def test_any_number_of_schedulers_in_any_zone_of_the_process_send_a_tick_once(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    clock, actor = Clock(), declare(broker, "* * * * *")
    several = [ticker(broker, actor, clock, zone) for zone in ("UTC", "UTC", "Asia/Tokyo")]
    sent = []
    for _ in range(5):
        for one in several:
            one.look()
        sent += take(valkey)
        clock.now += MINUTE

    assert sent == [f"2026-11-30T12:0{n}Z" for n in range(1, 5)]


def test_both_of_two_equal_hours_have_their_ticks(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    clock.now = datetime(2026, 10, 24, 23, 59, 30, tzinfo=UTC)
    one = ticker(broker, declare(broker, cron("* * * * *")), clock, "Europe/Berlin")
    sent = []
    for _ in range(121):
        one.look()
        sent += take(valkey)
        clock.now += MINUTE

    assert len(sent) == len(set(sent)) == 120


def test_what_was_missed_runs_once_and_late(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """A deploy over 03:17."""
    clock, actor = Clock(), declare(broker, "17 3 * * *")
    ticker(broker, actor, clock).look()

    clock.now = datetime(2026, 12, 1, 9, 40, tzinfo=UTC)
    for _ in range(3):
        ticker(broker, actor, clock).look()

    assert waiting(valkey) == ["2026-12-01T03:17Z"]
    (message,) = (Message.decode(raw(encoded)) for encoded in valkey.hvals(KEYS.jobs))
    assert message.options["deadline"] == round(datetime(2026, 12, 2, 3, 17, tzinfo=UTC).timestamp() * 1000)


def test_what_is_older_than_its_catch_up_span_is_not_sent(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock, actor = Clock(), declare(broker, "17 3 * * *", catch_up=timedelta(hours=1))
    one = ticker(broker, actor, clock)
    one.look()

    clock.now = datetime(2026, 12, 1, 9, 40, tzinfo=UTC)
    one.look()

    assert waiting(valkey) == []


def test_one_tick_waits_for_busy_workers_however_many_are_missed(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """It keeps its place, and is worth running for as long as the latest it stands for."""
    clock = Clock()
    one = ticker(broker, declare(broker, "* * * * *"), clock)
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
    one = ticker(broker, declare(broker, "* * * * *"), clock)
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


def test_a_new_schedule_begins_now(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """What was never due by the old one is no missed tick."""
    clock, old = Clock(), declare(broker, "0 23 * * *")
    ticker(broker, old, clock).look()
    new = declare(broker, "0 11 * * *", name="other")
    new.actor_name = "look"
    clock.now += timedelta(minutes=5)

    ticker(broker, new, clock).look()
    assert waiting(valkey) == []
    clock.now += timedelta(days=1)
    ticker(broker, new, clock).look()

    assert waiting(valkey) == ["2026-12-01T11:00Z"]


@pytest.mark.parametrize("step", [timedelta(minutes=10), timedelta(hours=1), timedelta(days=3)])
def test_a_server_whose_clock_goes_back_goes_on_ticking(
    broker: LeewardBroker, valkey: "redis.Redis", step: timedelta
) -> None:
    clock = Clock()
    one = ticker(broker, declare(broker, "* * * * *"), clock)
    one.look()
    clock.now += MINUTE
    one.look()
    take(valkey)

    clock.now -= step
    one.look()
    assert take(valkey) == []
    clock.now += MINUTE
    one.look()

    assert len(take(valkey)) == 1


def test_two_servers_that_differ_by_some_milliseconds_send_nothing_twice(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    clock = Clock()
    one = ticker(broker, declare(broker, "* * * * *"), clock)
    one.look()
    clock.now = NOON.replace(minute=1, second=0)
    one.look()
    clock.now -= timedelta(milliseconds=40)
    one.look()
    clock.now += timedelta(milliseconds=80)
    one.look()

    assert take(valkey) == ["2026-11-30T12:01Z"]
    assert last_tick(valkey, "tick", "look", now=clock.now).at == NOON.replace(minute=1, second=0)


def test_schedules_finer_than_a_minute_have_ticks_of_their_own(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    one = ticker(broker, declare(broker, timedelta(seconds=30)), clock)
    sent = []
    for _ in range(10):
        one.look()
        sent += take(valkey)
        clock.now += timedelta(seconds=10)

    assert sent == ["2026-11-30T12:00:30Z", "2026-11-30T12:01:00Z", "2026-11-30T12:01:30Z"]


def test_one_actor_that_cannot_be_sent_keeps_no_other(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    broken, sound = declare(broker, "* * * * *", name="broken"), declare(broker, "* * * * *")
    times = iter(range(0, 10**9, 100))
    both = Ticker(broker, [broken, sound], zone=UTC, now=clock, monotonic=lambda: float(next(times)))
    both.look()
    broken.message_with_options = _refuses  # type: ignore[method-assign]
    clock.now += MINUTE

    both.look()

    assert waiting(valkey) == ["2026-11-30T12:01Z"]


def _refuses(**_: object) -> Message[Any]:
    raise ValueError("no")


def test_an_away_valkey_is_waited_for_and_what_was_missed_is_sent(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    one = ticker(broker, declare(broker, "0 * * * *"), clock)
    one.look()
    there = broker.client
    broker.client = redis.Redis(port=1)  # where nobody listens

    clock.now += timedelta(hours=1)
    assert one.look() <= timedelta(seconds=10)
    broker.client = there
    clock.now += timedelta(minutes=20)
    one.look()

    assert waiting(valkey) == ["2026-11-30T13:00Z"]


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    schedule=st.sampled_from(["* * * * *", "*/7 * * * *", "30s", "15 12 * * *", "3-50/9 12 * * *"]),
    steps=st.lists(
        st.tuples(st.integers(1, 400), st.integers(0, 2), st.booleans(), st.booleans()), min_size=1, max_size=25
    ),
)
def test_every_instant_is_sent_once_or_stands_behind_a_later_one(
    broker: LeewardBroker, valkey: "redis.Redis", schedule: str, steps: list[tuple[int, int, bool, bool]]
) -> None:
    """Three schedulers look and restart, a worker works or is busy, in any order."""
    valkey.flushdb()
    broker.actors.pop("look", None)
    clock, actor = Clock(), declare(broker, schedule)
    several = [ticker(broker, actor, clock) for _ in range(3)]
    several[0].look()
    ran: list[str] = []
    for seconds, who, restarts, works in steps:
        clock.now += timedelta(seconds=seconds)
        if restarts:
            several[who] = ticker(broker, actor, clock)
        several[who].look()
        assert len(waiting(valkey)) <= 1
        ran += take(valkey) if works else []
    several[0].look()
    ran += take(valkey)

    latest = schedule_of(schedule).latest(NOON, clock.now)
    assert ran == sorted(set(ran))
    assert ran[-1:] == ([] if latest is None else [tick_name(latest, fine=schedule == "30s")])


def test_messages_of_periodiqs_own_scheduler_are_named_by_utc(valkey_url: str, valkey: "redis.Redis") -> None:
    pendulum = pytest.importorskip("pendulum")
    with broker_at(valkey_url, middleware=[*rings(), PeriodiqMiddleware()]) as broker:
        actor = declare(broker, cron("* * * * *"))
        start = pendulum.datetime(2026, 10, 25, 0, 0, tz="UTC")
        for minute in range(120):
            for zone in ("Europe/Berlin", "America/New_York"):
                Scheduler([actor]).send_actors([actor], start.add(minutes=minute).in_timezone(zone))

        assert valkey.hlen(KEYS.jobs) == 120


def test_a_tick_of_a_scheduler_that_is_behind_runs(valkey_url: str) -> None:
    pendulum = pytest.importorskip("pendulum")
    with broker_at(valkey_url, middleware=[*rings(), PeriodiqMiddleware()]) as broker:
        ran = []

        @dramatiq.actor(broker=broker, queue_name="tick", periodic=cron("* * * * *"))
        def look() -> None:
            ran.append(1)

        Scheduler([look]).send_actors([look], pendulum.now().subtract(minutes=40))
        worker = dramatiq.Worker(broker, worker_threads=1, worker_timeout=100)
        worker.start()
        try:
            wait_until(lambda: ran == [1], description="the late tick to run")
        finally:
            worker.stop()


@pytest.mark.parametrize(
    "options", [{"periodic": "often"}, {"periodic": "* * * * *", "catch_up": 5}, {"periodic": timedelta(0)}]
)
def test_what_cannot_tick_is_refused_when_it_is_declared(broker: LeewardBroker, options: dict[str, Any]) -> None:
    make: Callable[..., Any] = dramatiq.actor(broker=broker, actor_name="wrong", queue_name="tick", **options)
    with pytest.raises(InvalidActorOption, match="wrong"):
        make(lambda: None)
