from collections.abc import Iterator
from typing import Any

import pytest
import redis
import structlog
from structlog.testing import capture_logs

from actors.declare import declare
from broker.broker import LeewardBroker
from leeward import Leeward, SyncUser
from leeward.record import Catalogue, FleetRecord, KindSummary, PublishedKind, ServedActor
from leeward.wire.keys import PUBLISHED_KINDS, WORKERS
from middleware.publisher import Publisher
from tests.support.fleets.workers_under_test import working
from tests.support.waiting import wait_until

QUEUES = ("sync.jellyfin", "sync.jellyfin-eu")


@pytest.fixture
def publishing(broker: LeewardBroker) -> LeewardBroker:
    declare(broker, SyncUser, lambda job: {"user": job.user}, queues=QUEUES)
    kind = PublishedKind.of(SyncUser)
    actors = {kind.kind: ServedActor(queues=QUEUES)}
    catalogue = Catalogue(kinds={kind.name: KindSummary.of(kind)}, actors=actors)
    broker.add_middleware(Publisher(lambda _: (catalogue, [kind])))
    return broker


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    monkeypatch.setattr("middleware.publisher._log", structlog.get_logger())
    with capture_logs() as lines:
        yield lines


def test_a_worker_is_in_the_record_while_it_runs(
    publishing: LeewardBroker, valkey: "redis.Redis", valkey_url: str
) -> None:
    with working(publishing):
        (catalogue,) = FleetRecord(valkey).workers().values()
        assert catalogue.actors["sync.user"].queues == QUEUES
        assert list(catalogue.kinds) == ["sync.user@1"]
        with Leeward(valkey_url) as fleet:
            job = fleet.enqueue(SyncUser(user="alice"), require_worker=True)
            assert fleet.result(job.job_id) == {"user": "alice"}
    assert FleetRecord(valkey).workers() == {}
    assert list(FleetRecord(valkey).kinds()) == ["sync.user@1"]


def test_a_worker_says_all_again_when_valkey_has_lost_it(publishing: LeewardBroker, valkey: "redis.Redis") -> None:
    with working(publishing):
        valkey.flushall()
        # The wake-ups' connection is what notices a server that comes back.
        valkey.client_kill_filter(_type="pubsub")
        wait_until(lambda: FleetRecord(valkey).workers(), description="the record to be there again")
        assert list(FleetRecord(valkey).kinds()) == ["sync.user@1"]


def test_a_worker_that_cannot_publish_works(
    publishing: LeewardBroker, valkey: "redis.Redis", valkey_url: str, logs: list[Any]
) -> None:
    for key in (PUBLISHED_KINDS, WORKERS):
        valkey.set(key, "of another type")
    with working(publishing), Leeward(valkey_url) as fleet:
        job = fleet.enqueue(SyncUser(user="alice"))
        assert fleet.result(job.job_id) == {"user": "alice"}
    assert "not_published" in {line["event"] for line in logs}
