"""Each event becomes one job of each handler, from a place that the handler keeps."""

import json
from collections.abc import Iterator
from typing import Any

import dramatiq
import pytest
import redis
from dramatiq import Message

from broker.broker import LeewardBroker
from broker.event_stream import subscription
from broker.event_stream.registry import register
from broker.event_stream.standing import Standing, standings
from broker.event_stream.stream import EventStream
from broker.event_stream.subscription import Delivered, Subscription
from leeward.wire.keys import ProviderKeys
from middleware.order import rings
from tests.support.answers import entries, raw, text
from tests.support.fleets.workers_under_test import broker_at

SOURCE, QUEUE = "jellyfin", "events"
NOW = 1_750_000_000_000
DAY_MS = 86_400_000


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        declare(broker, "acme.tell")
        yield broker


def declare(broker: LeewardBroker, *names: str) -> None:
    for name in names:

        @dramatiq.actor(broker=broker, actor_name=name, queue_name=QUEUE)
        def handle(event: object) -> None: ...


def happen(client: "redis.Redis", *users: str, name: str = "user.disabled") -> None:
    for user in users:
        fields = {"name": name, "at": NOW, "data": json.dumps({"user": user}), "request_id": "r-1"}
        client.xadd(ProviderKeys(SOURCE).event_stream, fields)  # type: ignore[arg-type]


def handler(client: "redis.Redis", name: str = "acme.tell", *, now_ms: int = 0) -> Subscription:
    """One that a scheduler has registered."""
    found = Subscription(name, "user.disabled", QUEUE)
    found.since_ms = register(client, found.provider, [name], now_ms=now_ms).since_ms[name]
    return found


def deliver(broker: LeewardBroker, one: Subscription, *, source: str = SOURCE) -> Delivered:
    return one.deliver(broker, EventStream(broker.client, source), now_ms=NOW)


def waiting(client: "redis.Redis", actor: str = "acme.tell") -> list[str]:
    """Whom the jobs of a handler are about, in their order."""
    keys = ProviderKeys(QUEUE)
    ids = client.lrange(keys.ready(QUEUE, "normal"), 0, -1)
    messages = [Message.decode(client.hget(keys.jobs, job_id)) for job_id in ids]  # type: ignore[arg-type]
    return [message.kwargs["event"]["data"]["user"] for message in messages if message.actor_name == actor]


