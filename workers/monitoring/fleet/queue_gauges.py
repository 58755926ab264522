"""What waits in each queue, and what has come into it, as Prometheus families."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from broker.fleet.overview import ProviderOverview, QueueOverview
from broker.fleet.totals import Totals, totals
from leeward.jobs.dead_reason import DeadReason

Families = Iterable[GaugeMetricFamily | CounterMetricFamily]
_QUEUE = ["provider", "queue"]


def queue_families(client: redis.Redis, providers: Sequence[ProviderOverview]) -> Families:
    """Of all queues of these providers.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    yield from _waiting(providers)
    yield from _counted(providers, totals(client, [one.provider for one in providers]))


def _waiting(providers: Sequence[ProviderOverview]) -> Families:
    ready = GaugeMetricFamily("leeward_ready_jobs", "Jobs that wait for a worker.", labels=[*_QUEUE, "priority"])
    oldest = GaugeMetricFamily(
        "leeward_oldest_job_seconds",
        "How long ago the oldest of the jobs that come next was enqueued; 0 where none waits.",
        labels=_QUEUE,
    )
    paused = GaugeMetricFamily("leeward_queue_paused", "1 while a queue is paused.", labels=_QUEUE)
    scheduled = GaugeMetricFamily("leeward_scheduled_jobs", "Jobs that wait for their due time.", labels=["provider"])
    running = GaugeMetricFamily("leeward_running_jobs", "Leased jobs.", labels=["provider"])
    for provider in providers:
        scheduled.add_metric([provider.provider], provider.scheduled)
        running.add_metric([provider.provider], provider.running)
        for queue in provider.queues:
            labels = [provider.provider, queue.queue]
            oldest.add_metric(labels, _age(provider, queue).total_seconds())
            paused.add_metric(labels, queue.paused)
            for priority, count in queue.ready.items():
                ready.add_metric([*labels, priority.value], count)
    return ready, oldest, paused, scheduled, running


def _age(provider: ProviderOverview, queue: QueueOverview) -> timedelta:
    """Never less than nothing: the job has the time of its producer's clock."""
    return timedelta(0) if queue.oldest_at is None else max(timedelta(0), provider.at - queue.oldest_at)


def _counted(providers: Sequence[ProviderOverview], counted: Mapping[str, Totals]) -> Families:
    enqueued = CounterMetricFamily(
        "leeward_queue_enqueued", "Jobs that were put into a queue, by whichever producer.", labels=_QUEUE
    )
    dead = CounterMetricFamily(
        "leeward_queue_deaths", "Jobs of a queue that died, whichever worker had them.", labels=[*_QUEUE, "reason"]
    )
    for provider in providers:
        found = counted[provider.provider]
        for queue in provider.queues:
            labels = [provider.provider, queue.queue]
            enqueued.add_metric(labels, found.enqueued.get(queue.queue, 0))
            for reason in DeadReason:
                dead.add_metric([*labels, reason.value], found.dead.get((queue.queue, reason.value), 0))
    return enqueued, dead
