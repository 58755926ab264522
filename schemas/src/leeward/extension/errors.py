"""What a provider's answer means for a job: the only errors whose class the fleet understands.

A client translates its library's errors and the provider's answers into these, by status, content type, headers and body. Whatever else an
actor raises counts as a bug of its own: the job is tried again, and the provider's circuit is not affected.

A thing that exists already is not an error where the job only wants it to be there: look it up and carry on.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, ClassVar, Self

from leeward.extension.patience import Patience

_NOT_CAPITAL = re.compile(r"[^A-Z0-9]+")
_TIMEOUTS: Mapping[int | None, str] = MappingProxyType(
    {HTTPStatus.REQUEST_TIMEOUT.value: "TIMEOUT", HTTPStatus.GATEWAY_TIMEOUT.value: "TIMEOUT"}
)
_REFUSALS: Mapping[int | None, str] = MappingProxyType(
    {
        None: "BAD_REQUEST",
        HTTPStatus.BAD_REQUEST.value: "BAD_REQUEST",
        HTTPStatus.NOT_FOUND.value: "NOT_FOUND",
        HTTPStatus.CONFLICT.value: "CONFLICT",
        HTTPStatus.GONE.value: "NOT_FOUND",
        HTTPStatus.UNPROCESSABLE_ENTITY.value: "BAD_REQUEST",
    }
)


class ProviderError(Exception):
    """What a provider's failure means. Never raised itself: one of the classes below is.

    The message, without secrets, is what people read in the dead letter: say what was refused, and what to do if that is known.

    Attributes:
        provider: the instance's name; the worker fills it in where it is empty.
        provider_type: the type of that instance; the worker fills it in where it is empty.
        operation: what was tried, as `create_user`.
        status: the protocol's code, as an HTTP status or a mail server's reply code, or None when there was no answer.
        retry_after: how long the provider asked to be left alone, or None.
        unreachable: no answer came: a refused or reset connection, a name that does not resolve, a timeout.
        condition: what is the matter, in capitals: a part of `code`.
    """

    usual_condition: ClassVar[str] = "ERROR"
    """The condition where none is given and the status does not say more."""
    conditions_by_status: ClassVar[Mapping[int | None, str]] = MappingProxyType({})

    def __init__(
        self,
        message: str,
        *,
        provider: str = "",
        operation: str = "",
        status: int | None = None,
        retry_after: timedelta | None = None,
        unreachable: bool = False,
        condition: str = "",
    ) -> None:
        super().__init__(message)
        self.provider = provider
        self.provider_type = ""
        self.operation = operation
        self.status = status
        self.retry_after = retry_after
        self.unreachable = unreachable
        self.condition = condition or self.conditions_by_status.get(status, self.usual_condition)

    def attributed(self, provider: str, provider_type: str) -> Self:
        """Itself, with whose it is, where it did not know."""
        self.provider = self.provider or provider
        self.provider_type = self.provider_type or provider_type
        return self

    @property
    def code(self) -> str:
        """A stable name for programs: the provider's type and the condition, as `ACME_TIMEOUT`. `docs/errors.md` has a table."""
        of = _NOT_CAPITAL.sub("_", (self.provider_type or self.provider or "provider").upper())
        return f"{of}_{self.condition}"


class Transient(ProviderError):
    """Raised when the same request may succeed later: timeouts, refused connections, 5xx, a locked database."""

    usual_condition = "UNAVAILABLE"
    conditions_by_status = _TIMEOUTS


class TargetUnavailable(ProviderError):
    """Raised when the target of this one job refuses for now, while the provider serves others: a full or greylisting mailbox, an account
    that another system keeps, one host of many.

    The job is tried again and spends its attempts. The circuit does not hear of it: it is neither a failure nor a success of the provider,
    holds no worker back, and is no outage even while the circuit is open.

    Attributes:
        patience: the pauses, where the job is to be tried until its deadline and not a number of times; None for the actor's own retries.
    """

    usual_condition = "TARGET_UNAVAILABLE"

    def __init__(self, message: str, *, patience: Patience | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.patience = patience


class RateLimited(ProviderError):
    """Raised when the provider asks everyone to slow down: 429, or a code whose text says so. Holds the provider, spends no attempt."""

    usual_condition = "RATE_LIMITED"


class QuotaExceeded(ProviderError):
    """Raised when an allowance is used up that refills in hours. Spends no attempt."""

    usual_condition = "QUOTA_EXCEEDED"


class AuthFailed(ProviderError):
    """Raised when our credentials are refused. Every further job may fail the same way: once a second job, or a health probe, has met
    it, the provider waits for an operator. Spends no attempt.
    """

    usual_condition = "AUTH_FAILURE"


class Misconfigured(ProviderError):
    """Raised when an operator must act: a base URL that redirects, an address filter, a missing folder. Waits as `AuthFailed` does.
    Spends no attempt.
    """

    usual_condition = "MISCONFIGURED"


class Busy(ProviderError):
    """Raised when another worker is at the very same thing, as one that is stopping still is: wait a moment. Spends no attempt, and says
    nothing about the provider.
    """

    usual_condition = "BUSY"


class Permanent(ProviderError):
    """Raised when the same request will never succeed. The job is dead at once."""

    usual_condition = "REFUSED"
    conditions_by_status = _REFUSALS


class Ambiguous(ProviderError):
    """Raised when the effect may or may not have happened: an answer lost after the request was sent. Read before you repeat."""

    usual_condition = "UNKNOWN_OUTCOME"


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
