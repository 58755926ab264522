"""What the fleet looks like right now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

from leeward.connection import connect

if TYPE_CHECKING:
    from broker.guards.store import GuardState, Transition
    from broker.steering import QueueState
    from workers.admin import Admin

PROVIDERS = ("http", "jellyfin", "smtp")


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
    guards: by provider.
    restarts: of processes.
    """

    queues: "list[QueueState]"
    guards: "Mapping[str, GuardState]"
    figures: Figures
    restarts: int


class Watch:
    """Looks at queues and guards in Valkey and at the metrics of the worker host."""

    def __init__(self, admin: "Admin", valkey_url: str) -> None:
        from broker.guards.store import Guards

        self._admin = admin
        self._client = connect(valkey_url)
        self._guards: Mapping[str, Guards] = {name: Guards(self._client, name) for name in PROVIDERS}
        self._visitor = httpx.Client(trust_env=False, timeout=5)
        self._figures = Figures()
        self._told: dict[str, datetime] = {}

    def close(self) -> None:
        self._visitor.close()
        self._client.close()

    def look(self, metrics_url: str, *, restarts: int) -> Look:
        if metrics_url:
            self._figures = self._fetched(metrics_url)
        guards = {name: guard.state() for name, guard in self._guards.items()}
        return Look(self._queues(), guards, self._figures, restarts)

    def pending(self) -> int:
        """Jobs that are not over, and dead ones that PostgreSQL does not have."""
        queues = self._queues()
        providers = {state.provider: state.scheduled + state.running + state.outbox for state in queues}
        return sum(providers.values()) + sum(sum(state.ready.values()) for state in queues)

    def waiting(self, provider: str) -> int:
        """Jobs of a provider that do not run."""
        found = [state for state in self._queues() if state.provider == provider]
        return sum(sum(state.ready.values()) for state in found) + max((state.scheduled for state in found), default=0)

    def transitions(self, provider: str) -> "list[Transition]":
        """What happened to its guards, oldest first."""
        return self._guards[provider].transitions()[::-1]

    def new_transitions(self) -> "Iterator[tuple[str, Transition]]":
        """What happened to the guards since the last time."""
        for provider in PROVIDERS:
            for transition in self.transitions(provider):
                if provider not in self._told or transition.at > self._told[provider]:
                    self._told[provider] = transition.at
                    yield provider, transition

    def _queues(self) -> "list[QueueState]":
        return [state for state in self._admin.queues.states() if state.provider in PROVIDERS]

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
