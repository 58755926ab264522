"""What a relay and its outbox are, as Prometheus families."""

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from workers.relay.relay import POSTGRESQL, UNKNOWN, VALKEY, Relay

CODES = ("idempotency_conflict", "invalid", "message_too_large", "no_worker")
"""For what reasons a row is kept aside."""


class RelayMetrics(Collector):
    """Every relay of an outbox reports the same rows: read those with `max`. What a relay has done is its own: read that with `sum`."""

    def __init__(self, relay: Relay, providers: Callable[[], Iterable[str]] = tuple) -> None:
        """`providers` are those of the fleet: their counters exist before the first row."""
        self._relay = relay
        self._providers = providers

    def collect(self) -> Iterable[Metric]:
        yield from self._rows()
        yield from self._done()
        up = GaugeMetricFamily(
            "leeward_relay_server_up",
            "Whether the relay reaches the server; 0 also while that is unknown.",
            labels=["server"],
        )
        for server in (VALKEY, POSTGRESQL):
            up.add_metric([server], int(self._relay.sign.away not in {server, UNKNOWN}))
        yield up

    def _rows(self) -> Iterable[Metric]:
        sign = self._relay.sign
        waiting = GaugeMetricFamily(
            "leeward_relay_waiting_rows", "Rows of the outbox that are not enqueued yet.", labels=["provider"]
        )
        oldest = GaugeMetricFamily(
            "leeward_relay_oldest_row_seconds", "How long the oldest of them has waited.", labels=["provider"]
        )
        aside = GaugeMetricFamily(
            "leeward_relay_refused_rows",
            "Rows that are kept aside because they can never be enqueued.",
            labels=["provider", "reason"],
        )
        if sign.waiting is not None:
            found = {one.provider: (one.rows, one.oldest.total_seconds()) for one in sign.waiting}
            for provider in self._known():
                rows, seconds = found.get(provider, (0, 0.0))
                waiting.add_metric([provider], rows)
                oldest.add_metric([provider], seconds)
            for one in sign.refused:
                aside.add_metric([one.provider, one.code], one.rows)
        return waiting, oldest, aside

    def _done(self) -> Iterable[Metric]:
        moved = self._relay.moved
        sent = CounterMetricFamily(
            "leeward_relay_sent_rows", "Rows that the relay has enqueued and deleted.", labels=["provider"]
        )
        refused = CounterMetricFamily(
            "leeward_relay_refusals", "Rows that the relay has kept aside.", labels=["provider", "reason"]
        )
        for provider in self._known():
            sent.add_metric([provider], moved.sent[provider])
            for code in CODES:
                refused.add_metric([provider, code], moved.refused[provider, code])
        failures = CounterMetricFamily(
            "leeward_relay_failures", "How often the relay could not reach a server.", value=self._relay.sign.failures
        )
        return sent, refused, failures

    def _known(self) -> list[str]:
        moved, sign = self._relay.moved, self._relay.sign
        seen = {provider for provider, _ in list(moved.refused)} | set(moved.sent)
        return sorted({*seen, *(one.provider for one in sign.waiting or ()), *self._providers()})
