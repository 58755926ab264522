"""The states that the latest poll of outside monitors found: what changed since then is an event."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import islice

import redis

from leeward.wire.keys import ProviderKeys

KEPT = timedelta(days=30)


def exchanged(client: redis.Redis, provider: str, states: Mapping[str, str], *, at_most: int) -> dict[str, str | None]:
    """Keeps these states. Returns those that were others before, each with what it was; None where it was not known.

    Monitors that are not named keep what they have.

    Args:
        client: where they are kept.
        provider: the instance that the monitors are of.
        states: monitor -> its state, in a word.
        at_most: so many changes are kept and returned; the others are changes still at the next call.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    if not states:
        return {}
    key, names = ProviderKeys(provider).monitors, list(states)
    known = [value.decode() if isinstance(value, bytes) else value for value in client.hmget(key, names)]
    others = ((name, before) for name, before in zip(names, known, strict=True) if before != states[name])
    changed = dict(islice(others, at_most))
    if changed:
        client.hset(key, mapping={name: states[name] for name in changed})
    client.pexpire(key, KEPT)
    return changed
