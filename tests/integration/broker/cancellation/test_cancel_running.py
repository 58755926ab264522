"""A running job is cancelled: its actor gets an exception at its next safe point, and the job ends as cancelled."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis

from broker.broker import LeewardBroker
from broker.options import SessionOptions
from leeward import Cancellation, JobState, Leeward, SyncUser
from leeward.extension import CancelRequested, begin_effect, report_progress, stop_if_cancelled
from leeward.wire.entry import entry_of, submit
from leeward.wire.job_message import message_for
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at, dead_letters, working
from tests.support.waiting import wait_until

WAIT = timedelta(seconds=10)
UNHEARD = SessionOptions(lease=timedelta(seconds=2), sweep=timedelta(milliseconds=200))


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker


@pytest.fixture
def fleet(valkey_url: str) -> Iterator[Leeward]:
    with Leeward(valkey_url) as fleet:
        yield fleet


class Actor:
    """What an actor did, and when it may go on."""

    def __init__(self, broker: LeewardBroker, body: Callable[["Actor"], Any], **options: Any) -> None:
        self.started = threading.Event()
        self.go_on = threading.Event()
        self.did: list[str] = []
        self._body = body
        actor_of(broker, "sync.jellyfin")(self._run, actor_name="sync.user", job=SyncUser, **options)

    def _run(self, _: SyncUser) -> Any:
        self.started.set()
        try:
            return self._body(self)
        except CancelRequested:
            self.did.append("cancelled")
            raise

    def begin(self, fleet: Leeward, **options: Any) -> str:
        job = fleet.enqueue(SyncUser(user="alice"), **options)
        assert self.started.wait(10)
        return job.job_id


def at_progress(actor: Actor) -> None:
    while not actor.go_on.wait(0.001):
        report_progress(1)


def at_the_effect(actor: Actor) -> None:
    actor.go_on.wait(10)
    begin_effect()
    actor.did.append("effect")


def in_a_loop(actor: Actor) -> None:
    while not actor.go_on.wait(0.001):
        stop_if_cancelled()


def waits(actor: Actor) -> None:
    actor.go_on.wait(10)


def busy(actor: Actor) -> None:
    while True:
        sum(range(100))


@pytest.mark.parametrize("body", [at_progress, in_a_loop, busy])
def test_a_running_job_ends_at_its_next_safe_point(
    broker: LeewardBroker, fleet: Leeward, valkey: "redis.Redis", body: Callable[[Actor], Any]
) -> None:
    actor = Actor(broker, body)
    with working(broker):
        job = actor.begin(fleet, idempotency_key="k")

        assert fleet.cancel(job, wait=WAIT) is Cancellation.CANCELLED

        assert actor.did == ["cancelled"]
        assert fleet.status(job).state is JobState.CANCELLED
        assert dead_letters(valkey, "jellyfin") == []
        assert not fleet.enqueue(SyncUser(user="bob"), idempotency_key="k").duplicate, "its key is free"


def test_its_effect_does_not_begin(broker: LeewardBroker, fleet: Leeward) -> None:
    actor = Actor(broker, at_the_effect)
    with working(broker):
        job = actor.begin(fleet)
        assert fleet.cancel(job) is Cancellation.CANCELLING
        wait_until(lambda: fleet.status(job).cancelling == "heard", description="its worker has confirmed")
        actor.go_on.set()

        assert fleet.cancel(job, wait=WAIT) in {Cancellation.CANCELLED, Cancellation.ENDED}

    assert fleet.status(job).state is JobState.CANCELLED
    assert actor.did == ["cancelled"]


def test_after_its_effect_has_begun_it_runs_on(broker: LeewardBroker, fleet: Leeward) -> None:
    def body(actor: Actor) -> None:
        begin_effect()
        actor.did.append("effect")
        actor.go_on.wait(10)
        report_progress(1)
        actor.did.append("to its end")

    actor = Actor(broker, body)
    with working(broker):
        job = actor.begin(fleet)
        wait_until(lambda: actor.did, description="its effect has begun")

        assert fleet.cancel(job) is Cancellation.TOO_LATE
        actor.go_on.set()

        assert fleet.result(job) is None
        assert actor.did == ["effect", "to its end"]
        assert fleet.cancel(job) is Cancellation.ENDED


def test_without_pub_sub_the_renewal_of_the_lease_says_it(
    valkey_url: str, fleet: Leeward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.session.wakeups.Wakeups._hear", lambda *_: None)
    with broker_at(valkey_url, middleware=rings(), session=UNHEARD) as broker:
        actor = Actor(broker, at_progress)
        with working(broker):
            job = actor.begin(fleet)

            assert fleet.cancel(job, wait=WAIT) is Cancellation.CANCELLED


@pytest.mark.parametrize("is_heard", [True, False])
def test_an_id_with_a_space_is_cancelled_as_any_other(
    valkey_url: str, valkey: "redis.Redis", fleet: Leeward, monkeypatch: pytest.MonkeyPatch, is_heard: bool
) -> None:
    """A lost notice is read from the renewal of leases, which keeps every other job's lease as well."""
    if not is_heard:
        monkeypatch.setattr("broker.session.wakeups.Wakeups._hear", lambda *_: None)
    with broker_at(valkey_url, middleware=rings(), session=UNHEARD) as broker:
        actor = Actor(broker, at_progress)
        submit(valkey, "jellyfin", [entry_of(message_for(SyncUser(user="alice"), job_id="order 17"))])
        with working(broker):
            assert actor.started.wait(10)

            assert fleet.cancel("order 17", wait=WAIT) is Cancellation.CANCELLED


def test_an_actor_that_fails_while_it_is_cancelled_is_not_tried_again(
    broker: LeewardBroker, fleet: Leeward, valkey: "redis.Redis"
) -> None:
    def body(actor: Actor) -> None:
        actor.go_on.wait(10)
        raise ValueError("something else")

    actor = Actor(broker, body)
    with working(broker):
        job = actor.begin(fleet)
        assert fleet.cancel(job) is Cancellation.CANCELLING
        actor.go_on.set()
        broker.join("sync.jellyfin", timeout=10_000)

    assert fleet.status(job).state is JobState.CANCELLED
    assert dead_letters(valkey, "jellyfin") == []


def test_running_jobs_can_be_left_alone(broker: LeewardBroker, fleet: Leeward) -> None:
    actor = Actor(broker, waits)
    with working(broker):
        job = actor.begin(fleet)

        assert fleet.cancel(job, running=False) is Cancellation.RUNNING
        actor.go_on.set()

        assert fleet.result(job) is None
        assert actor.did == []


def test_a_notice_of_something_else_is_no_cancellation(
    broker: LeewardBroker, fleet: Leeward, valkey: "redis.Redis"
) -> None:
    actor = Actor(broker, waits)
    with working(broker):
        job = actor.begin(fleet)
        process = fleet.status(job).worker

        valkey.publish(f"leeward:wake:{process}", f"cancel {job} 1@{process}")
        valkey.publish(f"leeward:wake:{process}", "cancel nonsense")
        actor.go_on.set()

        assert fleet.result(job) is None
        assert actor.did == []
