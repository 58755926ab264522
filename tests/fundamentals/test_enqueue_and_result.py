"""A service asks for something to be so; a worker sees to it; the service learns the result."""

from datetime import timedelta

from actors.declare import declare
from broker.broker import LeewardBroker
from leeward import JobState, Leeward, Priority, Request, SyncUser
from tests.fundamentals.conftest import StartWorker
from tests.support.waiting import wait_until


def test_a_job_is_done_by_its_actor_and_its_result_is_kept(
    broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward
) -> None:
    declare(broker, SyncUser, lambda job: {"greeted": job.user}, queues=["sync.jellyfin"])
    start_worker()

    job = fleet.enqueue(SyncUser(user="alice"))

    assert fleet.result(job.job_id) == {"greeted": "alice"}
    assert fleet.status(job.job_id).state is JobState.DONE


def test_a_delayed_job_waits_on_the_server_until_it_is_due(
    broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward
) -> None:
    declare(broker, SyncUser, lambda _job: None, queues=["sync.jellyfin"])
    job = fleet.enqueue(SyncUser(user="alice"), delay=timedelta(hours=1))
    soon = fleet.enqueue(SyncUser(user="bob"), delay=timedelta(milliseconds=100))
    start_worker()

    wait_until(lambda: fleet.status(soon.job_id).state is JobState.DONE, description="the job that is due is done")

    assert fleet.status(job.job_id).state is JobState.SCHEDULED


def test_interactive_jobs_go_before_bulk_jobs(broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward) -> None:
    order: list[str] = []
    declare(broker, SyncUser, lambda job: order.append(job.user), queues=["sync.jellyfin"])
    fleet.enqueue_many(
        [
            Request(SyncUser(user="import"), priority=Priority.BULK),
            Request(SyncUser(user="visitor"), priority=Priority.INTERACTIVE),
        ]
    )

    start_worker(threads=1)
    broker.join("sync.jellyfin", timeout=10_000)

    assert order == ["visitor", "import"]


def test_a_job_that_does_not_run_yet_can_be_cancelled(fleet: Leeward) -> None:
    job = fleet.enqueue(SyncUser(user="alice"))

    assert fleet.cancel(job.job_id)
    assert fleet.status(job.job_id).state is JobState.CANCELLED
