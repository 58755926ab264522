"""How many jobs each queue of a provider was given, and how many of them died of what, since the fleet began."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import redis

from leeward.wire.keys import ProviderKeys

ENQUEUED, DEAD = b"enqueued", b"dead"


@dataclass(frozen=True, slots=True)
class Totals:
    """Of one provider.

    Attributes:
        enqueued: jobs by queue, of whichever producer; a replay is a job of its own.
        dead: jobs by queue and reason, of whichever worker, and those that died without one.
    """

    enqueued: Mapping[str, int] = field(default_factory=dict)
    dead: Mapping[tuple[str, str], int] = field(default_factory=dict)


def totals(client: redis.Redis, providers: list[str]) -> dict[str, Totals]:
    """Of each provider; what only releases before this one did is not counted.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    pipeline = client.pipeline(transaction=False)
    for provider in providers:
        pipeline.hgetall(ProviderKeys(provider).totals)
    return {provider: _read(found) for provider, found in zip(providers, pipeline.execute(), strict=True)}


def _read(found: Mapping[bytes, bytes]) -> Totals:
    enqueued, dead = dict[str, int](), dict[tuple[str, str], int]()
    for name, count in found.items():
        match name.split(b" "):
            case [what, queue] if what == ENQUEUED:
                enqueued[queue.decode()] = int(count)
            case [what, reason, queue] if what == DEAD:
                dead[queue.decode(), reason.decode()] = int(count)
    return Totals(enqueued, dead)
