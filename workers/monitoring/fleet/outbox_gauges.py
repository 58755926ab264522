"""Dead letters on their way into PostgreSQL, as Prometheus families."""

from collections.abc import Iterable, Sequence

from prometheus_client.core import GaugeMetricFamily

from broker.fleet.overview import ProviderOverview


def outbox_families(providers: Sequence[ProviderOverview]) -> Iterable[GaugeMetricFamily]:
    """From Valkey, and not what a drainer saw last: it may be the drainer that hangs."""
    entries = GaugeMetricFamily(
        "leeward_outbox_entries", "Dead letters that are not in PostgreSQL yet.", labels=["provider"]
    )
    oldest = GaugeMetricFamily(
        "leeward_outbox_oldest_seconds", "How long the oldest of them has waited.", labels=["provider"]
    )
    for one in providers:
        entries.add_metric([one.provider], one.outbox)
        since = one.outbox_since
        oldest.add_metric([one.provider], 0 if since is None else max(0.0, (one.at - since).total_seconds()))
    return entries, oldest
