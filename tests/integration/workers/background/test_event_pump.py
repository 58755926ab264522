"""Pumps deliver while they run, however many there are, and through an absence of Valkey."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import dramatiq
import pytest
import redis
import structlog
from structlog.testing import capture_logs

from broker.broker import LeewardBroker
from broker.delivery.current import current_delivery
from broker.event_stream.subscription import Subscription
from leeward.wire.keys import QUEUES, ProviderKeys
from middleware.order import rings
from tests.support.fleets.workers_under_test import broker_at, working
from tests.support.servers import connect_valkey
from tests.support.waiting import wait_until
from workers.background.event_pump import EventPump, PumpOptions
from workers.embedded import EmbeddedValkey

LONG = timedelta(seconds=30)
NEVER = timedelta(hours=1)
RING_ONLY = PumpOptions(sweep=NEVER)
QUICK = PumpOptions(sweep=timedelta(milliseconds=50), pause=timedelta(milliseconds=50))


@pytest.fixture
def logs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    monkeypatch.setattr("workers.background.event_pump._log", structlog.get_logger())
    with capture_logs() as lines:
        yield lines


class Site:
    """A broker whose job `disable` emits an event, and whose handler notes what it received."""

    def __init__(self, broker: LeewardBroker) -> None:
        self.broker = broker
        self.received: list[tuple[str, str | None]] = []
        self.handled = threading.Event()

        @dramatiq.actor(broker=broker, actor_name="disable", queue_name="disable.jellyfin")
        def disable(user: str) -> None:
            delivery = current_delivery()
            assert delivery is not None
            delivery.emit_event("user.disabled", {"user": user})

        @dramatiq.actor(broker=broker, actor_name="acme.tell", queue_name="events")
        def tell(event: dict[str, Any]) -> None:
            delivery = current_delivery()
            assert delivery is not None
            self.received.append((event["data"]["user"], delivery.options.get("request_id")))

        self.disable = disable

    def subscription(self) -> Subscription:
        return Subscription("acme.tell", "user.disabled", "events")

    def names(self) -> Counter[str]:
        return Counter(user for user, _ in self.received)


@pytest.fixture
def site(valkey_url: str) -> Iterator[Site]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield Site(broker)


@contextmanager
def pumping(site: Site, options: PumpOptions) -> Iterator[EventPump]:
    pump = EventPump(site.broker, [site.subscription()], options=options)
    pump.start()
    try:
        wait_until(lambda: is_registered(site.broker.client), description="the handler is registered")
        yield pump
    finally:
        assert pump.stop(LONG)


def is_registered(client: "redis.Redis") -> bool:
    try:
        return client.hexists(ProviderKeys("events").event_cursors, "acme.tell")
    except redis.RedisError:
        return False


def test_a_job_s_event_reaches_its_handler_at_once_with_the_request_that_caused_it(site: Site) -> None:
    site.broker.client.sadd(QUEUES, "disable.jellyfin")
    with pumping(site, RING_ONLY), working(site.broker):
        site.disable.send_with_options(kwargs={"user": "alice"}, request_id="invite-17")

        wait_until(lambda: site.received == [("alice", "invite-17")], description="the handler received it")


def test_three_pumps_deliver_every_event_once(site: Site) -> None:
    users = [f"user-{number}" for number in range(60)]
    with pumping(site, QUICK), pumping(site, QUICK), pumping(site, QUICK), working(site.broker, threads=4):
        for user in users:
            site.disable.send(user)

        wait_until(lambda: site.names().keys() == set(users), description="every event was handled")

    assert site.names() == Counter(users)


def test_what_happens_while_no_pump_runs_is_delivered_by_the_next_one(site: Site) -> None:
    with working(site.broker):
        with pumping(site, RING_ONLY):
            pass
        site.disable.send("alice")
        wait_until(
            lambda: site.broker.client.exists(ProviderKeys("jellyfin").event_stream) == 1, description="it has happened"
        )

        with pumping(site, RING_ONLY):
            wait_until(lambda: list(site.names()) == ["alice"], description="the handler received it")


def test_a_pump_waits_for_a_valkey_that_is_away(own_valkey: EmbeddedValkey, logs: list[Any]) -> None:
    with broker_at(own_valkey.url, middleware=rings()) as broker:
        site = Site(broker)
        with pumping(site, QUICK):
            own_valkey.kill()
            wait_until(
                lambda: [line["event"] for line in logs][-1:] == ["events_wait_for_valkey"], description="it waits"
            )
            own_valkey.start()
            with connect_valkey(own_valkey.url) as client:
                fields = {"name": "user.disabled", "at": 0, "data": '{"user":"alice"}'}
                client.xadd(ProviderKeys("jellyfin").event_stream, fields)
                client.sadd(QUEUES, "disable.jellyfin")
            with working(broker):
                wait_until(lambda: list(site.names()) == ["alice"], description="the handler received it")

    assert "events_delivered_again" in [line["event"] for line in logs]


def test_a_handler_that_fell_behind_the_trim_is_named_in_the_log(site: Site, logs: list[Any]) -> None:
    client, stream = site.broker.client, ProviderKeys("jellyfin").event_stream
    client.sadd(QUEUES, "disable.jellyfin")
    pump = EventPump(site.broker, [site.subscription()])
    pump.look()
    for user in ("alice", "bob"):
        client.xadd(stream, {"name": "user.disabled", "at": 0, "data": f'{{"user":"{user}"}}'})
        pump.look()
    client.xadd(stream, {"name": "user.disabled", "at": 0, "data": '{"user":"carol"}'})
    client.xadd(stream, {"name": "user.disabled", "at": 0, "data": '{"user":"dave"}'}, maxlen=1, approximate=False)

    assert pump.look() == 1

    expected = {
        "event": "events_lost",
        "log_level": "error",
        "handler": "acme.tell",
        "provider": "jellyfin",
        "count": 1,
    }
    assert logs == [expected]


def test_a_handler_whose_jobs_are_refused_stops_no_other(
    site: Site, logs: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site.broker.client
    client.sadd(QUEUES, "disable.jellyfin")
    broken = Subscription("broken", "user.disabled", "other")
    pump = EventPump(site.broker, [broken, site.subscription()])
    pump.look()
    monkeypatch.setattr(
        Subscription,
        "_message",
        lambda self, *given: _message(self, *given) if self is not broken else _refuse(),
    )
    client.xadd(ProviderKeys("jellyfin").event_stream, {"name": "user.disabled", "at": 0, "data": '{"user":"alice"}'})

    assert pump.look() == 1

    assert [line["event"] for line in logs] == ["events_not_delivered"]


_message = Subscription._message


def _refuse() -> None:
    raise ValueError("this one cannot be made")
