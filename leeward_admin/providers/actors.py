"""Which actors a fleet has, and the queues where the jobs of each wait: as its workers have published it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import redis

from broker.fleet import queues as steering
from leeward.jobs.kinds import KINDS
from leeward.jobs.queue_name import provider_of
from leeward.record import reader

Queues = Mapping[str, frozenset[str]]


def known_actors(client: redis.Redis) -> Queues:
    """Actor -> its queues. Where no live worker serves a queue, a kind of job is taken for its actor.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found = defaultdict[str, set[str]](set)
    for catalogue in reader.workers(client).values():
        for name, actor in catalogue.actors.items():
            found[name].update(actor.queues)
    served = {queue for queues in found.values() for queue in queues}
    for name, queue in _guessed(set(steering.known_queues(client)) - served):
        found[name].add(queue)
    return {name: frozenset(queues) for name, queues in found.items()}


def actor_of(queue: str, actors: Queues) -> str:
    """Whose jobs wait in a queue; the queue's own name where that is not known, or where there are several."""
    names = [name for name, queues in actors.items() if queue in queues]
    return names[0] if len(names) == 1 else queue


def queue_of(actor: str, provider: str, actors: Queues) -> str | None:
    """Where the jobs of an actor for a provider wait; None where none do."""
    return next((queue for queue in sorted(actors.get(actor, ())) if provider_of(queue) == provider), None)


def shared_with(actor: str, queue: str, actors: Queues) -> list[str]:
    """The other actors whose jobs wait in the same queue: an actor's own numbers are kept by queue."""
    return sorted(other for other, queues in actors.items() if other != actor and queue in queues)


def _guessed(queues: Iterable[str]) -> Iterable[tuple[str, str]]:
    families = defaultdict[str, set[str]](set)
    for job in KINDS.facts():
        families[job.family].add(job.kind)
    for queue in queues:
        kinds = families.get(queue.partition(".")[0], set()) if "." in queue else set()
        if len(kinds) == 1:
            yield next(iter(kinds)), queue
