"""Guards as jobs and worker threads meet them."""

import threading
from collections import Counter

import redis

from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward.extension.errors import RateLimited, Transient
from leeward.wire.keys import ProviderKeys
from middleware.guard_declaration import GuardDeclaration
from middleware.order import rings
from tests.support.fleets.workers_under_test import actor_of, broker_at, dead_letters, outcome, working
from tests.support.servers import running_valkey
from tests.support.waiting import wait_until

MESSAGE = "the provider is away"


def away() -> Transient:
    return Transient(MESSAGE, provider="lab", operation="call")


def test_an_outage_leaves_jobs_as_they_were(valkey_url: str, valkey: "redis.Redis") -> None:
    middleware = [*rings(), GuardDeclaration({"lab": GuardConfig()})]
    with broker_at(valkey_url, middleware=middleware) as broker:

        @actor_of(broker)(retry_preset="quick", min_backoff=1, max_backoff=1)
        def fail(_: int) -> None:
            raise away()

        for number in range(20):
            fail.send(number)
        with working(broker, threads=4):
            wait_until(lambda: Guards(valkey, "lab").state().state == "open", description="an open circuit")
            wait_until(lambda: Guards(valkey, "lab").state().in_use == 0, description="what ran to end")

        keys = ProviderKeys("lab")
        assert valkey.hlen(keys.jobs) == 20
        spent = [message for message in valkey.hvals(keys.jobs) if b'"retries":' in message]
        assert len(spent) < 10, "only those that failed before it opened"
        assert dead_letters(valkey, "lab") == []


def test_a_429_holds_the_provider_and_spends_nothing(valkey_url: str, valkey: "redis.Redis") -> None:
    calls = Counter[int]()
    middleware = [*rings(), GuardDeclaration({"lab": GuardConfig()})]
    with broker_at(valkey_url, middleware=middleware) as broker:

        @actor_of(broker)
        def limited(number: int) -> None:
            calls[number] += 1
            raise RateLimited("slow down", provider="lab", operation="call")

        for number in range(200):
            limited.send(number)
        with working(broker, threads=1):
            wait_until(lambda: Guards(valkey, "lab").state().held_until, description="a hold")
            wait_until(lambda: Guards(valkey, "lab").state().in_use == 0, description="the end of the call")

        # What the process held already is started; the next look ends it.
        assert sum(calls.values()) < 100
        assert Guards(valkey, "lab").state().held_because.startswith("LAB_RATE_LIMITED: ")
        assert valkey.llen(ProviderKeys("lab").ready("lab", "normal")) == 200
        assert not any(b'"retries":' in message for message in valkey.hvals(ProviderKeys("lab").jobs))


def test_a_provider_that_hangs_takes_its_share_of_threads_and_others_go_on(
    valkey_url: str, valkey: "redis.Redis"
) -> None:
    release, hanging = threading.Event(), Counter[str]()
    with broker_at(valkey_url, middleware=rings()) as broker:

        @actor_of(broker, "sync.slow")
        def hang(name: str) -> None:
            hanging[name] += 1
            release.wait(20)

        @actor_of(broker, "sync.fast")
        def quick() -> None: ...

        for number in range(20):
            hang.send(str(number))
        try:
            with working(broker, threads=4):
                wait_until(lambda: len(hanging) == 3, description="three hanging threads")
                job = quick.send().message_id
                wait_until(lambda: outcome(valkey, "fast", job), description="the other provider's job")
                assert len(hanging) == 3
                release.set()
        finally:
            release.set()


def test_a_worker_that_starts_without_valkey_declares_its_guards_when_it_is_there() -> None:
    with running_valkey() as server:
        middleware = [*rings(), GuardDeclaration({"lab": GuardConfig(limit=3)})]
        with broker_at(server.url, middleware=middleware) as broker:

            @actor_of(broker)
            def act() -> None: ...

            server.stop()
            with working(broker):
                server.start()
                wait_until(
                    lambda: Guards(client_of(server.url), "lab").config().limit == 3,
                    description="the declared limit",
                    timeout=20,
                )


def client_of(url: str) -> "redis.Redis":
    return redis.Redis.from_url(url, socket_timeout=5)
