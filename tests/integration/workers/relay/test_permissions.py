"""The relay's user of Valkey is a producer's; what it may not do waits, and is named."""

from collections.abc import Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from sqlalchemy import Engine

from leeward import SendEmail, SyncUser, outbox
from leeward.wire.keys import ProviderKeys
from leeward.wire.valkey.connection import connect
from tests.integration.broker.test_acl import LINES
from tests.support.waiting import wait_until
from workers.relay.relay import Relay
from workers.relay.relay import RelayOptions as Options

USER = "relay"
STOP_LIMIT = Options().longest_pause * 4
MAIL = SendEmail(to=("alice@example.org",), subject="Hi", text="Hello")


def allow(valkey: redis.Redis, rules: str) -> None:
    rules = rules.replace("on >PASSWORD", "")
    valkey.execute_command("ACL", "SETUSER", USER, "reset", "on", ">PASSWORD", *rules.split())


@pytest.fixture
def relay(shop: Engine, valkey: redis.Redis, valkey_url: str) -> Iterator[Relay]:
    allow(valkey, LINES["producer"])
    address = urlsplit(valkey_url)
    client = connect(urlunsplit(address._replace(netloc=f"{USER}:PASSWORD@{address.hostname}:{address.port}")))
    relay = Relay(shop, client)
    yield relay
    assert relay.stop(STOP_LIMIT)
    client.close()
    valkey.execute_command("ACL", "DELUSER", USER)


def test_the_documents_producer_is_enough(relay: Relay, shop_url: str, valkey: redis.Redis) -> None:
    with psycopg.connect(shop_url) as connection:
        outbox.add(connection, SyncUser(user="alice"), partition="tenant")
    relay.start()

    wait_until(lambda: relay.moved.sent["jellyfin"] == 1, description="the row is sent")
    assert relay.sign.problem is None


def test_a_provider_that_is_not_allowed_waits_and_others_do_not(
    relay: Relay, shop_url: str, valkey: redis.Redis
) -> None:
    allow(valkey, LINES["producer"].replace("~leeward:*", "~leeward:{smtp}:* ~leeward:queues ~leeward:workers"))
    with psycopg.connect(shop_url) as connection:
        outbox.add(connection, SyncUser(user="alice"))
        outbox.add(connection, MAIL)
    relay.start()
    wait_until(lambda: relay.moved.sent["smtp"] == 1, description="the mail is sent")
    wait_until(lambda: relay.sign.problem, description="the relay has a problem")
    assert "leeward:{jellyfin}:" in (relay.sign.problem or "")
    assert valkey.hlen(ProviderKeys("jellyfin").jobs) == 0

    allow(valkey, LINES["producer"])
    wait_until(lambda: relay.moved.sent["jellyfin"] == 1, description="the row is sent", timeout=30)
    wait_until(lambda: relay.sign.problem is None, description="the relay is well again")
