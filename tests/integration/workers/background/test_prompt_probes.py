"""A job that alone speaks against its provider has that provider's health looked at, at once."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import redis

from actors.probe import declare_probes
from broker.broker import LeewardBroker
from broker.events import Accused
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.extension import Health
from leeward.extension.errors import AuthFailed, Transient
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from tests.support.fleets.workers_under_test import AT_ONCE, actor_of, broker_at, dead_letters, outcome, working
from tests.support.waiting import wait_until
from workers.background.prompt_probes import PromptProbes

NEVER = "0 0 1 1 *"
"""A schedule of probes whose minute is far away."""
SAID: dict[str, Any] = {"provider": "lab", "operation": "act"}


class Provider:
    """As a job and a health probe find it."""

    def __init__(self) -> None:
        self.healthy = True
        self.fails: Exception | None = None

    def act(self) -> None:
        if self.fails:
            raise self.fails

    def health(self) -> Health:
        return Health(ok=self.healthy, detail="as the test says", latency=timedelta(0))


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def broker(valkey_url: str, provider: Provider) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        broker.add_middleware(GuardDeclaration({"lab": GuardConfig(open_for=timedelta(seconds=60))}))
        record = partial(_record, broker)
        probes = declare_probes(broker, {"lab": provider.health}, record, schedule=NEVER)
        broker.events.subscribe(Accused, PromptProbes({"lab": probes[0]}).look)
        yield broker


def _record(broker: LeewardBroker, provider: str, health: Health) -> bool:
    Guards(broker.client, provider).probed(healthy=health.ok, detail=health.detail, worker=broker.session.process)
    return False


@pytest.mark.parametrize("error", [AuthFailed("535", **SAID), Transient("503", **SAID)], ids=["denied", "failing"])
def test_a_probe_that_fails_opens_the_circuit_without_waiting_for_its_minute(
    broker: LeewardBroker, valkey: "redis.Redis", provider: Provider, error: Exception
) -> None:
    provider.fails, provider.healthy = error, False
    message = actor_of(broker)(provider.act, actor_name="act", **AT_ONCE).send()
    guards = Guards(valkey, "lab")

    with working(broker):
        wait_until(lambda: guards.state().state == "open", description="the circuit to open", timeout=15)
        provider.fails, provider.healthy = None, True
        guards.probed(healthy=True, detail="mended")
        if isinstance(error, AuthFailed):
            valkey.zadd("leeward:{lab}:scheduled", {message.message_id: 0})
        wait_until(lambda: outcome(valkey, "lab", message.message_id), description="the job to end", timeout=15)

    ended = outcome(valkey, "lab", message.message_id)
    assert ended
    assert ended["state"] == "done"
    assert dead_letters(valkey, "lab") == []


def test_a_job_that_fails_alone_at_a_healthy_provider_dies_within_its_attempts(
    broker: LeewardBroker, valkey: "redis.Redis", provider: Provider
) -> None:
    provider.fails = Transient("500 for this one", **SAID)
    message = actor_of(broker)(provider.act, actor_name="act", **AT_ONCE).send()

    with working(broker):
        wait_until(lambda: outcome(valkey, "lab", message.message_id), description="the job to end", timeout=20)

    (letter,) = dead_letters(valkey, "lab")
    assert (letter["reason"], letter["deliveries"]) == ("exhausted", "6")
    assert Guards(valkey, "lab").state().state == "closed"
    assert {one.event for one in Guards(valkey, "lab").transitions()} == {"accused"}
