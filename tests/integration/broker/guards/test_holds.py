"""A provider that asks to be left alone, or refuses the login."""

from collections.abc import Callable

import pytest

from tests.integration.broker.guards.guard_lab import BETA, GuardLab
from tests.integration.broker.lab import Leased, message_bytes

Guarded = Callable[..., GuardLab]


def hold(lab: GuardLab, job: Leased, *, delay_ms: int = 60_000, probe: bool = False) -> list[str]:
    return lab.settle(job, "hold", delay_ms=delay_ms, cause="RateLimited: 429", probe=probe)


def test_a_429_holds_the_whole_provider_until_its_instant(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    lab.fill(2)
    lab.enqueue("other", queue="email.lab")

    hold(lab, job)

    for queue in ("lab", "email.lab"):
        assert (lab.admit(queue=queue).why, lab.admit(queue=queue).look_at) == ("held", lab.now + 60_000)
    assert lab.last_event() == ("held", "RateLimited: 429", "fleet")
    assert lab.state().held_because == "RateLimited: 429"
    lab.now += 60_000
    assert lab.admit().ids[0] == job.job_id, "at the head of its lane, and no probes are needed"
    assert lab.admit(queue="email.lab").ids == ["other"]


def test_the_held_job_keeps_what_the_ring_noted_on_it(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()

    lab.settle(job, "hold", delay_ms=1, cause="429", probe=False, message=message_bytes(job.job_id, "noted"))

    lab.now += 1
    assert b'"noted"' in lab.admit().jobs[0].message


def test_the_longest_of_two_holds_counts(guarded: Guarded) -> None:
    lab = guarded()
    jobs = [lab.one(), lab.one()]
    hold(lab, jobs[0])

    hold(lab, jobs[1], delay_ms=5_000)

    assert lab.admit().look_at == lab.now + 60_000
    assert lab.events() == ["held"]


def test_a_provider_that_is_many_hosts_is_not_held(guarded: Guarded) -> None:
    lab = guarded(hold=False)
    job = lab.one()
    lab.fill(1)

    hold(lab, job)

    assert lab.places_of(job.job_id) == ["scheduled"]
    assert len(lab.admit().ids) == 1


@pytest.mark.parametrize("mode", ["observe", "forced_closed"])
def test_a_mode_that_blocks_nothing_holds_only_the_job(guarded: Guarded, mode: str) -> None:
    lab = guarded()
    job = lab.one()
    lab.mode(mode)

    hold(lab, job)

    assert lab.places_of(job.job_id) == ["scheduled"]


def test_auto_ends_a_hold(guarded: Guarded) -> None:
    lab = guarded()
    hold(lab, lab.one())

    lab.mode("auto")

    assert len(lab.admit().ids) == 1


def test_logins_of_two_jobs_refused_open_the_circuit_for_its_time_and_probes_find_out(guarded: Guarded) -> None:
    lab = guarded(probes=1)
    jobs = [lab.one(), lab.one()]
    lab.fill(3)
    hold(lab, jobs[0], delay_ms=300_000, probe=True)
    assert lab.state().state == "closed"

    hold(lab, jobs[1], delay_ms=300_000, probe=True)

    assert lab.state().state == "open"
    assert lab.until() == lab.now + 300_000
    assert lab.last_event()[:2] == ("opened", "RateLimited: 429")
    lab.now = lab.until()
    assert len(lab.admit(5).ids) == 1
    assert lab.admit(5, worker=BETA).why == "half_open"


def test_a_lone_probe_whose_login_is_refused_opens_it_again(guarded: Guarded) -> None:
    lab = guarded(probes=1)
    for job in [lab.one(), lab.one()]:
        hold(lab, job, delay_ms=300_000, probe=True)
    lab.now = lab.until()
    for _ in range(2):
        (probe,) = lab.admit(5).jobs
        hold(lab, probe, delay_ms=300_000, probe=True)

    assert lab.state().state == "open"
    assert lab.until() == lab.now + 300_000
    assert lab.places_of(probe.job_id) == ["ready:lab:normal"]


def test_a_late_holder_holds_nothing(guarded: Guarded) -> None:
    lab = guarded()
    late = lab.one()
    lab.expire_leases()
    lab.admit(worker=BETA)

    assert hold(lab, late) == [late.job_id]

    assert lab.events() == []
