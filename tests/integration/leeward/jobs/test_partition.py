"""Partitions from the producer's side."""

from datetime import timedelta
from typing import Any

import pytest
import redis

from leeward import Leeward, SyncUser
from leeward.request import Request
from leeward.wire.keys import ProviderKeys
from tests.support.answers import accepted, text

KEYS = ProviderKeys("jellyfin")


def place_of(valkey: "redis.Redis", job_id: str) -> str:
    return text(valkey.hget(KEYS.places, job_id))


def test_a_jobs_partition_is_part_of_its_place(fleet: Leeward, valkey: "redis.Redis") -> None:
    one = fleet.enqueue(SyncUser(user="alice"), partition="tenant: 7")
    (other,) = accepted(fleet.enqueue_many([Request(SyncUser(user="bob"), partition="ümläut")]))
    plain = fleet.enqueue(SyncUser(user="carol"))

    lane = place_of(valkey, plain.job_id)
    assert lane.count(":") == 1
    assert place_of(valkey, one.job_id) == f"{lane}:tenant: 7"
    assert place_of(valkey, other.job_id) == f"{lane}:ümläut"
    assert valkey.lrange(f"{KEYS.root}ready:{lane}:tenant: 7", 0, -1) == [one.job_id.encode()]


def test_a_delayed_and_a_cancelled_job_of_a_partition_leave_nothing(fleet: Leeward, valkey: "redis.Redis") -> None:
    waiting = fleet.enqueue(SyncUser(user="alice"), partition="tenant")
    delayed = fleet.enqueue(SyncUser(user="bob"), partition="tenant", delay=timedelta(hours=1))

    assert fleet.cancel(waiting.job_id)
    assert fleet.cancel(delayed.job_id)

    assert not valkey.keys(KEYS.root.replace("{", r"\{") + "turns:*")
    assert not valkey.keys(KEYS.root.replace("{", r"\{") + "ready:*")


@pytest.mark.parametrize("partition", ["", "x" * 129, "a\nb", "a\x00", "a\x7f", "\ud800", 7])
def test_what_is_no_partition_is_refused_before_anything_is_enqueued(
    fleet: Leeward, valkey: "redis.Redis", partition: Any
) -> None:
    with pytest.raises(ValueError, match="partition"):
        fleet.enqueue(SyncUser(user="alice"), partition=partition)

    assert not valkey.exists(KEYS.jobs)


def test_the_longest_partition_works(fleet: Leeward, valkey: "redis.Redis") -> None:
    job = fleet.enqueue(SyncUser(user="alice"), partition="x" * 128)

    assert place_of(valkey, job.job_id).endswith(":" + "x" * 128)
