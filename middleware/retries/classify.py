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
    WAITS,
    Ambiguous,
    AuthFailed,
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    wait_after,
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


FOUND_OUT_BY_PROBES = (AuthFailed, Misconfigured)
"""It is not known when an operator will have corrected these."""
CAUSE_LIMIT = 200
UNRECORDED = timedelta(seconds=2)
"""How long a job waits when Valkey could not record the beginning of its effect."""


TRANSLATED: dict[type[BaseException], Meaning] = {
    Ambiguous: Meaning.UNKNOWN,
    Permanent: Meaning.NEVER,
    **dict.fromkeys(WAITS, Meaning.WAIT),
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

    One job's answer may hold all jobs of its provider, as it is the provider's own word. `clean` takes out of the cause what people must
    not see.
    """
    delay = wait_after(error)
    if delay is None or not isinstance(error, ProviderError):
        return Defer(UNRECORDED, type(error).__name__)
    if isinstance(error, Busy):
        return Defer(delay, type(error).__name__)
    cause = clean(f"{error.code}: {message_of(error)}")[:CAUSE_LIMIT]
    return Hold(delay, cause, probe=isinstance(error, FOUND_OUT_BY_PROBES))
