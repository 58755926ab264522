"""What the fleet looks like right now."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import httpx
from prometheus_client.parser import text_string_to_metric_families

if TYPE_CHECKING:
    from broker.fleet.health_record import Finding
    from broker.fleet.queues import QueueState
    from broker.guards.store import GuardState, Transition
    from leeward_admin.admin import Admin

PROVIDERS = ("http", "jellyfin", "smtp")
_MANY = 100


@dataclass(frozen=True, slots=True)
class Look:
    """Attributes:
    queues: of the three families.
    guards: by provider.
    health: what the latest probes found, by provider.
    ended: deliveries by queue and outcome, from the metrics.
    restarts: of processes.
    """

    queues: "list[QueueState]"
    guards: "Mapping[str, GuardState]"
    health: "Mapping[str, Finding | None]"
    ended: Counter[tuple[str, str]]
    restarts: int


class FleetView:
    """Looks at queues and guards in Valkey and at the metrics of the worker host. To be used once the fleet has jobs."""

    def __init__(self, admin: "Admin") -> None:
        self._admin = admin
        self._visitor = httpx.Client(trust_env=False, timeout=5)
        self._ended: Counter[tuple[str, str]] = Counter()
        self._reported: dict[str, datetime] = {}

    def close(self) -> None:
        self._visitor.close()

    def look(self, metrics_url: str, *, restarts: int) -> Look:
        if metrics_url:
            self._ended = self._fetched(metrics_url)
        providers = self._admin.providers
        guards = {state.provider: state for state in providers.states()}
        return Look(self._queues(), guards, {name: providers.health(name) for name in PROVIDERS}, self._ended, restarts)

    def pending(self) -> int:
        """Jobs that are not over, and dead ones that PostgreSQL does not have."""
        queues = self._queues()
        providers = {state.provider: state.scheduled + state.running + state.outbox for state in queues}
        return sum(providers.values()) + sum(sum(state.ready.values()) for state in queues)

    def waiting(self, provider: str) -> int:
        """Jobs of a provider that do not run."""
        found = [state for state in self._queues() if state.provider == provider]
        return sum(sum(state.ready.values()) for state in found) + max((state.scheduled for state in found), default=0)

    def is_open(self, provider: str) -> bool:
        """Whether its circuit lets nothing through."""
        return self._admin.providers.state(provider).state == "open"

    def transitions(self, provider: str) -> "list[Transition]":
        """What happened to its guards, oldest first."""
        return self._admin.providers.transitions(provider, _MANY)[::-1]

    def new_transitions(self) -> "Iterator[tuple[str, Transition]]":
        """What happened to the guards since the last time."""
        for provider in PROVIDERS:
            for transition in self.transitions(provider):
                if provider not in self._reported or transition.at > self._reported[provider]:
                    self._reported[provider] = transition.at
                    yield provider, transition

    def _queues(self) -> "list[QueueState]":
        return [state for state in self._admin.queues.states() if state.provider in PROVIDERS]

    def _fetched(self, url: str) -> Counter[tuple[str, str]]:
        try:
            text = self._visitor.get(url).text
        except httpx.HTTPError:
            return self._ended
        ended: Counter[tuple[str, str]] = Counter()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "leeward_deliveries_total":
                    ended[sample.labels["queue"], sample.labels["outcome"]] += int(sample.value)
        return ended
