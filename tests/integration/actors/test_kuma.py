"""The heartbeats that reach a simulated Uptime Kuma, and the events that its monitors make."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import dramatiq
import pytest

from actors.monitors import kuma as actors
from actors.monitors.kuma import poll_monitors, push_heartbeats
from broker.broker import LeewardBroker
from broker.periodic.plan import Plan
from broker.periodic.plans import pause, publish
from broker.periodic.schedule import Every
from broker.periodic.ticks import last_tick
from leeward.client import Leeward
from leeward.extension import Calls, Context, Transient
from leeward.wire.keys import QUEUES
from middleware.order import rings
from providers.kuma.provider import Kuma
from providers.kuma.settings import KumaSettings
from simulators.faults import Effect, Rule
from simulators.kuma.server import KumaSimulator, Monitor
from tests.support.fleets.workers_under_test import broker_at

HOURLY = Plan("expire.accounts", "expiry.expiry", Every(timedelta(hours=1)), timedelta(hours=24))
Opened = Callable[..., Kuma]
TOKENS = {"fleet": "t1", "expire.accounts": "t2", "no.such": "t3", "another": "wrong"}


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        before = dramatiq.get_broker()
        dramatiq.set_broker(broker)
        yield broker
        dramatiq.set_broker(before)


@pytest.fixture
def simulator() -> Iterator[KumaSimulator]:
    with KumaSimulator() as simulator:
        yield simulator


@pytest.fixture
def opened(simulator: KumaSimulator) -> Iterator[Opened]:
    """Makes instances at the simulated Uptime Kuma; options are their settings."""
    with ExitStack() as stack:

        def make(**options: Any) -> Kuma:
            settings = KumaSettings.model_validate({"url": simulator.url} | options)
            kuma = Kuma("kuma", settings, Context(call=Calls("kuma")))
            kuma.open()
            stack.callback(kuma.close)
            return kuma

        yield make


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The data of each event that was emitted."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(actors, "emit_event", lambda _name, **data: found.append(data))
    return found


def test_each_monitor_gets_the_heartbeat_of_its_actor(
    broker: LeewardBroker, valkey_url: str, simulator: KumaSimulator, opened: Opened
) -> None:
    monitors = [Monitor(id=n, name=f"t{n}", token=f"t{n}") for n in (1, 2, 3)]
    simulator.configure({"monitors": monitors})
    broker.client.sadd(QUEUES, HOURLY.queue)
    publish(broker.client, HOURLY)
    last_tick(broker.client, HOURLY.queue, HOURLY.actor, is_scheduler=True)
    kuma = opened(heartbeats=TOKENS)

    with Leeward(valkey_url) as fleet:
        push_heartbeats(kuma, fleet)
        pause(broker.client, HOURLY, by="ana", why="migration")
        push_heartbeats(kuma, fleet)

    beats = {(beat["monitor"], beat["status"], beat["msg"]) for beat in simulator.record.entries("beat")}
    assert beats == {
        (1, 1, "scheduler, worker and Valkey work"),
        (2, 1, "not yet due"),
        (2, 0, "paused by ana: migration"),
        (3, 0, "no scheduler knows a periodic actor of this name"),
    }


def test_an_error_inside_uptime_kuma_at_one_push_keeps_no_other_and_is_told(
    broker: LeewardBroker, valkey_url: str, simulator: KumaSimulator, opened: Opened
) -> None:
    monitors = [Monitor(id=n, name=f"t{n}", token=f"t{n}") for n in (1, 2)]
    simulator.configure({"monitors": monitors, "push_failure": "Error: Request failed with status code 400"})
    kuma = opened(heartbeats={"fleet": "t1", "no.such": "t2"})

    with Leeward(valkey_url) as fleet, pytest.raises(Transient, match="status code 400"):
        push_heartbeats(kuma, fleet)

    assert [beat["monitor"] for beat in simulator.record.entries("beat")] == [1, 2]


def test_an_uptime_kuma_that_is_away_is_asked_once(
    broker: LeewardBroker, valkey_url: str, simulator: KumaSimulator, opened: Opened
) -> None:
    simulator.faults.set(Rule(effect=Effect.STATUS, status=502, body="Bad Gateway", times=1))
    kuma = opened(heartbeats={"fleet": "t1", "no.such": "t2"})

    with Leeward(valkey_url) as fleet, pytest.raises(Transient):
        push_heartbeats(kuma, fleet)

    assert simulator.record.entries("beat") == []


def test_a_monitor_that_goes_down_and_comes_back_makes_two_events(
    broker: LeewardBroker, simulator: KumaSimulator, opened: Opened, emitted: list[dict[str, Any]]
) -> None:
    kuma = opened(status_pages=["fleet"])
    simulator.configure({"pages": {"fleet": [2]}})
    for status in (1, 1, 2, 0, 0, 2, 1):
        simulator.configure({"monitors": [Monitor(id=2, name="plex", status=status)]})
        poll_monitors(kuma)

    assert [(one["monitor"], one["number"], one["before"], one["state"]) for one in emitted] == [
        ("plex", 2, "up", "down"),
        ("plex", 2, "down", "up"),
    ]


def test_what_is_down_when_it_is_first_seen_is_an_event_too(
    broker: LeewardBroker, simulator: KumaSimulator, opened: Opened, emitted: list[dict[str, Any]]
) -> None:
    kuma = opened(metrics_key="uk1_simulated")
    simulator.configure({"monitors": [Monitor(id=2, name="plex", status=0), Monitor(id=3, name="web", status=1)]})
    poll_monitors(kuma)

    assert [(one["monitor"], one["before"], one["state"]) for one in emitted] == [("plex", None, "down")]


def test_more_changes_than_a_job_may_emit_are_found_by_the_next_poll(
    broker: LeewardBroker, simulator: KumaSimulator, opened: Opened, emitted: list[dict[str, Any]]
) -> None:
    kuma = opened(metrics_key="uk1_simulated")
    simulator.configure({"monitors": [Monitor(id=n, name=f"m{n}", status=0) for n in range(150)]})

    poll_monitors(kuma)
    assert len(emitted) == actors.MOST_CHANGES
    poll_monitors(kuma)

    assert {one["number"] for one in emitted} == set(range(150))


def test_a_status_page_that_is_gone_keeps_no_other(
    broker: LeewardBroker, simulator: KumaSimulator, opened: Opened, emitted: list[dict[str, Any]]
) -> None:
    kuma = opened(status_pages=["gone", "fleet"])
    simulator.configure({"pages": {"fleet": [2]}, "monitors": [Monitor(id=2, name="plex", status=0)]})
    poll_monitors(kuma)

    assert len(emitted) == 1
