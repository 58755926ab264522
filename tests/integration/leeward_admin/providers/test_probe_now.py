"""A person who sends a probe is told what it finds."""

import json
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import redis
from click.testing import CliRunner

from broker.fleet import health_record
from console.cli.providers.provider import provider
from leeward.wire.keys import QUEUES
from leeward_admin.providers.providers import Providers, UnknownProvider

EARLIER = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
LATENCY = timedelta(milliseconds=12)


def write(client: redis.Redis, at: datetime, *, detail: str) -> None:
    health_record.record(client, "acme", healthy=True, detail=detail, latency=LATENCY, now=lambda: at)


@pytest.fixture(autouse=True)
def known(valkey: redis.Redis) -> None:
    valkey.sadd(QUEUES, "sync.acme")
    write(valkey, EARLIER, detail="found earlier")


@pytest.fixture
def worker(valkey: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers before anyone looks."""
    send, times = Providers.probe, count(1)

    def probe(self: Providers, provider: str) -> str:
        job_id = send(self, provider)
        write(valkey, EARLIER + timedelta(seconds=next(times)), detail="it answers")
        return job_id

    monkeypatch.setattr(Providers, "probe", probe)


@pytest.mark.usefixtures("worker")
def test_what_the_probe_finds_is_returned_and_not_what_an_earlier_one_found(valkey: redis.Redis) -> None:
    job_id, found = Providers(valkey).look("acme", within=timedelta(minutes=1))

    assert valkey.hexists("leeward:{probes}:jobs", job_id)
    assert found is not None
    assert (found.detail, found.latency) == ("it answers", LATENCY)


def test_a_probe_that_finds_nothing_in_time_is_none(valkey: redis.Redis) -> None:
    assert Providers(valkey).look("acme", within=timedelta(0))[1] is None
    with pytest.raises(UnknownProvider):
        Providers(valkey).look("acme-eu", within=timedelta(0))


@pytest.mark.usefixtures("worker")
def test_the_command_says_it_in_words_and_in_json(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEEWARD_VALKEY_URL", valkey_url)
    run = CliRunner().invoke

    words = run(provider, ["probe", "acme"], catch_exceptions=False)
    document = json.loads(run(provider, ["probe", "acme", "--json"], catch_exceptions=False).output)

    assert words.output == "acme is healthy: it answers (12 ms)\n"
    assert document["health"]["detail"] == "it answers"
    assert document["health"]["latency"] == LATENCY.total_seconds()
    assert datetime.fromisoformat(document["health"]["since"]) == EARLIER
