"""What schedulers notice of the fleet is an event, once, however many of them there are."""

import json

import redis

from broker.event_stream.fleet_stream import FLEET
from broker.event_stream.stream import Cursor, EventStream, StreamEvent
from broker.fleet.processes import Report, Role, report, withdraw
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward.wire.process_keys import PROCESSES
from tests.support.answers import text
from workers.background.fleet_watch import FleetWatch

SECONDS_OF_REPORTS = 31.0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def events(client: "redis.Redis", source: str = FLEET) -> list[StreamEvent]:
    return EventStream(client, source).after(Cursor("0-0")).events


def watching(client: "redis.Redis") -> tuple[FleetWatch, Clock]:
    clock = Clock()
    watch = FleetWatch(client, monotonic=clock)
    watch.look()
    return watch, clock


def fall_silent(client: "redis.Redis", process: str, *, seconds: int) -> None:
    said = Report(role=Role.WORKER, process=process, release="1.0")
    report(client, said)
    (field,) = (name for name in client.hkeys(PROCESSES) if process.encode() in name)
    at, _, written = text(client.hget(PROCESSES, field)).partition(" ")
    client.hset(PROCESSES, field, f"{int(at) - seconds * 1000} {written}")


def test_a_worker_that_fell_silent_is_lost_once_whoever_sees_it(valkey: "redis.Redis") -> None:
    pairs = [watching(valkey) for _ in range(2)]
    fall_silent(valkey, "host-1:7", seconds=40)
    report(valkey, Report(role=Role.WORKER, process="host-1:8"))

    for watch, clock in pairs:
        for _ in range(3):
            clock.now += SECONDS_OF_REPORTS
            watch.look()

    (lost,) = events(valkey)
    assert (lost.name, lost.data["process"], lost.data["role"]) == ("worker.lost", "host-1:7", "worker")
    assert lost.data["silent_seconds"] >= 40


def test_one_that_says_that_it_stops_is_not_missed(valkey: "redis.Redis") -> None:
    watch, clock = watching(valkey)
    fall_silent(valkey, "host-1:7", seconds=40)
    withdraw(valkey, Report(role=Role.WORKER, process="host-1:7"))

    clock.now += SECONDS_OF_REPORTS
    watch.look()

    assert events(valkey) == []


def test_after_an_absence_of_valkey_the_processes_get_time_to_report(valkey: "redis.Redis") -> None:
    clock = Clock()
    watch = FleetWatch(valkey, monotonic=clock)
    fall_silent(valkey, "host-1:7", seconds=40)

    watch.look()
    assert events(valkey) == []
    report(valkey, Report(role=Role.WORKER, process="host-1:7", release="1.0"))
    clock.now += SECONDS_OF_REPORTS
    watch.look()

    assert events(valkey) == []


def test_one_that_came_back_and_falls_silent_again_is_lost_again(valkey: "redis.Redis") -> None:
    watch, clock = watching(valkey)
    clock.now += SECONDS_OF_REPORTS
    for seconds in (40, 50):
        fall_silent(valkey, "host-1:7", seconds=seconds)
        watch.look()

    assert len(events(valkey)) == 2


def test_a_wave_of_dead_letters_is_one_event_of_its_provider(valkey: "redis.Redis") -> None:
    valkey.sadd(QUEUES, "media.ytdlp")
    pairs = [watching(valkey) for _ in range(2)]
    valkey.hset(ProviderKeys("ytdlp").totals, "dead permanent media.ytdlp", 12)

    for watch, clock in pairs:
        for _ in range(2):
            clock.now += 10
            watch.look()

    (spike,) = events(valkey, "ytdlp")
    assert spike.name == "dead_letters.spike"
    assert json.loads(json.dumps(spike.data)) == {
        "provider": "ytdlp",
        "dead": 12,
        "within_seconds": 300,
        "usual": 0.0,
        "reasons": {"permanent": 12},
    }
