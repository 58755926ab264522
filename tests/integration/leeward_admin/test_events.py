"""Events as people see them, and a handler that receives them again."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dramatiq
import pytest
import redis
from click.testing import CliRunner
from dramatiq import Message
from pydantic import SecretStr

from broker.broker import LeewardBroker
from broker.event_stream.fleet_stream import emit_fleet_event
from broker.event_stream.stream import EventStream
from console.cli.status.events import events
from leeward.record import Catalogue, ServedActor
from leeward.record.publication import Publication
from leeward.wire.keys import QUEUES, ProviderKeys
from leeward_admin import Admin, UnknownEventHandler
from leeward_admin.admin import opened
from middleware.order import rings
from tests.support.answers import raw, text
from tests.support.fleets.workers_under_test import broker_at
from workers.settings.settings import Settings

HOUR = timedelta(hours=1)


@pytest.fixture
def admin(valkey_url: str) -> Iterator[Admin]:
    with opened(Settings.load({"LEEWARD_VALKEY_URL": valkey_url})) as admin:
        yield admin


@pytest.fixture
def happened(valkey: "redis.Redis") -> None:
    valkey.sadd(QUEUES, "sync.jellyfin", "media.ytdlp")
    EventStream(valkey, "jellyfin").append("user.disabled", {"provider": "jellyfin", "user": "alice"})
    EventStream(valkey, "ytdlp").append("circuit.opened", {"provider": "ytdlp", "cause": "5 failures"})
    EventStream(valkey, "jellyfin").append("user.disabled", {"provider": "jellyfin", "user": "bob"})
    emit_fleet_event(valkey, "worker.lost", {"process": "host:1"})


@pytest.mark.usefixtures("happened")
def test_the_latest_events_of_all_streams_come_in_their_order(admin: Admin) -> None:
    assert [one.provider for one in admin.events.latest()].count("jellyfin") == 2
    assert {one.type for one in admin.events.latest()} == {"user.disabled", "circuit.opened", "worker.lost"}
    assert [one.data["user"] for one in admin.events.latest(types=["user.*"])] == ["alice", "bob"]
    assert [one.data["user"] for one in admin.events.latest(types=["user.*"], limit=1)] == ["bob"]
    assert [one.type for one in admin.events.latest(providers=["fleet", "ytdlp"], since=HOUR)] != []
    assert admin.events.latest(since=timedelta(0), types=["nothing.such"]) == []


@pytest.mark.usefixtures("happened")
def test_what_happens_after_a_position_is_given_once(admin: Admin, valkey: "redis.Redis") -> None:
    position = admin.events.position()
    EventStream(valkey, "jellyfin").append("user.disabled", {"user": "carol"})

    news, position = admin.events.after(position)

    assert [one.data["user"] for one in news] == ["carol"]
    assert admin.events.after(position)[0] == []


def test_more_than_a_page_is_read(admin: Admin, valkey: "redis.Redis") -> None:
    pipeline = valkey.pipeline(transaction=False)
    for number in range(1_201):
        fields: Any = {"name": "user.disabled", "at": 1, "data": json.dumps({"user": number})}
        pipeline.xadd(ProviderKeys("fleet").event_stream, fields)
    pipeline.execute()

    found = admin.events.latest(limit=1_100)

    assert [one.data["user"] for one in found] == list(range(101, 1_201))


@pytest.fixture
def handler(valkey_url: str) -> Iterator[LeewardBroker]:
    """Of `user.*`, on a worker that lives."""
    with broker_at(valkey_url, middleware=rings()) as broker:

        @dramatiq.actor(broker=broker, actor_name="acme.tell", queue_name="events")
        def tell(event: object) -> None: ...

        served = Catalogue(
            release="1",
            actors={
                "acme.tell": ServedActor(queues=("events",), extension="acme", event="user.*"),
                "sync.user": ServedActor(queues=("sync.jellyfin",)),
            },
        )
        Publication(broker.client, "host:1", served, []).announce()
        yield broker


def _waiting(client: "redis.Redis") -> list[dict[str, Any]]:
    keys = ProviderKeys("events")
    ids = client.lrange(keys.ready("events", "normal"), 0, -1)
    return [Message.decode(raw(client.hget(keys.jobs, text(one)))).kwargs["event"] for one in ids]


@pytest.mark.usefixtures("happened", "handler")
def test_a_handler_receives_again_what_it_is_for(admin: Admin, valkey: "redis.Redis") -> None:
    dry = admin.events.replay("acme.tell", since=HOUR, dry_run=True)
    assert (len(dry.events), dry.enqueued, _waiting(valkey)) == (2, 0, [])

    done = admin.events.replay("acme.tell", since=HOUR, key=dry.key)
    again = admin.events.replay("acme.tell", since=HOUR, key=dry.key)

    assert [event["data"]["user"] for event in _waiting(valkey)] == ["alice", "bob"]
    assert [event["id"] for event in _waiting(valkey)] == [one.id for one in dry.events]
    assert (done.enqueued, again.is_whole) == (2, True)

    admin.events.replay("acme.tell", since=HOUR)
    assert len(_waiting(valkey)) == 4


@pytest.mark.usefixtures("handler")
def test_a_handler_that_nobody_has_is_named_with_the_nearest(admin: Admin) -> None:
    assert admin.events.handlers() == {"acme.tell": "user.*"}
    with pytest.raises(UnknownEventHandler, match=r"no event handler acme.tel: did you mean acme.tell"):
        admin.events.replay("acme.tel", since=HOUR)


@pytest.mark.usefixtures("happened", "handler")
def test_the_commands_say_it(valkey_url: str, valkey: "redis.Redis") -> None:
    def ran(*words: str) -> str:
        result = CliRunner().invoke(events, words, env={"LEEWARD_VALKEY_URL": valkey_url})
        assert result.exit_code == 0, result.output
        return result.output

    listed = json.loads(ran("list", "--type", "user.*", "--json"))["events"]
    assert [one["data"]["user"] for one in listed] == ["alice", "bob"]
    assert "acme.tell would receive 2 events again." in ran("replay", "acme.tell", "--since", "1h", "--dry-run")
    assert _waiting(valkey) == []
    assert "acme.tell receives 2 events again." in ran("replay", "acme.tell", "--since", "1h", "--yes")
    assert len(_waiting(valkey)) == 2
    assert SecretStr(valkey_url).get_secret_value() not in ran("list")
