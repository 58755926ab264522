"""What fails while the provider is away is not the job's fault."""

from collections.abc import Callable

import pytest

from tests.integration.broker.guards.guard_lab import NEVER, GuardLab
from tests.integration.broker.lab import message_bytes
from tests.support.answers import raw, text

Guarded = Callable[..., GuardLab]


def test_the_failure_that_opens_the_circuit_spends_no_attempt(guarded: Guarded) -> None:
    lab = guarded()
    lab.calls(failed=4)
    job = lab.one()

    lab.fail(job, message=message_bytes(job.job_id, "an attempt more"))

    assert lab.places_of(job.job_id) == ["ready:lab:normal"]
    assert b"an attempt more" not in raw(lab.client.hget(lab.keys.jobs, job.job_id))


@pytest.mark.parametrize("end", ["later", "dead"])
def test_what_was_in_flight_waits_at_the_head_of_its_lane(guarded: Guarded, end: str) -> None:
    lab = guarded()
    job = lab.one()
    lab.opened()
    lab.flush_ready()
    lab.fill(2)

    lab.fail(job, end=end, attempts=5)

    assert text(lab.client.lindex(lab.keys.ready("lab", "normal"), 0)) == job.job_id
    assert lab.dead() == []
    assert lab.client.hget(lab.keys.expiries, job.job_id) is None


def test_a_job_comes_back_to_its_partition(guarded: Guarded) -> None:
    lab = guarded()
    lab.enqueue("mine", partition="tenant")
    (job,) = lab.admit(1).jobs
    lab.opened()

    lab.fail(job)

    assert lab.places_of("mine") == ["ready:lab:normal:tenant"]


def test_what_would_die_for_another_reason_dies(guarded: Guarded) -> None:
    lab = guarded()
    jobs = [lab.one(), lab.one()]
    lab.opened()

    lab.settle(jobs[0], "dead", reason="permanent", error="{}", call="ok", ms=3)
    lab.fail(jobs[1], end="dead", reason="invalid")

    assert [letter["reason"] for letter in lab.dead()] == ["permanent", "invalid"]


def test_a_deadline_ends_a_waiting_job_as_soon_as_it_is_admitted(guarded: Guarded) -> None:
    lab = guarded(successes=1)
    job = lab.one()
    lab.opened()
    lab.fail(job, end="dead", reason="expired")
    assert lab.dead() == []
    lab.now = lab.until()

    again = next(one for one in lab.admit(10).jobs if one.job_id == job.job_id)
    lab.settle(again, "dead", reason="expired", error="{}")

    assert [letter["reason"] for letter in lab.dead()] == ["expired"]


def test_a_failure_that_is_the_jobs_own_spends_its_attempt_even_now(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    lab.opened()

    lab.settle(job, "later", delay_ms=NEVER, call="failed", ms=3)

    assert lab.places_of(job.job_id) == ["scheduled"]


def test_six_hours_of_outage_spend_nothing_and_drain_at_the_ramp(guarded: Guarded) -> None:
    lab = guarded(limit=50, probes=2, successes=3)
    ids = set(lab.fill(500))
    end = lab.now + 6 * NEVER
    while lab.now < end:
        admission = lab.admit(50)
        for job in admission.jobs:
            lab.fail(job, delay_ms=1_000, message=b"spent" + job.message)
        lab.now = admission.look_at or lab.now + 1
    assert lab.dead() == []
    assert sum(lab.size()) == 500
    spent = sum(raw(message).startswith(b"spent") for message in lab.client.hvals(lab.keys.jobs))
    assert spent < lab.config.streak, "only the failures that opened it"

    peak = []
    while lab.size()[0]:
        admission = lab.admit(50)
        peak.append(len(admission.ids))
        lab.succeed(*admission.jobs)
        ids -= set(admission.ids)
        lab.now += 100

    assert ids == set()
    assert max(peak[:5]) <= 3, "no stampede"
    assert max(peak) <= 50
