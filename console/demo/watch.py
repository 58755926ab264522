"""What the fleet looks like right now."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from broker.steering import QueueState
    from workers.admin import Admin

_FAILING_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a worker host's metrics say.

    Attributes:
        ended: deliveries by queue and outcome.
        healthy: the latest probe's finding by provider.
    """

    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    healthy: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Look:
    """Attributes:
    queues: of the three families.
    failing: providers at which something failed within the last two seconds.
    restarts: of processes.
    """

    queues: "list[QueueState]"
    figures: Figures
    failing: frozenset[str]
    restarts: int


class Watch:
    """Looks at queues in Valkey and at the metrics of the worker host."""

    def __init__(self, admin: "Admin", *, clock: Callable[[], float] = time.monotonic) -> None:
        self._admin = admin
        self._clock = clock
        self._visitor = httpx.Client(trust_env=False, timeout=5)
        self._figures = Figures()
        self._failures: Counter[str] = Counter()
        self._failed_at: dict[str, float] = {}

    def close(self) -> None:
        self._visitor.close()

    def look(self, metrics_url: str, *, restarts: int) -> Look:
        queues = self._queues()
        if metrics_url:
            self._figures = self._fetched(metrics_url)
        return Look(queues, self._figures, self._failing(queues), restarts)

    def pending(self) -> int:
        """Jobs that are not over, and dead ones that PostgreSQL does not have."""
        queues = self._queues()
        providers = {state.provider: state.scheduled + state.running + state.outbox for state in queues}
        return sum(providers.values()) + sum(sum(state.ready.values()) for state in queues)

    def _queues(self) -> "list[QueueState]":
        return [state for state in self._admin.queues.states() if "." in state.queue]

    def _fetched(self, url: str) -> Figures:
        try:
            text = self._visitor.get(url).text
        except httpx.HTTPError:
            return self._figures
        ended: Counter[tuple[str, str]] = Counter()
        healthy: dict[str, bool] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "leeward_deliveries_total":
                    ended[sample.labels["queue"], sample.labels["outcome"]] += int(sample.value)
                elif sample.name == "leeward_provider_healthy":
                    healthy[sample.labels["provider"]] = bool(sample.value)
        return Figures(ended, healthy)

    def _failing(self, queues: "list[QueueState]") -> frozenset[str]:
        now = self._clock()
        for state in queues:
            failures = self._figures.ended[state.queue, "retry"] + self._figures.ended[state.queue, "defer"]
            if failures > self._failures[state.provider]:
                self._failures[state.provider] = failures
                self._failed_at[state.provider] = now
        return frozenset(name for name, at in self._failed_at.items() if now - at < _FAILING_SECONDS)
