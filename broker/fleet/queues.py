"""What a person may do to queues while the fleet runs."""

from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

import redis

from leeward.jobs.priority import LANES, Priority
from leeward.jobs.queue_name import provider_of
from leeward.wire.keys import QUEUES, WAKE_ALL, ProviderKeys, place
from leeward.wire.script_source import source

AHEAD_AT_MOST = 10_000
USE_AT_MOST = 10_000
INTERNAL_QUEUES = frozenset({"expiry", "probes", "retention"})
"""Of our own periodic actors, as `actors/` names them."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """One queue at one moment. `scheduled`, `running` and `outbox` are its provider's, which several queues may share.

    Attributes:
        ready: waiting jobs by lane.
        scheduled: jobs that wait for their time.
        running: leased jobs.
        outbox: dead letters that PostgreSQL does not have yet.
        enabled: false where its provider is switched off: it takes no new jobs and hands out none.
    """

    queue: str
    provider: str
    paused: bool
    ready: dict[Priority, int]
    scheduled: int
    running: int
    outbox: int
    enabled: bool = True

    @property
    def is_internal(self) -> bool:
        """Whether it has jobs of the fleet's own: health probes, account expiries and retention."""
        return self.queue in INTERNAL_QUEUES


def known_queues(client: redis.Redis) -> list[str]:
    """Every queue that was ever declared or enqueued to, sorted.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    return sorted(name.decode() if isinstance(name, bytes) else name for name in client.smembers(QUEUES))


def known_providers(client: redis.Redis) -> set[str]:
    """The providers of every known queue. A name that is not a queue's, as another client might add, is left out.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    providers = set()
    for queue in known_queues(client):
        with suppress(ValueError):
            providers.add(provider_of(queue))
    return providers


def queue_states(client: redis.Redis) -> list[QueueState]:
    """All queues, in one round trip.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    queues = known_queues(client)
    by_provider: defaultdict[str, list[str]] = defaultdict(list)
    for queue in queues:
        by_provider[provider_of(queue)].append(queue)
    pipeline = client.pipeline(transaction=False)
    for provider, its_queues in by_provider.items():
        pipeline.eval(source("broker.scripts", "ready.lua"), 1, ProviderKeys(provider).root, *its_queues)
    for queue in queues:
        keys = ProviderKeys(provider_of(queue))
        pipeline.sismember(keys.paused, queue)
        pipeline.zcard(keys.scheduled)
        pipeline.zcard(keys.leases)
        pipeline.xlen(keys.dead)
        pipeline.hget(keys.guards, "enabled")
    answers = iter(pipeline.execute())
    ready = {
        queue: dict(zip(LANES, lengths, strict=True))
        for its_queues in by_provider.values()
        for queue, lengths in zip(its_queues, _by_lanes(next(answers)), strict=True)
    }
    return [
        QueueState(
            queue=queue,
            provider=provider_of(queue),
            paused=bool(next(answers)),
            ready=ready[queue],
            scheduled=next(answers),
            running=next(answers),
            outbox=next(answers),
            enabled=next(answers) != b"0",
        )
        for queue in queues
    ]


def _by_lanes(lengths: list[int]) -> list[list[int]]:
    return [lengths[at : at + len(LANES)] for at in range(0, len(lengths), len(LANES))]


def jobs_ahead(client: redis.Redis, job_id: str, provider: str) -> int:
    """How many jobs of its queue come before a ready one: those of higher lanes, and those before it in its own list.

    Of its own list no more than `AHEAD_AT_MOST` are looked at: then there are at least as many as the answer says.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys = ProviderKeys(provider)
    where = client.hget(keys.places, job_id)
    if where is None:
        return 0
    queue, lane, *partition = (where.decode() if isinstance(where, bytes) else where).split(":", 2)
    higher = LANES[: LANES.index(Priority(lane))]
    own = ":".join([keys.ready(queue, lane), *partition])
    position = client.lpos(own, job_id, maxlen=AHEAD_AT_MOST)
    before = position if isinstance(position, int) else min(client.llen(own), AHEAD_AT_MOST)
    for above in higher:
        in_partitions = client.hget(keys.root + "partitioned", place(queue, above))
        before += client.llen(keys.ready(queue, above)) + int(in_partitions or 0)
    return before


def partition_use(client: redis.Redis, job_id: str, provider: str) -> tuple[str, int] | None:
    """The partition of a job and how many of its jobs run; None for a job without one.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys = ProviderKeys(provider)
    where = client.hget(keys.places, job_id)
    _, _, *partition = (where.decode() if isinstance(where, bytes) else where or "::").split(":", 2)
    if not partition or not partition[0]:
        return None
    (name,) = partition
    found = client.zrangebylex(keys.root + "partition_leases", f"[{name}\1", f"({name}\2", 0, USE_AT_MOST)
    ids = [member.partition(b"\1")[2].decode() for member in found if isinstance(member, bytes)]
    return name, sum(expiry is not None for expiry in client.zmscore(keys.leases, ids)) if ids else 0


def pause(client: redis.Redis, queue: str) -> None:
    """Stops handing out a queue's jobs, for the whole fleet and until `resume`. Running jobs continue, and jobs can still be enqueued.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    client.sadd(ProviderKeys(provider_of(queue)).paused, queue)


def resume(client: redis.Redis, queue: str) -> None:
    """Hands a queue's jobs out again, at once.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    client.srem(ProviderKeys(provider_of(queue)).paused, queue)
    client.publish(WAKE_ALL, queue)
