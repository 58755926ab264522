"""A server at its memory limit: producers are refused, workers go on and make room."""

from collections.abc import Iterator

import pytest
import redis

from leeward.errors import Unavailable
from leeward.wire.entry import Entry, submit
from tests.integration.broker.lab import Lab


@pytest.fixture
def full(lab: Lab) -> Iterator[Lab]:
    """With three jobs in it."""
    lab.enqueue("a", "b", "c", key="")
    lab.client.config_set("maxmemory", "1")
    yield lab
    lab.client.config_set("maxmemory", "0")


def test_a_full_server_takes_no_new_job(full: Lab) -> None:
    with pytest.raises(Unavailable):
        submit(full.client, "lab", [Entry("new", "lab:normal", 0, b"x")], pause=lambda _: None)

    assert full.places_of("new") == []


def test_a_full_server_hands_jobs_out_and_lets_them_end(full: Lab) -> None:
    done, again, dead = full.admit().jobs

    assert full.renew(done, again, dead) == []
    assert full.begin(done)
    assert full.succeed(done) == []
    assert full.settle(again, "later", delay_ms=0) == []
    assert full.die(dead) == []

    assert (full.status("a"), full.status("c")) == ("done", "dead")


def test_a_full_server_takes_expired_leases_back(full: Lab) -> None:
    """The three are suspects: half of them, rounded up, run apart together, and the last one after them."""
    full.admit()
    full.expire_leases()

    back = full.admit(worker="host:2").jobs
    assert [job.job_id for job in back] == ["a", "b"]
    assert full.succeed(*back) == []

    assert full.admit(worker="host:2").ids == ["c"]


def test_a_full_server_lets_jobs_be_cancelled_and_flushed(full: Lab) -> None:
    assert full.cancel("a") == "cancelled"
    assert full.flush() == 2


def test_a_failed_enqueue_left_nothing_half_done(full: Lab) -> None:
    with pytest.raises(redis.exceptions.OutOfMemoryError):
        full.enqueue("new", key="k")
    full.client.config_set("maxmemory", "0")

    assert full.enqueue("new", key="k") == []
    assert full.places_of("new") == ["ready:lab:normal"]
