"""What can be asked about a job, in each of its states."""

from datetime import UTC, datetime, timedelta

import pytest
import redis

from broker.delivery.current import keep_result
from leeward import JobCancelled, JobFailed, JobNotFound, JobState, Leeward, ResultTimeout, SyncUser
from leeward.extension import report_progress
from leeward.extension.errors import Permanent, Transient
from leeward.wire.dead_letter_id import dead_letter_id
from leeward.wire.keys import ProviderKeys
from middleware.order import rings
from storage.dead_letters.letter.identity import died_at
from tests.support.answers import entries
from tests.support.fleets.workers_under_test import actor_of, broker_at, run_until_empty, working
from tests.support.waiting import wait_until

ALICE = SyncUser(user="alice")


def work(url: str, function: object, **options: object) -> None:
    with broker_at(url, middleware=rings()) as broker:
        actor_of(broker, "sync.jellyfin")(function, actor_name="sync.user", job=SyncUser, **options)
        run_until_empty(broker, "sync.jellyfin")


def test_a_waiting_job_is_ready(fleet: Leeward) -> None:
    job = fleet.enqueue(ALICE)

    status = fleet.status(job.job_id)

    assert (status.state, status.queue, status.kind) == (JobState.READY, "sync.jellyfin", "sync.user")
    assert (status.attempts, status.deliveries, status.worker) == (0, 0, None)


def test_a_delayed_job_is_scheduled_and_says_when(fleet: Leeward) -> None:
    job = fleet.enqueue(ALICE, delay=timedelta(hours=1))

    status = fleet.status(job.job_id)

    assert status.state is JobState.SCHEDULED
    assert status.due is not None
    assert abs(status.due - datetime.now(UTC) - timedelta(hours=1)) < timedelta(minutes=1)


def test_a_running_job_names_its_worker_and_its_progress(fleet: Leeward, valkey_url: str) -> None:
    import threading

    finish = threading.Event()

    def act(job: SyncUser) -> None:
        report_progress(3, 9)
        finish.wait(20)

    job = fleet.enqueue(ALICE)
    with broker_at(valkey_url, middleware=rings()) as broker:
        actor_of(broker, "sync.jellyfin")(act, actor_name="sync.user", job=SyncUser)
        with working(broker):
            wait_until(lambda: fleet.status(job.job_id).progress, description="its progress")
            status = fleet.status(job.job_id)
            finish.set()

    assert (status.state, status.deliveries) == (JobState.RUNNING, 1)
    assert status.worker is not None
    assert status.worker.rpartition(":")[2].isdigit()
    assert status.progress == {"done": 3, "total": 9}


def test_a_done_job_has_its_result(fleet: Leeward, valkey_url: str) -> None:
    job = fleet.enqueue(ALICE)
    work(valkey_url, lambda job: keep_result({"id": job.user}))

    assert fleet.status(job.job_id).state is JobState.DONE
    assert fleet.result(job.job_id) == {"id": "alice"}


def test_a_dead_job_has_its_reason_and_no_result(fleet: Leeward, valkey_url: str) -> None:
    def fails(job: SyncUser) -> None:
        raise Permanent("no", provider="jellyfin", operation="sync")

    job = fleet.enqueue(ALICE)
    work(valkey_url, fails)

    status = fleet.status(job.job_id)
    assert (status.state, status.reason) == (JobState.DEAD, "permanent")
    with pytest.raises(JobFailed, match=r"is dead \(permanent\): Permanent: no; its dead letter") as failed:
        fleet.result(job.job_id)
    assert (failed.value.reason, failed.value.error["operation"]) == ("permanent", "sync")
    assert failed.value.dead_letter_id == status.dead_letter_id


def test_a_dead_job_knows_its_dead_letter(fleet: Leeward, valkey: "redis.Redis", valkey_url: str) -> None:
    def fails(job: SyncUser) -> None:
        raise Permanent("no", provider="jellyfin", operation="sync")

    job = fleet.enqueue(ALICE)
    work(valkey_url, fails)

    ((entry, fields),) = entries(valkey, "leeward:{jellyfin}:dead")
    letter = dead_letter_id(f"jellyfin/{entry.decode()}", died_at(fields[b"died_at"], entry.decode()))
    assert fleet.status(job.job_id).dead_letter_id == str(letter)


@pytest.mark.parametrize("result", [None, {"id": 7}])
def test_what_a_job_was_is_known_after_its_end(fleet: Leeward, valkey_url: str, result: object) -> None:
    job = fleet.enqueue(ALICE, tags=["import"])
    work(valkey_url, lambda job: keep_result(result))

    status = fleet.status(job.job_id)
    assert (status.state, status.kind, status.queue) == (JobState.DONE, "sync.user", "sync.jellyfin")
    assert (status.attempts, status.deliveries, status.tags) == (0, 1, ("import",))
    assert status.worker is not None


