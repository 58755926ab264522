"""Findings of a machine, as Prometheus families."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from broker.fleet.health.machines import ComponentFinding, ComponentState

_USABLE = frozenset({ComponentState.HEALTHY, ComponentState.DEGRADED})


def machine_gauges(findings: Iterable[ComponentFinding]) -> Iterable[Metric]:
    """What is unknown has no value."""
    labels = ["component"]
    well = GaugeMetricFamily("leeward_component_healthy", "1 for what works, as this host sees it.", labels=labels)
    took = GaugeMetricFamily("leeward_component_check_seconds", "How long its latest check took.", labels=labels)
    used = GaugeMetricFamily("leeward_component_used_ratio", "Which fraction of it is in use.", labels=labels)
    for one in findings:
        if one.state is not ComponentState.UNKNOWN:
            well.add_metric([one.component], one.state in _USABLE)
            took.add_metric([one.component], one.took_ms / 1000)
        if one.used is not None:
            used.add_metric([one.component], one.used)
    return [well, took, used]
