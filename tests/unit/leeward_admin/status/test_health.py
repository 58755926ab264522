"""The health of a fleet's providers, by what their probes found last."""

from datetime import UTC, datetime, timedelta

import fakeredis
import pytest
import redis

from broker.fleet import health_record
from leeward.record import Catalogue
from leeward.record.catalogue import ServedProvider
from leeward.wire.keys import QUEUES
from leeward_admin.status import health
from leeward_admin.status.health import ComponentState, read_health

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def client() -> redis.Redis:
    """Two providers that a probe has looked at, and one that none has."""
    client = fakeredis.FakeRedis()
    client.sadd(QUEUES, "sync.ill", "sync.well", "sync.new")
    for name in ("ill", "well"):
        health_record.record(
            client,
            name,
            healthy=name == "well",
            detail=f"as {name} is",
            latency=timedelta(milliseconds=3),
            now=lambda: NOON,
        )
    return client


def states(client: redis.Redis, *, now: datetime = NOON) -> dict[str, ComponentState]:
    return {one.part: one.state for one in read_health(client, now=now)}


def test_without_workers_those_are_shown_that_were_ever_looked_at(client: redis.Redis) -> None:
    assert states(client) == {"ill": ComponentState.UNHEALTHY, "well": ComponentState.HEALTHY}


def test_of_providers_that_workers_serve_those_that_are_on_are_shown(
    client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = {name: ServedProvider(enabled=name != "ill") for name in ("ill", "well", "new")}
    monkeypatch.setattr(health, "workers", lambda _: {"host:1": Catalogue(release="1", providers=served)})

    assert states(client) == {"new": ComponentState.UNKNOWN, "well": ComponentState.HEALTHY}


def test_a_finding_that_is_old_says_nothing_about_now(client: redis.Redis) -> None:
    assert set(states(client, now=NOON + timedelta(minutes=6)).values()) == {ComponentState.UNKNOWN}
