"""What a host's refusal means for a job: status and `Retry-After` (RFC 9110 §15, RFC 6585)."""

from http import HTTPStatus

from leeward.extension.errors import Permanent, ProviderError, RateLimited, Transient
from providers.downloads.problems import AnswerRefused

_PASSING = frozenset(
    {HTTPStatus.ACCEPTED, HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.TOO_EARLY}
)
_SERVER_ERROR = 500


def meaning(refusal: AnswerRefused, message: str, *, provider: str, operation: str) -> ProviderError:
    """429, and 403 with a `Retry-After` as some hosts limit rates, ask for patience. 408, 421, 425 and 5xx pass by themselves,
    and so does 202: the file is not ready yet. Everything else stays as it is.
    """
    status, retry_after = refusal.status, refusal.retry_after
    kind: type[ProviderError] = Permanent
    if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.FORBIDDEN and retry_after is not None):
        kind = RateLimited
    elif status in _PASSING or status >= _SERVER_ERROR:
        kind = Transient
    return kind(message, provider=provider, operation=operation, status=status, retry_after=retry_after)
