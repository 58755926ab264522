"""One worker that cannot reach a provider is held back alone."""

from collections.abc import Callable

from tests.integration.broker.guards.guard_lab import ALPHA, BETA, GuardLab

Guarded = Callable[..., GuardLab]


def two_hosts(guarded: Guarded) -> GuardLab:
    lab = guarded()
    for worker in (ALPHA, "alpha:2", BETA):
        lab.admit(1, worker=worker)
    return lab


def test_failures_of_one_host_of_two_hold_that_host_and_say_so(guarded: Guarded) -> None:
    lab = two_hosts(guarded)

    lab.calls(failed=5)

    assert lab.state().state == "closed"
    assert set(lab.state().sick) == {"alpha"}
    assert lab.last_event() == ("worker_held", "5 calls in a row failed, all of them by alpha", "fleet")


def test_the_held_host_gets_nothing_and_the_other_goes_on(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    lab.calls(failed=5)
    lab.fill(3)

    held = lab.admit(3, worker="alpha:2")

    assert (held.ids, held.why, held.look_at) == ([], "worker_held", lab.now + 30_000)
    assert len(lab.admit(3, worker=BETA).ids) == 3


def test_two_processes_of_one_host_are_no_second_witness(guarded: Guarded) -> None:
    lab = two_hosts(guarded)

    lab.calls(failed=3, worker=ALPHA)
    lab.calls(failed=2, worker="alpha:2")

    assert lab.state().state == "closed"
    assert set(lab.state().sick) == {"alpha"}


def test_where_there_is_one_host_a_single_process_is_held(guarded: Guarded) -> None:
    lab = guarded()
    for worker in (ALPHA, "alpha:2"):
        lab.admit(1, worker=worker)

    lab.calls(failed=5, worker="alpha:2")

    assert lab.state().state == "closed"
    assert set(lab.state().sick) == {"alpha:2"}
    assert lab.admit(1, worker="alpha:2").why == "worker_held"
    assert len(lab.admit(1, worker=ALPHA).ids) == 1


def test_a_worker_all_alone_is_witness_enough(guarded: Guarded) -> None:
    lab = guarded()

    lab.calls(failed=5)

    assert lab.state().state == "open"


def test_a_worker_that_was_not_seen_for_long_is_no_other(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    lab.now += 20_000

    lab.calls(failed=5)

    assert lab.state().state == "open"


def test_what_fails_on_a_held_host_goes_back_at_once_without_an_attempt(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    in_flight = lab.one()
    lab.calls(failed=5)

    lab.fail(in_flight, end="dead", attempts=5)

    assert lab.places_of(in_flight.job_id) == ["ready:lab:normal"]
    assert lab.dead() == []
    again = lab.admit(10, worker=BETA).jobs
    assert in_flight.job_id in [job.job_id for job in again]


def test_the_same_failure_on_a_healthy_host_is_the_jobs_own(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    lab.calls(failed=5)
    lab.calls(ok=1, worker=BETA)
    doomed = lab.one(worker=BETA)

    lab.fail(doomed, end="dead", attempts=5)

    assert lab.status(doomed.job_id) == "dead"


def test_when_the_other_host_fails_too_it_is_the_provider(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    lab.calls(failed=5)

    lab.calls(failed=5, worker=BETA)

    assert lab.state().state == "open"


def test_the_host_comes_back_after_its_time(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    lab.calls(failed=5)
    lab.now += 30_000

    assert len(lab.admit(1).ids) == 1
    assert lab.state().sick == {}


def test_processes_that_are_long_gone_are_forgotten_when_one_boots(guarded: Guarded) -> None:
    lab = two_hosts(guarded)
    lab.now += 2 * 3_600_000

    lab.declare()

    assert lab.client.zcard(lab.keys.root + "workers") == 0
