"""What a provider's answer means for a job: the only errors whose class the fleet understands.

A client translates its library's errors and the provider's answers into these, by status, content type, headers and body. Whatever else an
actor raises counts as a bug of its own: the job is tried again, and the provider's circuit is not affected.

A thing that exists already is not an error where the job only wants it to be there: look it up and carry on.
"""

from datetime import timedelta
from typing import Any

from leeward.extension.patience import Patience


class ProviderError(Exception):
    """What a provider's failure means. Never raised itself: one of the classes below is.

    The message, without secrets, is what people read in the dead letter: say what was refused, and what to do if that is known.

    Attributes:
        provider: the instance's name; the worker fills it in where it is empty.
        operation: what was tried, as `create_user`.
        status: the protocol's code, as an HTTP status or a mail server's reply code, or None when there was no answer.
        retry_after: how long the provider asked to be left alone, or None.
        unreachable: no answer came: a refused or reset connection, a name that does not resolve, a timeout.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        operation: str = "",
        status: int | None = None,
        retry_after: timedelta | None = None,
        unreachable: bool = False,
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.operation = operation
        self.status = status
        self.retry_after = retry_after
        self.unreachable = unreachable


class Transient(ProviderError):
    """Raised when the same request may succeed later: timeouts, refused connections, 5xx, a locked database."""


class TargetUnavailable(ProviderError):
    """Raised when the target of this one job refuses for now, while the provider serves others: a full or greylisting mailbox, an account
    that another system keeps, one host of many.

    The job is tried again and spends its attempts. The circuit does not hear of it: it is neither a failure nor a success of the provider,
    holds no worker back, and is no outage even while the circuit is open.

    Attributes:
        patience: the pauses, where the job is to be tried until its deadline and not a number of times; None for the actor's own retries.
    """

    def __init__(self, message: str, *, patience: Patience | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.patience = patience


class RateLimited(ProviderError):
    """Raised when the provider asks everyone to slow down: 429, or a code whose text says so. Holds the provider, spends no attempt."""


class QuotaExceeded(ProviderError):
    """Raised when an allowance is used up that refills in hours. Spends no attempt."""


class AuthFailed(ProviderError):
    """Raised when our credentials are refused. Every further job may fail the same way: once a second job, or a health probe, has met
    it, the provider waits for an operator. Spends no attempt.
    """


class Misconfigured(ProviderError):
    """Raised when an operator must act: a base URL that redirects, an address filter, a missing folder. Waits as `AuthFailed` does.
    Spends no attempt.
    """


class Busy(ProviderError):
    """Raised when another worker is at the very same thing, as one that is stopping still is: wait a moment. Spends no attempt, and says
    nothing about the provider.
    """


class Permanent(ProviderError):
    """Raised when the same request will never succeed. The job is dead at once."""


class Ambiguous(ProviderError):
    """Raised when the effect may or may not have happened: an answer lost after the request was sent. Read before you repeat."""


WAITS: dict[type[ProviderError], timedelta] = {
    RateLimited: timedelta(seconds=30),
    QuotaExceeded: timedelta(hours=1),
    AuthFailed: timedelta(minutes=5),
    Misconfigured: timedelta(minutes=5),
    Busy: timedelta(seconds=2),
}
"""The errors that spend no attempt, and how long a job waits after them when the provider did not say."""
LONGEST_WAIT = timedelta(hours=1)
"""However long the provider asked for: then one asks again."""


def wait_after(error: BaseException) -> timedelta | None:
    """How long a job waits after an error that spends no attempt; the nearest base class counts. None after any other error."""
    usual = next((WAITS[kind] for kind in type(error).__mro__ if kind in WAITS), None)
    if usual is None or not isinstance(error, ProviderError):
        return None
    return min(error.retry_after or usual, LONGEST_WAIT)
