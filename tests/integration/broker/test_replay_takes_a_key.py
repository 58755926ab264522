"""enqueue.lua: the replay of a dead job takes its idempotency key over, also with a corrected payload."""

import pytest
import redis

from tests.integration.broker.lab import Lab


@pytest.fixture
def dead(any_server: "redis.Redis") -> Lab:
    """A fleet whose job `a` with the key `k` is dead."""
    lab = Lab(any_server)
    lab.enqueue("a", key="k", fingerprint="wrong")
    (job,) = lab.admit().jobs
    lab.die(job, key="k")
    return lab


def test_a_replay_with_a_corrected_payload_takes_the_key_of_the_dead_job(dead: Lab) -> None:
    assert dead.enqueue("replay", key="k", fingerprint="corrected", reopen=True) == []

    assert dead.admit().ids == ["replay"]
    held = dead.key("k")
    assert (held["job"], held["state"], held["fingerprint"]) == ("replay", "live", "corrected")


def test_from_then_on_the_key_stands_for_the_corrected_payload(dead: Lab) -> None:
    dead.enqueue("replay", key="k", fingerprint="corrected", reopen=True)

    assert dead.enqueue("b", key="k", fingerprint="corrected") == [(1, "duplicate", "replay", "live")]
    assert dead.enqueue("c", key="k", fingerprint="wrong") == [(1, "conflict", "replay", "live")]


def test_who_is_no_replay_gets_a_conflict_from_a_dead_job_with_another_payload(dead: Lab) -> None:
    assert dead.enqueue("b", key="k", fingerprint="corrected") == [(1, "conflict", "a", "dead")]


@pytest.mark.parametrize("state", ["live", "done"])
def test_a_replay_takes_no_key_of_work_that_is_alive_or_done(any_server: "redis.Redis", state: str) -> None:
    lab = Lab(any_server)
    lab.enqueue("a", key="k", fingerprint="this")
    if state == "done":
        (job,) = lab.admit().jobs
        lab.settle(job, "done", result="1", key="k")

    assert lab.enqueue("replay", key="k", fingerprint="that", reopen=True) == [(1, "conflict", "a", state)]