def test_a_job_that_failed_before_it_was_done_keeps_its_attempts(fleet: Leeward, valkey_url: str) -> None:
    failures = iter([Transient("later", provider="jellyfin", operation="sync")])

    def fails_once(job: SyncUser) -> None:
        for error in failures:
            raise error

    job = fleet.enqueue(ALICE)
    with broker_at(valkey_url, middleware=rings()) as broker:
        options = {"min_backoff": 1, "max_backoff": 1}
        actor_of(broker, "sync.jellyfin")(fails_once, actor_name="sync.user", job=SyncUser, **options)
        with working(broker):
            wait_until(lambda: fleet.status(job.job_id).state is JobState.DONE, description="its end")

    status = fleet.status(job.job_id)
    assert (status.attempts, status.deliveries, status.kind) == (1, 2, "sync.user")


def test_a_job_that_waits_for_its_retry_is_scheduled_and_counts_its_attempts(fleet: Leeward, valkey_url: str) -> None:
    def fails(job: SyncUser) -> None:
        raise Transient("later", provider="jellyfin", operation="sync")

    job = fleet.enqueue(ALICE)
    with broker_at(valkey_url, middleware=rings()) as broker:
        options = {"min_backoff": 60_000, "max_backoff": 60_000}
        actor_of(broker, "sync.jellyfin")(fails, actor_name="sync.user", job=SyncUser, **options)
        with working(broker):
            wait_until(lambda: fleet.status(job.job_id).state is JobState.SCHEDULED, description="its retry")

    assert (fleet.status(job.job_id).attempts, fleet.status(job.job_id).deliveries) == (1, 1)


@pytest.mark.parametrize("delay", [None, timedelta(hours=1)])
def test_a_cancelled_job_does_not_run_and_frees_its_key(
    fleet: Leeward, valkey: "redis.Redis", valkey_url: str, delay: timedelta | None
) -> None:
    job = fleet.enqueue(ALICE, idempotency_key="k", delay=delay)

    assert fleet.cancel(job.job_id)
    assert not fleet.cancel(job.job_id)

    assert fleet.status(job.job_id).state is JobState.CANCELLED
    assert (fleet.status(job.job_id).kind, fleet.status(job.job_id).queue) == ("sync.user", "sync.jellyfin")
    with pytest.raises(JobCancelled, match="cancelled"):
        fleet.result(job.job_id)
    assert not fleet.enqueue(SyncUser(user="other"), idempotency_key="k").duplicate


def test_a_job_that_has_ended_is_not_cancelled(fleet: Leeward, valkey_url: str) -> None:
    job = fleet.enqueue(ALICE)
    work(valkey_url, lambda job: None)

    assert not fleet.cancel(job.job_id)
    assert fleet.status(job.job_id).state is JobState.DONE


@pytest.mark.parametrize("ask", ["status", "result", "cancel"])
def test_a_job_that_never_was_is_not_found(fleet: Leeward, ask: str) -> None:
    fleet.enqueue(ALICE)

    with pytest.raises(JobNotFound):
        getattr(fleet, ask)("no-such-job")


def test_a_result_is_waited_for_no_longer_than_asked(fleet: Leeward) -> None:
    job = fleet.enqueue(ALICE)

    with pytest.raises(ResultTimeout, match="still ready"):
        fleet.result(job.job_id, timeout=timedelta(milliseconds=50))


def test_bytes_that_are_no_message_can_be_looked_at_and_cancelled(fleet: Leeward, valkey: "redis.Redis") -> None:
    from leeward.wire.entry import Entry, submit

    fleet.enqueue(ALICE)
    submit(valkey, "jellyfin", [Entry("odd", "sync.jellyfin:normal", 0, b"\xff\x00")])

    assert fleet.status("odd").state is JobState.READY
    assert fleet.cancel("odd")


def test_a_duplicate_of_a_job_that_has_ended_tells_how(fleet: Leeward, valkey_url: str) -> None:
    job = fleet.enqueue(ALICE, idempotency_key="k")
    work(valkey_url, lambda job: keep_result({"id": 7}))

    again = fleet.enqueue(ALICE, idempotency_key="k")

    assert (again.job_id, again.duplicate, again.state) == (job.job_id, True, "done")
    assert valkey_ttl(fleet, "k") > 0


def valkey_ttl(fleet: Leeward, key: str) -> int:
    return fleet._client.pttl(ProviderKeys("jellyfin").key(key))
