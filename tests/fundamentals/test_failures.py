"""What an error means decides what becomes of the job."""

from datetime import timedelta
from typing import Any

from actors.declare import declare
from broker.broker import LeewardBroker
from leeward import JobState, JobStatus, Leeward, SyncUser
from leeward.extension import begin_effect
from leeward.extension.errors import Ambiguous, Permanent, RateLimited, Transient
from tests.fundamentals.conftest import StartWorker
from tests.support.waiting import wait_until

ABOUT: dict[str, Any] = {"provider": "jellyfin", "operation": "create_user"}


def test_a_transient_error_is_tried_again(broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward) -> None:
    attempts: list[str] = []

    def sometimes(job: SyncUser) -> dict[str, int]:
        attempts.append(job.user)
        if len(attempts) == 1:
            raise Transient("the database is locked", **ABOUT)
        return {"attempts": len(attempts)}

    declare(broker, SyncUser, sometimes, queues=["sync.jellyfin"], min_backoff=10, max_backoff=20)
    start_worker()

    assert fleet.result(fleet.enqueue(SyncUser(user="alice")).job_id) == {"attempts": 2}


def test_a_permanent_error_is_a_dead_letter_at_once(
    broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward
) -> None:
    def never(_job: SyncUser) -> None:
        raise Permanent("no such library", **ABOUT)

    declare(broker, SyncUser, never, queues=["sync.jellyfin"])
    start_worker()
    job = fleet.enqueue(SyncUser(user="alice"))

    wait_until(lambda: fleet.status(job.job_id).state is JobState.DEAD, description="the job is dead")

    assert fleet.status(job.job_id).reason == "permanent"


def test_a_provider_that_asks_for_patience_costs_no_attempt(
    broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward
) -> None:
    def busy(_job: SyncUser) -> None:
        raise RateLimited("slow down", **ABOUT, retry_after=timedelta(hours=1))

    declare(broker, SyncUser, busy, queues=["sync.jellyfin"])
    start_worker()
    job = fleet.enqueue(SyncUser(user="alice"))

    def waits() -> JobStatus | None:
        status = fleet.status(job.job_id)
        return status if status.deliveries == 1 and status.state is not JobState.RUNNING else None

    waiting = wait_until(waits, description="the job waits")

    assert waiting.state in {JobState.SCHEDULED, JobState.READY}
    assert waiting.attempts == 0


def test_an_effect_whose_outcome_is_unknown_is_left_to_a_person(
    broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward
) -> None:
    sent: list[str] = []

    def send(job: SyncUser) -> None:
        begin_effect()
        sent.append(job.user)
        raise Ambiguous("the answer was lost", **ABOUT)

    declare(broker, SyncUser, send, queues=["sync.jellyfin"], unknown_outcome="park")
    start_worker()
    job = fleet.enqueue(SyncUser(user="alice"))

    wait_until(lambda: fleet.status(job.job_id).state is JobState.DEAD, description="the job is parked")

    assert fleet.status(job.job_id).reason == "unknown_outcome"
    assert sent == ["alice"]
