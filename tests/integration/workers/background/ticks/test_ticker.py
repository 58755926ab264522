"""Each tick is sent once, by any number of schedulers that start, restart and fail."""

from datetime import timedelta
from typing import Any

import redis
from dramatiq import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.broker import LeewardBroker
from broker.periodic.plan import Plan
from broker.periodic.plans import pause
from broker.periodic.schedule import schedule_of
from broker.periodic.ticks import tick_name
from tests.integration.workers.background.ticks.ticking import MINUTE, NOON, Clock, declare, take, ticker, waiting
from tests.support.examples import examples


def test_a_scheduler_that_starts_sends_nothing_that_was_never_due(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    clock.now = NOON.replace(second=0)
    first = ticker(broker, clock, declare(broker, "* * * * *"))

    first.look()
    assert waiting(valkey) == []
    clock.now += MINUTE
    first.look()

    assert waiting(valkey) == ["2026-11-30T12:01Z"]


def test_any_number_of_schedulers_in_any_zone_of_the_process_send_a_tick_once(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    clock, actor = Clock(), declare(broker, "* * * * *")
    several = [ticker(broker, clock, actor, zone=zone) for zone in ("UTC", "UTC", "Asia/Tokyo")]
    sent = []
    for _ in range(5):
        for one in several:
            one.look()
        sent += take(valkey)
        clock.now += MINUTE

    assert sent == [f"2026-11-30T12:0{n}Z" for n in range(1, 5)]


def test_a_new_schedule_begins_now(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    """What was never due by the old one is no missed tick."""
    clock, old = Clock(), declare(broker, "0 23 * * *")
    ticker(broker, clock, old).look()
    new = declare(broker, "0 11 * * *", name="other")
    new.actor_name = "look"
    clock.now += timedelta(minutes=5)

    ticker(broker, clock, new).look()
    assert waiting(valkey) == []
    clock.now += timedelta(days=1)
    ticker(broker, clock, new).look()

    assert waiting(valkey) == ["2026-12-01T11:00Z"]


def test_schedules_finer_than_a_minute_have_ticks_of_their_own(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    one = ticker(broker, clock, declare(broker, timedelta(seconds=30)))
    sent = []
    for _ in range(10):
        one.look()
        sent += take(valkey)
        clock.now += timedelta(seconds=10)

    assert sent == ["2026-11-30T12:00:30Z", "2026-11-30T12:01:00Z", "2026-11-30T12:01:30Z"]


def test_one_actor_that_cannot_be_sent_keeps_no_other(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    broken, sound = declare(broker, "* * * * *", name="broken"), declare(broker, "* * * * *")
    both = ticker(broker, clock, broken, sound)
    both.look()
    broken.message_with_options = _refuses  # type: ignore[method-assign]
    clock.now += MINUTE

    both.look()

    assert waiting(valkey) == ["2026-11-30T12:01Z"]


def _refuses(**_: object) -> Message[Any]:
    raise ValueError("no")


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
    several = [ticker(broker, clock, actor) for _ in range(3)]
    several[0].look()
    ran: list[str] = []
    for seconds, who, restarts, works in steps:
        clock.now += timedelta(seconds=seconds)
        if restarts:
            several[who] = ticker(broker, clock, actor)
        several[who].look()
        assert len(waiting(valkey)) <= 1
        ran += take(valkey) if works else []
    several[0].look()
    ran += take(valkey)

    latest = schedule_of(schedule).latest(NOON, clock.now)
    assert ran == sorted(set(ran))
    assert ran[-1:] == ([] if latest is None else [tick_name(latest, fine=schedule == "30s")])


def test_the_first_tick_of_an_actor_can_be_due_at_once_and_only_for_the_first_scheduler(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    clock, actor = Clock(), declare(broker, "30s", at_start=True)

    for _ in range(3):
        ticker(broker, clock, actor).look()
    assert take(valkey) == ["2026-11-30T12:00:10Z"]
    clock.now += timedelta(seconds=20)
    ticker(broker, clock, actor).look()

    assert take(valkey) == ["2026-11-30T12:00:30Z"]


def test_an_actor_that_is_paused_gets_no_tick_at_the_start(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock, actor = Clock(), declare(broker, "30s", at_start=True)
    pause(valkey, Plan("look", "tick", schedule_of("30s"), timedelta(hours=1)), by="ada", why="maintenance")

    ticker(broker, clock, actor).look()

    assert waiting(valkey) == []
