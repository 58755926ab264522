"""Where rows of an outbox may go: queues that are served, or may be."""

import redis

from leeward.errors import NoWorker
from leeward.jobs.queue_name import provider_of
from leeward.record import FleetRecord
from leeward.wire.keys import QUEUES
from leeward.wire.permissions import of_producer, require, user_of
from leeward.wire.valkey.performing import perform
from leeward.wire.valkey.reconnect import persistently


class Destinations:
    """Each queue is looked at until it is known, and declared then. For one thread."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._record = FleetRecord(client)
        self._known: set[str] = set()
        self._permitted: set[str] = set()

    def require_permissions(self, provider: str) -> None:
        """Asks once.

        Raises:
            NotPermitted: the Valkey user may not enqueue for this provider.
            Unavailable: Valkey cannot be reached.
        """
        if provider not in self._permitted:
            needed, user = of_producer(provider), user_of(self._client)
            persistently(lambda _: perform(self._client, require(user, provider, needed)))
            self._permitted.add(provider)

    def unknown(self, queue: str) -> NoWorker | None:
        """Why a queue's provider is not known to the fleet; None where it is.

        It is where a live worker serves the queue, where the provider ever had a queue, and where no worker that says what it serves is
        alive, so that this cannot be known.

        Raises:
            Unavailable: Valkey cannot be reached.
        """
        if queue in self._known:
            return None
        if no_worker := persistently(lambda _: self._unheard_of(queue)):
            return no_worker
        persistently(lambda _: self._client.sadd(QUEUES, queue))
        self._known.add(queue)
        return None

    def _unheard_of(self, queue: str) -> NoWorker | None:
        try:
            no_worker = self._record.known_unserved(queue)
            if no_worker is None or not self._record.queues():
                return None
        except redis.ResponseError:  # a record that cannot be read keeps no job from its queue
            return None
        declared = {name.decode() if isinstance(name, bytes) else name for name in self._client.smembers(QUEUES)}
        return None if provider_of(queue) in {provider_of(one) for one in declared} else no_worker
