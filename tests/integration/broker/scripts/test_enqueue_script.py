"""enqueue.lua: each job once, one job per key."""

from tests.integration.broker.lab import Lab


def test_a_job_id_that_is_sent_again_changes_nothing(lab: Lab) -> None:
    lab.enqueue("a")

    assert lab.enqueue("a") == []

    assert lab.admit().ids == ["a"]


def test_a_job_id_twice_in_one_call_is_one_job(lab: Lab) -> None:
    lab.enqueue("a", "a", "b")

    assert lab.admit().ids == ["a", "b"]


def test_a_job_that_runs_is_not_queued_again_by_its_repetition(lab: Lab) -> None:
    lab.enqueue("a")
    lab.admit()

    lab.enqueue("a", again=True)

    assert lab.places_of("a") == ["leases"]


def test_a_repetition_does_not_run_a_job_again_that_was_done_meanwhile(lab: Lab) -> None:
    lab.enqueue("a")
    lab.succeed(*lab.admit().jobs)

    lab.enqueue("a", again=True)

    assert lab.admit().ids == []


def test_a_key_that_is_taken_by_the_same_work_answers_with_that_job(lab: Lab) -> None:
    lab.enqueue("a", key="k")

    assert lab.enqueue("b", key="k") == [(1, "duplicate", "a", "live")]

    assert lab.admit().ids == ["a"]


def test_a_key_that_is_taken_by_other_work_is_a_conflict(lab: Lab) -> None:
    lab.enqueue("a", key="k", fingerprint="this")

    assert lab.enqueue("b", key="k", fingerprint="that") == [(1, "conflict", "a", "live")]


def test_the_same_key_twice_in_one_call_is_one_job(lab: Lab) -> None:
    assert lab.enqueue("a", "b", key="k") == [(2, "duplicate", "a", "live")]


def test_a_keyed_job_that_is_done_does_not_run_again_when_its_very_message_is_sent_again(lab: Lab) -> None:
    """As a producer with an outbox of its own does, minutes later."""
    lab.enqueue("a", key="k")
    (job,) = lab.admit().jobs
    lab.settle(job, "done", result="1", key="k")

    assert lab.enqueue("a", key="k") == [(1, "duplicate", "a", "done")]

    assert lab.admit().ids == []
    assert lab.key("k")["state"] == "done"


def test_a_keyed_job_that_is_dead_does_not_run_again_when_its_very_message_is_sent_again(lab: Lab) -> None:
    lab.enqueue("a", key="k")
    (job,) = lab.admit().jobs
    lab.die(job, key="k")

    assert lab.enqueue("a", key="k") == [(1, "duplicate", "a", "dead")]


def test_a_cancelled_jobs_key_is_free(lab: Lab) -> None:
    lab.enqueue("a", key="k")

    assert lab.cancel("a", "k") == "cancelled"

    assert lab.enqueue("b", key="k") == []


def test_keys_of_one_provider_mean_nothing_to_another(lab: Lab) -> None:
    elsewhere = Lab(lab.client, "elsewhere")
    lab.enqueue("a", key="k")

    assert elsewhere.enqueue("b", key="k") == []
