"""Whether this machine's clock was lately found to agree with a server's, so that not every call has to look."""

import time
from weakref import WeakKeyDictionary

import redis

from leeward.wire.stamps import LEAST_MS

LOOK_EVERY_SECONDS = 10.0
_STEP_SECONDS = 0.5


class ClockAgreement:
    """Of this machine with one server."""

    __slots__ = ("_at", "_offset")

    def __init__(self) -> None:
        self._at: float | None = None  # on the monotonic clock, when it was last found so
        self._offset = 0.0  # of the wall clock from that

    def may_differ(self, sent_ms: int) -> bool:
        """Whether the server has to compare a stamp with its clock: it has not for a while, this machine's clock was set meanwhile, or the
        stamp is not this clock's.
        """
        if self._at is None:
            return True
        now, wall = time.monotonic(), time.time()
        return (
            now - self._at > LOOK_EVERY_SECONDS
            or abs(wall - now - self._offset) > _STEP_SECONDS
            or abs(wall * 1000 - sent_ms) > LEAST_MS
        )

    def note(self, *, agrees: bool) -> None:
        """The server has compared. After a difference the next call looks again."""
        now = time.monotonic()
        self._offset = time.time() - now
        self._at = now if agrees else None


_agreements: "WeakKeyDictionary[redis.Redis, ClockAgreement]" = WeakKeyDictionary()


def agreement_of(client: redis.Redis) -> ClockAgreement:
    """What is known of the server of a client."""
    known = _agreements.get(client)
    return _agreements.setdefault(client, ClockAgreement()) if known is None else known
