"""How everything of Leeward connects to Valkey: with timeouts, without silent repetition, and to the server that takes writes."""

from datetime import timedelta

import redis
from redis.backoff import NoBackoff
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

from leeward.wire.valkey.primary import Primary
from leeward.wire.valkey.server_address import connection_options

CONNECT_TIMEOUT = timedelta(seconds=2)
ANSWER_TIMEOUT = timedelta(seconds=5)
MOST_CONNECTIONS = 10_000
"""Threads keep a connection each; redis-py would refuse the hundred-and-first."""


def connect(url: str, *, answer_timeout: timedelta = ANSWER_TIMEOUT) -> redis.Redis:
    """A pooled client, safe to share between threads and across a fork. It answers in bytes, whatever the URL says.

    redis-py repeats a command whose reply was lost, up to ten times, or waits for ever, depending on how it was built. Here it does
    neither: who calls knows whether repeating is safe. A server that is no longer the primary loses its connections
    (`leeward.wire.valkey.primary`).

    Raises:
        InvalidAddress: the URL cannot be used, with what to write instead.
    """
    options = {
        "socket_connect_timeout": CONNECT_TIMEOUT.total_seconds(),
        "socket_timeout": answer_timeout.total_seconds(),
        "max_connections": MOST_CONNECTIONS,
        **connection_options(url),
    }
    pool = redis.ConnectionPool(
        **options,
        retry=Retry(NoBackoff(), 0),
        primary=Primary(),
        # With them on, redis-py no longer checks whether a connection still has the answer to another request.
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )
    return redis.Redis(connection_pool=pool)
