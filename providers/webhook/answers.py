"""What the answers of a receiver mean: Standard Webhooks 1.0.0, "Delivery success and failure", and RFC 9110.

An instance's own receiver is a provider as any other: what it refuses for good, its operator has to act upon. A receiver that one job names
is one of many: whatever it does, the others are not to wait for it.
"""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from leeward.extension.errors import (
    AuthFailed,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from leeward.extension.patience import Patience
from providers.http_client.answer import Answer
from providers.retry_after import parse_retry_after

PATIENCE = Patience(first=timedelta(seconds=5), longest=timedelta(hours=6))
"""Standard Webhooks recommends exponential pauses over days; the job's deadline ends them."""

_PASSING = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,  # it is at the same message already
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_EARLY,
    }
)
_OF_THE_ADDRESS: dict[int, str] = {
    HTTPStatus.NOT_FOUND: "there is nothing at the URL",
    HTTPStatus.METHOD_NOT_ALLOWED: "the URL takes no POST",
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: "a proxy wants a sign-in",
    HTTPStatus.GONE: "it wants no more webhooks",
    HTTPStatus.MISDIRECTED_REQUEST: "it does not know the host name in the URL",
}
_Refusal = tuple[type[ProviderError], str]


def classify(answer: Answer, *, where: str, is_own: bool, now: datetime) -> ProviderError | None:
    """The error that an answer means; None when the receiver has taken the message.

    Args:
        answer: read to its end.
        where: the receiver, as people may see it.
        is_own: whether it is the instance's own.
        now: to read a `Retry-After` date.
    """
    if answer.is_success:
        return None
    wait = parse_retry_after(answer.headers.get("Retry-After"), now=now)
    kind, words = _meaning(answer.status, has_wait=wait is not None)
    text = f"{where} answered {answer.status}: {words}"
    if not is_own:
        kind = ReceiverUnavailable if issubclass(kind, Transient | RateLimited) else Permanent
    return kind(text, status=answer.status, retry_after=wait)


class ReceiverUnavailable(TargetUnavailable):
    """Raised when the receiver that a job names does not take its message now. It is asked again until the job's deadline."""

    def __init__(self, message: str, **facts: Any) -> None:
        super().__init__(message, patience=PATIENCE, **facts)


def _meaning(status: int, *, has_wait: bool) -> _Refusal:
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and has_wait):
        return RateLimited, "it asks for a pause"
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return AuthFailed, "it does not accept the signature, or wants a sign-in of its own; compare the secrets"
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Misconfigured, "a redirect, which is not followed; set the URL to the final address"
    if status in _OF_THE_ADDRESS:
        return Misconfigured, _OF_THE_ADDRESS[status]
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Transient, "it cannot take the message now"
    return Permanent, "it refuses the message"
