"""How everything of Leeward connects to Valkey: with timeouts, and without silent repetition."""

from datetime import timedelta

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

CONNECT_TIMEOUT = timedelta(seconds=2)
ANSWER_TIMEOUT = timedelta(seconds=5)


def connect(url: str, *, answer_timeout: timedelta = ANSWER_TIMEOUT) -> redis.Redis:
    """A pooled client, safe to share between threads and across a fork.

    redis-py repeats a command whose reply was lost, up to ten times, or waits for ever, depending on how it was built. Here it does
    neither: who calls knows whether repeating is safe.
    """
    pool = redis.ConnectionPool.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT.total_seconds(),
        socket_timeout=answer_timeout.total_seconds(),
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 0),
    )
    return redis.Redis(connection_pool=pool)
