"""One glance at the fleet agrees with what each part says of itself."""

from datetime import UTC, datetime, timedelta

import redis

from broker.fleet.overview import overview
from broker.guards.config import Mode
from broker.guards.store import Guards
from leeward import Leeward, Priority, SyncUser
from leeward.wire.keys import ProviderKeys


def test_an_empty_fleet_has_no_provider(valkey: redis.Redis) -> None:
    assert overview(valkey) == []


def test_queues_have_their_jobs_by_lane_and_the_age_of_the_oldest(valkey: redis.Redis, valkey_url: str) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    with Leeward(valkey_url) as client:
        first = client.enqueue(SyncUser(user="a"))
        client.enqueue(SyncUser(user="b"), priority=Priority.BULK)
        client.enqueue(SyncUser(user="c"), delay=timedelta(hours=1))
        client.enqueue(SyncUser(user="d", provider="other"))
        client.cancel(first.job_id)
        client.enqueue(SyncUser(user="e"))

    jellyfin, other = overview(valkey)

    (queue,) = jellyfin.queues
    assert (queue.queue, queue.paused) == ("sync.jellyfin", False)
    assert {lane.value: jobs for lane, jobs in queue.ready.items()} == {"interactive": 0, "normal": 1, "bulk": 1}
    assert (jellyfin.waiting, jellyfin.scheduled, jellyfin.running) == (2, 1, 0)
    assert queue.oldest_at is not None
    assert before < queue.oldest_at < datetime.now(UTC) + timedelta(seconds=2)
    assert (other.provider, other.waiting) == ("other", 1)


def test_guards_are_as_the_store_has_them(valkey: redis.Redis) -> None:
    valkey.sadd("leeward:queues", "sync.jellyfin")
    valkey.sadd(ProviderKeys("jellyfin").paused, "sync.jellyfin")
    guards = Guards(valkey, "jellyfin")
    guards.mode(Mode.FORCED_OPEN, "ada", "upgrade", until=timedelta(hours=2))
    guards.set("ada", enabled=False, limit=7)

    (found,) = overview(valkey)
    state = guards.state()

    assert found.queues[0].paused
    assert (found.mode, found.mode_until, found.cause) == (state.mode, state.mode_until, state.cause)
    assert (found.enabled, found.by_operator, found.limit) == (False, True, 7)
    assert found.healthy is None


def test_jobs_in_partitions_count_beside_those_of_plain_lanes(valkey: redis.Redis, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        for number in range(3):
            client.enqueue(SyncUser(user=f"u{number}"), partition=f"tenant-{number}")
        client.enqueue(SyncUser(user="d"), priority=Priority.INTERACTIVE)

    (found,) = overview(valkey)

    ready = {lane.value: jobs for lane, jobs in found.queues[0].ready.items()}
    assert ready == {"interactive": 1, "normal": 3, "bulk": 0}
    assert found.queues[0].oldest_at is not None
