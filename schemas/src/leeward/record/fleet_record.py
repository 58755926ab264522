"""The published record of a fleet, kept for a while on the side of its reader."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta

import redis

from leeward.errors import NoWorker
from leeward.record import reader
from leeward.record.catalogue import Catalogue
from leeward.record.published_kind import PublishedKind
from leeward.wire.steps import Steps
from leeward.wire.valkey.performing import perform

WORKERS_KEPT = timedelta(seconds=2)
"""How old an answer about workers may be. Kinds are never old: whether they have changed is asked each time."""


class LiveWorkers:
    """Which workers live and what they serve, as steps of an operation. Thread-safe.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: tuple[float, Mapping[str, Catalogue]] | None = None

    def all(self) -> Steps[Mapping[str, Catalogue]]:
        """Process -> what it serves."""
        known, now = self._known, self._clock()
        if known is None or now - known[0] >= WORKERS_KEPT.total_seconds():
            self._known = known = (now, (yield from reader.live_workers()))
        return known[1]

    def unserved(self, queue: str) -> Steps[NoWorker | None]:
        """What is to be said when no worker serves a queue; None when one does, or when that cannot be known: a worker of an older release
        does not say what it serves.
        """
        live = yield from self.all()
        served = frozenset(queue for catalogue in live.values() for queue in catalogue.queues)
        if queue in served or (yield from reader.has_silent_worker(queue, live)):
            return None
        return NoWorker(queue, served)


class FleetRecord:
    """Reads what the fleet has published. Thread-safe; every method raises `redis.RedisError` while Valkey cannot be reached."""

    def __init__(self, client: redis.Redis, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._revision = ""
        self._kinds: Mapping[str, PublishedKind] = {}
        self._workers = LiveWorkers(clock)

    def kinds(self) -> Mapping[str, PublishedKind]:
        """Every kind that was ever served, by `<kind>@<version>`. The same mapping until one of them changes."""
        found = reader.revision(self._client)
        if found != self._revision:
            # The revision first: what changes in between is read again the next time.
            self._kinds, self._revision = reader.kinds(self._client), found
        return self._kinds

    def workers(self) -> Mapping[str, Catalogue]:
        """Process -> what it serves, of the workers that live."""
        return perform(self._client, self._workers.all())

    def queues(self) -> frozenset[str]:
        """Every queue that a live worker serves."""
        return frozenset(queue for catalogue in self.workers().values() for queue in catalogue.queues)

    def unserved(self, queue: str) -> NoWorker | None:
        """What is to be said when no worker serves a queue; None when one does, or when that cannot be known: a worker of an older release
        does not say what it serves.
        """
        return perform(self._client, self._workers.unserved(queue))

    def known_unserved(self, queue: str) -> NoWorker | None:
        """The same, and None for a user who may not read the record."""
        try:
            return self.unserved(queue)
        except redis.exceptions.NoPermissionError:
            return None
