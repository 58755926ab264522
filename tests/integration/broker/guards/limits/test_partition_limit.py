"""No partition runs more jobs at once than it may."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import dramatiq
import pytest
import redis

from leeward import JobState, JobStatus
from leeward.wire.keys import QUEUES
from leeward_admin.providers.providers import Providers
from tests.integration.broker.guards.guard_lab import GuardLab
from tests.integration.broker.lab import LEASE_MS, Leased


def partitioned(client: "redis.Redis", *, limit: int = 10, **numbers: Any) -> GuardLab:
    return GuardLab(client, limit=limit, **numbers)


def of(jobs: list[Leased]) -> Counter[str]:
    return Counter(job.job_id.split("-")[0] for job in jobs)


def wait(lab: GuardLab, partition: str, n: int, *, lane: str = "normal", queue: str | None = None) -> None:
    start = lab.client.hlen(lab.keys.jobs)
    lab.enqueue(*(f"{partition}-{start + k}" for k in range(n)), lane=lane, partition=partition, queue=queue)


@pytest.mark.parametrize(
    ("numbers", "most"),
    [
        ({"limit": 10}, 5),
        ({"limit": 5}, 3),
        ({"limit": 2}, 1),
        ({"limit": 1}, 1),
        ({"limit": 0}, 20),
        ({"limit": 10, "partition_limit": 2}, 2),
        ({"limit": 10, "partition_limit": 0}, 10),
        ({"limit": 10, "partition_limit": 30}, 10),
        ({"limit": 0, "partition_limit": 4}, 4),
        ({"limit": 0, "partition_limit": 0.25}, 20),
        ({"limit": 12, "partition_limit": 0.25}, 3),
        ({"limit": 9, "partition_limit": 0.25}, 3),
    ],
)
def test_a_partition_runs_half_of_its_providers_limit_or_what_it_may(
    valkey: "redis.Redis", numbers: dict[str, Any], most: int
) -> None:
    lab = partitioned(valkey, **numbers)
    wait(lab, "a", 20)

    assert len(lab.admit(20).jobs) == most
    assert lab.state().config.most_of_a_partition in (most, 0) or most == lab.config.limit


def test_jobs_that_never_end_leave_half_of_the_permits_to_others(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=4)
    wait(lab, "hangs", 10)
    lab.admit(4)
    wait(lab, "b", 3)

    for _ in range(3):
        (job,) = lab.admit(1).jobs
        assert of([job]) == {"b": 1}
        lab.succeed(job)


def test_jobs_without_a_partition_have_no_such_limit(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=4)
    lab.fill(10)
    wait(lab, "a", 1)

    assert len(lab.admit(4).jobs) == 4


def test_a_worker_is_told_that_partitions_are_full_and_woken_when_a_job_of_one_ends(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=2)
    wait(lab, "a", 3)
    (running,) = lab.admit(2).jobs

    turned_away = lab.admit(1)
    assert (turned_away.why, turned_away.ids) == ("partition_full", [])
    assert turned_away.look_at == lab.now + LEASE_MS, "when the lease of the running job runs out"
    assert valkey.zscore(lab.keys.root + "turned:lab", "alpha:1") is not None

    lab.succeed(running)

    assert valkey.zscore(lab.keys.root + "turned:lab", "alpha:1") is None
    assert len(lab.admit(1).jobs) == 1


@pytest.mark.parametrize("end", ["done", "later", "release", "dead"])
def test_however_a_job_ends_its_partition_has_a_turn_again(valkey: "redis.Redis", end: str) -> None:
    lab = partitioned(valkey, limit=2)
    wait(lab, "a", 3)
    (running,) = lab.admit(2).jobs
    needed: dict[str, dict[str, Any]] = {
        "later": {"delay_ms": 10_000},
        "dead": {"reason": "permanent", "error": "{}"},
    }

    lab.settle(running, end, **needed.get(end, {}))

    assert of(lab.admit(2).jobs) == {"a": 1}


def test_a_killed_workers_partition_has_a_turn_again_when_its_leases_run_out(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=4)
    wait(lab, "a", 6)
    assert len(lab.admit(4).jobs) == 2
    assert lab.admit(1, worker="beta:1").why == "partition_full"

    lab.expire_leases()

    assert of(lab.admit(4, worker="beta:1").jobs)["a"] == 2


def test_what_an_older_release_ended_counts_for_nothing(valkey: "redis.Redis") -> None:
    """It takes the lease away and knows of no partition."""
    lab = partitioned(valkey, limit=4)
    wait(lab, "a", 6)
    running = lab.admit(4).jobs
    assert lab.admit(1).why == "partition_full"
    for job in running:
        valkey.zrem(lab.keys.leases, job.job_id)
        for key in (lab.keys.jobs, lab.keys.places, lab.keys.deliveries):
            valkey.hdel(key, job.job_id)

    assert len(lab.admit(4).jobs) == 2


def test_the_limit_counts_all_lanes_and_queues_of_the_provider(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=4)
    wait(lab, "a", 2, lane="bulk")
    wait(lab, "a", 2)
    wait(lab, "a", 2, queue="email.lab")

    assert len(lab.admit(4).jobs) == 2
    assert lab.admit(4, queue="email.lab").why == "partition_full"


def test_why_a_job_waits_is_its_full_partition(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=4)
    wait(lab, "a", 3)
    wait(lab, "b", 1, lane="bulk")
    lab.admit(2)
    valkey.sadd(QUEUES, "lab")
    valkey.hset(lab.keys.places, "b-3", "lab:bulk:b")
    message: dramatiq.Message[Any] = dramatiq.Message("lab", "act", (), {}, {}, message_id="a-2")
    valkey.hset(lab.keys.jobs, "a-2", message.encode())

    status = JobStatus("a-2", "lab", JobState.READY, queue="lab")
    found = {reason.guard: reason.text for reason in Providers(valkey).why(status, now=datetime.now(UTC))}
    other = Providers(valkey).why(JobStatus("b-3", "lab", JobState.READY, queue="lab"), now=datetime.now(UTC))

    assert found["partition"] == "2 of 2 permits that partition 'a' may have are in use (partition_limit)"
    # The lab's worker publishes nothing.
    assert [reason.guard for reason in other] == ["no_worker", "turn"]


def test_a_raised_limit_counts_at_once(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=10, partition_limit=1)
    wait(lab, "a", 5)
    assert len(lab.admit(5).jobs) == 1

    lab.steer("set", "partition_limit", 3)

    assert len(lab.admit(5).jobs) == 2


def test_a_lowered_limit_counts_what_runs(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=10, partition_limit=0)
    wait(lab, "a", 8)
    running = lab.admit(4).jobs
    lab.steer("set", "partition_limit", 2)

    for job in running[:2]:
        assert lab.admit(5).why == "partition_full"
        lab.succeed(job)
    assert lab.admit(5).ids == []
    lab.succeed(running[2])

    assert len(lab.admit(5).jobs) == 1


def test_full_partitions_are_passed_over_once_however_many_there_are(valkey: "redis.Redis") -> None:
    """They leave the turns; the hundred steps that an admit takes for each would be as many calls."""
    lab = GuardLab(valkey, partition_limit=1)
    for n in range(300):
        wait(lab, f"p{n}", 2)
    for _ in range(3):
        lab.admit(100)
    wait(lab, "other", 1)
    lab.admit(1)
    valkey.config_resetstat()

    wait(lab, "last", 1)
    assert of(lab.admit(1).jobs) == {"last": 1}

    assert valkey.info("commandstats")["cmdstat_lmove"]["calls"] <= 3


def test_nothing_is_left_when_all_are_done(valkey: "redis.Redis") -> None:
    lab = partitioned(valkey, limit=4)
    for partition in ("a", "b", "c"):
        wait(lab, partition, 5)
    done = 0
    while jobs := lab.admit(4).jobs:
        lab.succeed(*jobs)
        done += len(jobs)

    assert done == 15
    left = {"partition_leases", "parked", "parked_in", "partitioned", "turns:lab:normal"}
    assert not [name for name in left if valkey.exists(lab.keys.root + name)]
