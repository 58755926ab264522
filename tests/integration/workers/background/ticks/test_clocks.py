"""Ticks while clocks change: two equal hours, a server that goes back, two servers that differ."""

from datetime import UTC, datetime, timedelta

import pytest
import redis
from periodiq import cron

from broker.broker import LeewardBroker
from broker.periodic.ticks import last_tick
from tests.integration.workers.background.ticks.ticking import MINUTE, NOON, Clock, declare, take, ticker


def test_both_of_two_equal_hours_have_their_ticks(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    clock = Clock()
    clock.now = datetime(2026, 10, 24, 23, 59, 30, tzinfo=UTC)
    one = ticker(broker, clock, declare(broker, cron("* * * * *")), zone="Europe/Berlin")
    sent = []
    for _ in range(121):
        one.look()
        sent += take(valkey)
        clock.now += MINUTE

    assert len(sent) == len(set(sent)) == 120


@pytest.mark.parametrize("step", [timedelta(minutes=10), timedelta(hours=1), timedelta(days=3)])
def test_a_server_whose_clock_goes_back_goes_on_ticking(
    broker: LeewardBroker, valkey: "redis.Redis", step: timedelta
) -> None:
    clock = Clock()
    one = ticker(broker, clock, declare(broker, "* * * * *"))
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
    one = ticker(broker, clock, declare(broker, "* * * * *"))
    one.look()
    clock.now = NOON.replace(minute=1, second=0)
    one.look()
    clock.now -= timedelta(milliseconds=40)
    one.look()
    clock.now += timedelta(milliseconds=80)
    one.look()

    assert take(valkey) == ["2026-11-30T12:01Z"]
    assert last_tick(valkey, "tick", "look", now=clock.now).at == NOON.replace(minute=1, second=0)
