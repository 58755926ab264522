"""Gauges about the whole fleet, read from Valkey at each scrape: every host's `/metrics` reports the same.

So `max by` is how to read them, never `sum`: docs/metrics.md has the list.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import redis
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from broker.fleet.health_record import latest
from broker.fleet.outbox import Outbox, OutboxUnavailable
from broker.fleet.queues import QueueState, queue_states
from leeward.wire.valkey.refusal import sentence
from workers.monitoring.event_gauges import event_families
from workers.monitoring.guard_gauges import guard_families

if TYPE_CHECKING:
    from workers.background.drainer import Drainer

_log = structlog.get_logger(__name__)


class FleetGauges(Collector):
    """Failure stance: while Valkey cannot be reached, `leeward_valkey_up` is 0 and the gauges that need it are absent."""

    def __init__(self, client: redis.Redis, drainer: "Drainer | None") -> None:
        self._client = client
        self._drainer = drainer

    def collect(self) -> Iterable[Metric]:
        try:
            states = queue_states(self._client)
            health = self._health({state.provider for state in states})
            guards = list(guard_families(self._client, states))
            outboxes = list(self._outboxes({state.provider for state in states}))
            events = list(event_families(self._client, {state.provider for state in states}))
            memory = list(_memory(self._client))
        except (redis.RedisError, OutboxUnavailable) as error:
            _log.warning("gauges_without_valkey", error=sentence(error))
            yield _single("leeward_valkey_up", "Whether Valkey answers.", 0)
        else:
            yield _single("leeward_valkey_up", "Whether Valkey answers.", 1)
            yield from _queues(states)
            yield health
            yield from guards
            yield from outboxes
            yield from events
            yield from memory
        if self._drainer:
            yield from _drain(self._drainer)

    def _health(self, providers: set[str]) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "leeward_provider_healthy", "Result of the latest health probe: 1 healthy, 0 not.", labels=["provider"]
        )
        for provider in sorted(providers):
            if (finding := latest(self._client, provider)) is not None:
                family.add_metric([provider], int(finding.healthy))
        return family

    def _outboxes(self, providers: set[str]) -> Iterable[GaugeMetricFamily]:
        """From Valkey, and not what a drainer saw last: it may be the drainer that hangs."""
        entries = GaugeMetricFamily(
            "leeward_outbox_entries", "Dead letters that are not in PostgreSQL yet.", labels=["provider"]
        )
        oldest = GaugeMetricFamily(
            "leeward_outbox_oldest_seconds", "How long the oldest of them has waited.", labels=["provider"]
        )
        for provider in sorted(providers):
            lag = Outbox(self._client, provider).lag()
            entries.add_metric([provider], lag.entries)
            oldest.add_metric([provider], lag.oldest.total_seconds())
        return entries, oldest


def _drain(drainer: "Drainer") -> Iterable[Metric]:
    yield CounterMetricFamily(
        "leeward_outbox_drained", "Dead letters that this host has moved into PostgreSQL.", value=drainer.counts.drained
    )
    yield _single(
        "leeward_outbox_drain_ok", "Whether this host's drainer can reach both servers.", drainer.sign.is_well
    )


def _memory(client: redis.Redis) -> Iterable[GaugeMetricFamily]:
    """Absent where the user may not ask for it."""
    try:
        found = client.info("memory")
    except redis.exceptions.NoPermissionError:
        return
    yield _single("leeward_valkey_memory_bytes", "Memory that Valkey uses.", found["used_memory"])
    most = "What Valkey may use before it refuses producers; 0 for no limit."
    yield _single("leeward_valkey_memory_limit_bytes", most, found.get("maxmemory", 0))


def _queues(states: Iterable[QueueState]) -> Iterable[GaugeMetricFamily]:
    ready = GaugeMetricFamily(
        "leeward_ready_jobs", "Jobs that wait for a worker.", labels=["provider", "queue", "priority"]
    )
    paused = GaugeMetricFamily("leeward_queue_paused", "1 while a queue is paused.", labels=["provider", "queue"])
    scheduled = GaugeMetricFamily("leeward_scheduled_jobs", "Jobs that wait for their due time.", labels=["provider"])
    running = GaugeMetricFamily("leeward_running_jobs", "Leased jobs.", labels=["provider"])
    providers = {state.provider: state for state in states}
    for state in states:
        paused.add_metric([state.provider, state.queue], state.paused)
        for priority, count in state.ready.items():
            ready.add_metric([state.provider, state.queue, priority.value], count)
    for provider, state in providers.items():
        scheduled.add_metric([provider], state.scheduled)
        running.add_metric([provider], state.running)
    return ready, paused, scheduled, running


def _single(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value=value)
