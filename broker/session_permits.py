"""Counts the sessions that the whole fleet has open with one provider, against its limit."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

import redis

from leeward.keys import ProviderKeys
from leeward.script import Script

COUNTS = timedelta(seconds=15)
"""For how long a session of a killed process is taken for open. As long as its leases."""
WAITS = timedelta(seconds=1)
"""For how long whoever was refused is known to wait; it asks much more often."""

_open = Script("broker", "session_open.lua")
_keep = Script("broker", "session_keep.lua")


class FleetSessions:
    """The sessions with one provider. There are never more than its limit, whatever the number of processes.

    Failure stance: closed. When Valkey is away no session is opened; those that are open stay so until they are idle.
    """

    def __init__(self, client: redis.Redis, provider: str) -> None:
        self._client = client
        self._keys = ProviderKeys(provider)

    def acquire(self, session: str) -> bool:
        """Whether this session may be opened. Raises: redis.RedisError: nobody knows."""
        return bool(_open(self._client, self._keys.root, ["", session, _ms(COUNTS), _ms(WAITS)]))

    def keep(self, sessions: Collection[str]) -> bool:
        """Says that these are open; whether somebody waits. Raises: redis.RedisError: it could not be said."""
        return bool(_keep(self._client, self._keys.root, ["", _ms(COUNTS), _ms(WAITS), *sessions]))

    def release(self, session: str) -> None:
        """Says that a session is closed. When that cannot be said it counts until `COUNTS` is over."""
        with suppress(redis.RedisError):
            self._client.zrem(self._keys.sessions, session)
            self._client.zrem(self._keys.session_waiters, session)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
