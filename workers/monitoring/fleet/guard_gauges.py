"""What the guards of each provider are doing, as Prometheus families."""

from collections.abc import Iterable, Mapping, Sequence

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from broker.fleet.overview import ProviderOverview
from broker.guards.store import Guards

OF_SUSPECTS = ("suspects", "crash_loops")
"""Counts that are no events of the guards: `suspect_gauges.py` has them."""
STATES = ("closed", "half_open", "open")
EVENTS = (
    "opened",
    "half_opened",
    "closed",
    "worker_held",
    "held",
    "would_open",
    "accused",
    "auto",
    "forced_open",
    "forced_closed",
    "observe",
    "set",
    "reset",
    "clock_went_back",
    "failed_calls",
    "slow_calls",
    "probes",
    "attempts_saved",
    "duplicate",
    "conflict",
    "disabled",
)
"""Those that are counted from 0: a rate over a counter that appears with its first event misses that event."""

Families = Iterable[GaugeMetricFamily | CounterMetricFamily]


def guard_families(client: redis.Redis, providers: Sequence[ProviderOverview]) -> Families:
    """The gauges and counters of these providers.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    guards = {one.provider: Guards(client, one.provider) for one in providers}
    yield from _circuits(guards)
    yield _events({provider: store.counts() for provider, store in guards.items()})
    waiting = GaugeMetricFamily(
        "leeward_waiting_workers",
        "Worker processes that wait, by what they wait for: a job, or a guard.",
        labels=["provider", "queue", "for"],
    )
    for one in providers:
        for queue in one.queues:
            for what, count in zip(("job", "guard"), guards[one.provider].waiting(queue.queue), strict=True):
                waiting.add_metric([one.provider, queue.queue, what], count)
    yield waiting


def _circuits(guards: dict[str, Guards]) -> Families:
    circuit = GaugeMetricFamily(
        "leeward_circuit_state", "1 for the state a circuit is in.", labels=["provider", "state"]
    )
    mode = GaugeMetricFamily("leeward_circuit_mode", "1 for the mode a circuit is in.", labels=["provider", "mode"])
    enabled = GaugeMetricFamily(
        "leeward_provider_enabled", "0 for a provider that is switched off, 1 for any other.", labels=["provider"]
    )
    limit = GaugeMetricFamily(
        "leeward_permit_limit",
        "Jobs that may run at once now; 0 for no limit. Changes if the limit is adaptive, and after a circuit has closed.",
        labels=["provider"],
    )
    in_use = GaugeMetricFamily("leeward_permits_in_use", "Jobs that run now, each on a permit.", labels=["provider"])
    own_limit = GaugeMetricFamily(
        "leeward_actor_permit_limit",
        "Jobs of an actor that may run at once, where it has a limit.",
        labels=["provider", "queue"],
    )
    own_in_use = GaugeMetricFamily(
        "leeward_actor_permits_in_use",
        "Jobs of an actor that run now, where it has a limit.",
        labels=["provider", "queue"],
    )
    probes = GaugeMetricFamily("leeward_probes_in_use", "Jobs that probe a half-open circuit now.", labels=["provider"])
    for provider, store in guards.items():
        found = store.state()
        for state in STATES:
            circuit.add_metric([provider, state], int(found.state == state))
        mode.add_metric([provider, found.mode.value], 1)
        enabled.add_metric([provider], int(found.config.enabled))
        limit.add_metric([provider], found.limit)
        in_use.add_metric([provider], found.in_use)
        probes.add_metric([provider], found.probes)
        for queue, own in found.actors.items():
            if own.guards.limit:
                own_limit.add_metric([provider, queue], own.guards.limit)
                own_in_use.add_metric([provider, queue], own.in_use)
    return circuit, mode, enabled, limit, in_use, probes, own_limit, own_in_use


def _events(counts: Mapping[str, Mapping[str, int]]) -> CounterMetricFamily:
    events = CounterMetricFamily(
        "leeward_guard_events",
        "Events of a provider's guards: transitions, failed and slow calls, probes, attempts saved, idempotency hits.",
        labels=["provider", "event"],
    )
    for provider, counted in counts.items():
        for event, count in (dict.fromkeys(EVENTS, 0) | dict(counted)).items():
            if event not in OF_SUSPECTS:
                events.add_metric([provider, event], count)
    return events
