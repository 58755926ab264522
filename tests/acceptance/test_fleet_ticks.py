"""Periodic actors: a tick happens once, however many schedulers send it."""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from middleware.order import rings
from simulators.faults import Rule
from tests.support.fleet import Fleet, fleet_at
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until

_TICK = re.compile(r" tick:probe\.jellyfin:(\S+) ")
TICK = datetime(2026, 11, 23, 5, 53, 0, tzinfo=UTC)


def send_tick(url: str, at: datetime, actor: str = "probe.jellyfin") -> None:
    """As periodiq sends it."""
    broker = LeewardBroker(url, middleware=rings())
    broker.declare_queue("probes")
    message: Message[Any] = Message("probes", actor, (), {}, {"scheduled_at": str(at)})
    broker.enqueue(message)
    broker.close()


def test_ticks_of_one_actor_and_minute_are_one_job(valkey: redis.Redis, valkey_url: str) -> None:
    send_tick(valkey_url, TICK)
    send_tick(valkey_url, TICK)
    send_tick(valkey_url, TICK + timedelta(seconds=41))  # a scheduler that was started in this minute

    assert valkey.llen("leeward:{probes}:ready:probes:normal") == 1


def test_another_minute_and_another_actor_are_ticks_of_their_own(valkey: redis.Redis, valkey_url: str) -> None:
    send_tick(valkey_url, TICK)
    send_tick(valkey_url, TICK + timedelta(minutes=1))
    send_tick(valkey_url, TICK, actor="probe.smtp")

    assert valkey.llen("leeward:{probes}:ready:probes:normal") == 3


@pytest.mark.chaos
@pytest.mark.timeout(180)
def test_two_schedulers_probe_once_a_minute(tmp_path: Path, valkey_url: str, database_url: str) -> None:
    """Takes until the next full minute, a minute at most."""
    with fleet_at(tmp_path, valkey_url=valkey_url, database_url=database_url) as fleet:
        fleet.jellyfin.faults.set(Rule(operation="GET /health"))  # does nothing but count
        host = fleet.start_host().wait_until_ready()
        with _ticks_sent(valkey_url) as sent:
            schedulers = [fleet.start_scheduler() for _ in range(2)]
            for scheduler in schedulers:
                scheduler.wait_for_output('"scheduler_started"', timeout=40)
            wait_until(
                lambda: len(set(sent)) > 1 and Counter(sent)[max(sent)] == len(schedulers),
                description="both schedulers to have sent the tick of a full minute",
                timeout=90,
                interval=0.1,
            )
        minutes = len(set(sent))
        wait_until(lambda: _probes(fleet) >= minutes, description="the probes to be done")

        assert minutes >= 2
        assert set(Counter(sent).values()) <= {1, 2}  # one: when they were started in different minutes
        assert _probes(fleet) == minutes
        wait_until(
            lambda: host.metric("leeward_deliveries_total", actor="probe.jellyfin") == minutes,
            description="the last probe to be counted, which happens after the provider's answer",
        )
        assert [scheduler.returncode for scheduler in schedulers] == [None, None]
        assert [scheduler.terminate() for scheduler in schedulers] == [0, 0]


def _probes(fleet: Fleet) -> int:
    """How often the simulator was really asked for its health."""
    (rule,) = fleet.jellyfin.faults.describe()
    hits = rule["hits"]
    assert isinstance(hits, int)
    return hits


@contextmanager
def _ticks_sent(url: str) -> Iterator[list[str]]:
    """The minute of every tick of the probe that is sent to the server, taken or not."""
    sent: list[str] = []
    with connect_valkey(url) as client, client.monitor() as monitor:

        def listen() -> None:
            while True:
                try:
                    command = monitor.next_command()["command"]
                except (redis.RedisError, OSError, ValueError):
                    return
                if command.startswith("EVALSHA") and (tick := _TICK.search(command)):
                    sent.append(tick[1])

        thread = threading.Thread(target=listen)
        thread.start()
        yield sent
        monitor.connection.disconnect()
        thread.join()
