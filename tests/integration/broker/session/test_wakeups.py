"""The subscription of a worker process, over a network that breaks."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis

from broker.session.wakeups import Wakeups
from leeward.wire.keys import WAKE_ALL, wake_channel
from leeward.wire.valkey.connection import connect
from tests.support.faults import FaultyProxy, faulty_proxy
from tests.support.waiting import wait_until


class Heard:
    def __init__(self, proxy: FaultyProxy) -> None:
        self.queues: list[str] = []
        self.everything = 0
        self.proxy = proxy
        self.client = connect(proxy.url)
        self.wakeups = Wakeups(self.client, "host:1", self.queues.append, self._all, listen=timedelta(milliseconds=300))
        self.wakeups.start()
        assert self.wakeups.listening.wait(10)

    def _all(self) -> None:
        self.everything += 1


@pytest.fixture
def heard(valkey_url: str) -> Iterator[Heard]:
    with faulty_proxy(valkey_url) as proxy:
        heard = Heard(proxy)
        yield heard
        heard.wakeups.ask_to_stop()
        proxy.heal()
        proxy.cut()
        heard.wakeups.join(10)
        heard.client.close()


def listeners(valkey: "redis.Redis") -> int:
    return valkey.pubsub_numsub(wake_channel("host:1"))[0][1]


def test_a_process_hears_its_own_channel_and_everybodys(heard: Heard, valkey: "redis.Redis") -> None:
    before = heard.everything
    valkey.publish(wake_channel("host:1"), "lab")
    valkey.publish(wake_channel("host:2"), "not-for-us")
    valkey.publish(WAKE_ALL, "")

    wait_until(lambda: heard.everything > before, description="the call to everybody")

    assert heard.queues == ["lab"]


@pytest.mark.parametrize(
    "text", [b"\xff", b"\xed\xa0\x80", b"", b"no such queue", b"..", b"x" * 100_000, b"\0", "ü".encode()]
)
def test_whatever_is_published_the_next_wake_up_is_heard(heard: Heard, valkey: "redis.Redis", text: bytes) -> None:
    def refuse(queue: str) -> None:
        if queue != "lab":
            raise ValueError(f"{queue!r} is no queue's name")
        heard.queues.append(queue)

    heard.wakeups._on_wake = refuse
    valkey.publish(wake_channel("host:1"), text)
    valkey.publish(wake_channel("host:1"), "lab")

    wait_until(lambda: heard.queues == ["lab"], description="the wake-up")
    assert listeners(valkey) == 1


def test_a_cut_subscription_is_made_again_and_everything_is_looked_at(heard: Heard, valkey: "redis.Redis") -> None:
    before = heard.everything
    heard.proxy.cut()

    wait_until(lambda: heard.everything > before, description="a look at every queue after the cut")
    wait_until(lambda: listeners(valkey) == 1, description="the new subscription")
    valkey.publish(wake_channel("host:1"), "lab")

    wait_until(lambda: heard.queues == ["lab"], description="the wake-up")


def test_a_subscription_that_died_without_a_word_is_noticed_and_made_again(heard: Heard, valkey: "redis.Redis") -> None:
    """As behind a firewall that forgot the connection: what is sent is taken, and nothing ever comes."""
    heard.proxy.forget_open_connections()
    before = heard.everything

    wait_until(lambda: heard.everything > before, description="a look at every queue over a new connection")
    valkey.publish(wake_channel("host:1"), "lab")

    wait_until(lambda: "lab" in heard.queues, description="the wake-up")


def test_a_quiet_subscription_that_lives_is_kept(heard: Heard, valkey: "redis.Redis") -> None:
    before = heard.everything

    def pinged() -> bool:
        return bool(valkey.info("commandstats").get("cmdstat_ping", {}).get("calls", 0) >= 2)

    valkey.config_resetstat()
    wait_until(pinged, description="two questions whether it lives")

    assert heard.everything == before
