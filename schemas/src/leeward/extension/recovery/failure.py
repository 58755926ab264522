"""What failed, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leeward.jobs.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Fallbacks:
    """What a call whose provider failed can be answered with.

    Attributes:
        cached: an earlier answer; it returns None where there is none.
        default: the answer that is good enough; None for none.
        later: a job that does the same when the provider works again.
    """

    cached: Callable[[], Any] | None = None
    default: Any = None
    later: Job | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Something that does not work, as recovery actions see it.

    Attributes:
        of: an instance of a provider, or `postgresql`.
        operation: what was tried: `health`, `drain`, or the name of a call, as `media.lookup`.
        code: of the error, as `DOORS_TIMEOUT`; empty where there is none.
        text: what went wrong, for people, without secrets.
        circuit: `closed`, `open` or `half_open`; empty where that is not known.
        healthy: what the health check of the provider found just now; None where none was made.
        request: the id of the request that failed; empty for none.
        user: for whom it was made; empty for no one.
        fallbacks: what can be answered; None where no one waits for an answer.
    """

    of: str
    operation: str
    code: str = ""
    text: str = ""
    circuit: str = ""
    healthy: bool | None = None
    request: str = ""
    user: str = ""
    fallbacks: Fallbacks | None = None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What an action returns that has done something about a failure.

    Attributes:
        answer: of a failed call; None where no one waits for one.
        detail: what it did, in a few words and without secrets.
    """

    answer: Any = None
    detail: str = ""
