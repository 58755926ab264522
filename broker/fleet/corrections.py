"""Corrected messages of dead letters that hold a secret. PostgreSQL keeps them without it; here they wait for the replay, and expire."""

from datetime import timedelta
from uuid import UUID

import redis

from leeward.wire.keys import ProviderKeys

KEPT = timedelta(days=7)
"""How long a correction with a secret can be replayed. Afterwards it has to be made again."""


def keep(client: redis.Redis, provider: str, dead_letter_id: UUID, message: bytes) -> None:
    """Keeps the whole message, in place of an earlier one.

    Raises:
        redis.RedisError: Valkey cannot be reached, or refuses.
    """
    client.set(ProviderKeys(provider).corrected(str(dead_letter_id)), message, px=KEPT)


def kept(client: redis.Redis, provider: str, dead_letter_id: UUID) -> bytes | None:
    """The whole message; None when there is none, or it has expired.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    found = client.get(ProviderKeys(provider).corrected(str(dead_letter_id)))
    return found if isinstance(found, bytes) else None
