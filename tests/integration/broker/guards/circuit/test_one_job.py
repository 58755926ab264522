"""One job alone is no evidence against its provider, whatever it fails of."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.broker.guards.guard_lab import BETA, GuardLab
from tests.integration.broker.lab import Leased

Guarded = Callable[..., GuardLab]
ATTEMPTS = 5


def again(lab: GuardLab, job: Leased) -> Leased:
    """The same job's next delivery: its pause is over."""
    lab.now = int(lab.client.zscore(lab.keys.scheduled, job.job_id) or lab.now)
    return next(one for one in lab.admit(50).jobs if one.job_id == job.job_id)


def fail_to_the_last(lab: GuardLab, **fields: Any) -> Leased:
    """A job that fails in all its attempts but the last, which runs now."""
    job = lab.one()
    for attempt in range(1, ATTEMPTS):
        lab.fail(job, attempts=attempt, delay_ms=1_000, **fields)
        job = again(lab, job)
    return job


def deny(lab: GuardLab, job: Leased, *, delay_ms: int = 300_000, cause: str = "AuthFailed: 535") -> None:
    lab.settle(job, "hold", delay_ms=delay_ms, cause=cause, probe=True)


def test_one_job_that_fails_for_ever_opens_nothing(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()

    for _ in range(40):
        lab.fail(job, attempts=1, delay_ms=100)
        job = again(lab, job)

    assert (lab.state().state, lab.state().sick) == ("closed", {})
    assert lab.events() == []


def test_it_holds_no_worker_back_either(guarded: Guarded) -> None:
    lab = guarded()
    lab.admit(1, worker=BETA)

    fail_to_the_last(lab)

    assert lab.state().sick == {}


def test_a_second_failing_job_is_evidence(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    for _ in range(9):
        lab.fail(job, attempts=1, delay_ms=100)
        job = again(lab, job)

    lab.calls(failed=1)

    assert lab.state().state == "open"


def test_a_lone_last_attempt_waits_for_a_health_probe_which_is_asked_for_at_once(guarded: Guarded) -> None:
    lab = guarded()
    job = fail_to_the_last(lab)
    looks = lab.looks

    lab.fail(job, end="dead", attempts=ATTEMPTS)

    assert lab.looks == looks + 1
    assert (lab.state().state, lab.dead()) == ("closed", [])
    assert lab.places_of(job.job_id) == ["scheduled"]
    assert lab.last_event()[0] == "accused"


def test_when_the_probe_fails_it_was_an_outage_that_cost_no_last_attempt(guarded: Guarded) -> None:
    lab = guarded()
    job = fail_to_the_last(lab)
    lab.fail(job, end="dead", attempts=ATTEMPTS)

    assert lab.steer("unhealthy", cause="connection refused", by="health probe") == "open"

    lab.now = lab.until()
    (probe,) = lab.admit(5).jobs
    assert (probe.job_id, probe.message) == (job.job_id, job.message)
    lab.fail(probe, end="dead", attempts=ATTEMPTS)
    assert (lab.state().state, lab.dead()) == ("open", [])


def test_when_the_probe_finds_the_provider_well_the_job_has_one_more_try(guarded: Guarded) -> None:
    lab = guarded()
    job = fail_to_the_last(lab)
    lab.fail(job, end="dead", attempts=ATTEMPTS)

    lab.steer("healthy")

    (last,) = lab.admit(5).jobs
    assert last.job_id == job.job_id
    lab.fail(last, end="dead", attempts=ATTEMPTS)
    assert [letter["reason"] for letter in lab.dead()] == ["exhausted"]
    assert lab.state().state == "closed"


def test_without_health_probes_the_job_does_not_wait_for_ever(guarded: Guarded) -> None:
    lab = guarded()
    job = fail_to_the_last(lab)
    lab.fail(job, end="dead", attempts=ATTEMPTS)

    last = again(lab, job)
    lab.fail(last, end="dead", attempts=ATTEMPTS)

    assert [letter["reason"] for letter in lab.dead()] == ["exhausted"]


def test_who_fails_while_others_succeed_dies_at_its_last_attempt(guarded: Guarded) -> None:
    lab = guarded()
    job = fail_to_the_last(lab)
    lab.calls(ok=1)

    lab.fail(job, end="dead", attempts=ATTEMPTS)

    assert [letter["job"] for letter in lab.dead()] == [job.job_id]
    assert lab.state().state == "closed"


def test_looks_are_asked_for_every_few_seconds_at_most(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    began = lab.now
    for _ in range(60):
        lab.fail(job, attempts=1, delay_ms=500)
        job = again(lab, job)

    assert 1 <= lab.looks <= (lab.now - began) / 5_000 + 1


def test_a_job_that_says_credentials_are_refused_waits_alone(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    good = lab.fill(3)

    deny(lab, job)

    assert lab.looks == 1, "a health probe is asked for"
    assert lab.last_event() == ("accused", f"job {job.job_id} alone so far: AuthFailed: 535", "fleet")
    assert lab.places_of(job.job_id) == ["scheduled"]
    assert lab.admit(5).ids == good


def test_it_may_say_so_again_and_again(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    for _ in range(20):
        deny(lab, job, delay_ms=1_000)
        job = again(lab, job)

    assert lab.state().state == "closed"
    assert lab.events() == ["accused"]


def test_a_failed_look_confirms_it_at_once(guarded: Guarded) -> None:
    lab = guarded()
    deny(lab, lab.one())

    assert lab.steer("unhealthy", cause="535 refused", by="health probe") == "open"

    assert lab.last_event()[1] == "AuthFailed: 535; 535 refused"


def test_a_call_that_succeeds_refutes_it(guarded: Guarded) -> None:
    lab = guarded()
    deny(lab, lab.one())
    lab.calls(ok=1)

    deny(lab, lab.one())

    assert lab.state().state == "closed"


def test_one_failed_probe_among_good_ones_does_not_keep_the_circuit_open(guarded: Guarded) -> None:
    lab = guarded(probes=2, successes=3)
    lab.half_opened(waiting=6)
    bad, good = lab.admit(8).jobs

    lab.fail(bad)
    lab.succeed(good)
    lab.succeed(*lab.admit(8).jobs)
    lab.succeed(*lab.admit(8).jobs)

    assert lab.state().state == "closed"


@pytest.mark.parametrize("end", ["failed", "denied"])
@pytest.mark.parametrize("place", [{"lane": "interactive"}, {"partition": "tenant"}, {"queue": "email.lab"}, {}])
def test_a_failed_probe_is_not_the_next_one_wherever_it_waits(
    guarded: Guarded, place: dict[str, Any], end: str
) -> None:
    lab = guarded(probes=1, successes=9)
    queue = place.get("queue", "lab")
    lab.opened()
    lab.flush_ready()
    lab.enqueue("bad", **place)
    lab.now = lab.until()
    (bad,) = lab.admit(1, queue=queue).jobs
    good = lab.fill(3)

    deny(lab, bad, delay_ms=1) if end == "denied" else lab.fail(bad)

    lab.now = max(lab.now, lab.until())
    tried = []
    for _ in good:
        if queue != "lab":
            assert lab.admit(1, queue=queue).ids == []
        tried += lab.admit(1, queue="lab", worker=BETA).jobs
        lab.succeed(tried[-1])
    assert [job.job_id for job in tried] == good
    assert lab.admit(1, queue=queue).ids == ["bad"]


def test_who_is_alone_probes_again_after_the_open_time_or_a_healthy_look(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=1)
    (probe,) = lab.admit(5).jobs
    lab.fail(probe)
    assert (lab.state().state, lab.admit(5).look_at) == ("open", lab.until())
    lab.now = lab.until()

    (probe,) = lab.admit(5).jobs
    lab.fail(probe)
    lab.steer("healthy")

    assert lab.admit(5).ids == [probe.job_id]


def test_alone_against_a_healthy_look_it_spends_its_attempts_and_the_circuit_stays_half_open(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=1)
    lab.steer("healthy")
    (probe,) = lab.admit(5).jobs

    lab.fail(probe, attempts=1, delay_ms=1_000)
    assert (lab.state().state, lab.places_of(probe.job_id)) == ("half_open", ["scheduled"])
    lab.fail(again(lab, probe), end="dead", attempts=ATTEMPTS)

    assert [letter["reason"] for letter in lab.dead()] == ["exhausted"]
    assert lab.state().state == "half_open"


def test_two_probes_that_fail_are_an_outage_whatever_a_look_found(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=2)
    lab.steer("healthy")

    for probe in lab.admit(5).jobs:
        lab.fail(probe)

    assert (lab.state().state, lab.dead()) == ("open", [])


def test_a_ready_job_that_cannot_be_asked_does_not_keep_a_lone_probe_going(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.half_opened(waiting=1)
    lab.enqueue("elsewhere", queue="email.lab")
    lab.client.sadd(lab.keys.paused, "email.lab")
    (probe,) = lab.admit(5).jobs
    lab.fail(probe)
    admission = lab.admit(5)
    assert (admission.ids, admission.look_at) == ([], lab.now + 1_000), "others have time to come"
    lab.now += 5_000

    lab.fail(lab.admit(5).jobs[0])

    assert lab.state().state == "open"


def test_probes_that_are_denied_open_it_again_with_the_refusal_as_cause(guarded: Guarded) -> None:
    """Operators alone can end it, and they read the latest cause."""
    lab = guarded(probes=2, successes=2)
    for _ in range(2):
        deny(lab, lab.one())
    assert lab.last_event()[:2] == ("opened", "AuthFailed: 535")
    lab.fill(4)
    lab.now = lab.until()

    for probe in lab.admit(8).jobs:
        deny(lab, probe)

    assert lab.last_event()[:2] == ("opened", "2 probes failed: AuthFailed: 535")
