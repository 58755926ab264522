"""Rule: what an exception means for the job that raised it."""

from collections.abc import Callable
from datetime import timedelta
from enum import Enum, auto

import dramatiq
import redis
from dramatiq.middleware import Shutdown

from broker.delivery.errors import LeaseLost
from broker.delivery.failure import message_of
from broker.delivery.outcomes import Defer, Hold
from leeward.extension.errors import (
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    QuotaExceeded,
    RateLimited,
)


class Meaning(Enum):
    TRY_AGAIN = auto()
    """Spends an attempt."""
    WAIT = auto()
    """The job is not at fault: it waits and spends no attempt."""
    GIVE_BACK = auto()
    """The worker stops: as if the job had not been fetched."""
    NEVER = auto()
    UNKNOWN = auto()
    """Whether the effect happened is open."""


WAITS: dict[type[ProviderError], timedelta] = {
    RateLimited: timedelta(seconds=30),
    QuotaExceeded: timedelta(hours=1),
    AuthFailed: timedelta(minutes=5),
    Misconfigured: timedelta(minutes=5),
}
"""How long a job waits when the provider did not say."""
FOUND_OUT_BY_PROBES = (AuthFailed, Misconfigured)
"""It is not known when an operator will have corrected these."""
LONGEST_HOLD = timedelta(hours=1)
"""One job's answer may hold all jobs of its provider, as it is the provider's own word; for so long at most, then one asks again."""
CAUSE_LIMIT = 200
BUSY = timedelta(seconds=2)
"""How long a job waits while another worker is at the same thing."""
UNRECORDED = timedelta(seconds=2)
"""How long a job waits when Valkey could not record the beginning of its effect."""


TRANSLATED: dict[type[BaseException], Meaning] = {
    Ambiguous: Meaning.UNKNOWN,
    Permanent: Meaning.NEVER,
    RateLimited: Meaning.WAIT,
    QuotaExceeded: Meaning.WAIT,
    AuthFailed: Meaning.WAIT,
    Misconfigured: Meaning.WAIT,
    Busy: Meaning.WAIT,
    ProviderError: Meaning.TRY_AGAIN,
    dramatiq.Retry: Meaning.TRY_AGAIN,
    LeaseLost: Meaning.GIVE_BACK,
}
"""Errors that say what became of the effect. The nearest base class counts."""
UNTRANSLATED: dict[type[BaseException], Meaning] = {
    Shutdown: Meaning.GIVE_BACK,
    redis.RedisError: Meaning.WAIT,
    BaseException: Meaning.TRY_AGAIN,
}
"""Everything else, which leaves the outcome open once an effect has begun."""


def classify(error: BaseException, *, effect_begun: bool, throws: tuple[type[BaseException], ...] = ()) -> Meaning:
    """Names a failure. `throws` are the exceptions after which an actor is not to be tried again."""
    if (meaning := _nearest(TRANSLATED, error)) is not None:
        return meaning
    if throws and isinstance(error, throws):
        return Meaning.NEVER
    if effect_begun:
        return Meaning.UNKNOWN
    return _nearest(UNTRANSLATED, error) or Meaning.TRY_AGAIN


def tells_what_became(error: BaseException) -> bool:
    """Whether an error says that an effect which had begun did not happen."""
    return _nearest(TRANSLATED, error) not in {None, Meaning.UNKNOWN}


def _nearest(table: dict[type[BaseException], Meaning], error: BaseException) -> Meaning | None:
    return next((table[kind] for kind in type(error).__mro__ if kind in table), None)


def waiting(error: BaseException, clean: Callable[[str], str] = str) -> Hold | Defer:
    """How a failure that means `WAIT` waits: with the whole provider where that is what it concerns.

    For as long as the provider asked for, `LONGEST_HOLD` at most, or the usual time for its kind. `clean` takes out of the cause what
    people must not see.
    """
    if isinstance(error, Busy):
        return Defer(BUSY, type(error).__name__)
    if isinstance(error, ProviderError):
        delay = min(error.retry_after or WAITS.get(type(error), UNRECORDED), LONGEST_HOLD)
        return Hold(
            delay,
            clean(f"{type(error).__name__}: {message_of(error)}")[:CAUSE_LIMIT],
            probe=isinstance(error, FOUND_OUT_BY_PROBES),
        )
    return Defer(UNRECORDED, type(error).__name__)
