"""How often recovery actions have helped, as a Prometheus family."""

import redis
from prometheus_client.core import CounterMetricFamily

from broker.fleet.recovery.record import totals


def recovery_family(client: redis.Redis) -> CounterMetricFamily:
    """Raises: redis.RedisError: Valkey cannot be reached."""
    family = CounterMetricFamily(
        "leeward_recovery_attempts", "Attempts of recovery actions, by how they ended.", labels=["action", "outcome"]
    )
    for action, counted in totals(client).items():
        family.add_metric([action, "recovered"], counted.recovered)
        family.add_metric([action, "failed"], counted.failed)
    return family
