"""periodiq's own scheduler beside ours: its messages are named as ours, and run."""

import dramatiq
import pytest
import redis
from periodiq import PeriodiqMiddleware, Scheduler, cron

from middleware.order import rings
from tests.integration.workers.background.ticks.ticking import KEYS, declare
from tests.support.fleets.workers_under_test import broker_at
from tests.support.waiting import wait_until


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
