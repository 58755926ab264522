"""How far the event handlers have come, as Prometheus families."""

from collections.abc import Iterable

import redis
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from broker.event_stream.standing import standings


def event_families(client: redis.Redis, providers: Iterable[str]) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
    """Of every handler of the fleet.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    waiting = GaugeMetricFamily(
        "leeward_event_handler_lag", "Events of all types that a handler has not received yet.", labels=["handler"]
    )
    lost = CounterMetricFamily(
        "leeward_event_handler_lost", "Events that were trimmed before a handler received them.", labels=["handler"]
    )
    for standing in standings(client, providers):
        waiting.add_metric([standing.handler], standing.waiting)
        lost.add_metric([standing.handler], standing.lost)
    return waiting, lost
