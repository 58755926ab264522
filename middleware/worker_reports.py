"""What a worker process says about itself: busy threads, since when, and how many jobs have ended. No ring: `publisher.py` calls it."""

import time
from collections import deque
from collections.abc import Callable

import redis

from broker.fleet.depths import sample_if_due
from broker.fleet.processes import Report, Role, report, withdraw
from broker.session.session import Session

COUNTED_SECONDS = 60.0
_MINUTE_SECONDS = 60.0


class WorkerReports:
    """The reports of one worker process. Not thread-safe. Every method raises `redis.RedisError` while Valkey cannot be reached."""

    def __init__(
        self, client: redis.Redis, session: Session, release: str, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._session = session
        self._release = release
        self._monotonic = monotonic
        self._began = monotonic()
        self._ended = deque([(self._began, session.held.ended())])

    def report(self) -> None:
        """Says it, and takes the turn of the whole fleet to note how many jobs wait, where that is due."""
        report(self._client, self._now())
        sample_if_due(self._client)

    def withdraw(self) -> None:
        """The process ends."""
        withdraw(self._client, self._now())

    def _now(self) -> Report:
        session, now = self._session, self._monotonic()
        started = session.held.busy()
        return Report(
            role=Role.WORKER,
            process=session.process,
            release=self._release,
            threads=session.held.threads,
            busy=len(started),
            oldest_ms=round(1000 * (now - min(started, default=now))),
            draining=session.draining,
            up_ms=round(1000 * (now - self._began)),
            ended_per_minute=self._ended_per_minute(now),
        )

    def _ended_per_minute(self, now: float) -> dict[str, float]:
        ended = self._session.held.ended()
        self._ended.append((now, ended))
        while now - self._ended[1][0] >= COUNTED_SECONDS:
            self._ended.popleft()
        since, before = self._ended[0]
        span = max(now - since, 1.0)
        rates = {queue: (total - before.get(queue, 0)) * _MINUTE_SECONDS / span for queue, total in ended.items()}
        return {queue: round(rate, 1) for queue, rate in rates.items() if rate}
