"""The numbers of the whole fleet, read at each scrape: every host's `/metrics/fleet` says the same.

So one host is scraped, or several and `max` is how to read them, never `sum`: docs/metrics.md has the list.
"""

from collections.abc import Iterable, Iterator, Sequence

import redis
import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from broker.fleet.overview import ProviderOverview, overview
from leeward.wire.valkey.refusal import sentence
from workers.monitoring.fleet.dependency_gauges import dependency_family
from workers.monitoring.fleet.event_gauges import event_families
from workers.monitoring.fleet.guard_gauges import guard_families
from workers.monitoring.fleet.letter_gauges import LetterGauges
from workers.monitoring.fleet.outbox_gauges import outbox_families
from workers.monitoring.fleet.process_gauges import process_families
from workers.monitoring.fleet.queue_gauges import queue_families
from workers.monitoring.fleet.recovery_gauges import recovery_family
from workers.monitoring.fleet.suspect_gauges import suspect_families
from workers.monitoring.fleet.tick_gauges import tick_families

_log = structlog.get_logger(__name__)


class FleetGauges(Collector):
    """Failure stance: while Valkey cannot be reached there are none; without PostgreSQL those of the dead letters are absent."""

    def __init__(self, client: redis.Redis, letters: LetterGauges | None) -> None:
        self._client = client
        self._letters = letters

    def collect(self) -> Iterable[Metric]:
        try:
            providers = overview(self._client)
            found = list(self._families(providers))
        except redis.RedisError as error:
            _log.warning("gauges_without_valkey", error=sentence(error))
            return
        yield from found
        if self._letters:
            yield from self._letters.families(one.provider for one in providers)

    def _families(self, providers: Sequence[ProviderOverview]) -> Iterator[Metric]:
        """Of everything that Valkey knows."""
        names = [one.provider for one in providers]
        yield from queue_families(self._client, providers)
        yield from process_families(self._client, providers)
        yield from tick_families(self._client, names)
        yield _health(providers)
        yield from guard_families(self._client, providers)
        yield from suspect_families(self._client, providers)
        yield from outbox_families(providers)
        yield from event_families(self._client, names)
        yield recovery_family(self._client)
        yield dependency_family(self._client)
        yield from _memory(self._client)


def _health(providers: Sequence[ProviderOverview]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "leeward_provider_healthy",
        "Result of the latest health probe: 1 healthy, 0 not; absent where there was none.",
        labels=["provider"],
    )
    for one in providers:
        if one.healthy is not None:
            family.add_metric([one.provider], int(one.healthy))
    return family


def _memory(client: redis.Redis) -> Iterable[GaugeMetricFamily]:
    """Absent where the user may not ask for it."""
    try:
        found = client.info("memory")
    except redis.exceptions.NoPermissionError:
        return
    yield GaugeMetricFamily("leeward_valkey_memory_bytes", "Memory that Valkey uses.", value=found["used_memory"])
    most = "What Valkey may use before it refuses producers; 0 for no limit."
    yield GaugeMetricFamily("leeward_valkey_memory_limit_bytes", most, value=found.get("maxmemory", 0))
