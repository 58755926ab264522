"""Workers inside the test process: real threads, real Valkey, stopped at the end whatever happened."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import dramatiq
import redis
from dramatiq import Worker
from dramatiq.middleware import Middleware

from broker.broker import LeewardBroker
from broker.options import SessionOptions
from leeward.wire.keys import ProviderKeys
from tests.support.answers import entries
from tests.support.waiting import wait_until

QUICK = SessionOptions(lease=timedelta(seconds=2), sweep=timedelta(milliseconds=200))
"""For tests that wait for a lease to run out."""
AT_ONCE: dict[str, Any] = {"min_backoff": 1, "max_backoff": 1}
"""Actor options for retries that are not waited for."""


@contextmanager
def broker_at(
    url: str, *, middleware: list[Middleware] | None = None, session: SessionOptions = QUICK
) -> Iterator[LeewardBroker]:
    broker = LeewardBroker(url, middleware=middleware, session=session)
    try:
        yield broker
    finally:
        broker.close()


@contextmanager
def working(broker: dramatiq.Broker, *, threads: int = 2, stop_timeout_ms: int = 10_000) -> Iterator[Worker]:
    """Declare the actors first."""
    worker = Worker(broker, worker_timeout=100, worker_threads=threads)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(timeout=stop_timeout_ms)


def run_until_empty(broker: dramatiq.Broker, *queues: str, timeout_ms: int = 15_000) -> None:
    """Runs everything that is queued to its end."""
    with working(broker):
        for queue in queues:
            broker.join(queue, timeout=timeout_ms)


def dead_letters(client: "redis.Redis", provider: str) -> list[dict[str, Any]]:
    """A provider's outbox: `message` stays bytes, `error` is decoded."""
    letters = []
    for _, entry in entries(client, ProviderKeys(provider).dead):
        letter: dict[str, Any] = {
            name.decode(): value if name == b"message" else value.decode() for name, value in entry.items()
        }
        letters.append(letter | ({"error": json.loads(letter["error"])} if "error" in letter else {}))
    return letters


def wait_for_letters(client: "redis.Redis", provider: str, n: int = 1) -> list[dict[str, Any]]:
    def enough() -> list[dict[str, Any]]:
        letters = dead_letters(client, provider)
        return letters if len(letters) >= n else []

    return wait_until(enough, description=f"{n} dead letters of {provider}", timeout=15)


def outcome(client: "redis.Redis", provider: str, job_id: str) -> dict[str, Any] | None:
    found = client.get(ProviderKeys(provider).outcome(job_id))
    return None if found is None else json.loads(found)


def final_state(client: "redis.Redis", provider: str, job_id: str) -> str:
    """Of a job that has ended."""
    ended = outcome(client, provider, job_id)
    assert ended is not None, f"{job_id} has not ended"
    return str(ended["state"])


Declare = Callable[..., "dramatiq.Actor[..., Any]"]


def actor_of(broker: dramatiq.Broker, queue: str = "lab") -> Declare:
    """`dramatiq.actor` for one broker and queue."""

    def declare(function: Callable[..., Any] | None = None, **options: Any) -> Any:
        bound = dramatiq.actor(broker=broker, queue_name=queue, **options)
        return bound if function is None else bound(function)

    return declare
