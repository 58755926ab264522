"""Which processes of the fleet live, as Prometheus families."""

from collections.abc import Iterable, Sequence

import redis
from prometheus_client.core import GaugeMetricFamily

from broker.fleet.overview import ProviderOverview
from broker.fleet.processes import Role, processes
from leeward.record.reader import workers


def process_families(client: redis.Redis, providers: Sequence[ProviderOverview]) -> Iterable[GaugeMetricFamily]:
    """Workers and schedulers; processes of older releases, which do not say that they live, are no schedulers here.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    catalogues = workers(client)
    live = {one.said.process: one.said for one in processes(client) if one.is_alive}
    working = {name for name, said in live.items() if said.role is Role.WORKER}
    working |= {name for name, catalogue in catalogues.items() if not catalogue.broken}
    schedulers = sum(said.role is Role.SCHEDULER for said in live.values())
    yield GaugeMetricFamily("leeward_workers_alive", "Worker processes that live.", value=len(working))
    yield GaugeMetricFamily("leeward_schedulers_alive", "Schedulers that live.", value=schedulers)
    serving = GaugeMetricFamily(
        "leeward_queue_workers", "Worker processes that live and serve a queue.", labels=["provider", "queue"]
    )
    for provider in providers:
        for queue in provider.queues:
            count = sum(queue.queue in catalogue.queues for catalogue in catalogues.values())
            serving.add_metric([provider.provider, queue.queue], count)
    yield serving
