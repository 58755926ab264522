"""What happens in a worker process, for its subscribers: metrics, logs, tests.

| event | when | carries |
|---|---|---|
| `Consuming` | Valkey has answered, and a queue's consumer is about to ask for jobs | queue |
| `Admitted` | a consumer got jobs | queue, deliveries |
| `TurnedAway` | a guard let fewer jobs through than there were threads for | queue, why |
| `Throttled` | the time that a guard kept a queue's consumer from jobs, reported at its next poll | queue, why, seconds |
| `LeasesReclaimed` | expired leases were taken back, of whichever worker | provider, how many |
| `CrashLoopFound` | a job is dead because it stopped its workers, alone in its process at last | its queue and actor |
| `DeliveryEnded` | a thread is done with a delivery | delivery, outcome |
| `Settled` | outcomes are durable | provider, how many, how many came late and changed nothing |
| `PermitsOverrun` | jobs have ended that ran on after their leases had run out | provider, how many, seconds in all |
| `Accused` | the failures of one job suggest an outage of its provider: a health probe should be sent now | provider |
| `LeasesLost` | other workers have jobs that this process was running | deliveries |
| `Listening` | the process subscribed to its wake-ups, at first or after a cut | nothing |
| `TickItems` | a periodic actor has seen to its items one by one | actor, how many were done, how many failed |
| `ProviderCalled` | a call of a provider has ended, of a job or a health check | provider, operation, outcome, seconds |
| `BrokerAway`, `BrokerBack` | a consumer cannot reach Valkey; it can again | queue |
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from broker.delivery.delivery import Delivery
from broker.delivery.outcomes import Outcome
from leeward.extension.calls.measured import MeasuredCall

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Consuming:
    queue: str


@dataclass(frozen=True, slots=True)
class Admitted:
    queue: str
    deliveries: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class TurnedAway:
    queue: str
    why: str


@dataclass(frozen=True, slots=True)
class Throttled:
    queue: str
    why: str
    seconds: float


@dataclass(frozen=True, slots=True)
class LeasesReclaimed:
    provider: str
    count: int


@dataclass(frozen=True, slots=True)
class CrashLoopFound:
    queue: str
    actor: str


@dataclass(frozen=True, slots=True)
class DeliveryEnded:
    delivery: Delivery
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Settled:
    provider: str
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class PermitsOverrun:
    provider: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Accused:
    provider: str


@dataclass(frozen=True, slots=True)
class LeasesLost:
    deliveries: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class TickItems:
    actor: str
    done: int
    failed: int


@dataclass(frozen=True, slots=True)
class ProviderCalled:
    call: MeasuredCall


@dataclass(frozen=True, slots=True)
class Listening:
    pass


@dataclass(frozen=True, slots=True)
class BrokerAway:
    queue: str
    error: str


@dataclass(frozen=True, slots=True)
class BrokerBack:
    queue: str


Event = (
    Consuming
    | Admitted
    | Listening
    | TurnedAway
    | Throttled
    | LeasesReclaimed
    | CrashLoopFound
    | DeliveryEnded
    | Settled
    | PermitsOverrun
    | Accused
    | LeasesLost
    | TickItems
    | ProviderCalled
    | BrokerAway
    | BrokerBack
)
E = TypeVar("E", bound=Event)


class Events:
    """One broker's subscribers. A subscriber that fails is logged and does not disturb the others."""

    def __init__(self) -> None:
        self._subscribers: dict[type, list[Callable[[Any], None]]] = {}

    def subscribe(self, kind: type[E], subscriber: Callable[[E], None]) -> None:
        """Calls `subscriber` with every event of a kind, in the thread where it happens: be quick."""
        self._subscribers.setdefault(kind, []).append(subscriber)

    def emit(self, event: Event) -> None:
        for subscriber in self._subscribers.get(type(event), ()):
            try:
                subscriber(event)
            except Exception:
                _log.exception("event_subscriber_failed", event_type=type(event).__name__)
