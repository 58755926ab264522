import logging

import pytest
import redis

from leeward import Leeward, NoWorker, SyncUser
from leeward.wire.keys import QUEUES, WORKERS
from tests.support.published import publication


def test_a_job_that_no_worker_serves_is_enqueued_with_a_warning(
    fleet: Leeward, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "leeward"):
        first = fleet.enqueue(SyncUser(user="alice"))
        fleet.enqueue(SyncUser(user="bob"))
    assert fleet.status(first.job_id).state == "ready"
    assert [record.getMessage() for record in caplog.records] == [
        "no worker serves the queue sync.jellyfin: no worker is running; its jobs wait until one does"
    ]


def test_where_a_worker_is_required_nothing_is_enqueued_and_the_nearest_queue_is_named(
    fleet: Leeward, valkey: "redis.Redis"
) -> None:
    publication(valkey, "a:1", SyncUser, providers=("jellyfin",)).announce()
    with pytest.raises(NoWorker, match=r"sync\.jelyfin: did you mean sync\.jellyfin\?") as refused:
        fleet.enqueue(SyncUser(user="alice", provider="jelyfin"), require_worker=True)
    assert refused.value.nearest == "sync.jellyfin"
    with pytest.raises(NoWorker):
        fleet.enqueue_many([SyncUser(user="bob"), SyncUser(user="alice", provider="jelyfin")], require_worker=True)
    assert not valkey.exists(QUEUES)
    assert not list(valkey.scan_iter("leeward:{*"))


def test_where_a_worker_serves_it_a_job_is_enqueued_without_a_word(
    fleet: Leeward, valkey: "redis.Redis", caplog: pytest.LogCaptureFixture
) -> None:
    publication(valkey, "a:1", SyncUser, providers=("jellyfin",)).announce()
    assert fleet.enqueue(SyncUser(user="alice"), require_worker=True).job_id
    assert len(fleet.enqueue_many([SyncUser(user="bob")], require_worker=True)) == 1
    assert caplog.records == []


def test_a_record_that_cannot_be_read_does_not_keep_a_job_from_its_queue(
    fleet: Leeward, valkey: "redis.Redis", caplog: pytest.LogCaptureFixture
) -> None:
    valkey.set(WORKERS, "no sorted set")
    assert fleet.enqueue(SyncUser(user="alice")).job_id
    assert caplog.records == []
