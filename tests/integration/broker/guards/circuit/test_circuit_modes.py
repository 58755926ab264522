"""What people decide, and what health probes add."""

from collections.abc import Callable

import pytest

from tests.integration.broker.guards.guard_lab import ALPHA, BETA, NEVER, GuardLab

Guarded = Callable[..., GuardLab]


def test_forced_open_starts_nothing_until_somebody_says_otherwise(guarded: Guarded) -> None:
    lab = guarded()
    lab.fill(2)

    lab.mode("forced_open")

    assert (lab.admit().why, lab.admit().look_at) == ("forced_open", 0)
    assert lab.last_event() == ("forced_open", "because", "ann")
    lab.now += 10 * NEVER
    assert lab.admit().ids == []
    lab.mode("auto")
    assert len(lab.admit().ids) == 2


def test_forced_open_ends_at_its_instant_and_comes_back_at_the_ramp(guarded: Guarded) -> None:
    lab = guarded(limit=20, probes=2)
    lab.fill(40)
    lab.mode("forced_open", lab.now + 60_000)
    assert lab.admit().look_at == lab.now + 60_000
    lab.now += 60_000

    admission = lab.admit(40)

    assert len(admission.ids) == 2
    assert lab.state().mode == "auto"
    assert lab.state().mode_until is None
    assert lab.last_event() == ("auto", "the time of forced_open is over", "fleet")


def test_what_fails_during_maintenance_spends_no_attempt(guarded: Guarded) -> None:
    lab = guarded()
    job = lab.one()
    lab.mode("forced_open")

    lab.fail(job, end="dead", attempts=5)

    assert lab.places_of(job.job_id) == ["ready:lab:normal"]


def test_forced_closed_counts_and_opens_nothing(guarded: Guarded) -> None:
    lab = guarded()
    lab.mode("forced_closed")

    lab.calls(failed=20)

    assert lab.state().state == "closed"
    assert lab.events() == ["forced_closed"]


def test_observe_says_what_it_would_have_done_and_blocks_nothing(guarded: Guarded) -> None:
    lab = guarded()
    lab.mode("observe")

    lab.calls(failed=20)

    assert lab.state().state == "closed"
    assert lab.events() == ["observe", "would_open"], "once in an open time, not with every failure"
    assert len(lab.fill(1)) == len(lab.admit().ids)


def test_a_provider_may_begin_in_observe_and_be_steered_out_of_it(guarded: Guarded) -> None:
    lab = guarded(observe=True)
    lab.calls(failed=20)
    assert (lab.state().mode, lab.state().state) == ("observe", "closed")

    lab.mode("auto")
    lab.calls(failed=1)

    assert lab.state().state == "open"


def test_a_provider_that_is_no_longer_declared_observe_is_guarded(guarded: Guarded) -> None:
    lab = guarded(observe=True)
    lab.calls(failed=2)

    lab.declare()
    lab.calls(failed=3)

    assert (lab.state().mode, lab.state().state) == ("auto", "open")


@pytest.mark.parametrize("mode", ["forced_closed", "observe"])
def test_a_mode_that_blocks_nothing_closes_an_open_circuit(guarded: Guarded, mode: str) -> None:
    lab = guarded()
    lab.opened()

    lab.mode(mode)

    assert lab.state().state == "closed"
    assert lab.admit(1).jobs


def test_a_hold_blocks_nothing_in_forced_closed(guarded: Guarded) -> None:
    lab = guarded()
    lab.settle(lab.one(), "hold", delay_ms=60_000, cause="429", probe=False)
    assert lab.admit(1).why == "held"

    lab.mode("forced_closed")

    assert len(lab.admit(1).ids) == 1


def test_auto_lets_an_open_circuit_find_out_at_once(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.opened()
    lab.fill(5)

    lab.mode("auto")

    assert lab.state().state == "half_open"
    assert len(lab.admit(5).ids) == 2


def test_a_healthy_probe_half_opens_an_open_circuit_at_once(guarded: Guarded) -> None:
    lab = guarded(probes=2)
    lab.opened()
    lab.fill(5)

    assert lab.steer("healthy", by="health probe", cause="200 in 3 ms") == "half_open"

    assert lab.last_event() == ("half_opened", "200 in 3 ms", "health probe")
    assert len(lab.admit(5).ids) == 2


def test_one_failed_call_and_an_unhealthy_look_after_it_open_it(guarded: Guarded) -> None:
    lab = guarded()
    assert lab.steer("unhealthy") == "closed", "a look alone opens nothing"
    lab.calls(failed=1)
    assert lab.state().state == "closed"

    assert lab.steer("unhealthy", by="health probe", cause="connection refused") == "open"

    assert lab.last_event() == ("opened", "connection refused", "health probe")


def test_an_unhealthy_look_opens_nothing_while_calls_succeed(guarded: Guarded) -> None:
    lab = guarded()
    lab.calls(failed=1, ok=0)
    lab.calls(ok=1)

    for _ in range(5):
        assert lab.steer("unhealthy") == "closed"


@pytest.mark.parametrize(("looker", "state", "sick"), [("alpha:2", "closed", {"alpha"}), ("beta:1", "open", set())])
def test_a_look_from_the_host_whose_call_failed_says_no_more_than_that_host(
    guarded: Guarded, looker: str, state: str, sick: set[str]
) -> None:
    lab = guarded()
    for worker in (ALPHA, BETA):
        lab.admit(1, worker=worker)
    lab.calls(failed=1, worker=ALPHA)

    lab.steer("unhealthy", looker, cause="no route to host")

    assert (lab.state().state, set(lab.state().sick)) == (state, sick)


@pytest.mark.parametrize("mode", ["forced_open", "forced_closed", "observe"])
def test_health_probes_change_nothing_that_people_have_decided(guarded: Guarded, mode: str) -> None:
    lab = guarded()
    lab.calls(failed=1)
    lab.mode(mode)
    before = lab.events()

    for verb in ("unhealthy", "unhealthy", "healthy"):
        lab.steer(verb)

    assert lab.events() == before
