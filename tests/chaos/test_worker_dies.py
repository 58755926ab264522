"""Worker processes that are killed, stopped, continued and told to go."""

import signal

import pytest

from tests.chaos.fleet import FleetUnderTest, jobs
from tests.support.answers import raw
from tests.support.waiting import wait_until

pytestmark = pytest.mark.chaos


def test_a_killed_workers_jobs_are_all_done_by_another_and_only_they_are_repeated(fleet: FleetUnderTest) -> None:
    victim = fleet.worker()
    ids = fleet.enqueue("plain", *jobs(40), seconds=0.2)
    fleet.wait_for("started", 6)

    victim.kill()
    fleet.worker()

    assert fleet.wait_until_all_ended(ids) == {"done": 40}
    effects = fleet.happened("effect")
    assert set(effects) == set(jobs(40))
    repeated = {name for name, n in effects.items() if n > 1}
    assert repeated <= fleet.by(victim, "started")
    assert max(effects.values()) <= 2


def test_a_killed_workers_jobs_come_back_on_a_queue_that_nobody_enqueues_to(fleet: FleetUnderTest) -> None:
    victim, survivor = fleet.worker(), fleet.worker()
    ids = fleet.enqueue("plain", *jobs(16), seconds=0.5)
    fleet.wait_for("started", 8)

    victim.kill()

    assert fleet.wait_until_all_ended(ids) == {"done": 16}
    assert fleet.by(survivor, "effect") | fleet.by(victim, "effect") == set(jobs(16))


def test_a_marked_effect_that_a_kill_leaves_unknown_is_parked_and_never_repeated(fleet: FleetUnderTest) -> None:
    victim = fleet.worker()
    (parked,) = fleet.enqueue("marked", "mail", seconds=60)
    fleet.wait_for("effect", 1)

    victim.kill()
    fleet.worker()

    assert fleet.wait_until_all_ended([parked]) == {"dead": 1}
    assert fleet.happened("effect") == {"mail": 1}
    (letter,) = fleet.letters()
    assert (letter["job"], letter["reason"]) == (parked, "unknown_outcome")


def test_a_kill_before_the_mark_is_a_plain_redelivery(fleet: FleetUnderTest) -> None:
    victim = fleet.worker()
    ids = fleet.enqueue("marked", "mail", before=1.0)
    fleet.wait_for("started", 1)

    victim.kill()
    assert fleet.happened("effect") == {}
    fleet.worker()

    assert fleet.wait_until_all_ended(ids) == {"done": 1}
    assert fleet.happened("effect") == {"mail": 1}


def test_a_job_that_kills_every_worker_is_a_dead_letter_that_names_the_last(fleet: FleetUnderTest) -> None:
    (killer,) = fleet.enqueue("plain", "killer", seconds=60)
    for n in range(1, 4):
        victim = fleet.worker()
        fleet.wait_for("started", n)
        victim.kill()
    fleet.worker()

    assert fleet.wait_until_all_ended([killer]) == {"dead": 1}
    (letter,) = fleet.letters()
    assert (letter["reason"], letter["deliveries"]) == ("crash_loop", "3")
    assert letter["worker"].endswith(f":{victim.pid}")
    assert letter["worker"] in letter["error"]["message"]


def test_a_worker_stopped_past_its_lease_changes_nothing_when_it_goes_on(fleet: FleetUnderTest) -> None:
    sleeper = fleet.worker("--threads", "1")
    (job,) = fleet.enqueue("plain", "job", seconds=1)
    fleet.wait_for("started", 1)
    sleeper.send(signal.SIGSTOP)
    other = fleet.worker()
    fleet.wait_for("started", 2)
    taken = fleet.lease_of(job)
    assert fleet.wait_until_all_ended([job]) == {"done": 1}

    sleeper.send(signal.SIGCONT)
    sleeper.wait_for_output("settled_too_late")

    assert taken is not None
    assert taken.startswith("2@")
    assert taken.endswith(f":{other.pid}")
    assert fleet.client.exists("leeward:{lab}:leases", "leeward:{lab}:jobs", "leeward:{lab}:dead") == 0
    assert fleet.happened("effect") == {"job": 2}, "at least once, and this is the one case of twice"


def test_what_a_stopped_worker_had_not_started_is_not_run_twice(fleet: FleetUnderTest) -> None:
    sleeper = fleet.worker("--threads", "1")
    ids = fleet.enqueue("plain", *jobs(2_000))
    wait_until(
        lambda: fleet.client.zcard("leeward:{lab}:leases") > 3, description="a worker that holds more than it runs"
    )
    sleeper.send(signal.SIGSTOP)
    fleet.worker()
    fleet.wait_until_all_ended(ids)
    before = fleet.happened("started")

    sleeper.send(signal.SIGCONT)
    sleeper.wait_for_output("settled_too_late")
    sleeper.terminate()

    # The very job that its one thread was about to start may have slipped through: no lease can prevent that.
    again = fleet.happened("started") - before
    assert sum(again.values()) <= 1


def test_two_racing_workers_share_the_jobs_and_double_none(fleet: FleetUnderTest) -> None:
    first, second = fleet.worker(), fleet.worker()

    ids = fleet.enqueue("plain", *jobs(1_500))

    assert fleet.wait_until_all_ended(ids) == {"done": 1_500}
    effects = fleet.happened("effect")
    assert set(effects.values()) == {1}
    assert len(effects) == 1_500
    assert fleet.by(first, "effect")
    assert fleet.by(second, "effect")


def test_sigterm_in_mid_job_returns_what_was_not_started_at_once_and_what_outlasts_the_drain_after_it(
    fleet: FleetUnderTest,
) -> None:
    leaver = fleet.worker("--threads", "2", "--drain", "1.5", "--lease", "30")
    ids = fleet.enqueue("plain", "long-1", "long-2", seconds=60)
    fleet.wait_for("started", 2)
    ids += fleet.enqueue("plain", *jobs(6))
    leaver.send(signal.SIGTERM)
    fleet.worker()

    fleet.wait_until_all_ended(ids[2:])
    assert leaver.wait() == 0
    successors = wait_until(
        lambda: [lease for job in ids[:2] if (lease := fleet.lease_of(job)) and lease.startswith("2@")],
        description="the long jobs with another worker, long before their lease of 30 s would have run out",
        timeout=10,
    )

    assert successors
    keys = "leeward:{lab}:"
    assert fleet.client.hgetall(keys + "expiries") == {}
    for job in ids[:2]:
        assert b'"retries"' not in raw(fleet.client.hget(keys + "jobs", job))
