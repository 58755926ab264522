"""What processes say about themselves is there while they live, and goes when they do."""

from datetime import timedelta

import redis

from broker.fleet.processes import Report, Role, processes, report, withdraw
from leeward.wire.process_keys import PROCESSES

SAID = Report(role=Role.WORKER, process="a:1", release="1.2", threads=8, busy=3, oldest_ms=4_000, up_ms=60_000)


def test_what_a_process_said_is_read_with_its_age(valkey: redis.Redis) -> None:
    report(valkey, SAID)
    report(valkey, Report(role=Role.SCHEDULER, process="b:2"))

    scheduler, worker = processes(valkey)

    assert worker.said == SAID
    assert scheduler.said.role is Role.SCHEDULER
    assert worker.is_alive
    withdraw(valkey, SAID)
    assert processes(valkey) == [scheduler] or len(processes(valkey)) == 1


def silent_since(valkey: redis.Redis, process: str, age: timedelta) -> None:
    seconds, _ = valkey.time()
    at = (int(seconds) - age // timedelta(seconds=1)) * 1_000
    valkey.hset(PROCESSES, f"worker {process}", f'{at} {{"role": "worker", "process": "{process}"}}')


def test_the_silent_are_not_alive_and_are_forgotten_later(valkey: redis.Redis) -> None:
    silent_since(valkey, "minute", timedelta(minutes=1))
    silent_since(valkey, "hour", timedelta(hours=1))

    report(valkey, SAID)

    assert {one.said.process: one.is_alive for one in processes(valkey)} == {"a:1": True, "minute": False}
    assert valkey.hlen(PROCESSES) == 2


def test_those_that_are_not_forgotten_yet_are_not_shown(valkey: redis.Redis) -> None:
    """They are forgotten when a process is new, and not with every report."""
    report(valkey, SAID)
    silent_since(valkey, "hour", timedelta(hours=1))

    report(valkey, SAID)

    assert [one.said.process for one in processes(valkey)] == ["a:1"]


def test_what_another_release_says_is_read_as_far_as_it_can_be(valkey: redis.Redis) -> None:
    report(valkey, SAID)
    at = round(processes(valkey)[0].seen_at.timestamp() * 1000)
    valkey.hset(PROCESSES, "worker c:3", f'{at} {{"role": "worker", "process": "c:3", "new": 1}}')
    valkey.hset(PROCESSES, "relay d:4", f'{at} {{"role": "relay", "process": "d:4"}}')
    valkey.hset(PROCESSES, "worker e:5", "nonsense")

    assert [one.said.process for one in processes(valkey)] == ["a:1", "c:3"]
