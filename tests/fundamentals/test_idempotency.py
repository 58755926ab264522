"""Asking twice is asking once; asking for something else under the same key is an error."""

import pytest

from actors.declare import declare
from broker.broker import LeewardBroker
from leeward import IdempotencyConflict, Leeward, SyncUser
from tests.fundamentals.conftest import StartWorker


def test_the_same_key_and_payload_is_the_same_job(fleet: Leeward) -> None:
    first = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")
    again = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")

    assert again.duplicate
    assert again.job_id == first.job_id


def test_the_same_key_with_another_payload_is_a_conflict(fleet: Leeward) -> None:
    fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")

    with pytest.raises(IdempotencyConflict):
        fleet.enqueue(SyncUser(user="mallory"), idempotency_key="invite-17")


def test_a_key_answers_after_its_job_is_done(broker: LeewardBroker, start_worker: StartWorker, fleet: Leeward) -> None:
    done: list[str] = []
    declare(broker, SyncUser, lambda job: done.append(job.user), queues=["sync.jellyfin"])
    start_worker()
    first = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")
    fleet.result(first.job_id)

    again = fleet.enqueue(SyncUser(user="alice"), idempotency_key="invite-17")

    assert again.duplicate
    assert again.state == "done"
    assert done == ["alice"]
