"""Open, half-open, closed, and the ramp."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.broker.guards.guard_lab import ALPHA, BETA, GuardLab
from tests.integration.broker.lab import LEASE_MS
from tests.support.answers import text

Guarded = Callable[..., GuardLab]


def test_while_it_is_open_nothing_is_admitted_and_everybody_knows_until_when(guarded: Guarded) -> None:
    lab = guarded()
    lab.opened()
    lab.fill(3)

    admission = lab.admit(3)

    assert (admission.ids, admission.why, admission.look_at) == ([], "open", lab.until())


def test_it_stays_open_for_about_its_time_with_jitter(guarded: Guarded) -> None:
    spans = set()
    for ms in range(12):
        lab = guarded()
        lab.now += ms
        lab.opened()
        spans.add(lab.until() - lab.now)
        lab.client.flushdb()

    assert all(27_000 <= span <= 33_000 for span in spans)
    assert len(spans) == 12
    assert max(spans) - min(spans) > 4_000


def test_at_its_instant_it_lets_n_probes_through_in_the_whole_fleet(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=10)
    lab.now -= 1
    assert lab.admit(8).why == "open"
    lab.now += 1

    first, second = lab.admit(8), lab.admit(8, worker=BETA)

    assert (len(first.ids), first.why) == (2, "half_open")
    assert (second.ids, second.why) == ([], "half_open")
    assert lab.state().state == "half_open"
    assert lab.state().probes == 2
    assert lab.last_event()[:2] == ("half_opened", "the open time is over")


def test_a_full_answer_in_half_open_has_no_reason(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=10)

    assert lab.admit(1).why == ""


def test_a_killed_probers_probe_comes_back_with_its_lease(guarded: Guarded) -> None:
    lab = guarded(probes=1)
    lab.half_opened(waiting=2)
    lab.admit(4)
    turned_away = lab.admit(4, worker=BETA)
    assert turned_away.look_at == lab.now + LEASE_MS

    lab.expire_leases()
    again = lab.admit(4, worker=BETA)

    assert len(again.ids) == 1
    assert lab.state().probes == 1


def test_enough_successes_close_it(guarded: Guarded) -> None:
    lab = guarded(probes=2, successes=3)
    lab.half_opened(waiting=10)

    lab.succeed(*lab.admit(8).jobs)
    assert lab.state().state == "half_open"
    lab.settle(lab.admit(1).jobs[0], "done", call="ok", ms=700)

    assert lab.state().state == "closed"
    assert lab.last_event() == ("closed", "3 probes succeeded", "fleet")
    assert lab.state().probes == 0


def test_two_failed_probes_open_it_again_for_longer_and_go_to_the_tail(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=4)
    first, second = lab.admit(8).jobs

    lab.fail(first)
    assert lab.state().state == "half_open", "one failure may be that job's own"
    assert lab.admit(8).ids == [], "the other one decides"
    lab.fail(second)

    assert lab.state().state == "open"
    assert 54_000 <= lab.until() - lab.now <= 66_000
    assert lab.last_event()[:2] == ("opened", "2 probes failed")
    waiting = [text(item) for item in lab.client.lrange(lab.keys.ready("lab", "normal"), 0, -1)]
    assert waiting[2:] == [first.job_id, second.job_id], "both probes, behind those that have not been tried"


def test_open_time_grows_to_its_cap(guarded: Guarded) -> None:
    lab = guarded(probes=1)
    lab.half_opened(waiting=1)
    for _ in range(10):
        (probe,) = lab.admit(1).jobs
        lab.fail(probe)
        opened_at = lab.now
        lab.now = lab.until()

    assert 540_000 <= lab.now - opened_at <= 660_000


def test_a_long_quiet_time_makes_it_short_again(guarded: Guarded) -> None:
    lab = guarded(probes=1, successes=1)
    lab.half_opened(waiting=1)
    for _ in range(3):
        lab.fail(lab.admit(1).jobs[0])
        lab.now = lab.until()
    lab.succeed(lab.admit(1).jobs[0])
    lab.now += 4 * 600_000

    lab.opened()

    assert lab.until() - lab.now <= 33_000


def test_a_relapse_soon_after_closing_goes_on_growing(guarded: Guarded) -> None:
    lab = guarded(probes=1, successes=1)
    lab.half_opened(waiting=1)
    lab.succeed(lab.admit(1).jobs[0])

    lab.calls(failed=5)

    assert lab.until() - lab.now >= 54_000


def test_failures_from_before_it_closed_do_not_open_it_again(guarded: Guarded) -> None:
    lab = guarded(probes=2, successes=1, open_for=timedelta(seconds=1))
    lab.calls(failed=5)
    lab.flush_ready()
    lab.now = lab.until()
    lab.calls(ok=1)
    assert lab.state().state == "closed"

    lab.calls(ok=5, failed=1)

    assert lab.state().state == "closed", "the window of 10 s still held the five failures"


def test_an_earlier_probe_takes_its_place_until_it_ends_and_decides_nothing(guarded: Guarded) -> None:
    lab = guarded(probes=3)
    lab.half_opened(waiting=10)
    failing, another, hanging = lab.admit(8).jobs
    lab.fail(failing)
    lab.fail(another)
    while lab.now < lab.until():
        lab.now += 1_000
        lab.renew(hanging)

    assert len(lab.admit(8).ids) == 2, "three at the provider, not four"
    lab.fail(hanging)

    assert lab.state().state == "half_open"
    assert len(lab.admit(8).ids) == 1


def test_a_job_from_before_the_outage_is_no_probe(guarded: Guarded) -> None:
    lab = guarded(probes=1)
    early = lab.one()
    lab.half_opened(waiting=5)
    lab.renew(early)
    (probe,) = lab.admit(4).jobs

    lab.fail(early)

    assert lab.state().state == "half_open"
    assert lab.places_of(early.job_id) == ["ready:lab:normal"]
    assert lab.state().probes == 1
    assert lab.places_of(probe.job_id) == ["leases"]


def test_a_probe_that_says_nothing_makes_room_for_another(guarded: Guarded) -> None:
    lab = guarded(probes=1)
    lab.half_opened(waiting=5)
    (probe,) = lab.admit(4).jobs

    lab.settle(probe, "release")

    assert lab.state().state == "half_open"
    assert len(lab.admit(4).ids) == 1


@pytest.mark.parametrize(("after_ms", "at_once"), [(0, 2), (3_000, 2), (15_000, 10), (29_999, 20), (30_000, 20)])
def test_after_closing_the_limit_grows_back_in_a_straight_line(guarded: Guarded, after_ms: int, at_once: int) -> None:
    lab = guarded(limit=20, probes=2, successes=1)
    lab.half_opened(waiting=1)
    lab.succeed(lab.admit(1).jobs[0])
    lab.fill(40)
    lab.now += after_ms

    assert len(lab.admit(40).ids) == at_once


def test_while_it_ramps_up_a_full_provider_is_looked_at_soon(guarded: Guarded) -> None:
    lab = guarded(limit=20, probes=2, successes=1)
    lab.half_opened(waiting=1)
    lab.succeed(lab.admit(1).jobs[0])
    lab.fill(40)

    admission = lab.admit(40)

    assert (admission.why, admission.look_at) == ("full", lab.now + 200)


def test_the_ramp_never_passes_a_limit_below_the_number_of_probes(guarded: Guarded) -> None:
    lab = guarded(limit=1, probes=2, successes=1)
    lab.half_opened(waiting=1)
    lab.succeed(lab.admit(1).jobs[0])
    lab.fill(5)

    assert len(lab.admit(5).ids) == 1


def test_a_provider_without_a_limit_ramps_up_too(guarded: Guarded) -> None:
    lab = guarded(probes=2, successes=1)
    lab.half_opened(waiting=1)
    lab.succeed(lab.admit(1).jobs[0])
    lab.fill(90)

    assert len(lab.admit(90).ids) == 2
    lab.now += 15_000
    assert len(lab.admit(90, worker=ALPHA).ids) == 48
