"""admit.lua: lanes, leases, the schedule, the pause."""

from tests.integration.broker.lab import LEASE_MS, T0, Lab


def test_jobs_come_in_the_order_of_their_enqueueing(lab: Lab) -> None:
    lab.enqueue("a", "b")
    lab.enqueue("c")

    assert lab.admit().ids == ["a", "b", "c"]


def test_a_lane_is_served_only_while_the_lanes_above_it_are_empty(lab: Lab) -> None:
    lab.enqueue("bulk-1", "bulk-2", lane="bulk")
    lab.enqueue("normal-1", "normal-2", lane="normal")
    lab.enqueue("now-1", "now-2", lane="interactive")

    assert lab.admit(3).ids == ["now-1", "now-2", "normal-1"]
    assert lab.admit(3).ids == ["normal-2", "bulk-1", "bulk-2"]


def test_a_queue_hands_out_only_its_own_jobs(lab: Lab) -> None:
    lab.enqueue("mine")
    lab.enqueue("other", queue="email.lab")

    assert lab.admit().ids == ["mine"]
    assert lab.admit(queue="email.lab").ids == ["other"]


def test_a_full_answer_has_no_reason_and_a_short_one_says_why(lab: Lab) -> None:
    lab.enqueue("a", "b")

    assert lab.admit(1).why == ""
    assert lab.admit(2).why == "empty"
    assert lab.admit(1).why == "empty"


def test_the_token_counts_deliveries_and_names_the_worker(lab: Lab) -> None:
    lab.enqueue("a")

    (first,) = lab.admit(worker="host:7").jobs
    lab.settle(first, "release")
    (second,) = lab.admit(worker="host:8").jobs

    assert (first.token, second.token) == ("1@host:7", "2@host:8")


def test_jobs_whose_lease_expired_wait_apart_from_those_in_the_lane(lab: Lab) -> None:
    lab.enqueue("a", "b")
    lab.admit(2)
    lab.enqueue("later")
    lab.expire_leases()

    admission = lab.admit(3)

    assert admission.taken_back == 2
    assert admission.ids == ["later"]
    assert (lab.places_of("a"), lab.places_of("b")) == (["suspects:lab"], ["suspects:lab"])


def test_an_expired_lease_comes_back_to_the_queue_it_was_taken_from(lab: Lab) -> None:
    lab.enqueue("mail", queue="email.lab", lane="bulk")
    lab.admit(queue="email.lab")
    lab.expire_leases()

    assert lab.admit(queue="lab").ids == []
    assert lab.places_of("mail") == ["suspects:email.lab"]


def test_a_lease_holds_until_the_instant_it_expires(lab: Lab) -> None:
    lab.enqueue("a")
    lab.admit()
    lab.now += LEASE_MS - 1

    assert lab.admit().ids == []


def test_the_third_expiry_in_a_row_is_a_crash_loop_that_names_the_worker(lab: Lab) -> None:
    lab.enqueue("a")
    for worker in ("host:1", "host:2", "host:3"):
        assert lab.admit(worker=worker).ids == ["a"]
        lab.expire_leases()

    admission = lab.admit(worker="host:4")

    (letter,) = lab.dead()
    assert admission.ids == []
    assert (letter["job"], letter["reason"], letter["worker"], letter["deliveries"]) == (
        "a",
        "crash_loop",
        "host:3",
        "3",
    )
    assert "host:3" in letter["error"]
    assert lab.status("a") == "dead"
    assert lab.places_of("a") == []


def test_a_job_whose_worker_lived_to_say_later_is_in_no_crash_loop(lab: Lab) -> None:
    lab.enqueue("a")
    for _ in range(2):
        lab.admit()
        lab.expire_leases()
    (alive,) = lab.admit().jobs
    lab.settle(alive, "later", delay_ms=0)
    for _ in range(2):
        assert lab.admit().ids == ["a"]
        lab.expire_leases()

    assert lab.admit().ids == ["a"]
    assert lab.dead() == []


def test_a_due_job_is_admitted_at_its_instant_and_not_before(lab: Lab) -> None:
    lab.enqueue("a", delay=500)
    lab.now += 499
    assert lab.admit().ids == []

    lab.now += 1

    assert lab.admit().ids == ["a"]
    assert lab.places_of("a") == ["leases"]


def test_a_short_answer_names_the_instant_at_which_the_next_job_is_due(lab: Lab) -> None:
    lab.enqueue("far", delay=60_000)
    lab.enqueue("near", delay=500)

    assert lab.admit().look_at == T0 + 500


def test_a_short_answer_names_the_instant_at_which_the_next_lease_expires(lab: Lab) -> None:
    lab.enqueue("a")

    lab.admit(1)

    assert lab.admit().look_at == T0 + LEASE_MS


def test_more_due_jobs_than_one_call_moves_are_asked_for_at_once(lab: Lab) -> None:
    for start in range(0, 1_250, 250):
        lab.enqueue(*(f"job-{n}" for n in range(start, start + 250)), delay=10)
    lab.now += 10

    first = lab.admit(1_100)

    assert len(first.ids) == 1_000
    assert first.look_at == lab.now
    assert len(lab.admit(1_100).ids) == 250


def test_near_jobs_pass_twenty_thousand_far_ones(lab: Lab) -> None:
    for start in range(0, 20_000, 250):
        lab.enqueue(*(f"far-{n}" for n in range(start, start + 250)), delay=3_600_000)
    lab.enqueue(*(f"near-{n}" for n in range(10)), delay=2_000)
    lab.now += 2_000

    assert sorted(lab.admit(50).ids) == [f"near-{n}" for n in range(10)]


def test_a_paused_queue_hands_out_nothing_and_keeps_everything(lab: Lab) -> None:
    lab.enqueue("a", "b")
    lab.client.sadd(lab.keys.paused, "lab")

    assert (lab.admit().ids, lab.admit().why) == ([], "paused")
    lab.client.srem(lab.keys.paused, "lab")

    assert lab.admit().ids == ["a", "b"]


def test_what_runs_in_a_paused_queue_is_settled_and_taken_back_as_ever(lab: Lab) -> None:
    lab.enqueue("finishes", "crashes")
    finishes, _ = lab.admit().jobs
    lab.client.sadd(lab.keys.paused, "lab")

    assert lab.settle(finishes) == []
    lab.expire_leases()
    assert lab.admit().taken_back == 1

    assert lab.places_of("crashes") == ["suspects:lab"]
    lab.client.srem(lab.keys.paused, "lab")
    assert lab.admit().ids == ["crashes"]


def test_a_pause_of_one_queue_leaves_the_providers_other_queues_alone(lab: Lab) -> None:
    lab.enqueue("mail", queue="email.lab")
    lab.client.sadd(lab.keys.paused, "lab")

    assert lab.admit(queue="email.lab").ids == ["mail"]


def test_the_server_looks_up_what_runs_and_does_not_walk_over_it(lab: Lab) -> None:
    lab.enqueue("a")

    lab.admit()

    for name in (lab.keys.deliveries, lab.keys.places):
        assert lab.client.object("ENCODING", name) == b"hashtable"
