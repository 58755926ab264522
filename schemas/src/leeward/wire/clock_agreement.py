"""Whether this machine's clock was lately found to agree with a server's, so that not every call has to look."""

import time
from typing import NamedTuple
from weakref import WeakKeyDictionary

import redis

from leeward.wire.stamps import LEAST_MS

LOOK_EVERY_SECONDS = 10.0
_STEP_SECONDS = 0.5


class _Look(NamedTuple):
    """When it was last found so, on the monotonic clock; and how far that was from the wall clock."""

    at: float
    offset: float


_agreed: "WeakKeyDictionary[redis.Redis, _Look]" = WeakKeyDictionary()


def may_differ(client: redis.Redis, sent_ms: int) -> bool:
    """Whether the server has to compare a stamp with its clock: it has not for a while, this machine's clock was set meanwhile, or the
    stamp is not this clock's.
    """
    look = _agreed.get(client)
    if look is None:
        return True
    now, wall = time.monotonic(), time.time()
    return (
        now - look.at > LOOK_EVERY_SECONDS
        or abs(wall - now - look.offset) > _STEP_SECONDS
        or abs(wall * 1000 - sent_ms) > LEAST_MS
    )


def note_look(client: redis.Redis, *, agrees: bool) -> None:
    """The server has compared. After a difference the next call looks again."""
    now = time.monotonic()
    if agrees:
        _agreed[client] = _Look(now, time.time() - now)
    else:
        _agreed.pop(client, None)
