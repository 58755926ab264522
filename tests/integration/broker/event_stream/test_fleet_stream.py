"""The fleet's own events, and handlers of several types."""

from datetime import timedelta
from typing import Any

import pytest
import redis

from broker.event_stream.fleet_stream import FLEET, emit_fleet_event, event_sources
from broker.event_stream.registry import forget_events
from broker.event_stream.stream import Cursor, EventStream
from leeward.wire.keys import QUEUES, ProviderKeys

BEGINNING = Cursor("0-0")


def emitted(client: "redis.Redis") -> list[tuple[str, dict[str, Any]]]:
    return [(event.name, event.data) for event in EventStream(client, FLEET).after(BEGINNING).events]


def test_an_event_of_the_fleet_is_durable_and_read_like_any(valkey: "redis.Redis") -> None:
    valkey.sadd(QUEUES, "media.plex")

    assert emit_fleet_event(valkey, "worker.lost", {"process": "host-1:7"})

    assert emitted(valkey) == [("worker.lost", {"process": "host-1:7"})]
    assert event_sources(valkey) == {"plex", FLEET}


def test_what_happens_once_is_emitted_once_whoever_says_it(valkey: "redis.Redis") -> None:
    said = [emit_fleet_event(valkey, "worker.lost", {"process": "a:1"}, once="worker.lost a:1") for _ in range(3)]
    other = emit_fleet_event(valkey, "worker.lost", {"process": "a:2"}, once="worker.lost a:2")

    assert (said, other) == ([True, False, False], True)
    assert [data["process"] for _, data in emitted(valkey)] == ["a:1", "a:2"]


def test_what_happens_once_is_forgotten_after_its_time(valkey: "redis.Redis") -> None:
    emit_fleet_event(valkey, "worker.lost", {}, once="x", once_for=timedelta(minutes=1))

    assert 0 < valkey.pttl(ProviderKeys(FLEET).root + "emitted:x") <= 60_000


@pytest.mark.parametrize("word", ["hunter2", "s3cr3t"])
def test_a_secret_does_not_reach_the_stream(valkey: "redis.Redis", word: str) -> None:
    emit_fleet_event(valkey, "worker.lost", {"url": f"https://ann:{word}@host.example/x", "password": word})

    assert word not in str(emitted(valkey))


def test_what_is_older_than_it_is_kept_is_removed(valkey: "redis.Redis") -> None:
    day_ms, key = 86_400_000, ProviderKeys(FLEET).event_stream
    for at in range(300):
        valkey.xadd(key, {"name": "worker.lost", "at": at, "data": "{}"}, id=f"{at * day_ms + 1}-0")

    removed = forget_events(valkey, FLEET, older_than=timedelta(days=30), now_ms=300 * day_ms)

    # Whole blocks of the stream go, of a hundred entries.
    assert removed == 200
    assert emitted(valkey)[0] == ("worker.lost", {})
    assert forget_events(valkey, "nobody", older_than=timedelta(days=1)) == 0
