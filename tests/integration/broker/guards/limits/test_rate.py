"""A token bucket on the server's clock."""

from collections.abc import Callable

import pytest

from tests.integration.broker.guards.guard_lab import BETA, GuardLab
from tests.support.answers import raw

Guarded = Callable[..., GuardLab]


def bucket(lab: GuardLab) -> float:
    return float(raw(lab.client.hget(lab.keys.root + "bucket", "tokens")))


def test_a_burst_goes_at_once_and_the_next_at_its_exact_instant(guarded: Guarded) -> None:
    lab = guarded(rate=5.0, burst=3)
    lab.fill(10)

    burst = lab.admit(10)
    assert (len(burst.ids), burst.why, burst.look_at) == (3, "rate", lab.now + 200)
    lab.now += 199
    early = lab.admit(10)
    assert (early.ids, early.why, early.look_at) == ([], "rate", lab.now + 1)
    lab.now += 1

    assert len(lab.admit(10).ids) == 1


@pytest.mark.parametrize(("rate", "burst"), [(5.0, 1), (3.0, 2), (0.1, 1), (7.3, 4), (250.0, 10)])
def test_followed_from_instant_to_instant_the_whole_rate_is_used_and_never_more(
    guarded: Guarded, rate: float, burst: int
) -> None:
    lab = guarded(rate=rate, burst=burst)
    lab.fill(300)
    begin, starts = lab.now, list[int]()
    while len(starts) < 100:
        admission = lab.admit(1)
        starts += [lab.now] * len(admission.ids)
        lab.succeed(*admission.jobs)
        lab.now = max(lab.now, admission.look_at)
        assert bucket(lab) >= 0

    for number, at in enumerate(starts, start=1):
        assert number <= burst + rate * (at - begin) / 1000 + 1e-6
    assert starts[-1] - begin <= (100 - burst) * 1000 / rate + 2 * 100


def test_all_queues_of_a_provider_share_the_tokens(guarded: Guarded) -> None:
    lab = guarded(rate=5.0, burst=2)
    lab.fill(5)
    lab.enqueue("a", "b", "c", queue="email.lab")

    assert len(lab.admit(1).ids) == 1
    assert lab.admit(5, queue="email.lab").ids == ["a"]
    assert lab.admit(5, worker=BETA).why == "rate"


def test_a_long_pause_saves_no_more_than_the_burst(guarded: Guarded) -> None:
    lab = guarded(rate=5.0, burst=2)
    lab.fill(20)
    lab.admit(10)
    lab.now += 3_600_000

    assert len(lab.admit(10).ids) == 2


def test_looking_at_an_empty_queue_spends_nothing(guarded: Guarded) -> None:
    lab = guarded(rate=5.0, burst=2)
    for _ in range(10):
        lab.admit(10)
    lab.fill(5)

    assert len(lab.admit(10).ids) == 2


def test_a_step_back_of_the_servers_clock_takes_no_tokens(guarded: Guarded) -> None:
    lab = guarded(rate=5.0, burst=2)
    lab.fill(10)
    lab.admit(1)
    lab.now -= 60_000

    assert len(lab.admit(10).ids) == 1
    assert bucket(lab) == 0
    lab.now += 200
    assert len(lab.admit(10).ids) == 1


def test_a_changed_rate_takes_effect_at_once(guarded: Guarded) -> None:
    lab = guarded(rate=0.001, burst=1)
    lab.fill(10)
    lab.admit(1)

    lab.steer("set", "rate", 1000)
    lab.now += 1

    assert len(lab.admit(1).ids) == 1


def test_the_smaller_of_limit_and_rate_says_why(guarded: Guarded) -> None:
    lab = guarded(rate=5.0, burst=4, limit=2)
    lab.fill(10)

    assert lab.admit(10).why == "full"
    lab.steer("set", "limit", 10)
    assert lab.admit(10).why == "rate"
