"""When the server was away, live workers get a moment to speak up before their leases count as expired."""

from tests.integration.broker.lab import LEASE_MS, Lab

AWAY_MS = 60_000


def test_after_an_absence_leases_are_not_taken_back_at_once(lab: Lab) -> None:
    lab.enqueue("a")
    lab.admit()
    lab.now += AWAY_MS

    assert lab.admit(worker="host:2").taken_back == 0

    assert lab.places_of("a") == ["leases"]


def test_a_worker_that_speaks_up_after_an_absence_keeps_its_job(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    lab.now += AWAY_MS
    lab.admit(worker="host:2")
    lab.now += 1_000

    assert lab.renew(job) == []
    lab.now += LEASE_MS - 1

    assert lab.admit(worker="host:2").taken_back == 0


def test_a_worker_that_stays_silent_after_an_absence_loses_its_job(lab: Lab) -> None:
    lab.enqueue("a")
    lab.admit()
    lab.now += AWAY_MS
    look_at = lab.admit(worker="host:2").look_at

    lab.now = look_at

    assert lab.admit(worker="host:2").ids == ["a"]


def test_the_first_worker_to_renew_after_an_absence_does_not_cost_the_others_their_grace(lab: Lab) -> None:
    lab.enqueue("mine", "theirs")
    (mine,) = lab.admit(1, worker="host:1").jobs
    (theirs,) = lab.admit(1, worker="host:2").jobs
    lab.now += AWAY_MS

    lab.renew(mine)
    assert lab.admit(worker="host:1").taken_back == 0

    assert lab.renew(theirs) == []


def test_an_absence_of_the_length_of_a_lease_costs_nobody_a_job(lab: Lab) -> None:
    """The last renewal may have been a third of a lease before the server went."""
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    lab.now += LEASE_MS // 3
    lab.admit(worker="host:2")
    lab.now += LEASE_MS - LEASE_MS // 3 + 1

    assert lab.admit(worker="host:2").taken_back == 0
    assert lab.renew(job) == []


def test_a_fleet_in_which_somebody_asks_now_and_then_takes_expired_leases_back_on_time(lab: Lab) -> None:
    lab.enqueue("a")
    lab.admit()
    for _ in range(3):
        lab.now += LEASE_MS // 3
        admission = lab.admit(worker="host:2")

    assert admission.ids == ["a"]
