"""Queues that no live worker serves, and the deadlines of their jobs: no worker is there that would end them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import redis

from broker.fleet.overview import ProviderOverview, overview
from broker.options import SessionOptions
from leeward.errors import NoWorker
from leeward.record import Catalogue
from leeward.record.reader import FRESH, asks_silently, workers
from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

SWEEP_EVERY = timedelta(seconds=10)
TURN = "leeward:deadlines:turn"
STEP = 200
"""Jobs that the server looks at in one step: about a millisecond."""
STEPS = 100
"""Of one provider in one sweep; the next sweep continues there."""
_MS = timedelta(milliseconds=1)

_expire = Script("broker.scripts.fleet", "expire.lua")


def unserved_queues(providers: Sequence[ProviderOverview], known: Mapping[str, Catalogue]) -> dict[str, NoWorker]:
    """The queues that no live worker serves, with what to say of them.

    Args:
        providers: as they are now.
        known: process -> what it serves, of the workers that live.
    """
    served = frozenset(queue for catalogue in known.values() for queue in catalogue.queues)
    found = {}
    for one in providers:
        is_seen = not one.asked and one.seen_at is not None and one.at - one.seen_at < FRESH
        if asks_silently(one.provider, one.asked, known, is_seen=is_seen):
            continue
        found.update({queue.queue: NoWorker(queue.queue, served) for queue in one.queues if queue.queue not in served})
    return found


@dataclass(slots=True)
class UnservedDeadlines:
    """Ends the jobs of unserved queues whose deadline has passed. Any number of processes may do so: they take turns.

    Attributes:
        cursors: where the next sweep continues, by provider.
    """

    client: redis.Redis
    cursors: dict[str, str] = field(default_factory=dict)

    def sweep_if_due(self) -> dict[str, int]:
        """One sweep, unless another process made one lately. How many jobs became dead letters, by provider.

        Raises:
            redis.RedisError: Valkey cannot be reached.
        """
        if not self.client.set(TURN, "", nx=True, px=SWEEP_EVERY // _MS):
            return {}
        return self.sweep()

    def sweep(self) -> dict[str, int]:
        """One sweep now."""
        providers = overview(self.client)
        unserved = unserved_queues(providers, workers(self.client))
        ended = {}
        for one in providers:
            queues = [queue.queue for queue in one.queues if queue.queue in unserved]
            if queues and one.waiting + one.scheduled and (number := self._sweep(one.provider, queues)):
                ended[one.provider] = number
        return ended

    def _sweep(self, provider: str, queues: Sequence[str]) -> int:
        from broker.session.settle_payload import KEY_KEPT  # a glance at the fleet does without

        root, ended = ProviderKeys(provider).root, 0
        options = SessionOptions()
        errors = [part for queue in queues for part in (queue, _error(queue))]
        for _ in range(STEPS):
            arguments = [
                "",
                self.cursors.get(provider, "0"),
                STEP,
                options.outcome_kept // _MS,
                KEY_KEPT // _MS,
            ]
            cursor, number = _expire(self.client, root, [*arguments, *errors])
            self.cursors[provider], ended = cursor.decode(), ended + number
            if self.cursors[provider] == "0":
                break
        return ended


def _error(queue: str) -> str:
    # Nothing that differs from job to job: the letters of one queue are one group.
    text = f"the deadline passed while no worker served the queue {queue}"
    return json.dumps({"type": "DeadlinePassed", "message": text})
