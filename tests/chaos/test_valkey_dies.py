"""Valkey killed, away for longer than a lease, and connections that break in mid-call."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from leeward.errors import Unavailable
from tests.chaos.fleet import FleetUnderTest, jobs
from tests.support.faults import FaultyProxy, faulty_proxy
from tests.support.waiting import wait_until
from workers.embedded import EmbeddedValkey

pytestmark = pytest.mark.chaos


class Producer(threading.Thread):
    """Enqueues until told to stop, and repeats what it was not sure of, with the same ids."""

    def __init__(self, fleet: FleetUnderTest) -> None:
        super().__init__(daemon=True)
        self._fleet = fleet
        self._stopping = threading.Event()
        self.accepted: dict[str, str] = {}
        self.unsure: list[str] = []

    def run(self) -> None:
        number = 0
        while not self._stopping.wait(0.002):
            number += 1
            name = f"job-{number}"
            try:
                (self.accepted[name],) = self._fleet.enqueue("plain", name)
            except Unavailable:
                self.unsure.append(name)

    def stop(self) -> None:
        self._stopping.set()
        self.join(30)
        assert not self.is_alive()


@contextmanager
def producing(fleet: FleetUnderTest) -> Iterator[Producer]:
    producer = Producer(fleet)
    producer.start()
    try:
        yield producer
    finally:
        producer.stop()


def test_nothing_is_lost_when_valkey_is_killed_and_restarted_in_mid_load(
    mortal_fleet: FleetUnderTest, own_valkey: EmbeddedValkey
) -> None:
    fleet = mortal_fleet
    fleet.worker()
    fleet.worker()
    with producing(fleet) as producer:
        for n in range(1, 3):
            fleet.wait_for("effect", 150 * n)
            own_valkey.kill()
            own_valkey.start()
        fleet.wait_for("effect", 450)

    ended = fleet.wait_until_all_ended(list(producer.accepted.values()))

    assert ended == {"done": len(producer.accepted)}
    effects = fleet.happened("effect")
    assert set(producer.accepted) <= set(effects)
    assert set(effects) <= set(producer.accepted) | set(producer.unsure)
    assert set(effects.values()) == {1}, "both workers lived, so nothing is repeated"
    assert fleet.client.hgetall("leeward:{lab}:jobs") == {}


def test_live_workers_go_on_while_valkey_is_away_for_longer_than_their_lease(
    mortal_fleet: FleetUnderTest, own_valkey: EmbeddedValkey
) -> None:
    fleet = mortal_fleet
    fleet.worker("--threads", "2")
    fleet.worker("--threads", "2")
    ids = fleet.enqueue("plain", *jobs(4, "long"), seconds=5)
    fleet.wait_for("started", 4)

    own_valkey.kill()
    fleet.wait_for("effect", 4)
    own_valkey.start()

    assert fleet.wait_until_all_ended(ids) == {"done": 4}
    assert set(fleet.happened("started").values()) == {1}
    (extra,) = fleet.enqueue("plain", "extra")
    assert fleet.wait_until_all_ended([extra]) == {"done": 1}


def test_what_live_workers_hold_is_not_redelivered_when_valkey_comes_back_before_they_finish(
    mortal_fleet: FleetUnderTest, own_valkey: EmbeddedValkey
) -> None:
    fleet = mortal_fleet
    away = fleet.worker("--threads", "2"), fleet.worker("--threads", "2")
    ids = fleet.enqueue("plain", *jobs(4, "long"), seconds=7)
    fleet.wait_for("started", 4)

    own_valkey.kill()
    for process in away:
        process.wait_for_output("renewal_failed")
    seen = [process.output.count("renewal_failed") for process in away]
    # Three failed renewals in a row are a lease.
    wait_until(
        lambda: all(p.output.count("renewal_failed") >= n + 3 for p, n in zip(away, seen, strict=True)),
        description="an absence longer than a lease",
    )
    own_valkey.start()

    assert fleet.wait_until_all_ended(ids) == {"done": 4}
    assert set(fleet.happened("started").values()) == {1}


@pytest.fixture
def proxy(fleet: FleetUnderTest) -> Iterator[FaultyProxy]:
    with faulty_proxy(fleet.url) as proxy:
        yield proxy


def test_connections_that_are_cut_in_mid_call_lose_nothing(fleet: FleetUnderTest, proxy: FaultyProxy) -> None:
    fleet.worker(url=proxy.url)
    fleet.worker()
    ids = fleet.enqueue("plain", *jobs(1_000))
    for n in range(1, 6):
        fleet.wait_for("effect", 150 * n)
        proxy.cut()

    assert fleet.wait_until_all_ended(ids) == {"done": 1_000}

    effects = fleet.happened("effect")
    assert set(effects) == set(jobs(1_000))


def test_an_admission_whose_reply_was_lost_comes_back_with_its_lease(fleet: FleetUnderTest, proxy: FaultyProxy) -> None:
    fleet.worker(url=proxy.url)
    fleet.worker()
    (warm,) = fleet.enqueue("plain", "warm")
    fleet.wait_until_all_ended([warm])
    for _ in range(3):
        proxy.lose_reply_to(b"EVALSHA")

    ids = fleet.enqueue("plain", *jobs(50))

    assert fleet.wait_until_all_ended(ids) == {"done": 50}
    assert proxy.swallowed == 3
    assert fleet.letters() == []


def test_a_worker_whose_network_swallows_everything_goes_on_when_it_heals(
    fleet: FleetUnderTest, proxy: FaultyProxy
) -> None:
    cut_off = fleet.worker(url=proxy.url)
    (warm,) = fleet.enqueue("plain", "warm")
    fleet.wait_until_all_ended([warm])
    proxy.black_hole()
    ids = fleet.enqueue("plain", *jobs(20))
    other = fleet.worker()

    fleet.wait_until_all_ended(ids)
    proxy.heal()
    other.terminate()
    more = fleet.enqueue("plain", *jobs(20, "more"))

    assert fleet.wait_until_all_ended(more) == {"done": 20}
    assert fleet.by(cut_off, "effect") >= set(jobs(20, "more"))
