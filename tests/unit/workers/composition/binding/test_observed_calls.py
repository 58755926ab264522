"""The calls that providers make in a worker: an event, a metric, and a line at debug."""

import logging
from collections.abc import Iterator
from typing import Any

import dramatiq
import pytest
import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from broker.broker import LeewardBroker
from broker.events import Events, ProviderCalled
from broker.guards.config import GuardConfig
from leeward.extension import Context, Extension, Health, MeasuredCall, Provider, Transient
from middleware.metrics.middleware import Metrics
from tests.unit.workers.composition.extensions import VaultSettings
from workers.composition.binding.observed_calls import ObservedCalls
from workers.composition.binding.opened_providers import OpenedProviders
from workers.composition.installed.extensions import composed_of
from workers.composition.instance import Instance

SLOW = MeasuredCall("vault", "store", "timeout", 0.3, "VAULT_TIMEOUT", 504)


class Locked(Provider[VaultSettings], type="locked-box"):
    answer: Health | Exception = Health.healthy()

    def look(self) -> None:
        with self.context.call("look"):
            raise Transient("not now")

    def health(self) -> Health:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def seen() -> list[MeasuredCall]:
    return []


@pytest.fixture
def opened(seen: list[MeasuredCall]) -> OpenedProviders:
    kind = composed_of([Extension("boxes", api=1, providers=[Locked])]).types()["locked-box"]
    box = Instance(name="box-eu", type=kind, settings=VaultSettings(key=SecretStr("sesame")), guards=GuardConfig())
    return OpenedProviders({"box-eu": box}, lambda _: Context(), observe=seen.append)


def test_a_call_knows_its_instance_and_its_error_the_type(opened: OpenedProviders, seen: list[MeasuredCall]) -> None:
    provider = opened.get("box-eu")
    assert isinstance(provider, Locked)

    with pytest.raises(Transient):
        provider.look()

    (call,) = seen
    assert (call.provider, call.operation, call.code) == ("box-eu", "look", "LOCKED_BOX_UNAVAILABLE")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Health.healthy(), "ok"),
        (Health.unhealthy("the lid is open"), "unhealthy"),
        (Transient("no answer", condition="TIMEOUT"), "timeout"),
        (KeyError("lid"), "error"),
    ],
)
def test_a_health_check_is_measured_as_a_call(
    opened: OpenedProviders,
    seen: list[MeasuredCall],
    answer: Health | Exception,
    outcome: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Locked, "answer", answer)

    health = opened.health("box-eu")

    assert health.ok == (outcome == "ok")
    assert [(call.operation, call.outcome) for call in seen] == [("health", outcome)]


def test_a_health_check_that_fails_shows_the_code(opened: OpenedProviders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Locked, "answer", Transient("no answer", condition="TIMEOUT"))

    assert opened.health("box-eu").detail == "LOCKED_BOX_TIMEOUT: no answer"


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as found:
        yield found


def test_a_call_is_an_event_and_at_debug_a_line(lines: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    events, told = Events(), list[MeasuredCall]()
    events.subscribe(ProviderCalled, lambda event: told.append(event.call))
    observed = ObservedCalls(events)

    with caplog.at_level(logging.INFO, "workers.composition.binding.observed_calls"):
        observed(SLOW)
    assert lines == []
    with caplog.at_level(logging.DEBUG, "workers.composition.binding.observed_calls"):
        observed(SLOW)

    assert told == [SLOW, SLOW]
    assert lines == [
        {
            "event": "provider_called",
            "log_level": "debug",
            "provider": "vault",
            "operation": "store",
            "outcome": "timeout",
            "took": 0.3,
            "code": "VAULT_TIMEOUT",
            "status": 504,
        }
    ]


def test_a_call_is_in_the_histogram_of_its_operation_and_outcome() -> None:
    registry = CollectorRegistry()
    metrics, broker = Metrics(registry), LeewardBroker()
    metrics.before_worker_boot(broker, dramatiq.Worker(broker, worker_threads=1))

    broker.events.emit(ProviderCalled(SLOW))

    labels = {"provider": "vault", "operation": "store", "outcome": "timeout"}
    assert registry.get_sample_value("leeward_provider_call_seconds_count", labels) == 1
    assert registry.get_sample_value("leeward_provider_call_seconds_sum", labels) == 0.3
    broker.close()
