"""Jobs whose deadline passes in a queue without a worker become dead letters that say so."""

import json
from datetime import timedelta
from typing import Any

import pytest
import redis

from broker.fleet.outbox import Outbox
from broker.fleet.unserved import UnservedDeadlines
from leeward import JobState, Leeward, SyncUser
from leeward.record import Catalogue, ServedActor
from leeward.record.publication import Publication
from leeward.wire.keys import ProviderKeys

KEYS = ProviderKeys("jellyfin")


def letters(client: redis.Redis) -> list[dict[bytes, bytes]]:
    return [fields for _, fields in Outbox(client, "jellyfin").read()]


def make_late(client: redis.Redis, job_id: str) -> None:
    """As if its deadline had been a second ago."""
    message: dict[str, Any] = json.loads(client.hget(KEYS.jobs, job_id) or b"")
    seconds, _ = client.time()
    message["options"]["deadline"] = (int(seconds) - 1) * 1000
    client.hset(KEYS.jobs, job_id, json.dumps(message, separators=(",", ":")))


def test_late_jobs_of_an_unserved_queue_die_wherever_they_wait(valkey: redis.Redis, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        late = [
            client.enqueue(SyncUser(user="a"), idempotency_key="k").job_id,
            client.enqueue(SyncUser(user="b"), delay=timedelta(hours=1)).job_id,
            client.enqueue(SyncUser(user="c"), partition="t").job_id,
        ]
        kept = client.enqueue(SyncUser(user="d")).job_id
        for job in late:
            make_late(valkey, job)

        assert UnservedDeadlines(valkey).sweep() == {"jellyfin": 3}

        assert {client.status(job).state for job in late} == {JobState.DEAD}
        assert client.status(kept).state is JobState.READY
        assert UnservedDeadlines(valkey).sweep() == {}
    found = letters(valkey)
    assert {one[b"job"].decode() for one in found} == set(late)
    assert {one[b"reason"] for one in found} == {b"expired"}
    assert json.loads(found[0][b"error"])["message"] == (
        "the deadline passed while no worker served the queue sync.jellyfin"
    )
    assert valkey.zcard(KEYS.scheduled) == 0
    assert valkey.hget(KEYS.key("k"), "state") == b"dead"


@pytest.mark.parametrize("process", ["a:1", ""])
def test_jobs_that_a_worker_may_take_are_left_to_it(valkey: redis.Redis, valkey_url: str, process: str) -> None:
    with Leeward(valkey_url) as client:
        job = client.enqueue(SyncUser(user="a")).job_id
    make_late(valkey, job)
    if process:
        actors = {"sync.user": ServedActor(queues=("sync.jellyfin",))}
        Publication(valkey, process, Catalogue(actors=actors)).announce()
    else:  # a worker of an older release asks without saying what it serves
        seconds, _ = valkey.time()
        valkey.zadd(KEYS.workers, {"old:1": int(seconds) * 1000})

    assert UnservedDeadlines(valkey).sweep() == {}
    assert letters(valkey) == []


def test_a_running_job_is_left_alone(valkey: redis.Redis, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        job = client.enqueue(SyncUser(user="a")).job_id
    make_late(valkey, job)
    seconds, _ = valkey.time()
    valkey.zadd(KEYS.leases, {job: int(seconds) * 1000 + 10_000})

    assert UnservedDeadlines(valkey).sweep() == {}


def test_many_jobs_are_swept_in_steps_and_processes_take_turns(valkey: redis.Redis, valkey_url: str) -> None:
    with Leeward(valkey_url) as client:
        jobs = [client.enqueue(SyncUser(user=f"u{n}")).job_id for n in range(600)]
    for job in jobs:
        make_late(valkey, job)

    assert UnservedDeadlines(valkey).sweep_if_due() == {"jellyfin": 600}
    assert UnservedDeadlines(valkey).sweep_if_due() == {}
    assert valkey.llen(KEYS.ready("sync.jellyfin", "normal")) == 0 or valkey.hlen(KEYS.jobs) == 0
