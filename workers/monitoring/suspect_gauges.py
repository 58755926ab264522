"""Jobs whose processes stopped, as Prometheus families."""

from collections.abc import Iterable, Mapping, Sequence

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from broker.fleet.queues import QueueState
from broker.fleet.suspects import waiting_suspects
from leeward.jobs.queue_name import provider_of

COUNTED = ("suspects", "crash_loops")
"""Their names among a provider's counts."""


def suspect_families(
    client: redis.Redis, queues: Sequence[QueueState], counts: Mapping[str, Mapping[str, int]]
) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
    """The gauge of each queue and the counters of each provider, from the beginning.

    Args:
        client: where to ask.
        queues: all of them.
        counts: of each provider, how often what happened.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    waiting = GaugeMetricFamily(
        "leeward_suspect_jobs",
        "Jobs that wait to run separately because their process stopped.",
        labels=["provider", "queue"],
    )
    for queue, count in waiting_suspects(client, (state.queue for state in queues)).items():
        waiting.add_metric([provider_of(queue), queue], count)
    suspects = CounterMetricFamily(
        "leeward_suspects", "Jobs that became suspects because their process stopped.", labels=["provider"]
    )
    crash_loops = CounterMetricFamily(
        "leeward_crash_loops", "Jobs that died because they stopped their processes.", labels=["provider"]
    )
    for provider, counted in counts.items():
        suspects.add_metric([provider], counted.get("suspects", 0))
        crash_loops.add_metric([provider], counted.get("crash_loops", 0))
    return waiting, suspects, crash_loops
