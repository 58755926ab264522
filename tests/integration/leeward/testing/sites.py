"""The real client at a Valkey with a worker, and the fake one."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from actors.declare import declare
from broker.broker import LeewardBroker
from broker.guards.config import GuardConfig
from broker.guards.store import Guards
from leeward import AsyncLeeward, Job, SendEmail, SyncUser
from leeward.jobs.queue_name import provider_of
from leeward.testing import FakeAsyncLeeward, FakeLeeward
from leeward.wire.keys import ProviderKeys
from middleware.order import rings
from tests.integration.leeward.testing.trial import Handlers
from tests.support.fleets.workers_under_test import AT_ONCE, broker_at, working
from tests.support.published import publication
from tests.support.waiting import wait_until

QUEUES: dict[type[Job], str] = {SyncUser: "sync.jellyfin", SendEmail: "email.smtp"}
SOON = timedelta(seconds=30)


class RealSite:
    def __init__(self, client: Any, url: str, valkey: "redis.Redis") -> None:
        self.client: Any = client
        self._url = url
        self._valkey = valkey

    def run(self, handlers: Handlers, *, attempts: int) -> None:
        with broker_at(self._url, middleware=rings()) as broker:
            self._declare(broker, handlers, attempts)
            with working(broker, threads=1):
                wait_until(lambda: self._is_quiet(handlers), description="every job that can run has ended")

    @contextmanager
    def disabled(self, provider: str) -> Iterator[None]:
        guards = Guards(self._valkey, provider)
        guards.declare(GuardConfig(enabled=False))
        yield
        guards.set("ann", enabled=True)

    @contextmanager
    def limited(self, provider: str, **numbers: int) -> Iterator[None]:
        Guards(self._valkey, provider).declare(GuardConfig(**numbers))  # type: ignore[arg-type]
        yield

    @contextmanager
    def without_worker(self, queue: str) -> Iterator[None]:
        for job, served in QUEUES.items():
            if served != queue:
                publication(self._valkey, "a:1", job, providers=(served.partition(".")[2],)).announce()
        yield

    def _declare(self, broker: LeewardBroker, handlers: Handlers, attempts: int) -> None:
        for job, handler in handlers.items():
            assert not isinstance(job, str)
            declare(broker, job, handler, queues=[QUEUES[job]], max_retries=attempts - 1, **AT_ONCE)

    def _is_quiet(self, handlers: Handlers) -> bool:
        """Nothing that could run soon, and no follow-up on its way: seen at one moment, for one becomes the other."""
        keys = {queue: ProviderKeys(provider_of(queue)) for queue in QUEUES.values()}
        soon_ms = (datetime.now(UTC) + SOON).timestamp() * 1000
        pipeline = self._valkey.pipeline(transaction=True)
        for one in keys.values():
            pipeline.xlen(one.handovers)
        for queue in [queue for job, queue in QUEUES.items() if job in handlers]:
            pipeline.hlen(keys[queue].jobs)
            pipeline.zcount(keys[queue].scheduled, soon_ms, "+inf")
        answers = pipeline.execute()
        live, later = answers[len(keys) :: 2], answers[len(keys) + 1 :: 2]
        return not any(answers[: len(keys)]) and sum(live) == sum(later)


class Awaiting:
    """A client for event loops, as one that is not awaited."""

    def __init__(self, client: AsyncLeeward, runner: asyncio.Runner) -> None:
        self._client = client
        self._runner = runner

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._client, name)
        # A handler asks as the job that it runs: the context is the caller's.
        return lambda *args, **options: self._runner.run(method(*args, **options), context=copy_context())


class FakeSite:
    def __init__(self, fake: FakeLeeward | FakeAsyncLeeward, client: Any = None) -> None:
        self.client: Any = client or fake
        self._fake = fake

    def run(self, handlers: Handlers, *, attempts: int) -> None:
        self._fake.run_all(handlers, attempts=attempts)

    def disabled(self, provider: str) -> AbstractContextManager[None]:
        return self._fake.disabled(provider)

    def limited(self, provider: str, **numbers: int) -> AbstractContextManager[None]:
        return self._fake.limited(provider, **numbers)

    def without_worker(self, queue: str) -> AbstractContextManager[None]:
        return self._fake.without_worker(queue)
