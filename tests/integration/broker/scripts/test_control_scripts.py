"""renew.lua, begin.lua, cancel.lua, flush.lua, size.lua."""

import pytest

from tests.integration.broker.lab import LEASE_MS, Lab


def test_a_renewed_lease_lasts_a_whole_lease_longer(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    for _ in range(10):
        lab.now += LEASE_MS // 2
        assert lab.renew(job) == []
        assert lab.admit(worker="host:2").ids == []

    lab.expire_leases()

    assert lab.admit(worker="host:2").ids == ["a"]


def test_a_renewal_tells_which_leases_are_lost_and_does_not_take_them_back(lab: Lab) -> None:
    lab.enqueue("kept", "lost")
    kept, lost = lab.admit().jobs
    lab.expire_leases()
    lab.now -= 1
    lab.renew(kept)
    lab.now += 1
    (other,) = lab.admit(worker="host:2").jobs
    assert other.job_id == "lost"

    assert lab.renew(kept, lost) == ["lost"]

    assert lab.settle(other) == []


def test_progress_travels_with_a_renewal(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs

    lab.renew(job, progress='{"done":1}')
    lab.renew(job)

    assert lab.client.hget(lab.keys.progress, "a") == b'{"done":1}'


def test_a_begun_effect_is_known_to_the_next_delivery(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    assert not job.begun

    assert lab.begin(job)
    lab.expire_leases()

    (again,) = lab.admit().jobs
    assert again.begun


def test_a_delivery_that_lost_its_lease_may_not_begin(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    lab.expire_leases()
    lab.admit(worker="host:2")

    assert not lab.begin(job)


def test_a_delivery_that_has_ended_may_not_begin(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    lab.settle(job, "release")

    assert not lab.begin(job)


def test_an_effect_whose_failure_was_reported_is_not_open_any_more(lab: Lab) -> None:
    lab.enqueue("a")
    (job,) = lab.admit().jobs
    lab.begin(job)
    lab.settle(job, "later", delay_ms=0)

    (again,) = lab.admit().jobs

    assert not again.begun


@pytest.mark.parametrize("delay", [0, 60_000])
def test_a_waiting_job_can_be_cancelled(lab: Lab, delay: int) -> None:
    lab.enqueue("a", delay=delay)

    assert lab.cancel("a") == "cancelled"

    assert lab.status("a") == "cancelled"
    assert lab.places_of("a") == []
    assert lab.size() == [0, 0, 0]


def test_a_running_job_is_not_cancelled(lab: Lab) -> None:
    lab.enqueue("a", key="k")
    (job,) = lab.admit().jobs

    assert lab.cancel("a", "k") == "running"

    assert lab.settle(job, "done", key="k") == []
    assert lab.key("k")["state"] == "done"


def test_a_job_that_nobody_knows_is_not_cancelled(lab: Lab) -> None:
    assert lab.cancel("nobody") == "unknown"


def test_a_flush_drops_what_waits_and_leaves_what_runs_and_other_queues(lab: Lab) -> None:
    lab.enqueue("runs")
    (runs,) = lab.admit().jobs
    lab.enqueue("ready", key="k")
    lab.enqueue("bulk", lane="bulk")
    lab.enqueue("scheduled", delay=1_000)
    lab.enqueue("other", queue="email.lab")
    lab.enqueue("other-scheduled", queue="email.lab", delay=1_000)

    dropped = [lab.flush() for _ in range(4)]

    assert sum(dropped) == 3
    assert dropped[-1] == 0
    assert lab.size() == [0, 0, 1]
    assert lab.size("email.lab") == [1, 1, 0]
    assert lab.settle(runs) == []
    assert lab.enqueue("free-again", key="k") == []


def test_a_flush_takes_hundreds_a_call(lab: Lab) -> None:
    for start in range(0, 1_200, 200):
        lab.enqueue(*(f"job-{n}" for n in range(start, start + 200)), delay=(start // 600) * 1_000)

    assert sum(lab.flush() for _ in range(5)) == 1_200

    assert lab.size() == [0, 0, 0]


def test_the_size_tells_ready_scheduled_and_running_apart(lab: Lab) -> None:
    lab.enqueue("runs")
    lab.admit()
    lab.enqueue("ready-1", "ready-2")
    lab.enqueue("scheduled-1", "scheduled-2", "scheduled-3", delay=1_000)

    assert lab.size() == [2, 3, 1]
