"""Sorted sets of jobs, read on from an entry that may be gone."""

from typing import Any

import redis

from broker.fleet.jobs.replies import text


def after(client: redis.Redis, key: str, since: tuple[float, str] | None, at_most: int) -> list[tuple[str, float]]:
    """The next members with their scores, in the order of score and name, behind this one. Costs the same wherever that is, and however
    many have one score.

    Raises:
        redis.RedisError: Valkey cannot be reached.
    """
    first = 0 if since is None else _rank_behind(client, key, *since)
    found: list[Any] = client.zrange(key, first, first + at_most - 1, withscores=True)
    return [(text(member), float(score)) for member, score in found]


def _rank_behind(client: redis.Redis, key: str, score: float, member: str) -> int:
    rank = client.zrank(key, member)
    if isinstance(rank, int) and client.zscore(key, member) == score:
        return rank + 1
    low = int(client.zcount(key, "-inf", f"({score!r}"))
    high = low + int(client.zcount(key, score, score))
    while low < high:
        middle = (low + high) // 2
        (at,) = client.zrange(key, middle, middle) or [b""]
        low, high = (middle + 1, high) if text(at) <= member else (low, middle)
    return low
