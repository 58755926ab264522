"""A broker with every ring, actors of two providers, and a client."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from broker.broker import LeewardBroker
from leeward import Leeward, SendEmail, SyncUser
from leeward.extension.errors import Permanent
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at


@dataclass
class Actors:
    """What ran, by user or recipient. A user in `fail` makes its job dead."""

    ran: "Counter[str]" = field(default_factory=Counter)
    fail: set[str] = field(default_factory=set)

    def sync(self, job: SyncUser) -> None:
        self.ran[job.user] += 1
        if job.user in self.fail:
            raise Permanent(job.user, provider="jellyfin", operation="sync")

    def send(self, job: SendEmail) -> None:
        self.ran[job.to[0]] += 1


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker


@pytest.fixture
def actors(broker: LeewardBroker) -> Actors:
    actors = Actors()
    actor_of(broker, "sync.jellyfin")(actors.sync, actor_name="sync.user", job=SyncUser)
    actor_of(broker, "email.smtp")(actors.send, actor_name="email.send", job=SendEmail)
    return actors


@pytest.fixture
def fleet(valkey_url: str) -> Iterator[Leeward]:
    with Leeward(valkey_url) as fleet:
        yield fleet
