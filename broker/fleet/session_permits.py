"""Counts the sessions that the whole fleet has open with one provider, against its limit."""

from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

import redis

from leeward.wire.keys import ProviderKeys
from leeward.wire.script import Script

COUNTS = timedelta(seconds=15)
"""For how long a session of a killed process is taken for open. As long as its leases."""
WAITS = timedelta(seconds=1)
"""How long a refused process counts as waiting; it asks much more often."""

_open = Script("broker.scripts", "session_open.lua")
_keep = Script("broker.scripts", "session_keep.lua")


class FleetSessions:
    """The sessions with one provider. There are never more than its limit, whatever the number of processes.

    Failure stance: closed. While Valkey cannot be reached no session is opened; open ones stay open until they are idle.
    """

    def __init__(self, client: redis.Redis, provider: str) -> None:
        self._client = client
        self._keys = ProviderKeys(provider)

    def acquire(self, session: str) -> bool:
        """Whether this session may be opened. Raises: redis.RedisError: it is not known."""
        return bool(_open(self._client, self._keys.root, ["", session, _ms(COUNTS), _ms(WAITS)]))

    def keep(self, sessions: Collection[str]) -> bool:
        """Reports that these are open; returns whether a process waits. Raises: redis.RedisError: it could not be reported."""
        return bool(_keep(self._client, self._keys.root, ["", _ms(COUNTS), _ms(WAITS), *sessions]))

    def release(self, session: str) -> None:
        """Says that a session is closed. When that cannot be said it counts until `COUNTS` is over."""
        with suppress(redis.RedisError):
            self._client.zrem(self._keys.sessions, session)
            self._client.zrem(self._keys.root + "session_waiters", session)


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
