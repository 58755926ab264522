"""A message that is not where it belongs is dead as `invalid`, and the provider of that queue hears nothing of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from broker.broker import LeewardBroker
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import DownloadFile, Leeward, SendEmail, SyncUser
from leeward.extension.errors import Misconfigured
from leeward.wire.entry import Entry, submit
from middleware.contract import InvalidPayload
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at, dead_letters, run_until_empty

QUEUE = "sync.jellyfin"
USER = {"user": "q", "provider": "jellyfin"}
MAIL = {"to": ["a@example.org"], "subject": "s", "text": "t", "provider": "smtp"}
FILE = {"url": "https://example.org/a", "destination": "a", "provider": "http"}


def envelope(payload: object, actor: str = "sync.user", queue: str = QUEUE, **options: Any) -> dict[str, Any]:
    options = {"kind_version": 1, "priority": "normal"} | options
    return {"queue_name": queue, "actor_name": actor, "kwargs": {"payload": payload}, "options": options}


MISPLACED = {
    "another provider": envelope(USER | {"provider": "smtp"}),
    "a provider that nobody has": envelope(USER | {"provider": "plex"}),
    "a longer name": envelope(USER | {"provider": "jellyfin2"}),
    "a name that is none": envelope(USER | {"provider": "Jellyfin"}),
    "an empty name": envelope(USER | {"provider": ""}),
    "no name": envelope(USER | {"provider": None}),
    "a mail": envelope(MAIL, "email.send"),
    "a mail for this provider": envelope(MAIL | {"provider": "jellyfin"}, "email.send"),
    "a file": envelope(FILE, "download.file"),
    "a file for this provider": envelope(FILE | {"provider": "jellyfin"}, "download.file"),
    "the payload of another kind": envelope(MAIL),
    "an envelope for another queue": envelope(USER, queue="sync.smtp"),
    "an envelope for another family": envelope(USER, queue="email.jellyfin"),
    "an envelope for its right queue": envelope(MAIL, "email.send", "email.smtp"),
    "a stock actor of another queue": envelope({}, "stock", "elsewhere"),
    "a version that is a list": envelope(USER, kind_version=[]),
    "a version that is true": envelope(USER, kind_version=True),
    "a version that is nothing": envelope(USER, kind_version=None),
    "a version that is text": envelope(USER, kind_version="1"),
}


@pytest.fixture
def broker(valkey_url: str) -> Iterator[LeewardBroker]:
    with broker_at(valkey_url, middleware=rings()) as broker:
        yield broker


def declared(broker: LeewardBroker, ran: list[Any]) -> None:
    def act(job: Any) -> None:
        ran.append(job)
        if job.provider != "jellyfin":
            raise Misconfigured("nobody of that name", provider=job.provider, operation="act")

    for kind, queue in ((SyncUser, QUEUE), (SendEmail, "email.smtp"), (DownloadFile, "download.http")):
        actor_of(broker, queue)(act, actor_name=kind.kind, job=kind)
    actor_of(broker, "elsewhere")(ran.append, actor_name="stock")


@pytest.mark.parametrize("what", MISPLACED)
def test_what_does_not_belong_there_is_dead_as_invalid_and_says_nothing(
    broker: LeewardBroker, valkey: "redis.Redis", valkey_url: str, what: str
) -> None:
    ran: list[Any] = []
    declared(broker, ran)
    guards = Guards(valkey, "jellyfin")
    guards.declare(GuardConfig(limit=10))
    fields = MISPLACED[what] | {"args": [], "message_id": "poison", "message_timestamp": 1}
    submit(valkey, "jellyfin", [Entry("poison", f"{QUEUE}:normal", 0, json.dumps(fields).encode())])
    with Leeward(valkey_url) as fleet:
        fleet.enqueue(SyncUser(user="good"))

    run_until_empty(broker, QUEUE)

    (letter,) = dead_letters(valkey, "jellyfin")
    assert (letter["job"], letter["reason"], letter["deliveries"]) == ("poison", "invalid", "1")
    assert [job.user for job in ran] == ["good"]
    assert (guards.state().state, guards.transitions()) == ("closed", [])


@pytest.mark.parametrize("payload", [USER | {"provider": "smtp"}, MAIL | {"user": "q"}])
def test_a_producer_is_refused_with_a_sentence(
    broker: LeewardBroker, valkey: "redis.Redis", payload: dict[str, object]
) -> None:
    declared(broker, [])

    with pytest.raises(InvalidPayload, match=r"names the provider .smtp., the queue"):
        broker.get_actor("sync.user").send(payload=payload)

    assert valkey.keys("*ready*") == []
