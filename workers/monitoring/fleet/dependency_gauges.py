"""The health of dependencies, as a Prometheus family."""

import redis
from prometheus_client.core import GaugeMetricFamily

from broker.fleet.dependencies.findings import findings
from broker.fleet.health.machines import ComponentState


def dependency_family(client: redis.Redis) -> GaugeMetricFamily:
    """What is unknown has no value.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    family = GaugeMetricFamily(
        "leeward_dependency_healthy",
        "What the health checks of a dependency found: 1 healthy, 0.5 degraded, 0 unhealthy.",
        labels=["dependency"],
    )
    values = {ComponentState.HEALTHY: 1.0, ComponentState.DEGRADED: 0.5, ComponentState.UNHEALTHY: 0.0}
    for name, one in findings(client).items():
        if one.state in values:
            family.add_metric([name], values[one.state])
    return family
