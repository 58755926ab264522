"""Who is told of new work: one waiting process, the longest waiting, and never the dead."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from leeward.wire.keys import wake_channel
from tests.integration.broker.lab import LEASE_MS, Lab


class Ear:
    """A subscription as a worker process has it."""

    def __init__(self, pubsub: "redis.client.PubSub") -> None:
        self._pubsub = pubsub

    def heard(self) -> list[bytes]:
        """What was published before this call: the server answers our ping after it."""
        self._pubsub.ping()
        told = []
        while (message := self._pubsub.get_message(timeout=5))["type"] != "pong":
            if message["type"] == "message":
                told.append(message["data"])
        return told


@contextmanager
def listening(lab: Lab, worker: str) -> Iterator[Ear]:
    with lab.client.pubsub() as pubsub:
        pubsub.subscribe(wake_channel(worker))
        ear = Ear(pubsub)
        ear.heard()
        yield ear


def test_one_job_wakes_one_waiter_the_longest_waiting(lab: Lab) -> None:
    with listening(lab, "host:1") as first, listening(lab, "host:2") as second:
        lab.admit(worker="host:1")
        lab.now += 1
        lab.admit(worker="host:2")

        lab.enqueue("a")

        assert (first.heard(), second.heard()) == ([b"lab"], [])


def test_many_jobs_wake_many_waiters(lab: Lab) -> None:
    with listening(lab, "host:1") as first, listening(lab, "host:2") as second:
        lab.admit(worker="host:1")
        lab.admit(worker="host:2")

        lab.enqueue("a", "b", "c")

        assert (first.heard(), second.heard()) == ([b"lab"], [b"lab"])


def test_a_dead_processes_wake_up_goes_to_the_next(lab: Lab) -> None:
    lab.admit(worker="host:dead")
    lab.now += 1
    with listening(lab, "host:2") as alive:
        lab.admit(worker="host:2")

        lab.enqueue("a")

        assert alive.heard() == [b"lab"]


def test_a_worker_that_cannot_take_the_job_passes_its_wake_up_on(lab: Lab) -> None:
    with listening(lab, "host:1") as first, listening(lab, "host:2") as second:
        lab.admit(worker="host:1")
        lab.now += 1
        lab.admit(worker="host:2")
        lab.enqueue("a")
        assert first.heard() == [b"lab"]

        lab.nudge()

        assert second.heard() == [b"lab"]


def test_a_worker_that_got_all_it_asked_for_is_not_told(lab: Lab) -> None:
    with listening(lab, "host:1") as ear:
        lab.admit(worker="host:1")
        lab.enqueue("a")
        ear.heard()
        lab.admit(1, worker="host:1")

        lab.enqueue("b")

        assert ear.heard() == []


def test_a_job_that_is_due_earlier_than_all_others_is_told_and_a_later_one_is_not(lab: Lab) -> None:
    with listening(lab, "host:1") as ear:
        lab.admit(worker="host:1")
        lab.enqueue("far", delay=60_000)
        assert ear.heard() == [b"lab"]
        lab.admit(worker="host:1")

        lab.enqueue("farther", delay=70_000)
        assert ear.heard() == []
        lab.enqueue("near", delay=500)

        assert ear.heard() == [b"lab"]


def test_a_retry_that_is_due_earlier_than_all_others_is_told(lab: Lab) -> None:
    with listening(lab, "host:1") as ear:
        lab.enqueue("a")
        (job,) = lab.admit(worker="host:2").jobs
        lab.admit(worker="host:1")

        lab.settle(job, "later", delay_ms=500)

        assert ear.heard() == [b"lab"]


def test_a_released_job_is_told(lab: Lab) -> None:
    with listening(lab, "host:1") as ear:
        lab.enqueue("a")
        (job,) = lab.admit(1, worker="host:2").jobs
        lab.admit(worker="host:1")

        lab.settle(job, "release")

        assert ear.heard() == [b"lab"]


def test_a_job_that_another_queues_worker_finds_due_or_expired_is_told_to_its_own(lab: Lab) -> None:
    with listening(lab, "host:mail") as ear:
        lab.enqueue("leased", queue="email.lab")
        lab.admit(1, queue="email.lab", worker="host:gone")
        lab.enqueue("due", queue="email.lab", delay=LEASE_MS)
        lab.admit(queue="email.lab", worker="host:mail")
        ear.heard()
        lab.expire_leases()

        assert lab.admit(worker="host:1").taken_back == 1

        assert b"email.lab" in ear.heard()