def test_each_event_becomes_one_job_and_other_names_are_passed_over(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    one = handler(valkey)
    happen(valkey, "alice")
    happen(valkey, "nobody", name="circuit.opened")
    happen(valkey, "bob")

    assert deliver(broker, one) == Delivered(jobs=2)

    assert waiting(valkey) == ["alice", "bob"]
    assert deliver(broker, one) == Delivered()
    happen(valkey, "carol")
    deliver(broker, one)
    assert waiting(valkey) == ["alice", "bob", "carol"]


def test_the_job_has_the_event_and_the_request_that_caused_it(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    one = handler(valkey)
    happen(valkey, "alice")

    deliver(broker, one)

    keys = ProviderKeys(QUEUE)
    (job_id,) = valkey.lrange(keys.ready(QUEUE, "normal"), 0, -1)
    message = Message.decode(raw(valkey.hget(keys.jobs, text(job_id))))
    ((entry, _),) = entries(valkey, ProviderKeys(SOURCE).event_stream)
    expected = {"id": f"{SOURCE}:{entry.decode()}", "name": "user.disabled", "at_ms": NOW, "data": {"user": "alice"}}
    assert message.kwargs == {"event": expected}
    assert message.options["request_id"] == "r-1"
    assert message.options["deadline"] == NOW + DAY_MS


def test_a_handler_that_is_added_later_starts_at_the_end(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    happen(valkey, "before")
    seconds, microseconds = valkey.time()
    late = handler(valkey, now_ms=seconds * 1000 + microseconds // 1000 + 1)

    deliver(broker, late)

    assert waiting(valkey) == []


def test_it_receives_the_first_event_of_a_provider_that_came_after_it(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    one = handler(valkey)
    deliver(broker, one)
    happen(valkey, "alice")

    deliver(broker, one)

    assert waiting(valkey) == ["alice"]


def test_every_handler_has_a_place_of_its_own(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    declare(broker, "acme.count")
    tell, count = handler(valkey), handler(valkey, "acme.count")
    happen(valkey, "alice")
    deliver(broker, tell)
    happen(valkey, "bob")

    deliver(broker, count)

    assert waiting(valkey) == ["alice"]
    assert waiting(valkey, "acme.count") == ["alice", "bob"]


def test_of_two_pumps_the_second_changes_nothing(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    first, second = handler(valkey), handler(valkey)
    happen(valkey, "alice")
    # Both know the place where the handler stands.
    second._cursors[SOURCE] = ""
    deliver(broker, first)

    assert deliver(broker, second).jobs == 0

    assert waiting(valkey) == ["alice"]
    happen(valkey, "bob")
    assert deliver(broker, second).jobs == 1
    assert deliver(broker, first).jobs == 0
    assert waiting(valkey) == ["alice", "bob"]


def test_a_place_that_the_server_forgot_makes_no_second_job(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    happen(valkey, "alice")
    deliver(broker, handler(valkey))
    valkey.hdel(ProviderKeys(QUEUE).event_cursors, f"acme.tell {SOURCE}")

    deliver(broker, handler(valkey))

    assert waiting(valkey) == ["alice"]


def test_what_was_trimmed_before_it_was_delivered_is_counted(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    one = handler(valkey)
    happen(valkey, "alice")
    deliver(broker, one)
    happen(valkey, "bob", "carol", "dave")
    valkey.xtrim(ProviderKeys(SOURCE).event_stream, maxlen=1, approximate=False)

    delivered = deliver(broker, one)

    assert delivered == Delivered(jobs=1, lost=2)
    assert waiting(valkey) == ["alice", "dave"]
    assert valkey.hgetall(ProviderKeys(QUEUE).root + "event_losses") == {b"acme.tell": b"2"}
    assert deliver(broker, one).lost == 0


def test_a_stream_that_began_anew_is_delivered_from_its_beginning(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    one = handler(valkey)
    happen(valkey, "alice", "bob")
    deliver(broker, one)
    valkey.delete(ProviderKeys(SOURCE).event_stream)
    happen(valkey, "carol")

    assert deliver(broker, one) == Delivered(jobs=1)

    assert waiting(valkey) == ["alice", "bob", "carol"]


def test_a_full_lane_leaves_the_events_in_their_stream(
    broker: LeewardBroker, valkey: "redis.Redis", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscription, "WAITING_AT_MOST", 1)
    one = handler(valkey)
    happen(valkey, "alice")
    deliver(broker, one)
    happen(valkey, "bob")

    assert deliver(broker, one) == Delivered(is_full=True)

    assert waiting(valkey) == ["alice"]
    valkey.delete(ProviderKeys(QUEUE).ready(QUEUE, "normal"))
    assert deliver(broker, one).jobs == 1


def test_a_handler_that_no_scheduler_has_is_forgotten_after_a_week(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    keys = ProviderKeys(QUEUE)
    one = handler(valkey, now_ms=NOW)
    register(valkey, QUEUE, ["acme.tell.eu"], now_ms=NOW)
    valkey.hset(keys.event_cursors, f"acme.tell {SOURCE}", "0-1 1")
    valkey.hset(keys.event_cursors, f"acme.tell.eu {SOURCE}", "0-1 1")

    assert register(valkey, QUEUE, ["acme.tell.eu"], now_ms=NOW + 7 * DAY_MS).forgotten == []
    assert register(valkey, QUEUE, ["acme.tell.eu"], now_ms=NOW + 7 * DAY_MS + 1).forgotten == [one.handler]

    left = {text(name) for name in valkey.hkeys(keys.event_cursors)}
    assert left == {"acme.tell.eu", f"acme.tell.eu {SOURCE}"}
    assert valkey.zrange("leeward:{events}:event_handlers", 0, -1) == [b"acme.tell.eu"]


def test_one_that_comes_back_in_time_goes_on_where_it_was(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    happen(valkey, "alice")
    deliver(broker, handler(valkey))
    happen(valkey, "bob")

    back = handler(valkey, now_ms=6 * DAY_MS)
    deliver(broker, back)

    assert back.since_ms == 0
    assert waiting(valkey) == ["alice", "bob"]


def test_metrics_say_how_far_behind_a_handler_is_and_what_it_lost(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    one = handler(valkey)
    happen(valkey, "alice")
    deliver(broker, one)
    happen(valkey, "bob", "carol", "dave")
    valkey.xtrim(ProviderKeys(SOURCE).event_stream, maxlen=2, approximate=False)
    assert standings(valkey, [QUEUE, "other"]) == [Standing("acme.tell", waiting=3, lost=0)]

    deliver(broker, one)

    assert standings(valkey, [QUEUE, "other"]) == [Standing("acme.tell", waiting=0, lost=1)]


def test_an_event_of_the_millisecond_of_the_registration_is_delivered(
    broker: LeewardBroker, valkey: "redis.Redis"
) -> None:
    fields: Any = {"name": "user.disabled", "at": NOW, "data": '{"user":"alice"}'}
    valkey.xadd(ProviderKeys(SOURCE).event_stream, fields, id=f"{NOW}-0")

    deliver(broker, handler(valkey, now_ms=NOW))

    assert waiting(valkey) == ["alice"]


def test_an_event_can_be_emitted_by_itself(broker: LeewardBroker, valkey: "redis.Redis") -> None:
    one = handler(valkey)
    EventStream(valkey, SOURCE).append("user.disabled", {"user": "alice"})

    assert deliver(broker, one).jobs == 1
