"""How many of a provider's jobs were done, by the hour (`completions.lua`)."""

from collections.abc import Sequence
from datetime import datetime

import redis

from leeward.wire.keys import ProviderKeys


def done_by_hour(client: redis.Redis, provider: str, hours: Sequence[datetime]) -> dict[datetime, int]:
    """Those of the hours in which this release settled anything, by their beginning; zero where all of that failed.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    keys = ProviderKeys(provider)
    found = client.mget([keys.done(round(hour.timestamp()) // 3600) for hour in hours])
    return {hour: int(number) for hour, number in zip(hours, found, strict=True) if number is not None}
