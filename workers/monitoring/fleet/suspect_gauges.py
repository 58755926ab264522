"""Jobs whose processes stopped, as Prometheus families."""

from collections.abc import Iterable, Sequence

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from broker.fleet.overview import ProviderOverview
from broker.fleet.suspects import waiting_suspects
from broker.guards.store import Guards
from leeward.jobs.queue_name import provider_of


def suspect_families(
    client: redis.Redis, providers: Sequence[ProviderOverview]
) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
    """The gauge of each queue and the counters of each provider, from the beginning.

    Args:
        client: where to ask.
        providers: all of them.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    waiting = GaugeMetricFamily(
        "leeward_suspect_jobs",
        "Jobs that wait to run separately because their process stopped.",
        labels=["provider", "queue"],
    )
    for queue, count in waiting_suspects(client, (queue.queue for one in providers for queue in one.queues)).items():
        waiting.add_metric([provider_of(queue), queue], count)
    suspects = CounterMetricFamily(
        "leeward_suspects", "Jobs that became suspects because their process stopped.", labels=["provider"]
    )
    crash_loops = CounterMetricFamily(
        "leeward_crash_loops", "Jobs that died because they stopped their processes.", labels=["provider"]
    )
    for one in providers:
        counted = Guards(client, one.provider).counts()
        suspects.add_metric([one.provider], counted.get("suspects", 0))
        crash_loops.add_metric([one.provider], counted.get("crash_loops", 0))
    return waiting, suspects, crash_loops
